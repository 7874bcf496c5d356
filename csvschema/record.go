package csvschema

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// A Chunk is a run of whole records of a file and the empty lines between them. The
// records have been checked against the grammar. Chunks of one file can be worked on
// independently of each other; see [ForEachChunk]. Only one goroutine may use a Chunk at
// a time. It prints and logs as "[redacted]".
type Chunk struct {
	opaque

	header *Header
	raw    rawcsv.Chunk
	number int // in its file, from 0

	cut     bool  // its text ends early, because the reader of the file failed
	skipped bool  // its records were not found; see RecordReader.skip
	line    int64 // physical line of the first byte; 0 while unknown
}

// Bytes returns the text of the chunk: its records as they are in the file, and the empty
// lines between them. The bytes must not be changed.
func (c *Chunk) Bytes() []byte { return c.raw.Bytes() }

// Number returns the number of the chunk in its file, from 0. The same bytes are cut into
// the same chunks in every pass.
func (c *Chunk) Number() int { return c.number }

// Len returns the number of records.
func (c *Chunk) Len() int { return c.raw.Len() }

// Record returns the i-th record, from 0. It is valid as long as the chunk.
func (c *Chunk) Record(i int) Record { return Record{chunk: c, index: i} }

// A Record is one record of a file: its bytes, and where its cells are in them. It is
// valid until the reader or chunk that it came from reads on. Only one goroutine may use
// it at a time. It prints and logs as its place, because its cells may name people.
type Record struct {
	chunk *Chunk
	index int
}

// Format writes the role of the file and the line on which the record begins, for every verb.
func (r Record) Format(f fmt.State, _ rune) {
	text := "no record"
	if r.chunk != nil {
		text = r.Header().Role().String() + " line " + strconv.FormatInt(r.Line(), 10)
	}
	_, _ = io.WriteString(f, text)
}

// Clone returns a copy of the record, which stays valid.
func (r Record) Clone() Record {
	return Record{chunk: &Chunk{header: r.chunk.header, raw: r.chunk.raw.Clone(r.index), number: r.chunk.number, line: r.Line()}}
}

// Header returns the header of the file that the record is in.
func (r Record) Header() *Header { return r.chunk.header }

// Line returns the physical line, from 1, on which the record begins. It is 0 in the Work
// of a [Pass], because the chunks before may not have been read.
func (r Record) Line() int64 {
	if r.chunk.line == 0 {
		return 0
	}
	return r.chunk.line + r.chunk.raw.Line(r.index)
}

// CellSpan returns where the i-th cell, from 0, its quotes included, is in [Chunk.Bytes]. The
// record begins with its first cell.
func (r Record) CellSpan(i int) (start, end int) { return r.chunk.raw.CellSpan(r.index, i) }

// Raw returns the bytes of the record with its line end, which the last line of a file
// may lack. The bytes must not be changed.
func (r Record) Raw() []byte { return r.chunk.raw.Raw(r.index) }

// An Edit is the new text of a cell, unquoted.
type Edit struct {
	Cell int // index of the cell, from 0
	Text []byte
}

// AppendEdited appends the record to dst, with the texts of the edits in their cells, and
// returns the result. Edits are in the order of their cells. A cell is quoted if it is
// quoted in the file, or if its new text cannot be read without quotes. All other bytes
// are those of the record.
func (r Record) AppendEdited(dst []byte, edits []Edit) []byte {
	raw := r.Raw()
	copied := 0
	for _, e := range edits {
		from, to := r.rawCell(e.Cell)
		dst = append(dst, raw[copied:from]...)
		if from < to && raw[from] == '"' || r.needsQuotes(e.Text, raw[to:]) {
			dst = rawcsv.AppendQuoted(dst, e.Text)
		} else {
			dst = append(dst, e.Text...)
		}
		copied = to
	}
	return append(dst, raw[copied:]...)
}

// needsQuotes reports whether the text of a cell is read as another one without quotes.
// The bytes that follow the cell in the record decide on a CR: before a line feed and at
// the end of a file it is no part of a cell.
func (r Record) needsQuotes(text, after []byte) bool {
	switch n := len(text); {
	case n == 0:
		return r.Header().Len() == 1 // an empty line is no record
	case text[n-1] == '\r' && (len(after) == 0 || after[0] == '\n'):
		return true
	}
	return bytes.ContainsAny(text, ",\"\n")
}

// AppendTo does what [Record.AppendEdited] does, and ends the last record of a file, which
// may have no line end, with that of the header, so that others can follow it. A CR at the
// end of the file is half a line end, and becomes CR LF.
func (r Record) AppendTo(dst []byte, edits ...Edit) []byte {
	dst = r.AppendEdited(dst, edits)
	raw := r.Raw()
	switch end := raw[len(raw)-1]; {
	case end == '\n':
		return dst
	case end != '\r' && bytes.HasSuffix(r.chunk.header.raw, []byte("\r\n")):
		dst = append(dst, '\r')
	}
	return append(dst, '\n')
}

// Value returns the cell of the documented column c, unquoted, or nil if the file has no
// such column. An empty cell is not nil. The bytes must not be changed and are valid as
// long as the record.
func (r Record) Value(c Column) []byte {
	i := r.chunk.header.Index(c)
	if i < 0 {
		return nil
	}
	return r.Cell(i)
}

// Cell returns the i-th cell, from 0, unquoted. The bytes must not be changed
// and are valid as long as the record.
func (r Record) Cell(i int) []byte { return r.chunk.raw.Cell(r.index, i) }

// Cells sets dst to the cells at the given positions, from 0, as [Record.Cell]
// returns them, and to nil where a position is negative. Dst is as long as
// positions.
func (r Record) Cells(dst [][]byte, positions []int) {
	r.chunk.raw.Cells(r.index, dst, positions)
}

// Repeats reports whether the i-th cell, from 0, is known to equal that of the record
// before it in the chunk. If it returns false, the two may be equal or not.
func (r Record) Repeats(i int) bool { return r.chunk.raw.Repeats(r.index, i) }

// rawCell returns where the i-th cell, from 0, its quotes included, is in
// [Record.Raw].
func (r Record) rawCell(i int) (start, end int) { return r.chunk.raw.RawCell(r.index, i) }
