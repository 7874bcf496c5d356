package rawcsv

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// Common records must not fall back to scan, which would only be slower: no other
// test would see it. Their cells begin and end at all places of blocks, and the
// tail at all places of the record, also inside the quotes of a cell.
func TestCommonTailsAreFound(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"x,1,,y", `"x","1","","y"`, `"","","",""`, ",,,", `"1","2","3","4"`} {
		for _, end := range []string{"\n", "\r\n"} {
			for pad := range 2 * swar.BlockBytes {
				text := strings.Repeat("x", pad) + line + end
				if line[0] == '"' {
					text = `"` + strings.Repeat("x", pad) + line[1:] + end
				}
				c := &Chunk{data: []byte(text + strings.Repeat("x", swar.BlockBytes))}
				_, err := c.scan(0)
				require.NoError(t, err)
				want := c.cells
				eol := lineEnd(c.data, 0)
				got, ok := findTail(nil, c.data, 0, 0, eol, false)
				require.True(t, ok, "%q", text)
				require.Equal(t, want, got, "%q", text)
				if line[0] == '"' && pad > 0 {
					got, ok = findTail(nil, c.data, 0, pad, eol, true)
					require.True(t, ok, "%q from %d", text, pad)
					require.Equal(t, want, got, "%q from %d", text, pad)
				}
			}
		}
	}
}
