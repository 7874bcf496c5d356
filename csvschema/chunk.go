package csvschema

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// NOTE. Each byte is looked at as rarely as strictness allows. Where a record
// begins with the same cells as the one before it, as nearly all do (they are of
// the same lab), these cells, the head, need only be compared:
//
//	"45d4…","8654…","DevLab","/subscriptions/…","devlabrg","/subscriptions/…/a",…
//	"45d4…","8654…","DevLab","/subscriptions/…","devlabrg","/subscriptions/…/b",…
//	|----------------- the head --------------------------|
//
// A head is known from two records that follow one another, and used until a
// record begins otherwise. The rest of a record without a quote is its line, cut
// at commas; the rest of a record with quotes is walked from quote to quote.

// A Chunk is a run of whole records and the empty lines between them, checked
// against the grammar: nothing in it needs to be looked at again. It is the
// unit of work: chunks of one file can be worked on independently of each other
// and written in order. A Chunk is not safe for concurrent use.
type Chunk struct {
	header  *Header
	data    []byte
	line    int64 // physical line of data[0]; 0 while it is not known
	spans   []recordSpan
	cells   []cellEnd // of all records, one record behind the other
	final   bool      // data ends at the end of the file
	scratch []byte    // cells without their doubled quotes
}

// A cellEnd is the offset in its record at which a cell ends, times two, plus one
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
	start, end uint32
	line       uint32 // lines in front of it in the chunk
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
	line   int64 // reported line, from 0
	cell   int   // reported cell, from 0; -1 if none
	fields int   // number of fields, with ErrFieldCount
}

// errCut is the fault of a record that goes on behind the end of a chunk.
var errCut = ErrQuote

// index finds the records of the chunk and checks them: their number of fields,
// their quotes, their size, their encoding. It keeps the records before the
// first fault. The record that a fault of the reader cuts off is a fault with
// errCut at the end of data; the caller knows the real cause. Without a fault it
// returns the number of lines.
func (c *Chunk) index(fields, maxBytes int, how ending) (lines int64, f *fault) {
	c.spans = c.spans[:0]
	c.cells = c.cells[:0]
	c.scratch = c.scratch[:0]
	c.final = how == atEOF
	lines, f = c.indexRecords(fields, maxBytes)
	if bad, err := badByte(c.data, how == inRecord); bad >= 0 && (f == nil || bad <= f.offset) {
		f = c.encodingFault(bad, err)
	}
	return lines, f
}

func (c *Chunk) indexRecords(fields, maxBytes int) (lines int64, f *fault) {
	data := c.data
	var h head
	line, fresh := uint32(0), false // fresh: no two records to find a head in
	for i := 0; i < len(data); {
		if n := c.emptyLine(i); n > 0 {
			i += n
			line++
			continue
		}
		first, pos := len(c.cells), i
		switch {
		case bytes.HasPrefix(data[i:], h.text):
			c.cells = append(c.cells, h.cells...)
			pos += len(h.text)
			fresh = false
		default:
			h, fresh = head{}, true
		}
		end, multiline, err := c.scan(i, pos)
		if err != nil && end-i <= maxBytes {
			f := &fault{err: err, offset: end, line: int64(line), cell: len(c.cells) - first}
			if end < len(data) {
				f.line += int64(bytes.Count(data[i:end], lineFeed))
			}
			return 0, f
		}
		if end-i > maxBytes {
			// A character that the end of a chunk may cut is not looked at.
			shown := max(i, i+maxBytes-utf8.UTFMax)
			return 0, &fault{err: ErrRecordTooLarge, offset: shown, line: int64(line), cell: -1}
		}
		if n := len(c.cells) - first; fields > 0 && n != fields {
			return 0, &fault{err: ErrFieldCount, offset: end - 1, line: int64(line), cell: -1, fields: n}
		}
		if n := len(c.spans); len(h.text) == 0 && n > 0 && !fresh {
			last := c.spans[n-1]
			h = newHead(data[last.start:last.end], data[i:end], c.cells[first-fields:first])
		}
		c.spans = append(c.spans, recordSpan{uint32(i), uint32(end), line}) //nolint:gosec // see maxRecordBytes
		if multiline {
			line += uint32(bytes.Count(data[i:end-1], lineFeed)) //nolint:gosec // see maxRecordBytes
		}
		line++
		i = end
	}
	return int64(line), nil
}

// A head is the cells that records begin with, and the text up to the comma
// behind them. It holds no line feed.
type head struct {
	text  []byte
	cells []cellEnd
}

// newHead returns the cells that two records have in common at their beginning.
// The cells of the first are known.
func newHead(a, b []byte, cells []cellEnd) head {
	common := commonPrefix(a, b)
	n, size := 0, 0
	for n < len(cells)-1 && cells[n].offset() < common {
		size = cells[n].offset() + 1
		n++
	}
	if bytes.IndexByte(a[:size], '\n') >= 0 {
		return head{}
	}
	return head{a[:size], cells[:n]}
}

// commonPrefix returns how many bytes a and b have in common at their beginning.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for i+8 <= n && binary.NativeEndian.Uint64(a[i:]) == binary.NativeEndian.Uint64(b[i:]) {
		i += 8
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
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

// scan checks the record that begins at data[start], from the cell that begins at
// data[pos] on, by the grammar of RFC 4180 as encoding/csv reads it: a quote may
// begin a field or be inside a quoted one, doubled; a CR that ends the last line
// of a file is dropped. It appends the ends of the cells to c.cells and returns
// the offset behind the line end, and whether there is another line end before
// that. With an error it returns the offset of the byte that shows it; the cells
// are those before the one at fault.
func (c *Chunk) scan(start, pos int) (end int, multiline bool, err error) {
	data, cells := c.data, c.cells
	eol := lineEnd(data, pos)
	firstLine := eol
	hasQuotes := bytes.IndexByte(data[pos:eol], '"') >= 0
	for {
		if hasQuotes && pos < len(data) && data[pos] == '"' {
			end, doubled := pos+2, false
			if isEmpty := end < len(data) && data[pos+1] == '"' && data[end] == ','; !isEmpty {
				end, doubled = closingQuote(data, pos+1)
			}
			if end >= len(data) || data[end] != ',' {
				c.cells = cells
				recordEnd, err := endOfQuoted(data, end, c.final)
				if err == nil {
					c.cells = append(cells, newCellEnd(end-start, doubled))
				}
				return recordEnd, recordEnd > firstLine+1, err
			}
			cells = append(cells, newCellEnd(end-start, doubled))
			pos = end + 1
			continue
		}
		if pos > eol {
			eol = lineEnd(data, pos)
		}
		end, last := eol, true
		if pos < eol && data[pos] == ',' {
			end, last = pos, false
		} else if n := bytes.IndexByte(data[pos:eol], ','); n >= 0 {
			end, last = pos+n, false
		}
		if hasQuotes {
			if n := bytes.IndexByte(data[pos:end], '"'); n >= 0 {
				c.cells = cells
				return pos + n, false, ErrBareQuote
			}
		}
		if last {
			c.cells = cells
			if eol == len(data) && !c.final {
				return eol, false, errCut
			}
			if end > pos && data[end-1] == '\r' {
				end--
			}
			c.cells = append(cells, newCellEnd(end-start, false))
			return min(eol+1, len(data)), eol > firstLine, nil
		}
		cells = append(cells, newCellEnd(end-start, false))
		pos = end + 1
	}
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
// at data[i-1], or the offset of what stands there instead of a line end or comma.
func endOfQuoted(data []byte, i int, final bool) (end int, err error) {
	switch rest := len(data) - i; {
	case rest < 0:
		return len(data), errCut
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
	for i := 0; i < len(data); {
		if i += cleanASCII(data[i:]); i == len(data) {
			break
		}
		// What is not ASCII often comes in runs.
		for end := min(i+cleanBlock, len(data)); i < end; {
			if data[i] == 0 {
				return i, ErrNUL
			}
			r, n := rune(data[i]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeRune(data[i:])
			}
			if r == utf8.RuneError && n == 1 {
				if goesOn && !utf8.FullRune(data[i:]) {
					return -1, nil
				}
				return i, ErrUTF8
			}
			i += n
		}
	}
	return -1, nil
}

// cleanBlock is how many bytes cleanASCII looks at together.
const cleanBlock = 32

// cleanASCII returns how many bytes, in whole blocks, are ASCII and not NUL. In a
// word of 8 bytes that are neither, no subtraction of 1 from each borrows, and
// no byte has its high bit set before or after it.
func cleanASCII(data []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+cleanBlock <= len(data); i += cleanBlock {
		b := data[i : i+cleanBlock : i+cleanBlock]
		w0 := binary.NativeEndian.Uint64(b)
		w1 := binary.NativeEndian.Uint64(b[8:])
		w2 := binary.NativeEndian.Uint64(b[16:])
		w3 := binary.NativeEndian.Uint64(b[24:])
		if (w0|w1|w2|w3|(w0-ones)|(w1-ones)|(w2-ones)|(w3-ones))&highs != 0 {
			break
		}
	}
	return i
}

// encodingFault drops the records from the one that holds the bad byte on.
func (c *Chunk) encodingFault(bad int, err error) *fault {
	n := len(c.spans)
	for n > 0 && int(c.spans[n-1].end) > bad {
		n--
	}
	c.spans = c.spans[:n]
	from := 0
	if n > 0 {
		from = int(c.spans[n-1].end)
	}
	f := &fault{err: err, offset: bad, line: int64(bytes.Count(c.data[:bad], lineFeed))}
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
