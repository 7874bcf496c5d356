package csvschema

import (
	"bytes"
	"io"
	"strconv"
)

// RecordOptions are the options of a [RecordReader]. The zero value, or nil, is
// the strictest.
type RecordOptions struct {
	// Required lists the columns that the header must have. Nil means all
	// documented columns of the role.
	Required []Column
	// MaxRecordBytes is the size, line end included, over which a record is
	// refused. 0 means 16 MiB; more than 512 MiB means 512 MiB.
	MaxRecordBytes int
	// Skip reports, for the text of the chunk with that number, whether nothing in it
	// is of interest, because it was read and found to be in order before. Its
	// records are then not looked for: [Chunk.Skipped]. It must be safe for
	// concurrent use. Nil means that all chunks are of interest.
	Skip func(number int, text []byte) bool

	chunkBytes int  // wanted size of a chunk; 0 means 256 KiB
	anyHeader  bool // take any first record for the header, without a documented column
}

// A RecordReader reads the records of one file as they stand there. It accepts
// and refuses what encoding/csv does, except that it refuses NUL, invalid UTF-8
// and records over a limit, and keeps CR LF inside quotes. UTF-16 with a
// byte-order mark is read as the UTF-8 of the same text. Empty lines are not
// records.
//
// A file that was cut inside quotes or within a record is refused. A cut at the
// end of a line cannot be seen.
//
// It holds one chunk, by default 256 KiB or one larger record, whatever the
// size of the file. It is not safe for concurrent use.
type RecordReader struct {
	role    Role
	options RecordOptions
	split   splitter
	header  *Header
	rest    []byte // what followed the header in its chunk: whole records
	chunk   Chunk
	buf     []byte // of chunk
	chunks  int    // that were cut
	next    int    // record of chunk that Read returns next
	line    int64  // physical line at which the next chunk begins
	fault   error  // found behind the records of chunk
	err     error  // sticky
}

// NewRecordReader returns a reader of the file r of the given role. Nothing is
// read before the first call of a method.
func NewRecordReader(r io.Reader, role Role, o *RecordOptions) *RecordReader {
	rr := &RecordReader{role: role, line: 1}
	if o != nil {
		rr.options = *o
	}
	if rr.options.Required == nil && !rr.options.anyHeader {
		rr.options.Required = role.Columns()
	}
	if rr.options.MaxRecordBytes <= 0 {
		rr.options.MaxRecordBytes = defaultMaxRecordBytes
	}
	rr.options.MaxRecordBytes = min(rr.options.MaxRecordBytes, maxRecordBytes)
	if rr.options.chunkBytes <= 0 {
		rr.options.chunkBytes = defaultChunkBytes
	}
	rr.split = splitter{text: &textReader{r: r}, size: rr.options.chunkBytes, max: rr.options.MaxRecordBytes}
	return rr
}

// MaxRecordBytes returns the size over which a record is refused.
func (rr *RecordReader) MaxRecordBytes() int { return rr.options.MaxRecordBytes }

// Header returns the header of the file. Without an acceptable header it
// returns an [Error], as every other method then does.
func (rr *RecordReader) Header() (*Header, error) {
	if rr.header == nil && rr.err == nil {
		rr.err = rr.readHeader()
	}
	if rr.header == nil {
		return nil, rr.err
	}
	return rr.header, nil
}

// Read returns the next record, which is valid until the next call. At the end
// of the file it returns a bare [io.EOF], after a fault an [Error]; both stay.
func (rr *RecordReader) Read() (Record, error) {
	for rr.next >= rr.chunk.Len() {
		if _, err := rr.ReadChunk(); err != nil {
			return Record{}, err
		}
	}
	rr.next++
	return rr.chunk.Record(rr.next - 1), nil
}

// ReadChunk returns the next chunk, which is valid until the next call: records,
// and the empty lines between them. Together the chunks are the text behind
// [Header.Raw]. The records in front of a fault are returned before it. The end
// of the file and faults are as with [RecordReader.Read]; the two methods are
// not to be mixed.
func (rr *RecordReader) ReadChunk() (*Chunk, error) {
	if _, err := rr.Header(); err != nil {
		return nil, err
	}
	if rr.err == nil {
		rr.err = rr.fault
	}
	c := &rr.chunk
	if rr.err == nil {
		var data []byte
		var how ending
		rr.buf, data, how = rr.cut(rr.buf)
		c.number = rr.chunks
		rr.chunks++
		if len(data) == 0 && how == atEOF {
			rr.err = io.EOF
		} else {
			lines, fault := rr.check(c, data, how, rr.split.err)
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
		c.spans = c.spans[:0]
		return nil, rr.err
	}
	return c, nil
}

// cut returns the data of the next chunk in a buffer, as splitter.next does, and
// how it ends.
func (rr *RecordReader) cut(buf []byte) (buffer, data []byte, how ending) {
	if len(rr.rest) == 0 {
		return rr.split.next(buf)
	}
	buf = enlarge(buf, len(rr.rest))
	n := copy(buf, rr.rest)
	rr.rest = nil
	return buf, buf[:n], atRecord
}

// check makes data the text of the chunk and finds its records. It returns how
// many lines there are, or what is wrong behind the records, on a line that is
// counted from 0 at the beginning of data. Cause is the error of the reader where
// data ends within a record.
func (rr *RecordReader) check(c *Chunk, data []byte, how ending, cause error) (lines int64, err *Error) {
	c.header, c.data, c.line = rr.header, data, 0
	if c.skipped = rr.options.Skip != nil && how != inRecord && rr.options.Skip(c.number, data); c.skipped {
		c.spans = c.spans[:0]
		return int64(bytes.Count(data, lineFeed)), nil
	}
	lines, f := c.index(rr.header.Len(), rr.options.MaxRecordBytes, how)
	if f == nil && how == inRecord { // the reader failed between records
		f = &fault{err: errCut, offset: len(data), cell: -1}
	}
	if f == nil {
		return lines, nil
	}
	err = rr.faultError(f, how == inRecord && f.offset == len(data), cause)
	end := 0
	if n := len(c.spans); n > 0 {
		end = int(c.spans[n-1].end)
	}
	c.data = data[:end]
	return 0, err
}

// faultError makes the error of a fault. Cut tells that the fault may be that
// the data ended too early, for which cause is to blame.
func (rr *RecordReader) faultError(f *fault, cut bool, cause error) *Error {
	e := &Error{Role: rr.role, Line: f.line, Err: f.err}
	switch {
	case f.err == ErrFieldCount:
		e.Hint = "found " + strconv.Itoa(f.fields) + ", the header has " + strconv.Itoa(rr.header.Len())
	case f.err == errCut && cut:
		if e.Err = cause; cause == nil {
			e.Err = ErrRecordTooLarge
		}
	case rr.header != nil && f.cell >= 0 && f.cell < rr.header.Len():
		if e.Column = rr.header.Column(f.cell); e.Column == 0 {
			e.Number = f.cell + 1
		}
	}
	return e
}

// readHeader reads the text up to the end of the first record.
func (rr *RecordReader) readHeader() error {
	var raw []byte
	for {
		var data []byte
		var how ending
		rr.buf, data, how = rr.split.next(rr.buf)
		start := 0
		if raw == nil && bytes.HasPrefix(data, []byte(utf8Mark)) {
			start = len(utf8Mark)
		}
		c := &rr.chunk
		c.data, c.cells, c.final = data, c.cells[:0], how == atEOF
		for start < len(data) && c.emptyLine(start) > 0 {
			start += c.emptyLine(start)
			rr.line++
		}
		if start == len(data) && how == atRecord {
			raw = append(raw, data...)
			continue
		}
		if start == len(data) && how == atEOF {
			return &Error{Role: rr.role, Line: 1, Err: ErrNoHeader, Hint: "the file is empty"}
		}
		end := len(data)
		if recordEnd, err := c.scan(start); err == nil {
			end = recordEnd
		}
		return rr.takeHeader(append(raw, data[:end]...), data, start, end, how)
	}
}

// takeHeader makes the header from the record at data[start:end] and keeps
// what follows it for the first chunk.
func (rr *RecordReader) takeHeader(raw, data []byte, start, end int, how ending) error {
	ends := how
	if end < len(data) {
		ends = atRecord
	}
	c := &rr.chunk
	c.data, c.line = data[start:end], rr.line
	lines, f := c.index(0, rr.options.MaxRecordBytes, ends)
	if f == nil && len(c.spans) == 0 { // the reader failed before any record
		f = &fault{err: errCut, offset: len(c.data), cell: -1}
	}
	if f != nil {
		e := rr.faultError(f, ends == inRecord && f.offset == len(c.data), rr.split.err)
		e.Line += rr.line
		e.Hint = headerHint(c.data[:min(f.offset+1, len(c.data))])
		return e
	}
	role := rr.role
	if rr.options.anyHeader {
		role = 0
	}
	header, err := newHeader(role, c, rr.options.Required)
	c.spans = c.spans[:0] // the header is no record
	if err != nil {
		return err
	}
	header.raw, rr.header = raw, header
	rr.line += lines
	rr.rest = data[end:]
	return nil
}
