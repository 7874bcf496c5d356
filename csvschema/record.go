package csvschema

import "bytes"

// A Record is one record of a file as it stood there: raw bytes whose cells are
// found when they are asked for. It is valid until the reader or chunk that it
// came from goes on, and not safe for concurrent use.
type Record struct {
	chunk *Chunk
	index int
}

func (r Record) span() *recordSpan { return &r.chunk.spans[r.index] }

// Header returns the header of the file that the record stands in.
func (r Record) Header() *Header { return r.chunk.header }

// Line returns the physical line, from 1, on which the record begins.
func (r Record) Line() int64 { return r.span().line }

// Start returns the offset of the record in [Chunk.Bytes].
func (r Record) Start() int { return r.span().start }

// End returns the offset in [Chunk.Bytes] behind the record and its line end.
func (r Record) End() int { return r.span().end }

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
	dst = append(dst, raw[:r.bodyEnd()-r.span().start]...)
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
	start, end := r.locate(i)
	cell := r.chunk.data[start:end.offset():end.offset()]
	if len(cell) == 0 || cell[0] != '"' {
		return cell
	}
	cell = cell[1 : len(cell)-1 : len(cell)-1]
	if end.doubled() {
		return r.chunk.unescape(cell)
	}
	return cell
}

// RawCell returns where the i-th cell, from 0, stands in [Record.Raw], its
// quotes included.
func (r Record) RawCell(i int) (start, end int) {
	from, to := r.locate(i)
	return from - r.span().start, to.offset() - r.span().start
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

// bodyEnd returns the offset of the record's line end in the chunk.
func (r Record) bodyEnd() int {
	s := r.span()
	end := s.end
	if end > s.start && r.chunk.data[end-1] == '\n' {
		end--
		if end > s.start && r.chunk.data[end-1] == '\r' {
			end--
		}
	} else if end > s.start && r.chunk.data[end-1] == '\r' && end == len(r.chunk.data) && r.chunk.final {
		end--
	}
	return end
}

// locate returns the offset in the chunk of the i-th cell, and its end. It finds
// the cells up to the one wanted, if they were not found when the record was
// checked, and remembers them while the same record is asked.
func (r Record) locate(i int) (start int, end cellEnd) {
	c, s := r.chunk, r.span()
	var ends []cellEnd
	if s.cells >= 0 {
		ends = c.cells[s.cells:]
	} else {
		if c.located != r.index {
			c.located, c.asked = r.index, c.asked[:0]
		}
		if len(c.asked) <= i {
			r.find(i)
		}
		ends = c.asked
	}
	if i == 0 {
		return s.start, ends[0]
	}
	return ends[i-1].offset() + 1, ends[i]
}

// find locates the cells up to the i-th of a record without quotes.
func (r Record) find(i int) {
	c := r.chunk
	data := c.data[:r.bodyEnd()]
	pos := r.span().start
	if n := len(c.asked); n > 0 {
		pos = c.asked[n-1].offset() + 1
	}
	for len(c.asked) <= i {
		end := len(data)
		if n := bytes.IndexByte(data[pos:], ','); n >= 0 {
			end = pos + n
		}
		c.asked = append(c.asked, newCellEnd(end, false))
		pos = end + 1
	}
}
