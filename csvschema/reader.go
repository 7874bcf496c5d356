package csvschema

import (
	"io"
	"iter"
)

// ReaderOptions are the options of a [Reader]. The zero value, or nil, is the
// strictest.
type ReaderOptions struct {
	// AllowMissingColumns accepts a file that lacks documented columns; their cells
	// are empty. By default such a file is refused with [ErrMissingColumn].
	AllowMissingColumns bool
	// AllowUnknownColumns accepts a file that has other columns than the documented
	// ones. Rows have no field for them, so their cells are lost, whether personal
	// data or not. By default such a file is refused with [ErrUnknownColumn].
	AllowUnknownColumns bool
	// MaxRecordBytes is the size, line end included, over which a record is
	// refused. 0 means 16 MiB.
	MaxRecordBytes int
}

// A Reader reads the rows of one file: [VirtualMachineRow] or [DiskRow]. The columns
// may be in any order. It accepts what a [RecordReader] accepts, if each column can hold
// its cells.
//
// It reads ahead. It holds up to 128 records or 1 MiB of them, or one larger record, as
// text and as rows, besides what its RecordReader holds, whatever the size of the file.
// It is not safe for concurrent use. It prints and logs as "[redacted]".
type Reader[T Row] struct {
	opaque

	records *RecordReader
	options ReaderOptions
	decoder decoder[T]
	rows    []T   // of the batch
	next    int   // index of the row that Read returns next
	err     error // after rows; sticky
}

// NewReader returns a reader of the file r. It reads nothing before the first call of a
// method.
func NewReader[T Row](r io.Reader, o *ReaderOptions) *Reader[T] {
	reader := &Reader[T]{}
	if o != nil {
		reader.options = *o
	}
	options := RecordOptions{MaxRecordBytes: reader.options.MaxRecordBytes}
	if reader.options.AllowMissingColumns {
		options.Required = []Column{}
	}
	reader.records = NewRecordReader(r, roleOf[T](), &options)
	return reader
}

// Read returns the next row. At the end of the file it returns a bare [io.EOF]. If the
// file is at fault, it returns the rows before the fault and then an [Error]. Both
// errors stay. With an error the row is zero.
func (r *Reader[T]) Read() (T, error) {
	for r.next >= len(r.rows) {
		r.rows, r.next = nil, 0
		if r.err == nil {
			r.rows, r.err = r.readBatch()
		}
		if len(r.rows) == 0 && r.err != nil {
			var none T
			return none, r.err
		}
	}
	r.next++
	return r.rows[r.next-1], nil
}

// All returns the rows that are left, each with a nil error. A fault comes last, with
// the zero row; the end of the file is not an element. The sequence is single-use: it
// begins with the row that Read would return.
func (r *Reader[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			row, err := r.Read()
			if err == io.EOF || !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// readBatch reads and decodes the next batch. An error, which may be io.EOF, comes with
// the rows before it.
func (r *Reader[T]) readBatch() ([]T, error) {
	header, fault := r.records.Header()
	if fault == nil {
		fault = r.checkHeader(header)
	}
	for fault == nil && !r.decoder.full() {
		var rec Record
		if rec, fault = r.records.Read(); fault == nil {
			fault = r.decoder.add(rec)
		}
	}
	rows, err := r.decoder.decode()
	if err != nil {
		fault = err
	}
	if fault != nil {
		r.decoder = decoder[T]{} // nothing follows
	}
	return rows, fault
}

// checkHeader refuses columns that are not documented, unless they are allowed.
func (r *Reader[T]) checkHeader(h *Header) error {
	unknown := h.Unknown()
	if len(unknown) == 0 || r.options.AllowUnknownColumns {
		return nil
	}
	return &Error{FileID: FileID{Role: h.Role()}, Line: h.line, Number: unknown[0], Err: ErrUnknownColumn}
}
