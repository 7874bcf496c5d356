package csvschema

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
)

// A Record is one record of a file as it stood there: raw bytes, and where its
// cells are in them. It is valid until the reader or chunk that it came from goes
// on, and not safe for concurrent use. It prints and logs as its place, since its
// cells may name people.
type Record struct {
	chunk *Chunk
	index int
}

// String returns the role of the file and the line on which the record begins.
func (r Record) String() string {
	if r.chunk == nil {
		return "no record"
	}
	return r.Header().Role().String() + " line " + strconv.FormatInt(r.Line(), 10)
}

// GoString returns the same as String.
func (r Record) GoString() string { return r.String() }

// Format writes the same as String for every verb.
func (r Record) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue returns the same as String.
func (r Record) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalText returns the same as String.
func (r Record) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

func (r Record) span() *recordSpan { return &r.chunk.spans[r.index] }

// Header returns the header of the file that the record stands in.
func (r Record) Header() *Header { return r.chunk.header }

// Line returns the physical line, from 1, on which the record begins. It is 0 as
// long as nobody knows: while the work of [ForEachChunk] is done, since the chunks
// in front may not have been looked at.
func (r Record) Line() int64 {
	if r.chunk.line == 0 {
		return 0
	}
	return r.chunk.line + int64(r.span().line)
}

// Start returns the offset of the record in [Chunk.Bytes].
func (r Record) Start() int { return int(r.span().start) }

// End returns the offset in [Chunk.Bytes] behind the record and its line end.
func (r Record) End() int { return int(r.span().end) }

// Raw returns the bytes of the record with its line end, which the last line of
// a file may lack.
func (r Record) Raw() []byte {
	s := r.span()
	return r.chunk.data[s.start:s.end:s.end]
}

// AppendTo appends the record to dst and returns the result. A record without a
// line end, the last of its file, gets that of the header: it can be handed
// out before others.
func (r Record) AppendTo(dst []byte) []byte {
	raw := r.Raw()
	if raw[len(raw)-1] == '\n' {
		return append(dst, raw...)
	}
	if raw[len(raw)-1] == '\r' {
		raw = raw[:len(raw)-1]
	}
	dst = append(dst, raw...)
	return append(dst, r.chunk.header.LineEnd()...)
}

// Fields returns the number of cells.
func (r Record) Fields() int { return r.chunk.header.Len() }

// Value returns the cell of the documented column c, unquoted, or nil if the
// file has no such column. An empty cell is empty and not nil. The bytes are
// not to be changed and are valid as long as the record.
func (r Record) Value(c Column) []byte {
	i := r.chunk.header.Index(c)
	if i < 0 {
		return nil
	}
	return r.Cell(i)
}

// Cell returns the i-th cell, from 0, unquoted. The bytes are not to be changed
// and are valid as long as the record.
func (r Record) Cell(i int) []byte {
	c, n := r.chunk, len(r.chunk.header.columns)
	start := int(c.spans[r.index].start)
	ends := c.cells[r.index*n : (r.index+1)*n]
	return c.cell(start, ends, i)
}

// Cells sets dst to the cells at the given positions, from 0, as [Record.Cell]
// returns them; nil where a position is negative. Dst is as long as positions.
func (r Record) Cells(dst [][]byte, positions []int) {
	c, n := r.chunk, len(r.chunk.header.columns)
	start, ends := int(c.spans[r.index].start), c.cells[r.index*n:(r.index+1)*n]
	dst = dst[:len(positions)]
	for i, position := range positions {
		if position < 0 {
			dst[i] = nil
			continue
		}
		// As cell does it: calls, for each cell of each row, would take as long again.
		from, end := start, ends[position]
		if position > 0 {
			from += ends[position-1].offset() + 1
		}
		cell := c.data[from : start+end.offset()]
		if len(cell) > 0 && cell[0] == '"' {
			cell = cell[1 : len(cell)-1]
			if end.doubled() {
				cell = c.unescape(cell)
			}
		}
		dst[i] = slices.Clip(cell)
	}
}

// cell returns the i-th cell of the record that begins at start, whose cells end
// there.
func (c *Chunk) cell(start int, ends []cellEnd, i int) []byte {
	from, end := start, ends[i]
	if i > 0 {
		from += ends[i-1].offset() + 1
	}
	to := start + end.offset()
	cell := c.data[from:to:to]
	if len(cell) > 0 && cell[0] == '"' {
		cell = cell[1 : len(cell)-1 : len(cell)-1]
		if end.doubled() {
			cell = c.unescape(cell)
		}
	}
	return cell
}

// Repeats reports whether the i-th cell, from 0, is known to be the same as in the
// record before it in the chunk. If it is false, they may be the same all the same.
func (r Record) Repeats(i int) bool { return i < int(r.span().repeated) }

// RawCell returns where the i-th cell, from 0, stands in [Record.Raw], its
// quotes included.
func (r Record) RawCell(i int) (start, end int) {
	c := r.chunk
	n := len(c.header.columns)
	ends := c.cells[r.index*n : (r.index+1)*n]
	if i > 0 {
		start = ends[i-1].offset() + 1
	}
	return start, ends[i].offset()
}

// unescape returns the cell with its doubled quotes made single. The result
// lives in the scratch of the chunk: no allocation for each cell.
func (c *Chunk) unescape(cell []byte) []byte {
	start := len(c.scratch)
	for {
		i := bytes.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		c.scratch = append(c.scratch, cell[:i+1]...)
		cell = cell[i+2:]
	}
	c.scratch = append(c.scratch, cell...)
	return c.scratch[start:len(c.scratch):len(c.scratch)]
}
