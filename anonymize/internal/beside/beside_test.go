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

func TestEachPartThatMayBeAnAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"": nil, "@": nil, "ann@": nil, "@x.com": nil,
		"ann@x.com":                     {"ann@x.com"},
		"?mail=max.ann@x.com.":          {"max.ann@x.com", "mail=max.ann@x.com", "?mail=max.ann@x.com"},
		"to ann\uFF20x-.com-":           {"ann\uFF20x"},
		"a@x..b c@x.-d e@x-.f g@x--h":   {"a@x", "c@x", "e@x", "g@x--h"},
		"a@b@x.com y@z":                 {"a@b", "b@x.com", "y@z"},
		"a@x.com⑴b":                     {"a@x.com", "a@x.com⑴b"},
		"⑴\uFE0Fa@x":                    {"a@x", "\uFE0Fa@x", "⑴\uFE0Fa@x"},
		"é.a@x, b@x.\u0301":             {".a@x", "é.a@x", "b@x", "b@x.\u0301"},
		`by "a b"@x.com`:                {`"a b"@x.com`, `b"@x.com`},
		"ann@[192.0.2.1]x, b@[1":        {"ann@[192.0.2.1]"},
		"a@" + strings.Repeat("x", 400): {"a@" + strings.Repeat("x", 320)},
	} {
		var got []string
		beside.Each([]byte(text), func(address []byte) { got = append(got, string(address)) })
		assert.Equal(t, want, got, text)
	}
}
