package identity_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/densetest"
)

// assertQuiet requires that nothing is found in a cell without signs, and of values only
// those that may occur.
func assertQuiet(t *testing.T, cell []byte, values ...string) {
	t.Helper()
	var f identity.Finder
	spans, plain := f.FindPlain(nil, cell)
	require.Empty(t, spans, "%q", cell)
	require.True(t, plain, "%q", cell)
	require.Empty(t, f.UserSegments(nil, cell), "%q", cell)
	require.Equal(t, string(cell), string(f.AppendDecoded(nil, cell)))
	for digits := range f.GUIDs(cell) {
		require.False(t, identity.IsReplacement(digits[:]), "%q", cell)
	}
	for _, value := range values {
		if set := valuesOf(value); !set.MayOccur(cell) {
			require.Empty(t, f.FindValues(nil, cell, set), "%q in %q", value, cell)
		}
	}
}

const anonymousDigits = "616e6f6e796d88008000000000000000"

// signs are texts with a sign.
var signs = []string{
	"@", "@x.com", "%40", "&#64;", "&commat;", `\u0040`, "(", "=40x.com", "_x0040_x.com", "_", "é", "\u00A0", "\u2010", "＠x.com", "ⓧ",
	"users/x", "USERS/x", "Users//x", "users('x')"[len("users"):], identity.ReplacementObjectID, strings.ToUpper(identity.ReplacementObjectID), anonymousDigits,
	strings.Join(strings.Split(anonymousDigits, ""), "-"), "6--1" + anonymousDigits[2:], "6-1-6e\u2010" + anonymousDigits[4:], "61\u22126e" + anonymousDigits[4:],
	"S-1-12-1-1634627438-1-2-3", "s-1-12-1-1634627438-4294967295-4294967295-4294967295",
}

// TestNextSignFindsTheFirstSign looks for signs at all places of texts of all lengths: the
// search looks at several bytes at a time.
func TestNextSignFindsTheFirstSign(t *testing.T) {
	t.Parallel()
	for _, sign := range signs {
		for before := range 40 {
			for _, around := range []string{"x", "6", "u", "s-", "1,", "\"", "/"} {
				start := strings.Repeat(around, before)
				text := start + "," + sign
				for _, after := range []string{"", ",", strings.Repeat(around, 9), "," + strings.Repeat(around, 40)} {
					at := identity.NextSign([]byte(text+after), 0)
					require.GreaterOrEqual(t, at, len(start), "%q", text+after)
					require.Less(t, at, len(text), "%q", text+after)
					require.Equal(t, at, identity.NextSign([]byte(text+after), min(before, at)), "%q", text+after)
				}
				require.Len(t, start, identity.NextSign([]byte(start), 0), "%q has none", start)
			}
		}
	}
}

// What looks like a sign and is none.
func TestNextSignPassesOrdinaryCells(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{
		"", "x", "users", "/users", "user/s", "616e6f6", "616e6f7e-796d-8800-8000-000000000000", "s-1-12-1", "s-1-5-21-1-2-3", "1/3/2017 11:17:09 PM", "6", "6-", "6-1", "u", "s-",
		"/subscriptions/d02677f7-9c06-5740-afd8-0a213ad58e72/resourceGroups/lab/providers/Microsoft.DevTestLab/labs/lab/virtualMachines/zoe042",
		"zoe, bob; \"x\" 'y' #1 <a> [b] {c} |d| ~e^f`g!h$i*j+k?l:m.n", "\x01\x7f\t\n",
	} {
		require.Equal(t, len(cell), identity.NextSign([]byte(cell), 0), "%q", cell)
		assertQuiet(t, []byte(cell), "zoe", objectID, "zoe@x.com", "u", "6")
	}
}

// requireQuietWithoutSign requires that nothing is found in the parts of a text between commas
// in which no sign is.
func requireQuietWithoutSign(t *testing.T, text []byte, value string) {
	t.Helper()
	// As of a record: the cells in which no sign is.
	at, i := identity.NextSign(text, 0), 0
	for cell := range bytes.SplitSeq(text, []byte{','}) {
		end := i + len(cell)
		if at >= end {
			assertQuiet(t, cell, value, "zoe@contoso.com", objectID)
		} else {
			at = identity.NextSign(text, end)
		}
		i = end + 1
	}
}

func TestNothingIsFoundInRandomTextsWithoutASign(t *testing.T) {
	t.Parallel()
	parts := append(append([]string{",", ",", ",", "616e6f6e", "796d8800", "6", "61", "1-", "s-1-12-1-", "1634627438", "u", "use", "rs/", "/x", "=4", "0x"}, signs...), hardParts...)
	r := seeded(8)
	for range 20_000 {
		few := append(densetest.Few(r, parts), ",")
		requireQuietWithoutSign(t, []byte(densetest.Text(r, few, 9)), densetest.Text(r, few, 3))
	}
}

func FuzzNothingIsFoundWithoutASign(f *testing.F) {
	for _, tt := range findings {
		f.Add([]byte(tt.cell), "zoe@contoso.com")
	}
	for _, tt := range occurrences {
		f.Add([]byte(tt.cell), tt.value)
	}
	for _, sign := range signs {
		f.Add([]byte("x,"+sign+",y"), objectID)
	}
	f.Fuzz(func(t *testing.T, text []byte, value string) { requireQuietWithoutSign(t, text, value) })
}
