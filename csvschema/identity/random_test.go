package identity_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/densetest"
)

// hardParts are what cells are made of on which finders go wrong.
var hardParts = []string{
	"a", "b", "zoe", "x.com", "@", "@", ".", "-", "_", " ", "/", "'", "%", "%40", "%2540", "%25", "2", "4", "0", "%2F", "/users/", "/Users/", "users", "@me", "//", "users('", "users(", "guid'", `\users\`, "#EXT#", ")", `"`, `"a"@`, "[1.2.3.4]", `\u0040`, `\u00`, `\x40`, `\x`, `\U0000`, "%u0040", "%u00", "&#64", "&uuml;", `\'`, `\/`, `\`, "&#64;", "&#", "&amp;", ";", `u002`, "')", "(", "?", "%4", "#", "users/", "personal/", "<", "\n", "\xa4", "\xfe", "=", "=40", "_x0040_", ".com", "=?", "?=", "a_x_com",
	"é", "e\u0301", "\u0301", "\u200B", "\u00AD", "＠", "．", "－", "⑴", "ⓒ", "℀", "ß", "ſ", "%C3%A9", "\u3000", "%FF", "\u1112\u1161\u11AB",
	objectID, "D02677F79C065740AFD80A213AD58E72", "{", "}", identity.ReplacementAddress, identity.ReplacementObjectID, "invalid", "8000",
}

// seeded returns random numbers that are the same in every run.
func seeded(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0))
}

func TestRandomCellsAreFoundAndSettled(t *testing.T) {
	t.Parallel()
	r := seeded(1)
	var f identity.Finder
	grown := 0
	for i := range 40_000 {
		parts := hardParts
		if i%2 == 1 { // few parts often meet in a way that many never do
			parts = densetest.Few(r, hardParts)
		}
		cell := []byte(densetest.Text(r, parts, 9))
		found := requireFound(t, &f, cell)

		// One value is a part of the cell, so that it occurs unless that splits
		// a word; the other may or may not be there.
		start := r.IntN(len(cell))
		end := start + 1 + r.IntN(len(cell)-start)
		values := valuesOf(string(cell[start:end]), densetest.Text(r, parts, 2))
		if !slices.Equal(found, requireOccurrencesFound(t, &f, cell, found, values)) {
			grown++
		}
	}
	require.Greater(t, grown, 2_000, "the cells hold too few occurrences to tell anything")
}

func TestNormalFormOfRandomFormIsTheForm(t *testing.T) {
	t.Parallel()
	parts := []string{
		"\u0130", "\u0301", "\u0323", "\u0345", "\u0307", "\u1FBC", "\u212A", "i", "I", "a", "A", "\u212B", "\u034F", "\u3099", "か", "\u1112", "\u1161", "\u11AB",
		"\u200B", " ", "\u01C5", "\xE2", "\x80", "\u00A0", "J", "\u030C", "\u2126", "\U00010400", "\u13A0", "Σ", "\u1E9E", "{", "}", "D02677F79C065740AFD80A213AD58E72",
	}
	r := seeded(3)
	parts = append(parts, "@", "@x.com", ".", "ŀ", "\u00AD", "\uFEFF", identity.ReplacementAddress, identity.ReplacementObjectID, sidOf73)
	for range 20_000 {
		most := 5
		if r.IntN(10) == 0 {
			most = 60 // more marks than normalisation takes for one character
		}
		requireNormalForm(t, []byte(densetest.Text(r, densetest.Few(r, parts), most)))
	}
}

func TestNearIndexAgreesWithNearOnRandomAddresses(t *testing.T) {
	t.Parallel()
	parts := []string{
		"a", "ſ", "s", "ß", "ss", "ı", "i", "\u0130", "_", "x.com", "x.com", "@", "@", ".onmicrosoft.com", "x.onmicrosoft.com", "ａ", "#EXT#@", "_x.com#EXT#@", "\u200B", "\u0307",
	}
	r := seeded(5)
	var ids []identity.Identifier
	var index identity.NearIndex
	for len(ids) < 150 {
		if id, err := identity.Parse(densetest.Text(r, parts, 6)); err == nil {
			index.Add(id, len(ids))
			ids = append(ids, id)
		}
	}
	near := 0
	for _, id := range ids {
		want := []int{}
		for i, other := range ids {
			if identity.Near(id, other) {
				want = append(want, i)
				near++
			}
		}
		require.Equal(t, want, index.Find([]int{}, id), "%+q", id.Reveal())
	}
	require.Greater(t, near, len(ids), "too few are near to tell anything")
}

func TestRandomIdentifiersAreFoundInTexts(t *testing.T) {
	t.Parallel()
	parts := []string{
		"a", "alice", "Alice", "ſ", "ß", "ı", "é", "e\u0301", "\u0301", "\u0338", "李", "Ã¶", "\u00AD", "\u200B", "\uFFFD", "\xe9", "ﬁ", "⑴", "ŀ",
		"@", "@", "＠", "@x.com", "@contoso.onmicrosoft.com", "x.com", ".", "．", "-", "‑", "_", "+", "'", "''", "’", "`", "´", `"a b"`, `\"`, "<", ">", ";", ":", "?", "??", "#", "/", "\\", " ", "\u00A0",
		"#EXT#", "%23EXT%23", "%23", "_EXT_", "xn--bcher-kva.example", "bücher.example", "%40", "%25", "%E9", "%C3%A9", `\u0040`, "&#64;", "_x0040_", "=40", "=E9", "/personal/", "_x_com",
		"[1.2.3.4]", objectID, sidOf73, identity.ReplacementAddress, "SMTP:",
	}
	r := seeded(9)
	for range 20_000 {
		few := densetest.Few(r, parts)
		id := densetest.Text(r, few, 4) + "@" + densetest.Text(r, few, 2)
		text := densetest.Text(r, few, 6)
		switch at := r.IntN(len(id)); r.IntN(3) {
		case 0: // the identifier with something else in it
			text = id[:at] + few[0] + id[min(at+r.IntN(4), len(id)):]
		case 1: // the identifier in another spelling, beside other text
			text = few[0] + strings.NewReplacer("#", "%23", few[1], few[2]).Replace(id) + few[3]
		}
		requireFoundIn(t, id, text)
		requireNear(t, id, text)
	}
}
