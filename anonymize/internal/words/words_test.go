package words_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/internal/words"
	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestWordsForNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"NULL": true, "(null)": true, "<null>": true, "[None]": true, `\N`: true, "#N/A": true, "—": true, "{00000000-0000-0000-0000-000000000000}": true,
		"nullable": false, "nobody@contoso.com": false, "n.a": false, "": false, "0": false,
	} {
		assert.Equal(t, want, words.IsNull(identity.AppendNormal(nil, []byte(text))), text)
	}
}
