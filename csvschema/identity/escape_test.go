package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestAppendDecodedGivesWhatTheFinderSaw(t *testing.T) {
	t.Parallel()
	var f identity.Finder
	for text, want := range map[string]string{
		"": "", "a@x": "a@x", "%61%2540x": "a@x", "%25252540": "%40", "100%": "100%", "%C3%A9%": "é%",
		`\u0061\/\\u0062`: "a/b", `\ud83d\uDE00`: "😀", `\ud83d\u0041`: `\ud83dA`, `\udE00`: `\udE00`, `\n\\ \"\u12`: `\n\\ \"\u12`,
		"&#65;&#X42;&#x00043;&amp;amp;lt;&AMP;&nbsp;": "ABC<&\u00A0", "&foo;&;&#;&#x;&#xD800;&#0;&lt &#65": "&foo;&;&#;&#x;&#xD800;&#0;&lt &#65",
		"&#0000000000000065;": "A",
	} {
		assert.Equal(t, "="+want, string(f.AppendDecoded([]byte("="), []byte(text))), text)
	}
}
