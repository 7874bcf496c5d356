package inputs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/filestat"
)

// A blob is a file as it is on the disk or in a store, perhaps compressed, that can be
// opened more than once.
type blob struct {
	path   string // as people know it
	below  string // path below the folder that is searched; "" for what was given by itself
	abs    string // "" for what came from a pipe
	stored string // its name in the store; "" if it is in none
	size   int64
	info   fs.FileInfo // nil for what was spooled or is stored
	open   func() (io.ReadCloser, error)
	openAt func() (blobFile, error) // nil for what can only be read from its beginning
}

type blobFile interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// Stdin is the path of standard input.
const Stdin = "-"

// StdinName is what messages call it.
const StdinName = "standard input"

// ErrStdinTwice says that standard input was given more than once.
var ErrStdinTwice = fault.Usage("standard input (-) can be read only once")

// TakeStdin returns standard input. A second call is an error.
func (f *Finder) TakeStdin() (io.Reader, error) {
	if f.stdinUsed {
		return nil, ErrStdinTwice
	}
	f.stdinUsed = true
	return f.Stdin, nil
}

// newBlob returns the blob of a path. What is not a regular file, such as a pipe, is
// spooled.
func (f *Finder) newBlob(ctx context.Context, path string) (*blob, error) {
	if path == Stdin && f.Stdin != nil {
		in, err := f.TakeStdin()
		if err != nil {
			return nil, err
		}
		return f.spool(ctx, StdinName, in)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		in, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer quietly(in)
		return f.spool(ctx, path, in)
	}
	abs, err := Absolute(path)
	if err != nil {
		return nil, err
	}
	return newFileBlob(blob{path: path, abs: abs, size: info.Size(), info: info}, func() (blobFile, error) { return openUnchanged(path, info) }), nil
}

// newFileBlob completes a blob that can be read at any place.
func newFileBlob(b blob, openAt func() (blobFile, error)) *blob {
	b.open, b.openAt = func() (io.ReadCloser, error) { return openAt() }, openAt
	return &b
}

// An unchangedFile is a file that must not change while it is read. A pass that changes
// nothing of its length would not notice by itself.
type unchangedFile struct {
	*os.File
	info fs.FileInfo // when it was found
}

func openUnchanged(path string, info fs.FileInfo) (blobFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &unchangedFile{file, info}
	if err := f.check(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return f, nil
}

// Close closes the file and returns [csvschema.ErrSourceChanged] if it is not what it was.
func (f *unchangedFile) Close() error { return errors.Join(f.check(), f.File.Close()) }

func (f *unchangedFile) check() error {
	now, err := f.Stat()
	if err == nil && !filestat.Same(now, f.info) {
		err = csvschema.ErrSourceChanged
	}
	return err
}

// Temporary makes a private file that is there until [Finder.Close]. Where the system lets
// it, the file has no name from the beginning, so that nothing is left even if the process
// is killed.
func (f *Finder) Temporary() (*os.File, error) {
	file, err := os.CreateTemp("", ".labdsr-spool-*") // mode 0600
	if err != nil {
		return nil, err
	}
	if runtime.GOOS == "windows" {
		f.spooled = append(f.spooled, file)
	} else if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// spool copies what can be read only once into a temporary file, because an answer takes
// several passes.
func (f *Finder) spool(ctx context.Context, name string, in io.Reader) (*blob, error) {
	file, err := f.Temporary()
	if err != nil {
		return nil, err
	}
	type copied struct {
		n   int64
		err error
	}
	done := make(chan copied, 1)
	go func() { // an interrupt does not end a read from a terminal
		n, err := io.Copy(file, in)
		done <- copied{n, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case c := <-done:
		if c.err != nil {
			return nil, fmt.Errorf("%s: %w", name, c.err)
		}
		return newFileBlob(blob{path: name, size: c.n}, func() (blobFile, error) {
			return sectionFile{io.NewSectionReader(file, 0, c.n)}, nil
		}), nil
	}
}

type sectionFile struct{ *io.SectionReader }

func (sectionFile) Close() error { return nil }

// A meteredReader says how many bytes were read.
type meteredReader struct {
	io.ReadCloser
	read func(int)
}

func (m *meteredReader) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.read(n)
	return n, err
}

func (f *Finder) metered(r io.ReadCloser) io.ReadCloser {
	if f.Read == nil {
		return r
	}
	return &meteredReader{r, f.Read}
}
