package rawcsv_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

func TestRecordOverTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	const limit = 40
	fits := strings.Repeat("x", limit-3)
	for _, test := range []struct {
		name string
		text string
		rows int   // after the first record
		line int64 // 0: accepted
	}{
		{"record of the limit", "a,b\n1," + fits + "\n3,4\n", 2, 0},
		{"record of the limit with a line end of two", "a,b\r\n1," + fits[1:] + "\r\n3,4\r\n", 2, 0},
		{"record over the limit", "a,b\n1,2\n1," + fits + "x\n3,4\n", 1, 3},
		{"quoted record over the limit", "a,b\n1,2\n1,\"" + strings.Repeat("\n", limit) + "\"\n3,4\n", 1, 3},
		{"quote never closed", "a,b\n1,\"" + strings.Repeat("x\n", 10*limit), 0, 2},
		{"first record over the limit", "a,b" + fits + "\n1,2\n", 0, 1},
		{"first record of the limit after a mark", "\uFEFFa," + fits + "\n1,2\n", 1, 0},
		{"first record over the limit after a mark", "\uFEFFa," + fits + "x\n1,2\n", 0, 1},
		{"no line end at all", strings.Repeat("a,", 100*limit), 0, 1},
		{"many empty lines are no record", "a,b\n" + strings.Repeat("\n", 10*limit) + "1,2\n", 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, chunkBytes := range []int{1, 10, limit, limit + 1, limit + 2, 1 << 20} {
				got := read(t, strings.NewReader(test.text), chunkBytes, limit)
				assert.Len(t, got.records[min(1, len(got.records)):], test.rows)
				if test.line == 0 {
					require.Nil(t, got.fault)
					continue
				}
				assert.Equal(t, &fault{err: rawcsv.ErrRecordTooLarge, line: test.line, cell: -1}, got.fault)
			}
		})
	}
}

// TestLimitBoundsMemory reads a line that never ends: it must be refused after about
// the limit.
func TestLimitBoundsMemory(t *testing.T) {
	t.Parallel()
	endless := &countingReader{r: iotest.OneByteReader(neverEnding{})}
	got := read(t, endless, 256<<10, 1<<16)
	require.NotNil(t, got.fault)
	assert.Equal(t, rawcsv.ErrRecordTooLarge, got.fault.err)
	assert.LessOrEqual(t, endless.n, 1<<19)
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// TestPartsAreWholeRecords reads the parts of a file without looking for records.
func TestPartsAreWholeRecords(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for range 500 {
		text.WriteString("1,\"a\n\"\"b\"\r\n\n")
	}
	for chunkBytes := 1; chunkBytes < 200; chunkBytes++ {
		r := rawcsv.NewReader(iotest.HalfReader(strings.NewReader(text.String())), chunkBytes, 100)
		var c rawcsv.Chunk
		raw, line, _, f := r.First(&c)
		require.Nil(t, f)
		require.Equal(t, int64(1), line)
		var got strings.Builder
		got.WriteString(string(raw))
		var buf []byte
		isLast := false
		for {
			var part rawcsv.Part
			buf, part = r.Next(buf)
			if part.IsEnd() {
				break
			}
			require.False(t, isLast, "another part after the last")
			isLast = part.IsLast()
			require.True(t, part.IsWhole())
			require.Zero(t, strings.Count(string(part.Data), `"`)%2)
			require.Equal(t, byte('\n'), part.Data[len(part.Data)-1])
			require.LessOrEqual(t, len(part.Data), max(2*chunkBytes, chunkBytes+100))
			got.WriteString(string(part.Data))
		}
		require.Equal(t, text.String(), got.String())
	}
}
