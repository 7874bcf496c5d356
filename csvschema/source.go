package csvschema

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// A Source is a file that can be opened more than once: telling whose disk is
// whose takes several passes over the same bytes. A pass that differs from an
// earlier one is an error ([ErrSourceChanged]).
type Source struct {
	// Open returns a new reader at the first byte. Whoever opens it closes it. The
	// context is that of the call that reads.
	Open func(context.Context) (io.ReadCloser, error)
}

// An Export is what one run of the lab's export wrote: usually one file of each
// role, more where the caller keeps a lab's files apart. An export without a
// disks file is allowed, and reports say so.
type Export struct {
	VirtualMachines []Source
	Disks           []Source
	// Made is when the export was made, and zero if nobody knows. A resource that
	// exists in an old export may be long gone.
	Made time.Time
}

// RowSource returns a source of rows that a program holds, such as those of a
// database: the file that a [Writer] would write. Each opening goes through the
// sequence once, from its beginning. An error that the sequence yields is an error of
// the source, so that rows which break off are never taken for all rows.
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

// A rowReader reads the file that a Writer makes of rows.
type rowReader[T Row] struct {
	next func() (T, error, bool)
	stop func()
	w    *Writer[T] // to text
	text bytes.Buffer
	err  error // after text
}

// Read implements io.Reader.
func (r *rowReader[T]) Read(p []byte) (int, error) {
	for r.text.Len() == 0 && r.err == nil {
		row, err, ok := r.next()
		switch {
		case !ok:
			if r.err = r.w.Close(); r.err == nil {
				r.err = io.EOF
			}
		case err != nil:
			r.err = err
		default:
			r.err = r.w.Write(row)
		}
	}
	if r.text.Len() == 0 {
		// Whoever reads the file puts its own place around a sentinel.
		if e, ok := errors.AsType[*Error](r.err); ok && r.err == error(e) {
			return 0, e.Err
		}
		return 0, r.err
	}
	return r.text.Read(p)
}

// Close implements io.Closer.
func (r *rowReader[T]) Close() error {
	r.stop()
	return nil
}
