package rawcsv

import (
	"bytes"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// errCut is the error of a record that goes on after the end of a part. Index replaces
// it by the cause.
var errCut = ErrQuote

// cutOff returns the fault of a part that ends within a record, at its end.
func (p Part) cutOff() *Fault {
	f := &Fault{Err: p.cause, Cell: -1, Offset: len(p.Data), Cut: true}
	if p.cause == nil {
		f.Err = ErrRecordTooLarge
	}
	return f
}

// Index makes the part the text of the chunk, finds its records and checks them: their
// number of fields, unless fields is 0, their quotes, size and encoding. It returns the
// number of lines, or the first fault. With a fault the chunk has the records before
// it, and its text ends after them.
func (c *Chunk) Index(p Part, fields, maxBytes int) (lines int64, f *Fault) {
	c.data, c.fields = p.Data, fields
	lines, f = c.index(p.mark, fields, maxBytes, p.ending)
	switch {
	case p.ending != inRecord:
	case f == nil: // the reader failed between records
		f = p.cutOff()
	case f.Err == errCut && f.Offset == len(p.Data):
		cut := p.cutOff()
		cut.Line, f = f.Line, cut
	}
	if f == nil {
		return lines, nil
	}
	if fields > 0 {
		c.data = c.data[:c.recordsEnd()]
	}
	return 0, f
}

// recordsEnd returns the offset after the last record.
func (c *Chunk) recordsEnd() int {
	if n := len(c.spans); n > 0 {
		return int(c.spans[n-1].end)
	}
	return 0
}

// index does what Index does, except that a record which the part cuts off is a fault
// with errCut at the end of the text. The first record begins at data[start] or later.
func (c *Chunk) index(start, fields, maxBytes int, how ending) (lines int64, f *Fault) {
	c.spans, c.cells, c.scratch = c.spans[:0], c.cells[:0], c.scratch[:0]
	c.final = how == atEOF
	c.heads.begin()
	data, before := c.data, -1 // before is the number of the head that the record before begins with
	for i := start; i < len(data); {
		if n := c.emptyLine(i); n > 0 {
			i += n
			lines++
			continue
		}
		number, eol, hasHead := c.heads.find(data, i)
		h, first := &c.heads.list[number], len(c.cells)
		if !hasHead {
			h.forget()
		}
		end, more, f := c.record(i, eol, &h.head, maxBytes, how)
		if n := len(c.cells) - first; f == nil && fields > 0 && n != fields {
			f = &Fault{Err: ErrFieldCount, Offset: end - 1, Cell: -1, Fields: n}
		}
		if f != nil {
			f.Line += lines
			return 0, f
		}
		repeated := 0
		if number == before {
			repeated = len(h.cells)
		}
		before = number
		if r := h.compare; r >= 0 && hasHead {
			other := c.spans[r]
			h.learn(data[other.start:other.end], data[i:end], c.cells[r*fields:(r+1)*fields])
			h.compare = isCompared
		}
		if h.compare == noRecord || len(h.text) == 0 {
			h.compare = len(c.spans)
		}
		c.spans = append(c.spans, recordSpan{uint32(i), uint32(end), uint32(lines), uint32(repeated)}) //nolint:gosec // see MaxRecordBytes
		lines += more
		i = end
	}
	return lines, nil
}

// record checks the record that begins at data[i] with the head h, and appends the
// ends of its cells to c.cells. The line of data[i] ends at data[eol]. It returns the
// offset after the record and the record's number of lines, or a fault whose line is
// counted from the first line of the record.
func (c *Chunk) record(i, eol int, h *head, maxBytes int, how ending) (end int, lines int64, f *Fault) {
	first, pos := len(c.cells), i+len(h.text)
	if eol+swar.BlockBytes < len(c.data) && eol-i < maxBytes {
		c.cells = append(c.cells, h.cells...)
		var ok bool
		if c.cells, ok = findTail(c.cells, c.data, i, pos, eol, h.inside); ok {
			return eol + 1, 1, nil
		}
		c.cells = c.cells[:first]
	}
	end, err := c.scan(i)
	switch {
	case end-i > maxBytes:
		// A character that the end of a chunk may cut is not checked.
		f = &Fault{Err: ErrRecordTooLarge, Offset: max(i, i+maxBytes-utf8.UTFMax), Cell: -1}
	case err != nil:
		f = &Fault{Err: err, Offset: end, Cell: len(c.cells) - first}
		if end < len(c.data) {
			f.Line = int64(bytes.Count(c.data[i:end], lineFeed))
		}
	}
	text := c.data[i:end]
	if f != nil {
		text = c.data[i:] // a character may go on after the fault
	}
	if bad, err := badByte(text, how == inRecord); bad >= 0 && (f == nil || i+bad <= f.Offset) {
		f = encodingFault(text, bad, err)
		f.Offset += i
		return end, 0, f
	}
	return end, 1 + int64(bytes.Count(c.data[i:end-1], lineFeed)), f
}

var lineFeed = []byte{'\n'}

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

// scan checks the record that begins at data[start] by the grammar of RFC 4180 as
// encoding/csv reads it: a quote may begin a field or, doubled, be inside a quoted one;
// a CR that ends the last line of a file is dropped. It appends the ends of the cells
// to c.cells and returns the offset after the line end. With an error it returns the
// offset of the byte that shows the error, and appends the cells before that byte.
func (c *Chunk) scan(start int) (end int, err error) {
	data, pos := c.data, start
	eol := lineEnd(data, start)
	for {
		isQuoted, isLast := pos < len(data) && data[pos] == '"', false
		if isQuoted {
			var doubled bool
			end, doubled = closingQuote(data, pos+1)
			if isLast = end >= len(data) || data[end] != ','; isLast {
				if pos, err = endOfQuoted(data, end, c.final); err != nil {
					return pos, err
				}
			}
			c.cells = append(c.cells, newCellEnd(end-start, doubled))
		} else {
			if pos > eol {
				eol = lineEnd(data, pos)
			}
			end, isLast = eol, true
			if n := bytes.IndexByte(data[pos:eol], ','); n >= 0 {
				end, isLast = pos+n, false
			}
			if n := bytes.IndexByte(data[pos:end], '"'); n >= 0 {
				return pos + n, ErrBareQuote
			}
			if isLast {
				if eol == len(data) && !c.final {
					return eol, errCut
				}
				if end > pos && data[end-1] == '\r' {
					end--
				}
				pos = min(eol+1, len(data))
			}
			c.cells = append(c.cells, newCellEnd(end-start, false))
		}
		if isLast {
			return pos, nil
		}
		pos = end + 1
	}
}

// closingQuote returns the offset after the quote that closes the cell whose text
// begins at data[i], or an offset after data if no quote closes it, and whether the
// cell holds doubled quotes.
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

// endOfQuoted returns where the record ends whose last cell is closed by the quote at
// data[i-1]. If neither a line end nor a comma follows the quote, it returns the offset
// of the byte that does, and an error.
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

// lineEnd returns the offset of the first line feed at or after i, or len(data) if
// there is none.
func lineEnd(data []byte, i int) int {
	if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(data)
}

// badByte returns the offset of the first byte that is NUL or not UTF-8, and an error
// that says which, or -1. A character that the end of the text cuts is no fault if the
// text goes on.
func badByte(text []byte, goesOn bool) (int, error) {
	nul := bytes.IndexByte(text, 0)
	checked := text
	if nul >= 0 {
		checked = text[:nul]
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
	return -1, nil // not reached: utf8.Valid found a bad byte
}

// encodingFault returns the fault of the bad byte at text[bad]. The text begins with
// the record, and the place of the fault is counted from there.
func encodingFault(text []byte, bad int, err error) *Fault {
	f := &Fault{Err: err, Offset: bad}
	inside := false
	for _, b := range text[:bad] {
		switch {
		case b == '\n':
			f.Line++
		case b == '"':
			inside = !inside
		case b == ',' && !inside:
			f.Cell++
		}
	}
	return f
}
