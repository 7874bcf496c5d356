package csvschema

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"time"
)

// A Source is a file that can be opened more than once, because some questions need
// several passes over the same bytes. A pass that differs from an earlier one is an
// error ([ErrSourceChanged]). Package source makes those of files, bytes and uploads.
type Source struct {
	// Open returns a new reader at the first byte. The reader is closed after the pass.
	// The context is that of the call that reads. A method Size() int64 of the reader
	// tells [Progress] how many bytes it gives, or 0; otherwise the first pass counts them.
	Open func(context.Context) (io.ReadCloser, error)
}

// An Export is what one run of the lab's export wrote: usually one file of each
// role, or more if the caller keeps the files of a lab apart. An export without a
// disks file is allowed, and reports say so.
type Export struct {
	VirtualMachines []Source
	Disks           []Source
	// Made is when the export was made. It is zero if unknown. A resource that exists
	// in an old export may have been deleted long ago.
	Made time.Time
}

// RowSource returns a source of rows that a program holds, such as those of a
// database. The source reads as the file that a [Writer] writes. Each opening ranges
// over the sequence once, and closing stops it. A single-use sequence, such as that of
// [Reader.All], fails in the second pass.
//
// An error that the sequence yields is an error of the source, io.EOF included: rows
// that break off are never taken for all rows. A cell that a Writer refuses is an
// error too.
func RowSource[T Row](rows iter.Seq2[T, error]) Source {
	return Source{Open: func(context.Context) (io.ReadCloser, error) {
		r := &rowReader[T]{}
		r.next, r.stop = iter.Pull2(rows)
		r.w = NewWriter[T](&r.text, &WriterOptions{QuoteAll: true})
		return r, nil
	}}
}

// Rows returns the rows of a slice as a sequence without errors, for [RowSource].
func Rows[T Row](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// A rowReader reads the file that a Writer writes of rows.
type rowReader[T Row] struct {
	opaque

	next func() (T, error, bool)
	stop func()
	w    *Writer[T] // to text
	text bytes.Buffer
	err  error // after text; sticky
}

// Read implements io.Reader.
func (r *rowReader[T]) Read(p []byte) (int, error) {
	for r.text.Len() == 0 && r.err == nil {
		row, err, ok := r.next()
		switch {
		case !ok:
			if r.err = withoutPlace(r.w.Close()); r.err == nil {
				r.err = io.EOF
			}
		case err == io.EOF:
			r.err = io.ErrUnexpectedEOF
		case err != nil:
			r.err = err
		default:
			r.err = withoutPlace(r.w.Write(row))
		}
	}
	if r.text.Len() == 0 {
		return 0, r.err
	}
	return r.text.Read(p)
}

// withoutPlace returns the cause of an error of the Writer and its column, because the
// reader of the file adds its own place.
func withoutPlace(err error) error {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return err
	case e.Column != 0:
		return &cellError{e.Column, e.Err}
	}
	return e.Err
}

// A cellError is the error of a rowReader for a cell; see newError.
type cellError struct {
	column Column
	err    error
}

func (e *cellError) Error() string { return "column " + e.column.String() + ": " + e.err.Error() }

func (e *cellError) Unwrap() error { return e.err }

// Close implements io.Closer.
func (r *rowReader[T]) Close() error {
	r.stop()
	r.text.Reset()
	r.err = fs.ErrClosed
	return nil
}
