package rawcsv_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// chunksOf returns the chunks of all records after the first, and their parts. Only a
// last line without a line end has a chunk of its own.
func chunksOf(t *testing.T, text string) (chunks []*rawcsv.Chunk, parts []rawcsv.Part) {
	t.Helper()
	r := rawcsv.NewReader(strings.NewReader(text), 1<<20, 1<<20)
	var first rawcsv.Chunk
	_, _, _, f := r.First(&first)
	require.Nil(t, f)
	for {
		_, part := r.Next(nil)
		if part.IsEnd() {
			return chunks, parts
		}
		c := &rawcsv.Chunk{}
		_, f = c.Index(part, first.Fields(), 1<<20)
		require.Nil(t, f)
		chunks, parts = append(chunks, c), append(parts, part)
	}
}

func chunkOf(t *testing.T, text string) (*rawcsv.Chunk, rawcsv.Part) {
	t.Helper()
	chunks, parts := chunksOf(t, text)
	require.Len(t, chunks, 1)
	return chunks[0], parts[0]
}

// TestRawCellsAreTheBytesOfTheRecord puts every record together again from its raw
// cells.
func TestRawCellsAreTheBytesOfTheRecord(t *testing.T) {
	t.Parallel()
	const text = "\"1\n,\"\"\",,3\r\n4,\"5\",\n6,7,\"\"\r"
	chunks, _ := chunksOf(t, "a,b,c\n"+text)
	records, all := 0, ""
	for _, c := range chunks {
		for i := range c.Len() {
			var cells [][]byte
			end := 0
			for j := range c.Fields() {
				var start int
				start, end = c.RawCell(i, j)
				cells = append(cells, c.Raw(i)[start:end])
			}
			assert.Equal(t, string(c.Raw(i)), string(bytes.Join(cells, []byte{','}))+string(c.Raw(i)[end:]))
			records++
		}
		all += string(c.Bytes())
	}
	assert.Equal(t, 3, records)
	assert.Equal(t, text, all)
}

// TestCellsCanBeAskedInAnyOrder alternates between records of one chunk.
func TestCellsCanBeAskedInAnyOrder(t *testing.T) {
	t.Parallel()
	c, _ := chunkOf(t, "a,b,c\n1,\"x\"\"y\",3\n4,\"\"\"\",6\n")
	require.Equal(t, 2, c.Len())
	quoted := c.Cell(0, 1)
	assert.Equal(t, "6", string(c.Cell(1, 2)))
	assert.Equal(t, "3", string(c.Cell(0, 2)))
	assert.Equal(t, `"`, string(c.Cell(1, 1)))
	assert.Equal(t, "1", string(c.Cell(0, 0)))
	assert.Equal(t, `x"y`, string(quoted), "a cell stays valid with its chunk")
}

// TestCellsAreThoseOfCell asks for several cells of a record at once.
func TestCellsAreThoseOfCell(t *testing.T) {
	t.Parallel()
	c, _ := chunkOf(t, "a,b,c\n1,\"x\"\"y\",3\n,\"\",\"6\"\n")
	positions := []int{2, -1, 1, 0, 1}
	cells := [][]byte{5: []byte("stays")}
	for i := range c.Len() {
		c.Cells(i, cells, positions)
		for k, position := range positions {
			if position < 0 {
				assert.Nil(t, cells[k])
				continue
			}
			assert.Equal(t, string(c.Cell(i, position)), string(cells[k]))
			assert.NotNil(t, cells[k], "an empty cell is not a missing one")
			assert.Len(t, cells[k], cap(cells[k]), "appending must not change the chunk")
		}
		assert.Equal(t, "stays", string(cells[5]))
	}
}

func TestSkippedPartsCountTheirLines(t *testing.T) {
	t.Parallel()
	text := "a,b\n1,\"2\n3\"\n\n4,5\r\n"
	c, part := chunkOf(t, text)
	want, f := c.Index(part, 2, 100)
	require.Nil(t, f)
	assert.Equal(t, int64(4), want)
	assert.Equal(t, want, c.Skip(part))
	assert.Zero(t, c.Len())
	assert.Equal(t, strings.TrimPrefix(text, "a,b\n"), string(c.Bytes()))
}

func TestRecordsAllocateNothingEach(t *testing.T) {
	c, part := chunkOf(t, "a,b,c\n"+strings.Repeat("1,\"2\",\"3\"\"4\"\n", 10_000))
	cells, positions := make([][]byte, 2), []int{2, 0}
	allocations := testing.AllocsPerRun(10, func() {
		if _, f := c.Index(part, 3, 1000); f != nil || c.Len() != 10_000 {
			t.Error("wrong chunk")
		}
		for i := range c.Len() {
			c.Cells(i, cells, positions)
			if len(c.Cell(i, 1)) != 1 || len(cells[0]) != 3 {
				t.Error("wrong record")
			}
		}
	})
	assert.Zero(t, allocations)
}
