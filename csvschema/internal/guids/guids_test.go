package guids_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/guids"
)

const (
	guid   = "d02677f7-9c06-5740-afd8-0a213ad58e72"
	digits = "d02677f79c065740afd80a213ad58e72"
	sid    = "s-1-12-1-3492182007-1463852038-554358959-1921963322"
)

func TestAGUIDHasHyphensInItsPlacesOrNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{guid, digits, "{" + guid + "}", "{" + digits + "}", strings.ToUpper(guid)} {
		assert.True(t, guids.Is([]byte(text)), text)
		assert.Equal(t, guid, string(guids.Append(nil, []byte(text))), text)
		found, rest := guids.Cut([]byte(text + "@x"))
		assert.Equal(t, text, string(found))
		assert.Equal(t, "@x", string(rest))
	}
	for _, text := range []string{
		"", digits[1:], digits + "0", guid[1:], "{" + guid, guid + "}", "(" + guid + ")",
		"d02677f79-c06-5740-afd8-0a213ad58e72", "g" + guid[1:], "g" + digits[1:], guid[:35] + "-",
	} {
		assert.False(t, guids.Is([]byte(text)), text)
	}
	found, rest := guids.Cut([]byte("x" + guid))
	assert.Nil(t, found)
	assert.Equal(t, "x"+guid, string(rest))
}

func TestEachGUIDInARunOfDigitsIsFound(t *testing.T) {
	t.Parallel()
	for n := range 3 * guids.DigitCount {
		text, found := strings.Repeat("0", n)+digits+"-"+digits, 0
		assert.True(t, guids.Each([]byte(text), func(d [guids.DigitCount]byte) bool {
			if string(d[:]) == digits {
				found++
			}
			return true
		}))
		assert.Equal(t, 2, found, n)
	}
}

func TestDigitsAreThoseBetweenAnyHyphens(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		guid, digits, "{" + guid + "}", "-d0-26" + digits[4:], strings.ReplaceAll(guid, "-", "–"),
		strings.ReplaceAll(guid, "-", "\u2212"), strings.ReplaceAll(guid, "-", "%2d"), strings.ReplaceAll(guid, "-", "%25252D"),
	} {
		rest, ok := guids.Digits([]byte(text))
		assert.True(t, ok, text)
		assert.Equal(t, digits, string(rest), text)
		start, end := guids.Index([]byte("d0 "+text+" x"), 1, []byte(digits))
		inner := strings.Trim(text, "{-}")
		at := 3 + strings.Index(text, inner)
		assert.Equal(t, [2]int{at, at + len(inner)}, [2]int{start, end}, text)
	}
	for _, text := range []string{"", "{}", digits[1:], digits + "0", digits[:16] + " " + digits[16:], guid + "%"} {
		rest, ok := guids.Digits([]byte(text))
		assert.False(t, ok, text)
		assert.Equal(t, text, string(rest))
	}
	start, _ := guids.Index([]byte(digits[1:]), 0, []byte(digits))
	assert.Equal(t, -1, start)
	start, _ = guids.Index([]byte("d"+strings.Repeat("-", 256)+digits[1:]), 0, []byte(digits))
	assert.Equal(t, 0, start)
	start, _ = guids.Index([]byte("d"+strings.Repeat("-", 257)+digits[1:]), 0, []byte(digits))
	assert.Equal(t, -1, start, "too many hyphens")
}

func TestATextThatMayHoldNoGUIDHoldsNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": false, digits[1:]: false, digits: true, "S-1-12-1-1-2-3-4": true, "x s-1-12-1-0-0-0-1;": true, "S-1-5-21-1-2-3-4": false,
	} {
		assert.Equal(t, want, guids.MayHold([]byte(text)), text)
	}
}

func TestNextTakesNoPartOfALongerNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"": nil, guid: {guid}, "x" + digits + "y": {digits}, "0" + guid: nil, digits + "0": nil, "0 " + guid + " 1": {guid},
		guid + ", " + digits + guid + "-" + digits: {guid, digits}, digits + "-" + guid: {digits, guid},
	} {
		var got []string
		for start, end := guids.Next([]byte(text), 0); start >= 0; start, end = guids.Next([]byte(text), end) {
			got = append(got, text[start:end])
		}
		assert.Equal(t, want, got, text)
	}
	start, _ := guids.Next([]byte("0"+digits), 1)
	assert.Equal(t, -1, start, "the number begins before")
}

func TestEachGivesSIDsToo(t *testing.T) {
	t.Parallel()
	want := []string{"00000001000200000300000004000000", digits, digits}
	for limit := range len(want) + 1 {
		var got []string
		all := guids.Each([]byte("s-1-12-1-1-2-3-4 "+guid+" "+digits), func(guid [guids.DigitCount]byte) bool {
			got = append(got, string(guid[:]))
			return len(got) <= limit // Each stops when it is told
		})
		assert.Equal(t, limit == len(want), all)
		assert.Equal(t, want[:min(limit+1, len(want))], got)
	}
}
