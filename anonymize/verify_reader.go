package anonymize

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. This is the plain reader of Verify: one record after the other, each cell
// looked at in turn. It shares nothing with csvschema's records, by which outputs
// are written, so that a fault there does not hide itself here.

// A plainReader reads the records of a file.
type plainReader struct {
	r   *bufio.Reader
	max int // bytes in a record

	columns []csvschema.Column // by the header; 0 for columns that are not documented
	next    int64              // physical line of the next record, from 1
	long    []byte             // a record of several lines, or a long one

	// The record.
	line  int64  // on which it begins
	gap   []byte // the byte-order mark and the empty lines in front of it
	raw   []byte // with its line end
	cells []plainCell
}

// A plainCell is where a cell stands in its record, quotes included.
type plainCell struct {
	start, end      int
	quoted, doubled bool
}

const (
	plainBuffer    = 128 << 10
	plainMaxRecord = 16 << 20
	byteOrderMark  = "\xEF\xBB\xBF"
)

// newPlainReader returns a reader of UTF-8, as outputs are.
func newPlainReader(r io.Reader, maxBytes int) *plainReader {
	if maxBytes <= 0 {
		maxBytes = plainMaxRecord
	}
	return &plainReader{r: bufio.NewReaderSize(r, plainBuffer), max: maxBytes, next: 1}
}

// newInputReader returns a reader of an input, which may be UTF-16.
func newInputReader(r io.Reader, maxBytes int) *plainReader {
	b := bufio.NewReaderSize(r, plainBuffer)
	mark, _ := b.Peek(2)
	switch string(mark) {
	case "\xFE\xFF":
		return newPlainReader(&utf16Reader{r: b, order: binary.BigEndian}, maxBytes)
	case "\xFF\xFE":
		return newPlainReader(&utf16Reader{r: b, order: binary.LittleEndian}, maxBytes)
	}
	p := newPlainReader(nil, maxBytes)
	p.r = b
	return p
}

// A utf16Reader gives UTF-16 as UTF-8, without its mark. A lone surrogate or an
// odd byte is an error.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	began bool
	text  []byte // that was decoded
}

// Read implements io.Reader.
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.text) == 0 {
		c, err := u.char()
		if err != nil {
			return 0, err
		}
		if isMark := c == '\uFEFF' && !u.began; !isMark {
			u.text = utf8.AppendRune(u.text[:0], c)
		}
		u.began = true
	}
	n := copy(p, u.text)
	u.text = u.text[n:]
	return n, nil
}

// char reads a character.
func (u *utf16Reader) char() (rune, error) {
	c, err := u.unit()
	if err != nil || !utf16.IsSurrogate(c) {
		return c, err
	}
	low, err := u.unit()
	if err == io.EOF {
		return 0, csvschema.ErrUTF16
	}
	if c = utf16.DecodeRune(c, low); err == nil && c == utf8.RuneError {
		err = csvschema.ErrUTF16
	}
	return c, err
}

func (u *utf16Reader) unit() (rune, error) {
	first, err := u.r.ReadByte()
	if err != nil {
		return 0, err
	}
	second, err := u.r.ReadByte()
	if err == io.EOF {
		err = csvschema.ErrUTF16
	}
	return rune(u.order.Uint16([]byte{first, second})), err
}

// read reads the next record, and false at the end of the file, where gap is what
// stands behind the last one. What is wrong with the text is a sentinel of package
// csvschema.
func (p *plainReader) read() (ok bool, err error) {
	p.gap = p.gap[:0]
	for {
		p.line = p.next
		err := p.readLines()
		if err != nil && err != io.EOF {
			return false, err
		}
		if p.columns == nil && p.line == 1 && bytes.HasPrefix(p.raw, []byte(byteOrderMark)) {
			p.gap = append(p.gap, byteOrderMark...)
			p.raw = p.raw[len(byteOrderMark):]
		}
		if len(p.raw) > p.max {
			return false, csvschema.ErrRecordTooLarge
		}
		if body := p.raw[:p.body()]; len(body) > 0 {
			break
		}
		p.gap = append(p.gap, p.raw...)
		if err == io.EOF {
			return false, nil
		}
	}
	switch {
	case bytes.IndexByte(p.raw, 0) >= 0:
		return false, csvschema.ErrNUL
	case !utf8.Valid(p.raw):
		return false, csvschema.ErrUTF8
	}
	if err := p.split(); err != nil {
		return false, err
	}
	if p.columns != nil && len(p.cells) != len(p.columns) {
		return false, csvschema.ErrFieldCount
	}
	return true, nil
}

// readLines sets raw to the lines up to the first that ends outside quotes: behind
// an even number of them. At the end of the file it returns io.EOF.
func (p *plainReader) readLines() error {
	p.long = p.long[:0]
	for odd := false; ; {
		part, err := p.r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull && err != io.EOF {
			return err
		}
		odd = odd != (bytes.Count(part, []byte{'"'})%2 == 1)
		isWhole := err == io.EOF || err == nil && !odd
		if err == nil {
			p.next++
		}
		if len(p.long)+len(part) > p.max+len(byteOrderMark) {
			return csvschema.ErrRecordTooLarge
		}
		if isWhole && len(p.long) == 0 {
			p.raw = part
			return eofOnly(err)
		}
		p.long = append(p.long, part...)
		if isWhole {
			p.raw = p.long
			return eofOnly(err)
		}
	}
}

func eofOnly(err error) error {
	if err == io.EOF {
		return err
	}
	return nil
}

// body returns how long the record is without its line end.
func (p *plainReader) body() int {
	body := bytes.TrimSuffix(p.raw, []byte{'\n'})
	return len(bytes.TrimSuffix(body, []byte{'\r'}))
}

// split finds the cells of the record.
func (p *plainReader) split() error {
	p.cells = p.cells[:0]
	end := p.body()
	for i := 0; ; {
		c := plainCell{start: i}
		if i < end && p.raw[i] == '"' {
			c.quoted = true
			j := i + 1
			for {
				k := bytes.IndexByte(p.raw[j:end], '"')
				if k < 0 {
					return csvschema.ErrQuote
				}
				if j += k + 1; j == end || p.raw[j] != '"' {
					break
				}
				c.doubled = true
				j++
			}
			if j < end && p.raw[j] != ',' {
				return csvschema.ErrQuote
			}
			c.end = j
		} else {
			c.end = end
			if k := bytes.IndexByte(p.raw[i:end], ','); k >= 0 {
				c.end = i + k
			}
			if bytes.IndexByte(p.raw[i:c.end], '"') >= 0 {
				return csvschema.ErrBareQuote
			}
		}
		p.cells = append(p.cells, c)
		if c.end == end {
			return nil
		}
		i = c.end + 1
	}
}

// text returns a cell without its quotes.
func (p *plainReader) text(i int) []byte {
	c := p.cells[i]
	if !c.quoted {
		return p.raw[c.start:c.end]
	}
	text := p.raw[c.start+1 : c.end-1]
	if c.doubled {
		text = bytes.ReplaceAll(text, []byte(`""`), []byte{'"'})
	}
	return text
}

// cell returns the cell of a column, or nil if the file has no such column.
func (p *plainReader) cell(c csvschema.Column) []byte {
	if i := slices.Index(p.columns, c); i >= 0 {
		return p.text(i)
	}
	return nil
}

// readHeader reads the first record and finds out which columns it names.
func (p *plainReader) readHeader(role csvschema.Role) (column csvschema.Column, err error) {
	ok, err := p.read()
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, csvschema.ErrNoHeader
	}
	columns := make([]csvschema.Column, len(p.cells))
	for i := range columns {
		if c := p.cells[i]; !c.quoted && bytes.IndexByte(p.raw[c.start:c.end], '\r') >= 0 {
			return 0, csvschema.ErrNoHeader // lines may end in CR alone
		}
		name := strings.TrimSpace(string(p.text(i)))
		for _, c := range role.Columns() {
			if len(name) != len(c.String()) || !strings.EqualFold(name, c.String()) {
				continue
			}
			if slices.Contains(columns, c) {
				return c, csvschema.ErrRepeatedColumn
			}
			columns[i] = c
		}
	}
	for _, c := range requiredColumns(role) {
		if !slices.Contains(columns, c) {
			return c, csvschema.ErrMissingColumn
		}
	}
	p.columns = columns
	return 0, nil
}
