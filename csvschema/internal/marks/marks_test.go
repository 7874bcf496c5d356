package marks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/marks"
)

func TestPlainWritesApostrophesAndHyphensOfASCII(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "",
		"o\u2019b`c''d\u02BCe":   "o'b'c'd'e",
		"a \u0301b":              "a'b",
		"a\u2011b\u2212c\uFE58d": "a-b-c-d",
		"a@b\u02BCc.d":           "a@b\u02BCc.d",
		"a@b\u2011c;d\u2019":     "a@b-c;d'",
	} {
		assert.Equal(t, want, string(marks.Plain([]byte(text))), text)
		assert.Equal(t, want, string(marks.Plain([]byte(want))), "twice")
	}
	assert.True(t, marks.Has([]byte("a`")))
	assert.True(t, marks.Has([]byte("a''")))
	assert.False(t, marks.Has([]byte("a'b'-")))
}

func TestLostLettersAreOneQuestionMark(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                    "",
		"jose@x.com":          "",
		"jos?@x.com":          "",
		"jos\u00E9@x.com":     "jos?@x.com",
		"\u674E\u5C0F?@x.com": "?@x.com",
		"\u00F8a\u00F8":       "?a?",
	} {
		assert.Equal(t, want, marks.Lose(text), text)
	}
	for text, want := range map[string]string{
		"":                         "",
		"jos?@x.com":               "",
		"jos\u00E9@x.com":          "",
		"jos??@x.com":              "jos?@x.com",
		"jos\uFFFD@x.com":          "jos?@x.com",
		"?\uFFFD\u00E9 ??a?@x.com": "?\u00E9 ?a?@x.com",
	} {
		assert.Equal(t, want, string(marks.Lost([]byte(text))), text)
	}
}
