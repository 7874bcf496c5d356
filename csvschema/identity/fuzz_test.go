package identity_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// requireNormalForm checks all that is promised of the normal form of a value.
func requireNormalForm(t *testing.T, value []byte) {
	t.Helper()
	before := bytes.Clone(value)
	once := identity.AppendNormal(nil, value)
	require.Equal(t, before, value, "the value was changed")
	require.Equal(t, string(once), string(identity.AppendNormal(nil, once)))
	require.Equal(t, string(once), identity.Normal(string(value)))
	require.True(t, utf8.Valid(once) || !utf8.Valid(value))
	require.Equal(t, identity.IsReplacement(value), identity.IsReplacement(once))
	if id, err := identity.Parse(string(value)); err == nil {
		require.Equal(t, string(once), id.Reveal())
		again, err := identity.Parse(id.Reveal())
		require.NoError(t, err)
		if again != id {
			t.Fatalf("%q and its normal form are not equal by ==", value)
		}
	}
}

func FuzzNormalFormOfFormIsTheForm(f *testing.F) {
	for _, tt := range normalForms {
		f.Add([]byte(tt.value))
	}
	f.Add([]byte("İ" + strings.Repeat("\u0301", 40)))
	f.Add([]byte(strings.Repeat("İ", 20) + strings.Repeat("\u0323", 31)))
	f.Fuzz(func(t *testing.T, value []byte) { requireNormalForm(t, value) })
}

// requireValid checks what spans promise: they are in order, apart, inside the
// cell and, if the cell is UTF-8, do not cut a character.
func requireValid(t *testing.T, cell []byte, spans []identity.Span) {
	t.Helper()
	textsOf(t, string(cell), spans)
	if !utf8.Valid(cell) {
		return
	}
	for _, span := range spans {
		require.True(t, utf8.Valid(cell[:span.Start]), "%q is cut at %d", cell, span.Start)
		require.True(t, utf8.Valid(cell[:span.End]), "%q is cut at %d", cell, span.End)
	}
}

// requireFound checks all that is promised of what Find finds in a cell, and returns it.
func requireFound(t *testing.T, finder *identity.Finder, cell []byte) []identity.Span {
	t.Helper()
	before := bytes.Clone(cell)
	spans := finder.Find(nil, cell)
	require.Equal(t, before, cell, "the cell was changed")
	requireValid(t, cell, spans)
	requireSettled(t, finder, cell, spans)

	users := 0
	for _, span := range spans {
		if span.Kind == identity.UserSpan {
			users++
		}
	}
	segments := finder.UserSegments(nil, cell)
	if !identity.IsSettled(finder, cell) { // or else a span may hold none or several
		require.Len(t, segments, users)
	}
	for _, x := range segments {
		require.NotEmpty(t, identity.AppendNormal(nil, x))
	}
	for _, x := range finder.UserSegments(nil, replaceSpans(cell, spans)) {
		require.True(t, identity.IsReplacement(x), "%q is left", x)
	}
	return spans
}

func FuzzFinder(f *testing.F) {
	for _, tt := range findings {
		f.Add([]byte(tt.cell))
	}
	f.Fuzz(func(t *testing.T, cell []byte) {
		var finder identity.Finder
		requireFound(t, &finder, cell)
	})
}

// requireOccurrencesFound checks all that is promised of what FindValues finds in a cell, in
// which Find has found spans, and returns it.
func requireOccurrencesFound(t *testing.T, finder *identity.Finder, cell []byte, found []identity.Span, values *identity.Values) []identity.Span {
	t.Helper()
	requireValid(t, cell, finder.FindValues(nil, cell, values))
	parts := append(identity.Occurrences(finder, cell, values), found...)
	spans := finder.FindValues(slices.Clone(found), cell, values)
	requireValid(t, cell, spans)
	requireSettled(t, finder, cell, spans)
	for _, part := range parts {
		require.True(t, slices.ContainsFunc(spans, func(s identity.Span) bool { return s.Start <= part.Start && part.End <= s.End }),
			"%v of %q is not in %v", part, cell, spans)
	}
	return spans
}

func FuzzOccurrences(f *testing.F) {
	for _, tt := range occurrences {
		f.Add([]byte(tt.cell), []byte(tt.value), []byte("zoe b"))
	}
	f.Add([]byte("/users/@me/b c"), []byte("me/b"), []byte("users"))
	f.Add([]byte("q@_b c-d@e"), []byte("_b c"), []byte("c-d"))
	f.Add([]byte("/users/\x01me/b "), []byte("me/b"), []byte("u"))
	f.Add([]byte("\u200b\xe2\x80z\xc2\ue00be@\u040b"), []byte("\u200b\xe2\x80z"), []byte(""))
	f.Add([]byte("z\u00ado"), []byte("z\u00ado"), []byte(""))
	f.Fuzz(func(t *testing.T, cell, first, second []byte) {
		var finder identity.Finder
		values := valuesOf(string(first), string(second))
		requireOccurrencesFound(t, &finder, cell, finder.Find(nil, cell), values)
		// A value between marks that are neither letters nor of an address is
		// found in any case and encoding, whatever it is.
		notLetter := func(r rune) bool { return r < 'a' || r > 'z' }
		value := strings.TrimFunc(string(first), notLetter)
		letters := strings.Map(func(r rune) rune {
			if notLetter(r) {
				return -1 // a soft hyphen does not count: "z\u00ado" is as short as "zo"
			}
			return r
		}, value)
		if len(letters) >= 3 && utf8.ValidString(value) && !strings.ContainsAny(value, "%\\&\x00") {
			if values := valuesOf(value); values.Len() > 0 {
				for _, spelling := range []string{value, percentEncode(value), percentEncode(percentEncode(value)), jsonEncode(value), htmlEncode(value)} {
					cell := "(" + spelling + ")"
					require.NotEmpty(t, finder.FindValues(nil, []byte(cell), values), "%q in %q", value, cell)
				}
			}
		}
	})
}

func jsonEncode(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, `\u%04x`, unit)
	}
	return b.String()
}

func htmlEncode(text string) string {
	var b strings.Builder
	for _, r := range text {
		fmt.Fprintf(&b, "&#%03d;", r)
	}
	return b.String()
}

func percentEncode(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		const digits = "0123456789aBcDeF"
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// requireNear checks all that is promised of whether two identifiers are near.
func requireNear(t *testing.T, textA, textB string) {
	t.Helper()
	a, errA := identity.Parse(textA)
	b, errB := identity.Parse(textB)
	if errA != nil || errB != nil {
		return
	}
	requireMayHold(t, a, textB)
	requireMayHold(t, b, textA)
	near := identity.Near(a, b)
	require.Equal(t, near, identity.Near(b, a))
	require.False(t, near && a == b)
	var index identity.NearIndex
	index.Add(a, 1)
	require.Equal(t, near, len(index.Find(nil, b)) == 1)
	var reverse identity.NearIndex
	reverse.Add(b, 1)
	require.Equal(t, near, len(reverse.Find(nil, a)) == 1)
}

func FuzzNear(f *testing.F) {
	for _, tt := range nearPairs {
		f.Add(tt.a, tt.b)
	}
	f.Fuzz(func(t *testing.T, textA, textB string) { requireNear(t, textA, textB) })
}
