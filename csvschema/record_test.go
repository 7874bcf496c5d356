package csvschema_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// labOnly are options for files that have few columns.
var labOnly = csvschema.RecordOptions{Required: []csvschema.Column{csvschema.LabUId}}

// firstRecord returns the first record of a file of disks.
func firstRecord(t *testing.T, text string) csvschema.Record {
	t.Helper()
	rec, err := csvschema.NewRecordReader(strings.NewReader(text), csvschema.Disks, &labOnly).Read()
	require.NoError(t, err)
	return rec
}

func TestLastLineGetsTheLineEndOfTheHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"LF", "LabUId,b\n1,2", "1,2\n"},
		{"CR LF", "LabUId,b\r\n1,2", "1,2\r\n"},
		{"half a line end", "LabUId,b\r\n1,\"2\"\r", "1,\"2\"\r\n"},
		{"half a line end in a file with LF", "LabUId,b\n1,2\r", "1,2\r\n"},
		{"a CR of the cell before half a line end", "LabUId,b\n1,2\r\r", "1,2\r\r\n"},
		{"a CR of the cell in a file with CR LF", "LabUId,b\r\n1,2\r\r", "1,2\r\r\n"},
		{"its own", "LabUId,b\r\n1,2\n", "1,2\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rec := firstRecord(t, test.text)
			assert.Equal(t, test.want, string(rec.AppendTo(nil)))
			assert.Equal(t, "before"+test.want, string(rec.AppendTo([]byte("before"))))
			again := firstRecord(t, string(rec.Header().Raw())+test.want)
			assert.Equal(t, string(rec.Cell(1)), string(again.Cell(1)), "the cell stays the same")
		})
	}
}

func TestEditsChangeTheirCellsAlone(t *testing.T) {
	t.Parallel()
	type edits = []csvschema.Edit
	edit := func(cell int, text string) csvschema.Edit { return csvschema.Edit{Cell: cell, Text: []byte(text)} }
	for _, test := range []struct {
		name, record string
		edits        edits
		want         string
	}{
		{"none", "1,\"2\",3\n", nil, "1,\"2\",3\n"},
		{"a plain cell", "1,\"2\",3\n", edits{edit(0, "x")}, "x,\"2\",3\n"},
		{"a quoted cell keeps its quotes", "1,\"2\",3\n", edits{edit(1, "x")}, "1,\"x\",3\n"},
		{"quotes are doubled", "1,\"2\",3\n", edits{edit(1, `x"y"`)}, "1,\"x\"\"y\"\"\",3\n"},
		{"emptied", "1,\"2\",3\n", edits{edit(0, ""), edit(1, "")}, ",\"\",3\n"},
		{"an empty cell", ",\"\",3\n", edits{edit(0, "x"), edit(1, "y")}, "x,\"y\",3\n"},
		{"a comma needs quotes", "1,\"2\",3\n", edits{edit(0, "x,y"), edit(2, ",")}, "\"x,y\",\"2\",\",\"\n"},
		{"a quote needs quotes", "1,\"2\",3\r\n", edits{edit(0, `"`), edit(2, `x"`)}, "\"\"\"\",\"2\",\"x\"\"\"\r\n"},
		{"a line feed needs quotes", "1,\"2\",3\n", edits{edit(0, "\n"), edit(2, "x\r\ny")}, "\"\n\",\"2\",\"x\r\ny\"\n"},
		{"a CR before a line feed needs quotes", "1,\"2\",3\n", edits{edit(0, "x\r"), edit(2, "z\r")}, "x\r,\"2\",\"z\r\"\n"},
		{"a CR before another does not", "1,\"2\",3\r\n", edits{edit(2, "z\r")}, "1,\"2\",z\r\r\n"},
		{"a CR at the end needs quotes", "1,\"2\",3", edits{edit(2, "z\r")}, "1,\"2\",\"z\r\"\n"},
		{"a blank does not need quotes", " 1,\"2\", 3\n", edits{edit(0, " x"), edit(2, "\tz")}, " x,\"2\",\tz\n"},
		{"several", "1,\"2\",3\r\n", edits{edit(0, "x"), edit(1, "y"), edit(2, "z")}, "x,\"y\",z\r\n"},
		{"the last line", "1,\"2\",3", edits{edit(2, "z")}, "1,\"2\",z\n"},
		{"doubled quotes in other cells stay", "1,\"a\"\"b\",3\n", edits{edit(2, "z")}, "1,\"a\"\"b\",z\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rec := firstRecord(t, "LabUId,b,c\n"+test.record)
			assert.Equal(t, test.want, string(rec.AppendTo(nil, test.edits...)))
			assert.Equal(t, "before"+test.want, string(rec.AppendTo([]byte("before"), test.edits...)))
			assert.Equal(t, test.record, string(rec.Raw()), "the record itself stays")
			again := firstRecord(t, "LabUId,b,c\n"+test.want)
			for _, e := range test.edits {
				assert.Equal(t, string(e.Text), string(again.Cell(e.Cell)), "cell %d can be read again", e.Cell)
			}
		})
	}
	alone := firstRecord(t, "LabUId\n1\n")
	assert.Equal(t, "\"\"\n", string(alone.AppendTo(nil, edit(0, ""))), "an empty line is no record")
}

func TestCellsOfARecordAreGivenByPositionAndColumn(t *testing.T) {
	t.Parallel()
	rec := firstRecord(t, "x,LabUId,Name\n1,\"\",\"a\"\"b\"\n")
	assert.Equal(t, 3, rec.Header().Len())
	assert.Equal(t, `a"b`, string(rec.Value(csvschema.Name)))
	assert.Equal(t, `a"b`, string(rec.Cell(2)))
	assert.NotNil(t, rec.Value(csvschema.LabUId), "an empty cell is not a missing one")
	assert.Empty(t, rec.Value(csvschema.LabUId))
	assert.Nil(t, rec.Value(csvschema.ResourceId))
	cells := make([][]byte, 3)
	rec.Cells(cells, []int{2, -1, 0})
	assert.Equal(t, [][]byte{[]byte(`a"b`), nil, []byte("1")}, cells)
}

func TestCellsOfAChunkAreInItsBytes(t *testing.T) {
	t.Parallel()
	const text = "1,\"\",\"a\"\"b\"\r\n\r\n2,x,\n"
	f := csvschema.NewFile(csvschema.FileID{Role: csvschema.Disks}, sourceOf(strings.NewReader("x,LabUId,Name\n"+text)), csvschema.FileOptions{
		SinglePass: true, Required: func(csvschema.Role) []csvschema.Column { return []csvschema.Column{csvschema.LabUId} },
	})
	var got []string
	err := csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{Work: func(c *csvschema.Chunk) int {
		for i := range c.Len() {
			for cell := range 3 {
				start, end := c.Record(i).CellSpan(cell)
				got = append(got, string(c.Bytes()[start:end]))
			}
		}
		return 0
	}, Emit: func(*csvschema.Chunk, int) error { return nil }})
	require.NoError(t, err)
	assert.Equal(t, []string{"1", `""`, `"a""b"`, "2", "x", ""}, got)
}
