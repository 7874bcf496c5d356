package escape_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
)

func TestPercentEscapesAreDecodedUntilNoneIsLeft(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                   "",
		"%":                                  "%",
		"%2":                                 "%2",
		"%41%zz%4":                           "A%zz%4",
		"%C3%A9":                             "é",
		"%C3%":                               "%C3%",
		"%ed@":                               "%ed@",
		"%A9":                                "%A9",
		"%2" + "535":                         "5",
		"%" + strings.Repeat("25", 9):        "%",
		"%" + strings.Repeat("25", 9) + "41": "A",
		`\u0041&amp;`:                        `\u0041&amp;`,
	} {
		assert.Equal(t, "%4"+want, string(escape.AppendPercentDecoded([]byte("%4"), []byte(text))), text)
	}
}
