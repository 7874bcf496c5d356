package escape_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
)

func TestSpellingsHoldTheTextBeforeItWasEscaped(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                     "",
		"jörg":                 "jörg",
		"jÃ¶rg":                "jörg",
		"j=C3=B6rg":            "jörg",
		"j%C3%B6rg":            "jörg",
		"j%u00f6rg":            "jörg",
		"j_x00F6_rg":           "jörg",
		`j\u00f6rg`:            "jörg",
		`j\U000000f6rg`:        "jörg",
		`j\xc3\xb6rg`:          "jörg",
		"j&ouml;rg":            "jörg",
		"j%2525C3%2525B6rg":    "jörg",
		"j%26ouml%3Brg":        "jörg",
		"j=26ouml;rg":          "jörg",
		"a=zz":                 "a=zz",
		"â‚¬ Ã":                "€ Ã",
		`https:\/\/x\u005fy`:   "https://x_y",
		"a_x0040_x.example_x0": "a@x.example_x0",
		`{"by":"\"a b\"@x"}`:   `{"by":""a b"@x"}`,
		`"\\\"a b\\\"@x"`:      `""a b"@x"`,
	} {
		var all []string
		for _, spelling := range escape.Spellings([]byte(text)) {
			all = append(all, string(spelling))
		}
		assert.Equal(t, text, all[0])
		assert.Contains(t, all, want)
	}
}

func TestSpellingsAreFewAndDifferent(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"%25", "&amp;", `\u005c`, "=3D", "_x005F_", "Ã", "%2541=3D&amp;_x005F_"} {
		seen := map[string]bool{}
		for _, spelling := range escape.Spellings([]byte(strings.Repeat(part, 9))) {
			assert.False(t, seen[string(spelling)], part)
			seen[string(spelling)] = true
		}
		assert.LessOrEqual(t, len(seen), 16, part)
	}
}
