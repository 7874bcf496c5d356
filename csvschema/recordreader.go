package csvschema

import (
	"bytes"
	"io"
	"strconv"

	"github.com/labdsr/labdsr/csvschema/internal/hint"
	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

const (
	defaultChunkBytes     = 256 << 10
	defaultMaxRecordBytes = 16 << 20
)

// RecordOptions are the options of a [RecordReader]. The zero value, or nil, is
// the strictest.
type RecordOptions struct {
	// Required lists the columns that the header must have. Nil means all documented
	// columns of the role; an empty list means none.
	Required []Column
	// MaxRecordBytes is the size, line end included, over which a record is
	// refused. 0 means 16 MiB; more than 512 MiB means 512 MiB.
	MaxRecordBytes int

	chunkBytes int // wanted size of a chunk; 0 means 256 KiB
}

// maxRecordBytes returns the limit of a record.
func (o *RecordOptions) maxRecordBytes() int {
	if o.MaxRecordBytes <= 0 {
		return defaultMaxRecordBytes
	}
	return min(o.MaxRecordBytes, rawcsv.MaxRecordBytes)
}

// A RecordReader reads the records of one file as they are in the file. It accepts and
// refuses what encoding/csv does, except that it refuses NUL, invalid UTF-8 and records
// over a limit, and keeps CR LF inside quotes. UTF-16 with a byte-order mark is read as
// the UTF-8 of the same text. Empty lines are not records. A record that is a header again
// is refused ([ErrHeaderAgain]): the rows after it may have other columns.
//
// A file that was cut inside quotes or with cells missing is refused. A cut anywhere
// else cannot be seen.
//
// It holds one chunk of 256 KiB, or one larger record, whatever the size of the file. It
// is not safe for concurrent use. It prints and logs as "[redacted]".
type RecordReader struct {
	opaque

	role    Role
	options RecordOptions
	raw     *rawcsv.Reader
	header  *Header
	chunk   Chunk
	buf     []byte // of chunk
	chunks  int    // how many were cut
	next    int    // index of the record of chunk that Read returns next
	line    int64  // physical line on which the next chunk begins
	fault   error  // after the records of chunk
	err     error  // sticky
	isCut   bool   // the header, or the chunk that forEachChunk emitted last, was cut; see Chunk.cut

	// skip reports, for the number and the text of a chunk, whether its records need
	// not be found, because an earlier pass has checked them. It must be safe for
	// concurrent use. Nil skips nothing.
	skip func(number int, text []byte) bool
}

// NewRecordReader returns a reader of the file r of the given role. It reads nothing
// before the first call of a method.
func NewRecordReader(r io.Reader, role Role, o *RecordOptions) *RecordReader {
	rr := &RecordReader{role: role}
	if o != nil {
		rr.options = *o
	}
	if rr.options.Required == nil {
		rr.options.Required = role.Columns()
	}
	rr.options.MaxRecordBytes = rr.options.maxRecordBytes()
	if rr.options.chunkBytes <= 0 {
		rr.options.chunkBytes = defaultChunkBytes
	}
	rr.raw = rawcsv.NewReader(r, rr.options.chunkBytes, rr.options.MaxRecordBytes)
	return rr
}

// Header returns the header of the file. If the file has no acceptable header, all
// methods return an [Error].
func (rr *RecordReader) Header() (*Header, error) {
	if rr.header == nil && rr.err == nil {
		header, err := rr.readHeader()
		if err != nil {
			rr.err = err
		} else {
			rr.header = header
		}
	}
	if rr.header == nil {
		return nil, rr.err
	}
	return rr.header, nil
}

// Read returns the next record, which is valid until the next call. At the end of the
// file it returns a bare [io.EOF]. If the file is at fault, it returns the records before
// the fault and then an [Error]. Both errors stay.
func (rr *RecordReader) Read() (Record, error) {
	for rr.next >= rr.chunk.Len() {
		if _, err := rr.readChunk(); err != nil {
			return Record{}, err
		}
	}
	rr.next++
	return rr.chunk.Record(rr.next - 1), nil
}

// holdsRecords reports whether Read returns a record, or a fault, without reading on.
func (rr *RecordReader) holdsRecords() bool { return rr.next < rr.chunk.Len() || rr.fault != nil }

// readChunk returns the next chunk, which is valid until the next call. Errors are those
// of Read.
func (rr *RecordReader) readChunk() (*Chunk, error) {
	if _, err := rr.Header(); err != nil {
		return nil, err
	}
	if rr.err == nil {
		rr.err = rr.fault
	}
	c := &rr.chunk
	if rr.err == nil {
		part := rr.cut(c, &rr.buf)
		if part.IsEnd() {
			rr.err = io.EOF
		} else {
			lines, fault := rr.check(c, part)
			c.line = rr.line
			rr.line += lines
			if fault != nil {
				fault.Line += c.line
				if rr.fault = fault; c.Len() == 0 {
					rr.err = fault
				}
			}
		}
	}
	rr.next = 0
	if rr.err != nil {
		c.raw.Clear()
		return nil, rr.err
	}
	return c, nil
}

// cut returns the text of the next chunk and numbers the chunk. The text is in buf, which
// cut may replace by a larger buffer.
func (rr *RecordReader) cut(c *Chunk, buf *[]byte) (part rawcsv.Part) {
	*buf, part = rr.raw.Next(*buf)
	c.number = rr.chunks
	rr.chunks++
	c.cut = rr.raw.Err() != nil
	return part
}

// check makes the part the text of the chunk and finds its records. It returns the number
// of lines, or what is wrong after the records. The line of the error counts from 0 at
// the beginning of the part.
func (rr *RecordReader) check(c *Chunk, part rawcsv.Part) (lines int64, err *Error) {
	c.header, c.line = rr.header, 0
	if c.skipped = rr.skip != nil && part.IsWhole() && rr.skip(c.number, part.Data); c.skipped {
		return c.raw.Skip(part), nil
	}
	lines, f := c.raw.Index(part, rr.header.Len(), rr.options.MaxRecordBytes)
	if err := rr.headerAgain(c); err != nil {
		c.cut = false
		return 0, err
	}
	if f != nil {
		c.cut = c.cut && f.Cut
		return 0, rr.headerFault(f, part.Data, len(c.raw.Bytes()))
	}
	return lines, nil
}

// headerAgain returns an error if a record of the chunk is a header, and drops the record
// and what follows it. For nearly all records LabUId, which is a GUID, is enough to tell.
func (rr *RecordReader) headerAgain(c *Chunk) *Error {
	probe := max(rr.header.index[LabUId], 0)
	for i := range c.Len() {
		start, end := c.raw.RawCell(i, probe)
		if isGUIDText(c.raw.Raw(i)[start:end]) || !rr.header.isHeaderAgain(c.Record(i)) {
			continue
		}
		e := &Error{FileID: FileID{Role: rr.role}, Line: c.raw.Line(i), Err: ErrHeaderAgain}
		c.raw.Truncate(i)
		return e
	}
	return nil
}

// headerFault returns the error for a fault in the text after its first n bytes, which are
// whole records. A header with another number of columns, or with a byte-order mark, is
// no record, but is still the header of a file that was joined to this one.
func (rr *RecordReader) headerFault(f *rawcsv.Fault, text []byte, n int) *Error {
	switch f.Err {
	case ErrFieldCount, ErrBareQuote, ErrQuote:
		rest := bytes.TrimLeft(text[n:], "\r\n")
		line, _, _ := bytes.Cut(rest, []byte{'\n'})
		if rr.header.isHeaderLine(line) {
			lines := bytes.Count(text[:len(text)-len(rest)], []byte{'\n'})
			return &Error{FileID: FileID{Role: rr.role}, Line: int64(lines), Err: ErrHeaderAgain}
		}
	}
	return rr.faultError(f)
}

// faultError returns the error for a fault.
func (rr *RecordReader) faultError(f *rawcsv.Fault) *Error {
	e := newError(FileID{Role: rr.role}, f.Line, f.Err)
	switch {
	case f.Err == ErrFieldCount:
		e.Hint = "found " + strconv.Itoa(f.Fields) + ", the header has " + strconv.Itoa(rr.header.Len())
	case rr.header != nil && f.Cell >= 0 && f.Cell < rr.header.Len():
		if e.Column = rr.header.Column(f.Cell); e.Column == 0 {
			e.Number = f.Cell + 1
		}
	}
	return e
}

// readHeader reads the text up to the end of the first record.
func (rr *RecordReader) readHeader() (*Header, error) {
	c := &rr.chunk
	raw, line, lines, f := rr.raw.First(&c.raw)
	switch {
	case f != nil:
		rr.isCut = f.Cut && rr.raw.Err() != nil
		e := rr.faultError(f)
		e.Line += line
		text := c.raw.Bytes()
		e.Hint = hint.OfText(text[:min(f.Offset+1, len(text))], documentedName)
		return nil, e
	case c.Len() == 0:
		return nil, &Error{FileID: FileID{Role: rr.role}, Line: 1, Err: ErrNoHeader, Hint: "the file is empty"}
	}
	c.line, rr.line = line, line+lines
	header, err := newHeader(rr.role, c, rr.options.Required, rr.raw.Rest())
	c.raw.Clear() // the header is not one of the records that Read returns
	if err != nil {
		return nil, err
	}
	header.raw = raw
	return header, nil
}
