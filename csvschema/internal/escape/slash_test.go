package escape_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
)

func TestPlainSlashesReplacesEscapedSlashes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "a/b": "a/b", `a\/b`: "a/b", `a\\/b`: "a/b", `a\b`: `a\b`, `\`: `\`,
		"a&#47;b": "a/b", "a&#X2F;b&SOL;": "a/b/", "&#47": "&#47", `\&sol;&sol`: "/&sol",
	} {
		assert.Equal(t, want, string(escape.PlainSlashes([]byte(text))), text)
	}
}
