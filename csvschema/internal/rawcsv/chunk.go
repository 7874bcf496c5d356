package rawcsv

import (
	"bytes"
	"slices"
)

// A Chunk is a run of whole records and the empty lines between them. The records have
// been checked against the grammar. Records and cells are given by their index, from 0.
// Bytes that a method returns must not be changed; they are valid until the chunk is
// used for another part. Only one goroutine may use a Chunk at a time.
type Chunk struct {
	data    []byte
	fields  int // of each record
	spans   []recordSpan
	cells   []cellEnd // of all records, one record after the other
	final   bool      // data ends at the end of the file
	scratch []byte    // cells without their doubled quotes
	heads   heads
}

// A cellEnd is the offset in its record at which a cell ends, times two, plus one if
// the cell holds doubled quotes.
type cellEnd uint32

func (e cellEnd) offset() int   { return int(e >> 1) }
func (e cellEnd) doubled() bool { return e&1 == 1 }

func newCellEnd(offset int, doubled bool) cellEnd {
	e := cellEnd(offset) << 1 //nolint:gosec // see MaxRecordBytes
	if doubled {
		e |= 1
	}
	return e
}

// A recordSpan says where a record, its line end included, is in the chunk.
type recordSpan struct {
	start, end uint32
	line       uint32 // lines of the chunk before it
	repeated   uint32 // at least so many of its first cells equal those of the record before it
}

// Skip makes the part the text of the chunk without looking for its records, and
// returns its number of lines.
func (c *Chunk) Skip(p Part) (lines int64) {
	c.data, c.spans = p.Data, c.spans[:0]
	return int64(bytes.Count(p.Data, lineFeed))
}

// Bytes returns the text of the chunk.
func (c *Chunk) Bytes() []byte { return c.data }

// Len returns the number of records.
func (c *Chunk) Len() int { return len(c.spans) }

// Clear drops the records.
func (c *Chunk) Clear() { c.spans = c.spans[:0] }

// Truncate drops the records from the given one on, and the text after the record before
// it.
func (c *Chunk) Truncate(record int) {
	c.spans = c.spans[:record]
	c.data = c.data[:c.recordsEnd()]
}

// Fields returns the number of cells of each record.
func (c *Chunk) Fields() int { return c.fields }

// Line returns the number of lines of the chunk before a record.
func (c *Chunk) Line(record int) int64 { return int64(c.spans[record].line) }

// Raw returns the bytes of a record with its line end, which only the last record of
// a file may lack.
func (c *Chunk) Raw(record int) []byte {
	s := &c.spans[record]
	return c.data[s.start:s.end:s.end]
}

// Clone returns a chunk of that record alone. It does not use the memory of c.
func (c *Chunk) Clone(record int) Chunk {
	s := c.spans[record]
	return Chunk{
		data: bytes.Clone(c.Raw(record)), fields: c.fields, spans: []recordSpan{{end: s.end - s.start}},
		cells: slices.Clone(c.cells[record*c.fields : (record+1)*c.fields]),
	}
}

// Repeats reports whether a cell is known to equal that of the record before it. If it
// returns false, the two may be equal or not.
func (c *Chunk) Repeats(record, cell int) bool { return cell < int(c.spans[record].repeated) }

// Cell returns a cell without its quotes.
func (c *Chunk) Cell(record, cell int) []byte {
	r := c.Record(record)
	return r.Cell(cell)
}

// A Record is one record of a chunk, for a look at several of its cells. It is valid as long as
// what it was made of.
type Record struct {
	chunk    *Chunk
	text     []byte
	ends     []cellEnd
	repeated int
}

// Record returns a record.
func (c *Chunk) Record(record int) Record {
	return Record{c, c.Raw(record), c.cells[record*c.fields : (record+1)*c.fields], int(c.spans[record].repeated)}
}

// Repeats is [Chunk.Repeats] for a cell of the record.
func (r *Record) Repeats(cell int) bool { return cell < r.repeated }

// Cell returns a cell without its quotes.
func (r *Record) Cell(cell int) []byte {
	from, end := 0, r.ends[cell]
	if cell > 0 {
		from = r.ends[cell-1].offset() + 1
	}
	text := r.text[from:end.offset():end.offset()]
	if len(text) > 0 && text[0] == '"' {
		text = text[1 : len(text)-1 : len(text)-1]
		if end.doubled() {
			text = r.chunk.unescape(text)
		}
	}
	return text
}

// RawCell returns where a cell, its quotes included, is in [Chunk.Raw].
func (c *Chunk) RawCell(record, cell int) (start, end int) {
	from, to, _ := c.bounds(record, cell)
	first := int(c.spans[record].start)
	return from - first, to - first
}

// CellSpan returns where a cell, its quotes included, is in the chunk: Bytes()[start:end].
func (c *Chunk) CellSpan(record, cell int) (start, end int) {
	start, end, _ = c.bounds(record, cell)
	return start, end
}

// bounds returns where a cell is in the chunk, and whether it holds doubled quotes.
func (c *Chunk) bounds(record, cell int) (from, to int, doubled bool) {
	start := int(c.spans[record].start)
	ends := c.cells[record*c.fields : (record+1)*c.fields]
	from = start
	if cell > 0 {
		from += ends[cell-1].offset() + 1
	}
	return from, start + ends[cell].offset(), ends[cell].doubled()
}

// Cells sets dst to the cells at the given positions, as [Chunk.Cell] returns them,
// and to nil where a position is negative. Dst is as long as positions.
func (c *Chunk) Cells(record int, dst [][]byte, positions []int) {
	r := c.Record(record)
	for i, position := range positions {
		dst[i] = nil
		if position >= 0 {
			dst[i] = r.Cell(position)
		}
	}
}

// unescape returns the cell with its doubled quotes made single. The result is in the
// scratch buffer of the chunk, so that no cell is allocated.
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
