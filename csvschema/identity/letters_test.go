package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestLettersAndDigitsStayAndSeparatorsGo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                 "",
		"alice":            "alice",
		"pat.o'neil-web_2": "patoneilweb2",
		"...":              "",
		"josé":             "josé",
		"jose\u0301":       "jose", // a mark is neither a letter nor a digit
		"李小龙 01":           "李小龙01",
		"x\u00b2\u0661":    "x\u00b2\u0661", // numbers of any kind
		"a\xffb":           "ab",
		"a\u200bb":         "ab",
	} {
		assert.Equal(t, want, string(identity.AppendLetters(nil, []byte(text))), "%q", text)
		assert.Equal(t, "x"+want, string(identity.AppendLetters([]byte("x"), []byte(text))), "%q", text)
	}
}
