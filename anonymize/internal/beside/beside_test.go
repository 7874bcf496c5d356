package beside_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/internal/beside"
)

func TestAnAddressIsBesideWhatIsNoPartOfIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"|": true, "live.com#|": true, "<|>": true, "'|'": true, "|.": true, "|. Then": true, "é;|": true, "7c9e6679-7425-40de-944b-e07fc1f90ae7|": true,
		"jo|": false, "x.|": false, "a-|": false, "é|": false, "o'|": false, "|.au": false, "|-x": false, "|s": false, "7c9e6679|": false,
	} {
		before, after, _ := strings.Cut(text, "|")
		assert.Equal(t, want, beside.Is([]byte(before), []byte(after)), text)
	}
}

func TestAtSignsAreFoundInAnyForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": -1, "a": -1, "￥": -1, "a@＠": 1, "￥＠@": 3, "a﹫": 1} {
		assert.Equal(t, want, beside.IndexAt([]byte(text)), text)
	}
}

func TestALocalPartWithSlashesBeginsWhereNoneCan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "a/": "a/", "to:a/b%2F": "a/b%2F", "<é/": "é/", `"a b/`: "b/", "x@y/": "y/"} {
		assert.Equal(t, want, text[beside.Start([]byte(text), len(text)):])
	}
	assert.Equal(t, 80, beside.Start([]byte(strings.Repeat("a", 400)), 400))
}
