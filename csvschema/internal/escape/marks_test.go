package escape_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
)

// TestMarksAreThoseOfTheBytes has each byte at each place of texts of each length around
// eight, which MarksOf looks at at once.
func TestMarksAreThoseOfTheBytes(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		var want escape.Marks
		for mark, of := range map[escape.Marks]string{
			escape.At: "@", escape.Slash: "/", escape.Backslash: "\\", escape.Percent: "%&",
			escape.Parenthesis: "(", escape.Equals: "=", escape.Underscore: "_",
		} {
			if strings.IndexByte(of, byte(c)) >= 0 {
				want |= mark
			}
		}
		if c >= 0x80 {
			want = escape.NotASCII
		}
		for n := range 20 {
			for at := range n {
				text := bytes.Repeat([]byte("x"), n)
				text[at] = byte(c)
				assert.Equal(t, want, escape.MarksOf(text), "%q", text)
			}
		}
	}
	assert.Zero(t, escape.MarksOf(nil))
	assert.Equal(t, escape.At|escape.Underscore|escape.Percent|escape.NotASCII, escape.MarksOf([]byte("josé_x@contoso.com 100%")))
}

// TestEveryEscapeIsSeenEverywhere moves each kind of escape through a text of several
// blocks, among marks that begin none.
func TestEveryEscapeIsSeenEverywhere(t *testing.T) {
	t.Parallel()
	const around = "b_x=4/%&\\(_x004_y@zé-=4_X00400 %u00 &#6"
	assert.False(t, escape.Has([]byte(around)))
	for _, text := range []string{"%2B", "%u002B", `\u002B`, `\x2B`, `\U0000002B`, `\/`, "&#43;", "&plus;", "a=40b", "a_x0040_b", "a_X0040_b"} {
		assert.True(t, escape.Has([]byte(text)), text)
		for i := range len(around) + 1 {
			cell := around[:i] + "-" + text + "-" + around[i:]
			assert.True(t, escape.Has([]byte(cell)), cell)
		}
	}
}
