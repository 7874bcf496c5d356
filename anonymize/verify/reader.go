package verify

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labdsr/labdsr/anonymize/verify/internal/header"
	"github.com/labdsr/labdsr/anonymize/verify/internal/utf16text"
	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. This reader takes one record after the other and looks at each cell in turn. It
// shares nothing with csvschema's records, by which outputs are written, so that a
// fault there is not in both.

// A reader reads the records of a file, or of a part of it that is in memory.
type reader struct {
	source io.Reader // nil if the text is in buf
	buf    []byte    // what was read of it
	at     int       // where the next line begins in buf
	end    error     // why nothing follows buf: io.EOF, or what the source returned; nil if more may follow
	max    int       // bytes in a record
	broken error     // of the source, which is no fault of the text
	isText bool      // the text is known to be UTF-8 without NUL

	isFirst bool // no record was read
	marks   int  // how many byte-order marks may be before the next line: exports had one too many

	columns []column  // by the header; nil until it was read
	where   positions // of the documented columns
	next    int64     // physical line of the next record, from 1

	// The record.
	line  int64  // on which it begins
	gap   []byte // the byte-order marks and the empty lines before it
	raw   []byte // with its line end
	cells []cell

	// Of a record that was read by a model (see alike.go).
	model                *model // nil if it was not
	sameBefore, sameFrom int    // the cells before one, and those from another one on, are the same
	alike                int    // how many bytes of the cell sameBefore are the same, from its first one on
}

// positions are, for each documented column, its position plus one; 0 if the file has no
// such column.
type positions [1 << 8]int

// A cell is where a cell is in its record, quotes included.
type cell struct {
	start, end      int
	quoted, doubled bool
}

const (
	bufferBytes      = 128 << 10
	defaultMaxRecord = 16 << 20
	byteOrderMark    = "\xEF\xBB\xBF"
)

// newOutputReader returns a reader of UTF-8, as outputs are.
func newOutputReader(r io.Reader, maxBytes int) *reader {
	if maxBytes <= 0 {
		maxBytes = defaultMaxRecord
	}
	return &reader{source: r, max: maxBytes, next: 1, isFirst: true, marks: 2}
}

// newInputReader returns a reader of an input, which may be UTF-16.
func newInputReader(r io.Reader, maxBytes int) *reader {
	b := bufio.NewReader(r)
	if decoder := utf16text.NewReader(b); decoder != nil {
		return newOutputReader(decoder, maxBytes)
	}
	return newOutputReader(b, maxBytes)
}

// read reads the next record, and false at the end of the file, where gap is what
// follows the last one. What is wrong with the text is a sentinel of package csvschema;
// broken is set if the source failed.
func (r *reader) read() (ok bool, err error) {
	r.gap, r.model = r.gap[:0], nil
	for {
		r.line = r.next
		isLast, err := r.readLines()
		if err != nil {
			return false, err
		}
		for ; r.marks > 0; r.marks-- {
			if bytes.HasPrefix(r.raw, []byte(byteOrderMark)) {
				r.gap = append(r.gap, byteOrderMark...)
				r.raw = r.raw[len(byteOrderMark):]
			}
		}
		if len(r.raw) > r.max {
			return false, csvschema.ErrRecordTooLarge
		}
		if r.body() > 0 {
			break
		}
		r.gap = append(r.gap, r.raw...)
		if isLast {
			return false, nil
		}
	}
	switch {
	case r.isText:
	case bytes.IndexByte(r.raw, 0) >= 0:
		return false, csvschema.ErrNUL
	case !utf8.Valid(r.raw):
		return false, csvschema.ErrUTF8
	}
	if err := r.split(); err != nil {
		return false, err
	}
	if r.columns != nil && len(r.cells) != len(r.columns) {
		return false, csvschema.ErrFieldCount
	}
	if r.isHeaderAgain() {
		return false, csvschema.ErrHeaderAgain
	}
	if r.isFirst {
		r.isFirst, r.marks = false, 1
	}
	return true, nil
}

// isHeaderAgain reports whether the record is the header of a file that was joined to
// this one: it names the lab's column, and more than half as many columns as the header.
// A record that has a GUID for its lab is none.
func (r *reader) isHeaderAgain() bool {
	lab := r.where[csvschema.LabUId]
	if lab == 0 {
		return false // no header was read yet
	}
	if text := r.text(lab - 1); len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		return false
	}
	documented, names, named := 0, 0, positions{}
	for i := range r.cells {
		if r.columns[i].id != 0 {
			documented++
		}
		name := header.Name(r.text(i))
		for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			if c := columnNamed(role, name).id; c != 0 && named[c] == 0 {
				named[c] = i + 1
				names++
				break
			}
		}
	}
	return named[csvschema.LabUId] > 0 && 2*names > documented
}

// readLines sets raw to the lines up to the first that ends outside quotes: after an
// even number of them. It reports whether the file ends there.
func (r *reader) readLines() (isLast bool, err error) {
	inQuotes := false
	for i := r.at; ; {
		part := r.buf[i:]
		n := bytes.IndexByte(part, '\n')
		if n >= 0 {
			part = part[:n+1]
			r.next++
		}
		if bytes.Count(part, []byte{'"'})%2 == 1 {
			inQuotes = !inQuotes
		}
		i += len(part)
		if i-r.at > r.max+2*len(byteOrderMark) {
			return false, csvschema.ErrRecordTooLarge
		}
		switch {
		case n >= 0 && inQuotes:
			continue
		case n >= 0:
		case r.end == nil:
			i -= r.at
			r.fill(len(r.buf) - r.at + 1)
			continue
		case r.end == io.EOF:
			isLast = true
		case r.end == csvschema.ErrUTF16:
			return false, r.end
		default:
			r.broken = r.end
			return false, r.end
		}
		r.raw = r.buf[r.at:i]
		r.at = i
		return isLast, nil
	}
}

// fill moves what follows at to the beginning of buf, and reads until size bytes are in
// it or nothing follows.
func (r *reader) fill(size int) {
	if len(r.buf)-r.at >= size {
		return
	}
	if r.at > 0 {
		r.buf = r.buf[:copy(r.buf, r.buf[r.at:])]
		r.at = 0
	}
	r.buf = slices.Grow(r.buf, max(size, bufferBytes)-len(r.buf))
	for idle := 0; len(r.buf) < size && r.end == nil; idle++ {
		var n int
		n, r.end = r.source.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		switch {
		case n > 0:
			idle = 0
		case r.end == nil && idle == maxIdle:
			r.end = io.ErrNoProgress
		}
	}
}

// maxIdle is how often in a row a source may return nothing, as for package bufio.
const maxIdle = 100

// body returns how long the record is without its line end.
func (r *reader) body() int {
	body := bytes.TrimSuffix(r.raw, []byte{'\n'})
	return len(bytes.TrimSuffix(body, []byte{'\r'}))
}

// split finds the cells of the record.
func (r *reader) split() error {
	r.cells = r.cells[:0]
	end := r.body()
	for start := 0; ; {
		var c cell
		n := -1
		if start+1 < end && r.raw[start] == '"' {
			if n = start + 2; r.raw[start+1] != '"' {
				n += bytes.IndexByte(r.raw[start+1:end], '"')
			}
		}
		if n > start+1 && (n == end || r.raw[n] == ',') { // as nearly all cells are
			c = cell{start: start, end: n, quoted: true}
		} else {
			var err error
			if c, err = r.cellAt(start, end); err != nil {
				return err
			}
		}
		r.cells = append(r.cells, c)
		if c.end == end {
			return nil
		}
		start = c.end + 1 // after the comma
	}
}

// cellAt finds the cell that begins at raw[start] in a record that ends before
// raw[end].
func (r *reader) cellAt(start, end int) (cell, error) {
	c := cell{start: start, end: end}
	if start == end || r.raw[start] != '"' {
		if n := bytes.IndexByte(r.raw[start:end], ','); n >= 0 {
			c.end = start + n
		}
		if bytes.IndexByte(r.raw[start:c.end], '"') >= 0 {
			return c, csvschema.ErrBareQuote
		}
		return c, nil
	}
	c.quoted = true
	for i := start + 1; ; i++ {
		n := bytes.IndexByte(r.raw[i:end], '"')
		if n < 0 {
			return c, csvschema.ErrQuote
		}
		i += n + 1
		switch {
		case i == end || r.raw[i] == ',':
			c.end = i
			return c, nil
		case r.raw[i] != '"':
			return c, csvschema.ErrQuote
		}
		c.doubled = true
	}
}

// text returns the i-th cell without its quotes.
func (r *reader) text(i int) []byte {
	c := r.cells[i]
	if !c.quoted {
		return r.raw[c.start:c.end]
	}
	text := r.raw[c.start+1 : c.end-1]
	if c.doubled {
		text = bytes.ReplaceAll(text, []byte(`""`), []byte{'"'})
	}
	return text
}

// cell returns the cell of a column, or nil if the file has no such column.
func (r *reader) cell(c csvschema.Column) []byte {
	if i := r.where[c]; i > 0 {
		return r.text(i - 1)
	}
	return nil
}

// readHeader reads the first record and finds out which columns it names. An error may
// be of a documented column.
func (r *reader) readHeader(role csvschema.Role) (csvschema.Column, error) {
	ok, err := r.read()
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, csvschema.ErrNoHeader
	}
	columns, where := make([]column, len(r.cells)), positions{}
	for i, c := range r.cells {
		if !c.quoted && bytes.IndexByte(r.raw[c.start:c.end], '\r') >= 0 {
			return 0, csvschema.ErrNoHeader // lines may end in CR alone
		}
		documented := columnNamed(role, strings.TrimSpace(string(r.text(i))))
		if documented.id == 0 {
			if header.HoldsValue(r.text(i)) {
				return 0, csvschema.ErrNoHeader // rows are on the line of the names
			}
			continue
		}
		if where[documented.id] > 0 {
			return documented.id, csvschema.ErrRepeatedColumn
		}
		columns[i], where[documented.id] = documented, i+1
	}
	for _, c := range columnsOf(role) {
		if c.required && where[c.id] == 0 {
			return c.id, csvschema.ErrMissingColumn
		}
	}
	r.columns, r.where = columns, where
	return 0, nil
}

// columnNamed returns the documented column of a role with that name, in any letter
// case of ASCII, or the zero column.
func columnNamed(role csvschema.Role, name string) column {
	all := columnsOf(role)
	i := slices.IndexFunc(all, func(c column) bool {
		return len(name) == len(c.id.String()) && strings.EqualFold(name, c.id.String())
	})
	if i < 0 {
		return column{}
	}
	return all[i]
}
