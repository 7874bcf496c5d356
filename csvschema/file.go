package csvschema

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"sync/atomic"
	"time"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// NOTE. A file that is read in several passes must be the same in each of them. The
// first pass that comes to the end of the file keeps a digest of its header and one of
// each chunk. A later pass compares:
//
//	pass 1    header ─ h0    chunk 0 ─ d0    chunk 1 ─ d1    chunk 2 ─ d2    end
//	pass 2    header = h0 ?  chunk 0 = d0 ?  chunk 1 = d1 ?  …               3 chunks ?
//
// A chunk that has the digest of the first pass has been checked before, so that a pass
// may skip the search for its records.

// A File is one file of some exports. [ForEachChunk] reads it in one or more passes.
// A pass that differs from the first one is an error ([ErrSourceChanged]). After the
// first pass several goroutines may read the file at the same time.
//
// It holds 8 bytes for each chunk of 256 KiB.
type File struct {
	FileID
	Made time.Time // when its export was made; zero if unknown

	source  Source
	options FileOptions
	seed    maphash.Seed // of the digests

	read   bool // the first pass came to the end; what follows is set
	size   int64
	header uint64
	chunks []uint64
}

// FileOptions are the options of [Files]. The zero value is the strictest.
type FileOptions struct {
	// Required returns the columns that the header of a file of the role must have.
	// Nil means all documented columns.
	Required func(Role) []Column
	// MaxRecordBytes is the same as in [RecordOptions].
	MaxRecordBytes int
	// Workers is how many chunks are worked on at the same time. 0 means GOMAXPROCS;
	// with 1 no goroutine is started.
	Workers int
	// SinglePass says that each file is read in one pass only. Nothing is remembered
	// of the pass, and a second pass is compared with nothing.
	SinglePass bool
	// Progress is called after every chunk, in the goroutine that called [ForEachChunk].
	// Nil costs nothing.
	Progress func(Progress)

	chunkBytes int // as in RecordOptions
}

// Progress says how far a long call has come.
type Progress struct {
	FileID       // the file that is read
	Pass   int   // number of the call's pass over this file, from 1
	Passes int   // how many there will be, as far as is known; what is read can change that
	Bytes  int64 // that were read in this pass
	Size   int64 // bytes of the file; 0 if they are not known, see Source
}

// NewFile returns a file that belongs to no export, or whose place in the exports the
// caller knows. [Files] makes those of exports.
func NewFile(id FileID, s Source, o FileOptions) *File {
	return &File{FileID: id, source: s, options: o, seed: maphash.MakeSeed()}
}

// Files returns the files of the exports, export by export, virtual machines before
// disks. If the exports have no file, it returns [ErrNoFiles].
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

// at returns an [Error] in the file, on a line that is 0 if the error belongs to none.
func (f *File) at(line int64, err error) error { return newError(f.FileID, line, err) }

// MaxRecordBytes returns the size over which a record of the file is refused.
func (f *File) MaxRecordBytes() int { return f.recordOptions().maxRecordBytes() }

func (f *File) recordOptions() *RecordOptions {
	o := &RecordOptions{MaxRecordBytes: f.options.MaxRecordBytes, chunkBytes: f.options.chunkBytes}
	if f.options.Required != nil {
		o.Required = f.options.Required(f.Role)
	}
	return o
}

// A Pass says what one pass over a file does.
type Pass[T any] struct {
	// Number and Of are Pass and Passes of [Progress]. The zero values mean the only one.
	Number, Of int
	// Header is called with the header of the file, before anything else. Nil does
	// nothing.
	Header func(*Header) error
	// Skip reports whether the chunk with that number, from 0, holds nothing of
	// interest. Work and Emit then get the chunk without its records, if its bytes are
	// those of the first pass. Skip is not called in the first pass. It must be safe
	// for concurrent use. Nil skips nothing.
	Skip func(number int) bool
	// Work is called for every chunk, in several goroutines at the same time. It does
	// not know [Record.Line].
	Work func(*Chunk) T
	// Emit is called with each chunk and the result of Work, in the order of the file,
	// in the goroutine of the caller. It may use both until it returns.
	Emit func(*Chunk, T) error
}

// ForEachChunk makes a pass over the file: it opens the source, checks the header,
// calls the functions of the pass for each chunk, and closes the source. No goroutine
// is left when it returns; it waits for a Read that blocks. If Work or the source panics
// in another goroutine, it panics with the same value in that of the caller.
//
// It returns nil at the end of the file, or the first error in the order of the file.
// An error of Header or Emit is returned as it is. Any other error is an [Error] in
// this file. Its cause is one of these:
//
//   - what is wrong with the text; Emit gets the records before it;
//   - an error of the source, which Open, Read or Close returned;
//   - the error of the context, which is checked between chunks;
//   - [ErrNoFiles], if the source opens nothing;
//   - [ErrSourceChanged], if the pass differs from the first one.
func ForEachChunk[T any](ctx context.Context, f *File, p Pass[T]) (err error) {
	if err := ctx.Err(); err != nil {
		return f.at(0, err)
	}
	if f.source.Open == nil {
		return f.at(0, ErrNoFiles)
	}
	r, err := f.source.Open(ctx)
	if err == nil && r == nil {
		err = ErrNoFiles
	}
	if err != nil {
		return f.at(0, err)
	}
	defer func() {
		if closeErr := r.Close(); closeErr != nil && err == nil {
			err = f.at(0, closeErr)
		}
	}()
	counted := &countingReader{source: r}
	rr := NewRecordReader(counted, f.Role, f.recordOptions())
	err = readPass(ctx, f, rr, counted, p)
	if callback, ok := errors.AsType[*callbackError](err); ok {
		return callback.err
	}
	e, ofText := errors.AsType[*Error](err)
	switch {
	case err == nil:
		return nil
	case err == ErrSourceChanged && rr.isCut:
		return f.at(0, rr.raw.Err()) // the reader failed, and so there was less to read
	case ofText && f.read && !rr.isCut:
		return f.at(e.Line, ErrSourceChanged) // the first pass found nothing wrong
	case ofText:
		e.FileID = f.FileID
		return e
	}
	return f.at(0, err)
}

// A chunkWork is the result of Work for a chunk, and the digest of the chunk.
type chunkWork[T any] struct {
	result T
	digest uint64
}

// A countingReader counts the bytes of a source. Any goroutine may read, one at a time.
type countingReader struct {
	source io.Reader
	read   atomic.Int64
}

// Read implements io.Reader.
func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.source.Read(p)
	r.read.Add(int64(n))
	return n, err
}

// size returns how many bytes there are, or 0 if that is not known.
func (r *countingReader) size() int64 {
	if sized, ok := r.source.(interface{ Size() int64 }); ok {
		return sized.Size()
	}
	return 0
}

// readPass makes a pass over an open file. Its errors do not say which file it is.
func readPass[T any](ctx context.Context, f *File, rr *RecordReader, counted *countingReader, p Pass[T]) error {
	header, err := rr.Header()
	if err != nil {
		return err
	}
	headerDigest := rawcsv.Digest(f.seed, header.Raw())
	if f.read && headerDigest != f.header {
		return ErrSourceChanged
	}
	if p.Header != nil {
		if err := p.Header(header); err != nil {
			return &callbackError{err}
		}
	}
	if f.read && p.Skip != nil {
		rr.skip = func(number int, text []byte) bool {
			return number < len(f.chunks) && p.Skip(number) && f.hasChunk(number, rawcsv.Digest(f.seed, text))
		}
	}
	var chunks []uint64
	count := 0
	progress := Progress{FileID: f.FileID, Pass: max(p.Number, 1), Passes: max(p.Of, p.Number, 1), Size: f.size}
	if !f.read {
		progress.Size = counted.size()
	}
	err = forEachChunk(ctx, rr, f.options.Workers,
		func(c *Chunk) (w chunkWork[T]) {
			switch {
			case c.skipped:
				w.digest = f.chunks[c.number]
			case !f.options.SinglePass:
				w.digest = rawcsv.Digest(f.seed, c.Bytes())
			}
			if !f.read || f.hasChunk(c.number, w.digest) {
				w.result = p.Work(c)
			}
			return w
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
			if f.options.Progress != nil {
				progress.Bytes = counted.read.Load()
				f.options.Progress(progress)
			}
			return nil
		})
	switch {
	case err != nil:
		return err
	case f.read && count != len(f.chunks):
		return ErrSourceChanged
	case !f.read && !f.options.SinglePass:
		f.header, f.chunks, f.size, f.read = headerDigest, chunks, counted.read.Load(), true
	}
	return nil
}

// hasChunk reports whether the chunk with that number had that digest in the first
// pass.
func (f *File) hasChunk(number int, digest uint64) bool {
	return number < len(f.chunks) && f.chunks[number] == digest
}

// A callbackError is an error of a function of the pass, not of the file.
type callbackError struct{ err error }

func (e *callbackError) Error() string { return e.err.Error() }
