package escape_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
)

func TestOpenIsTheBeginningOfAnEscapeAtTheEnd(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "x": 0, "4": 0, "x%": 1, "x%4": 2, "x%40": 0, "x%25": 3, "x%254": 4, "x%2525": 5, "%g": 0,
		`x\u`: 2, `x\u0`: 3, `x\u004`: 5, `x\u0040`: 0, `x\\u00`: 5, `xu00`: 0,
		`x\x`: 2, `x\x4`: 3, `x\x40`: 0, `x\U`: 2, `x\U0000004`: 9, `x\U00000040`: 0, "x%u00": 4,
	} {
		assert.Equal(t, want, escape.Open([]byte(text)), "%q", text)
	}
}
