package csvschema

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"time"
)

// A File is one file of some exports, which is read in one or more passes by
// [ForEachChunk]. It remembers the first pass that came to the end of the file, by
// digests of its header and chunks: a later pass that differs is
// [ErrSourceChanged]. After that pass several goroutines may read the file at the
// same time.
//
// It holds 8 bytes for each chunk of 256 KiB.
type File struct {
	FileID
	Made time.Time // when its export was made; zero if nobody knows

	source  Source
	options FileOptions
	seed    maphash.Seed

	read   bool // to the end, in the first pass; what follows is known
	header uint64
	chunks []uint64
}

// FileOptions are the options of [Files]. The zero value is the strictest.
type FileOptions struct {
	// Required returns the columns that the header of a file of the role must have.
	// Nil means all documented columns.
	Required func(Role) []Column
	// MaxRecordBytes is as in [RecordOptions].
	MaxRecordBytes int
	// Workers is how many chunks are worked on at the same time. 0 means GOMAXPROCS;
	// with 1 no goroutine is started.
	Workers int
	// SinglePass says that there is only one pass over each file, so that nothing
	// needs to be remembered of it.
	SinglePass bool
}

// NewFile returns a file that belongs to no export, or whose place in the exports the
// caller knows. [Files] makes those of exports.
func NewFile(id FileID, s Source, o FileOptions) *File {
	return &File{FileID: id, source: s, options: o, seed: maphash.MakeSeed()}
}

// Files returns the files of the exports: export by export, virtual machines first.
// Without any it returns [ErrNoFiles].
func Files(exports []Export, o FileOptions) ([]*File, error) {
	var files []*File
	seed := maphash.MakeSeed()
	for i, export := range exports {
		add := func(role Role, sources []Source) {
			for j, source := range sources {
				files = append(files, &File{
					FileID: FileID{Export: i + 1, File: j + 1, Role: role}, Made: export.Made,
					source: source, options: o, seed: seed,
				})
			}
		}
		add(VirtualMachines, export.VirtualMachines)
		add(Disks, export.Disks)
	}
	if len(files) == 0 {
		return nil, ErrNoFiles
	}
	return files, nil
}

// At returns an [Error] in the file, on a line that may be 0 if the error belongs to
// none.
func (id FileID) At(line int64, err error) error { return &Error{FileID: id, Line: line, Err: err} }

// MaxRecordBytes returns the size over which a record of the file is refused.
func (f *File) MaxRecordBytes() int { return f.recordOptions().maxRecordBytes() }

func (f *File) recordOptions() *RecordOptions {
	o := &RecordOptions{MaxRecordBytes: f.options.MaxRecordBytes}
	if f.options.Required != nil {
		o.Required = f.options.Required(f.Role)
	}
	return o
}

// A Pass is what one pass over a file does.
type Pass[T any] struct {
	// Header is called with the header of the file before anything else. Nil does
	// nothing.
	Header func(*Header) error
	// Skip reports whether nothing in the chunk with that number is of interest. If
	// its bytes are those of the first pass, Work and Emit then get the chunk without
	// its records. It must be safe for concurrent use. Nil skips nothing.
	Skip func(number int) bool
	// Work is called for every chunk, in several goroutines at the same time.
	// [Record.Line] is not known to it.
	Work func(*Chunk) T
	// Emit is called in the order of the file, in the goroutine of the caller, with
	// each chunk and what Work made of it. Both may be used until it returns.
	Emit func(*Chunk, T) error
}

// ForEachChunk makes a pass over the file: it opens the source, checks the header,
// calls the functions of the pass, and closes the source. No goroutine is left when
// it returns; a Read that blocks is waited for.
//
// It returns nil at the end of the file, or the first error in the order of the
// file. An error of Header or Emit is returned as it is. Any other is an [Error] in
// this file: of the text, after the records before it; of the source; of the context,
// which is asked between chunks; [ErrNoFiles], if there is nothing to open; or
// [ErrSourceChanged].
func ForEachChunk[T any](ctx context.Context, f *File, p Pass[T]) (err error) {
	if err := ctx.Err(); err != nil {
		return f.At(0, err)
	}
	if f.source.Open == nil {
		return f.At(0, ErrNoFiles)
	}
	r, err := f.source.Open(ctx)
	if err == nil && r == nil {
		err = ErrNoFiles
	}
	if err != nil {
		return f.At(0, err)
	}
	defer func() {
		if closeErr := r.Close(); closeErr != nil && err == nil {
			err = f.At(0, closeErr)
		}
	}()
	watched := &watchedReader{r: r}
	err = passReader(ctx, f, watched, p)
	if callback, ok := errors.AsType[*callbackError](err); ok {
		return callback.err
	}
	e, ofText := errors.AsType[*Error](err)
	switch {
	case err == nil:
		return nil
	case err == ErrSourceChanged && watched.err != nil:
		return f.At(0, watched.err) // this is why there was less of it
	case ofText && f.read && watched.err == nil:
		return f.At(e.Line, ErrSourceChanged) // it was in order before
	case ofText:
		e.FileID = f.FileID
		return e
	}
	return f.At(0, err)
}

// A chunkWork is what the work of a pass made of a chunk, and its digest.
type chunkWork[T any] struct {
	result T
	digest uint64
}

// passReader is ForEachChunk over an open reader. It does not say in which file an
// error is.
func passReader[T any](ctx context.Context, f *File, r io.Reader, p Pass[T]) error {
	rr := NewRecordReader(r, f.Role, f.recordOptions())
	header, err := rr.Header()
	if err != nil {
		return err
	}
	digest := maphash.Bytes(f.seed, header.Raw())
	if f.read && digest != f.header {
		return ErrSourceChanged
	}
	if p.Header != nil {
		if err := p.Header(header); err != nil {
			return &callbackError{err}
		}
	}
	if f.read && p.Skip != nil {
		rr.skip = func(number int, text []byte) bool {
			return p.Skip(number) && f.hasChunk(number, maphash.Bytes(f.seed, text))
		}
	}
	var chunks []uint64
	count := 0
	err = forEachChunk(ctx, rr, f.options.Workers,
		func(c *Chunk) (chunkWork[T], error) {
			var w chunkWork[T]
			switch {
			case c.skipped:
				w.digest = f.chunks[c.number]
			case !f.options.SinglePass:
				w.digest = maphash.Bytes(f.seed, c.Bytes())
			}
			if !f.read || f.hasChunk(c.number, w.digest) {
				w.result = p.Work(c)
			}
			return w, nil
		},
		func(c *Chunk, w chunkWork[T]) error {
			if f.read && !f.hasChunk(c.number, w.digest) {
				return ErrSourceChanged
			}
			if count++; !f.read && !f.options.SinglePass {
				chunks = append(chunks, w.digest)
			}
			if err := p.Emit(c, w.result); err != nil {
				return &callbackError{err}
			}
			return nil
		})
	switch {
	case err != nil:
		return err
	case f.read && count != len(f.chunks):
		return ErrSourceChanged
	case !f.read && !f.options.SinglePass:
		f.header, f.chunks, f.read = digest, chunks, true
	}
	return nil
}

// hasChunk reports whether the chunk with that number had that digest in the first
// pass.
func (f *File) hasChunk(number int, digest uint64) bool {
	return number < len(f.chunks) && f.chunks[number] == digest
}

// A callbackError is an error of the functions of a pass, and not of the file.
type callbackError struct{ err error }

func (e *callbackError) Error() string { return e.err.Error() }

// A watchedReader knows whether its reader failed.
type watchedReader struct {
	r   io.Reader
	err error // of r, but not io.EOF
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
