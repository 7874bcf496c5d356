package identity_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestGUIDsAreFoundWhereverTheirDigitsAre(t *testing.T) {
	t.Parallel()
	const other = "45d48c25-cbb7-5bd2-a7f5-5faacad04520"
	digits, otherDigits := strings.ReplaceAll(objectID, "-", ""), strings.ReplaceAll(other, "-", "")
	for _, test := range []struct {
		name, cell string
		want       []string
	}{
		{"Empty", "", nil},
		{"None", "/subscriptions/x", nil},
		{"TooShort", digits[1:], nil},
		{"Whole", objectID, []string{digits}},
		{"DigitsAlone", digits, []string{digits}},
		{"UpperCase", strings.ToUpper(objectID), []string{digits}},
		{"Two", objectID + " " + other, []string{digits, otherDigits}},
		{"NoHyphens", "x" + digits + "y", []string{digits}},
		{"OtherHyphens", "-d0-26" + digits[4:], []string{digits}},
		{"Dashes", strings.ReplaceAll(objectID, "-", "–"), []string{digits}},
		{"Blank", digits[:16] + " " + digits[16:], nil},
		{"MoreDigits", digits + "a", []string{digits, digits[1:] + "a"}},
		{"ManyDigits", strings.Repeat("0", 100) + digits[1:], ends("0", digits[1:])},
		{"Escaped", "(" + strings.ReplaceAll(objectID, "-", "%252D") + "%7D", []string{digits}},
		{"EscapedDigit", "%64" + objectID[1:], []string{digits, "64" + digits[1:31], "4" + digits[1:]}},
		{"SID", "S-1-12-1-1-2-3-4", []string{"00000001000200000300000004000000"}},
		{"SIDEscaped", "S%2d1-12-1-1-2-3-4", []string{"00000001000200000300000004000000"}},
		{"FullWidth", "ｄ" + objectID[1:], []string{digits}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var f identity.Finder
			var got []string
			for guid := range f.GUIDs([]byte(test.cell)) {
				if !slices.Contains(got, string(guid[:])) {
					got = append(got, string(guid[:]))
				}
			}
			assert.ElementsMatch(t, test.want, got)
			for range f.GUIDs([]byte(test.cell)) {
				break // the iterator must stop
			}
		})
	}
}

// ends returns the GUIDs that begin with the digit and end with a part of the rest.
func ends(digit, rest string) (guids []string) {
	for n := 1; n <= len(rest); n++ {
		guids = append(guids, strings.Repeat(digit, 32-n)+rest[:n])
	}
	return guids
}

// Package anonymize looks GUIDs up where FindValues would find an object ID.
func TestGUIDsAreThoseThatFindValuesFinds(t *testing.T) {
	t.Parallel()
	digits := strings.ReplaceAll(objectID, "-", "")
	found := 0
	for _, tt := range occurrences {
		var f identity.Finder
		cell := []byte(tt.cell)
		isThere := false
		for guid := range f.GUIDs(cell) {
			isThere = isThere || string(guid[:]) == digits
		}
		require.Equal(t, len(f.FindValues(nil, cell, valuesOf(objectID))) > 0, isThere, tt.cell)
		if isThere {
			found++
		}
	}
	require.Greater(t, found, 10)
}

func TestFindingGUIDsDoesNotAllocate(t *testing.T) {
	var f identity.Finder
	for _, text := range []string{"Standard_DS1", "/users/" + objectID + "/x", "%2Fusers%2F" + objectID} {
		cell, count := []byte(text), 0
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			for range f.GUIDs(cell) {
				count++
			}
		}), text)
	}
}
