package csvschema

import (
	"bytes"
	"unicode/utf8"
)

// A Chunk is a run of whole records and the empty lines between them, checked
// against the grammar: nothing in it needs to be looked at again. It is the
// unit of work: chunks of one file can be worked on independently of each other
// and written in order. A Chunk is not safe for concurrent use.
type Chunk struct {
	header  *Header
	data    []byte
	line    int64 // physical line of data[0]
	spans   []recordSpan
	final   bool      // data ends at the end of the file
	cells   []cellEnd // of the records with quotes, found when they were checked
	asked   []cellEnd // of the record without quotes that was asked last
	located int       // that record; -1 if none
	scratch []byte    // cells without their doubled quotes
}

// A cellEnd is the offset in the chunk at which a cell ends, times two, plus one
// if the cell holds doubled quotes.
type cellEnd uint32

// maxRecordBytes is the largest limit of a record: offsets in a chunk, which is
// at most twice as large, fit a cellEnd.
const maxRecordBytes = 1 << 29

func (e cellEnd) offset() int   { return int(e >> 1) }
func (e cellEnd) doubled() bool { return e&1 == 1 }

func newCellEnd(offset int, doubled bool) cellEnd {
	e := cellEnd(offset) << 1 //nolint:gosec // see maxRecordBytes
	if doubled {
		e |= 1
	}
	return e
}

// A recordSpan is where a record stands in the chunk, line end included.
type recordSpan struct {
	start, end int
	line       int64
	cells      int // where its cells begin in Chunk.cells; -1 if they are not there
}

// Bytes returns the text of the chunk: its records as they stood, and the empty
// lines between them.
func (c *Chunk) Bytes() []byte { return c.data }

// Len returns the number of records.
func (c *Chunk) Len() int { return len(c.spans) }

// Record returns the i-th record, from 0. It is valid as long as the chunk.
func (c *Chunk) Record(i int) Record { return Record{chunk: c, index: i} }

// A fault is what is wrong with a chunk, and where.
type fault struct {
	err    error
	offset int   // of the byte that shows it
	line   int64 // reported line
	cell   int   // reported cell, from 0; -1 if none
	fields int   // number of fields, with ErrFieldCount
}

// errCut is the fault of a record that goes on behind the end of a chunk.
var errCut = ErrQuote

// index finds the records of the chunk and checks them: their number of fields,
// their quotes, their size, their encoding. It keeps the records before the
// first fault. The record that a fault of the reader cuts off is a fault with
// errCut at the end of data; the caller knows the real cause.
func (c *Chunk) index(fields, maxBytes int, how ending) *fault {
	c.spans = c.spans[:0]
	c.cells = c.cells[:0]
	c.located = -1
	c.scratch = c.scratch[:0]
	c.final = how == atEOF
	f := c.indexRecords(fields, maxBytes)
	if bad, err := badByte(c.data, how == inRecord); bad >= 0 && (f == nil || bad <= f.offset) {
		f = c.encodingFault(bad, err)
	}
	return f
}

func (c *Chunk) indexRecords(fields, maxBytes int) *fault {
	line := c.line
	for i := 0; i < len(c.data); {
		if n := c.emptyLine(i); n > 0 {
			i += n
			line++
			continue
		}
		cells := len(c.cells)
		var s scan
		s, c.cells = scanRecord(c.data, i, c.final, c.cells)
		if s.err != nil && s.end-i <= maxBytes {
			f := &fault{err: s.err, offset: s.end, line: line, cell: s.fields}
			if s.end < len(c.data) {
				f.line += int64(bytes.Count(c.data[i:s.end], lineFeed))
			}
			return f
		}
		if s.end-i > maxBytes {
			// A character that the end of a chunk may cut is not looked at.
			shown := max(i, i+maxBytes-utf8.UTFMax)
			return &fault{err: ErrRecordTooLarge, offset: shown, line: line, cell: -1}
		}
		if fields > 0 && s.fields != fields {
			return &fault{err: ErrFieldCount, offset: s.end - 1, line: line, cell: -1, fields: s.fields}
		}
		if len(c.cells) == cells {
			cells = -1
		}
		c.spans = append(c.spans, recordSpan{i, s.end, line, cells})
		if s.multiline {
			line += int64(bytes.Count(c.data[i:s.end-1], lineFeed))
		}
		line++
		i = s.end
	}
	return nil
}

var (
	lineFeed = []byte{'\n'}
	comma    = []byte{','}
)

// emptyLine returns the length of the empty line at data[i], or 0 if the line
// is not empty. As in encoding/csv, a lone CR at the end of the file is one.
func (c *Chunk) emptyLine(i int) int {
	switch {
	case c.data[i] == '\n':
		return 1
	case c.data[i] != '\r':
		return 0
	case i+1 < len(c.data) && c.data[i+1] == '\n':
		return 2
	case i+1 == len(c.data) && c.final:
		return 1
	}
	return 0
}

// A scan is what scanRecord found.
type scan struct {
	end       int // behind the line end; with err, the offset of the byte that shows it
	fields    int // with err, the fields before the one at fault
	multiline bool
	err       error
}

// scanRecord checks the record that begins at data[i], by the grammar of
// RFC 4180 as encoding/csv reads it: a quote may begin a field or be inside a
// quoted one, doubled; a CR that ends the last line of a file is dropped. It
// appends the ends of the cells to cells, unless the record has no quote.
func scanRecord(data []byte, i int, final bool, cells []cellEnd) (scan, []cellEnd) {
	// Without any quote on its line a record is that line, and needs only its
	// commas counted.
	eol := lineEnd(data, i)
	if bytes.IndexByte(data[i:eol], '"') < 0 {
		if eol == len(data) && !final {
			return scan{end: eol, err: errCut}, cells
		}
		return scan{end: min(eol+1, len(data)), fields: bytes.Count(data[i:eol], comma) + 1}, cells
	}
	var s scan
	first := len(cells)
	for s.end == 0 && s.err == nil {
		if i < len(data) && data[i] == '"' {
			end, doubled := closingQuote(data, i+1)
			s.multiline = s.multiline || end > eol
			s.end, s.err = endOfQuoted(data, end, final)
			if s.err == nil {
				cells = append(cells, newCellEnd(end, doubled))
			}
			i = end + 1
			continue
		}
		if i > eol {
			eol = lineEnd(data, i)
		}
		end, last := eol, true
		if n := bytes.IndexByte(data[i:eol], ','); n >= 0 {
			end, last = i+n, false
		}
		if n := bytes.IndexByte(data[i:end], '"'); n >= 0 {
			s.end, s.err = i+n, ErrBareQuote
			break
		}
		if last {
			s.end = min(eol+1, len(data))
			if eol == len(data) && !final {
				s.err = errCut
				break
			}
			if data[end-1] == '\r' { // of this cell: a comma stands before it
				end--
			}
		}
		cells = append(cells, newCellEnd(end, false))
		i = end + 1
	}
	s.fields = len(cells) - first
	return s, cells
}

// closingQuote returns the offset behind the quote that closes the cell whose
// text begins at data[i], or behind data if there is none, and whether the cell
// holds doubled quotes.
func closingQuote(data []byte, i int) (end int, doubled bool) {
	for {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 {
			return len(data) + 1, doubled
		}
		i += n + 1
		if i == len(data) || data[i] != '"' {
			return i, doubled
		}
		doubled = true
		i++
	}
}

// endOfQuoted returns where the record ends, if it does behind the closing quote
// at data[i-1], and 0 if another cell follows; or what stands there instead.
func endOfQuoted(data []byte, i int, final bool) (end int, err error) {
	switch rest := len(data) - i; {
	case rest < 0:
		return len(data), errCut
	case rest > 0 && data[i] == ',':
		return 0, nil
	case rest > 0 && data[i] == '\n':
		return i + 1, nil
	case rest > 1 && data[i] == '\r' && data[i+1] == '\n':
		return i + 2, nil
	case rest == 0, rest == 1 && data[i] == '\r':
		if final {
			return len(data), nil
		}
		return len(data), errCut
	}
	return i, ErrQuote
}

// lineEnd returns the offset of the first line feed at or behind i, or
// len(data) if there is none.
func lineEnd(data []byte, i int) int {
	if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(data)
}

// badByte returns the offset of the first NUL or byte that is not UTF-8, or -1.
// A character that the end of data cuts is no fault if the text goes on.
func badByte(data []byte, goesOn bool) (int, error) {
	nul := bytes.IndexByte(data, 0)
	checked := data
	if nul >= 0 {
		checked = data[:nul]
	}
	if utf8.Valid(checked) {
		if nul < 0 {
			return -1, nil
		}
		return nul, ErrNUL
	}
	for i := 0; i < len(checked); {
		r, n := utf8.DecodeRune(checked[i:])
		if r == utf8.RuneError && n == 1 {
			if nul < 0 && goesOn && !utf8.FullRune(checked[i:]) {
				return -1, nil
			}
			return i, ErrUTF8
		}
		i += n
	}
	return -1, nil // not reached: Valid said otherwise
}

// encodingFault drops the records from the one that holds the bad byte on.
func (c *Chunk) encodingFault(bad int, err error) *fault {
	n := len(c.spans)
	for n > 0 && c.spans[n-1].end > bad {
		n--
	}
	c.spans = c.spans[:n]
	from := 0
	if n > 0 {
		from = c.spans[n-1].end
	}
	f := &fault{err: err, offset: bad, line: c.line + int64(bytes.Count(c.data[:bad], lineFeed))}
	inside := false
	for _, b := range c.data[from:bad] {
		switch {
		case b == '"':
			inside = !inside
		case b == ',' && !inside:
			f.cell++
		}
	}
	return f
}
