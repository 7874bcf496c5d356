package csvschema

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"runtime"
	"sync"
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
	// Workers is how many chunks [Reader.All] decodes at the same time. 0 means
	// GOMAXPROCS; with 1 no goroutine is started.
	Workers int

	chunkBytes int // as in RecordOptions
}

// A Reader reads the rows of one file: [VirtualMachineRow] or [DiskRow]. The columns
// may be in any order. It accepts what a [RecordReader] accepts, if each column can hold
// its cells.
//
// It reads ahead: it holds a chunk of 256 KiB, or one larger record, whatever the size of
// the file. With several workers [Reader.All] holds a chunk and up to 1024 of its rows for
// each worker and for two more. Rows share texts that repeat: a row that is kept keeps 8 KiB
// of text, or that of one larger record.
//
// A Reader is not safe for concurrent use. It prints and logs as "[redacted]".
type Reader[T Row] struct {
	opaque

	records *RecordReader
	options ReaderOptions
	checked bool // the header
	decoder decoder
	row     T     // that Read returned last
	err     error // sticky
}

// NewReader returns a reader of the file r. It reads nothing before the first call of a
// method.
func NewReader[T Row](r io.Reader, o *ReaderOptions) *Reader[T] {
	reader := &Reader[T]{decoder: decoder{size: blockBytes}}
	if o != nil {
		reader.options = *o
	}
	if reader.options.Workers <= 0 {
		reader.options.Workers = runtime.GOMAXPROCS(0)
	}
	options := RecordOptions{MaxRecordBytes: reader.options.MaxRecordBytes, chunkBytes: reader.options.chunkBytes}
	if reader.options.AllowMissingColumns {
		options.Required = []Column{}
	}
	reader.records = NewRecordReader(r, roleOf[T](), &options)
	return reader
}

// Read returns the next row. At the end of the file it returns a bare [io.EOF]. If the
// file is at fault, it returns the rows before the fault and then an [Error]. Both
// errors stay. With an error the row is zero.
func (r *Reader[T]) Read() (row T, err error) {
	r.checkHeader()
	if r.err == nil {
		var rec Record
		if rec, r.err = r.records.Read(); r.err == nil {
			if e := decodeRow(&r.decoder, &r.row, rec); e != nil {
				r.err = e
			}
		}
	}
	if r.err != nil {
		return row, r.err
	}
	return r.row, nil
}

// All returns the rows that are left, each with a nil error. A fault comes last, with
// the zero row; the end of the file is not an element. The sequence is single-use: it
// begins with the row that Read would return. If the loop ends early, the rows that are
// left are lost, and Read returns an Error with [fs.ErrClosed].
//
// No goroutine is left after the loop, which waits for a Read of the file that blocks.
func (r *Reader[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if r.checkHeader(); r.err == nil {
			r.err = &Error{FileID: FileID{Role: roleOf[T]()}, Err: fs.ErrClosed} // also if the loop panics
			err := r.forEachRow(yield)
			if err == errLoopEnded {
				return
			}
			r.err = err
		}
		if r.err != io.EOF {
			var none T
			yield(none, r.err)
		}
	}
}

// errLoopEnded says that the loop over the rows ended early.
var errLoopEnded = errors.New("labdsr: the loop has ended")

// forEachRow calls yield for the rows that are left. It returns the first error, or io.EOF.
func (r *Reader[T]) forEachRow(yield func(T, error) bool) error {
	var row T // of which the next is made
	r.decoder.block.Reset()
	for r.options.Workers == 1 || r.records.holdsRecords() {
		rec, err := r.records.Read()
		if err != nil {
			return err
		}
		if e := decodeRow(&r.decoder, &row, rec); e != nil {
			return e
		}
		if !yield(row, nil) {
			return errLoopEnded
		}
	}
	idle := sync.Pool{New: func() any { return &batch[T]{decoder: decoder{size: blockBytes}} }}
	err := forEachChunk(context.Background(), r.records, r.options.Workers,
		func(c *Chunk) *batch[T] {
			b, _ := idle.Get().(*batch[T])
			b.next = 0
			b.decode(c)
			return b
		},
		func(c *Chunk, b *batch[T]) error {
			for {
				for i := range b.rows {
					if !yield(b.rows[i], nil) {
						return errLoopEnded
					}
				}
				switch {
				case b.err != nil:
					b.err.Line = c.Record(b.next).Line()
					return b.err
				case b.next == c.Len():
					idle.Put(b)
					return nil
				}
				b.decode(c)
			}
		})
	if err == nil {
		err = io.EOF
	}
	return err
}

// checkHeader refuses columns that are not documented, unless they are allowed.
func (r *Reader[T]) checkHeader() {
	if r.checked || r.err != nil {
		return
	}
	header, err := r.records.Header()
	if err != nil {
		r.err = err
		return
	}
	r.checked = true
	if unknown := header.Unknown(); len(unknown) > 0 && !r.options.AllowUnknownColumns {
		r.err = &Error{FileID: FileID{Role: header.Role()}, Line: header.line, Number: unknown[0], Err: ErrUnknownColumn}
	}
}
