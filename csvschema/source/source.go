package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"

	"github.com/labdsr/labdsr/csvschema"
)

// Errors of packed files, which are [csvschema.ErrInput], too. ErrGzip says that a gzip
// file was cut off, is damaged, or has something other than zeros after its end.
// ErrPackedTwice says that a gzip file is in another.
var (
	ErrGzip        error = inputError("damaged gzip file")
	ErrPackedTwice error = inputError("gzip file inside a gzip file")
)

// FromFS returns the source of a file. It may be packed by gzip, whatever its name is. If
// the size or the time of the file changes while it is open, closing it returns
// [csvschema.ErrSourceChanged]. Errors of the file system are an [Error].
func FromFS(fsys fs.FS, name string) csvschema.Source {
	return Gunzip(csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		file, err := fsys.Open(name)
		if err != nil {
			return nil, newError(name, err)
		}
		f := &fsFile{file: file, name: name}
		if f.info, err = file.Stat(); err != nil {
			return nil, newError(name, errors.Join(err, file.Close()))
		}
		return f, nil
	}})
}

// FromBytes returns the source of a file that is in memory. It may be packed by gzip. The
// bytes must not be changed.
func FromBytes(data []byte) csvschema.Source {
	return Gunzip(csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		in := bytes.NewReader(data)
		return sizedReader{in, io.NopCloser(in), int64(len(data))}, nil
	}})
}

// FromUpload returns the source of a file that was sent in a form, see
// [net/http.Request.MultipartForm]. It may be packed by gzip. It can be opened until
// [multipart.Form.RemoveAll] is called. The source of nil opens nothing.
func FromUpload(header *multipart.FileHeader) csvschema.Source {
	if header == nil {
		return csvschema.Source{}
	}
	return Gunzip(csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		file, err := header.Open()
		if err != nil {
			return nil, withoutPath(err)
		}
		return uploadFile{file, header.Size}, nil
	}})
}

// Gunzip returns the source of the same bytes if they are not packed by gzip, and of
// those that were packed if they are. Reading ends with the error of the context when
// that is done. A source without an Open function is returned as it is.
func Gunzip(s csvschema.Source) csvschema.Source {
	if s.Open == nil {
		return s
	}
	return csvschema.Source{Open: func(ctx context.Context) (io.ReadCloser, error) {
		in, err := s.Open(ctx)
		if err != nil || in == nil {
			return nil, err
		}
		plain, isPacked, err := unpacked(&sourceReader{ctx: ctx, in: in})
		if err != nil {
			return nil, errors.Join(err, in.Close())
		}
		size := int64(0)
		if file, ok := in.(interface{ Size() int64 }); ok && !isPacked {
			size = file.Size()
		}
		return sizedReader{plain, in, size}, nil
	}}
}

// A sizedReader is a source that tells how many bytes it gives; see [csvschema.Source].
type sizedReader struct {
	io.Reader
	io.Closer
	size int64 // 0 if it is not known
}

// Size returns how many bytes the reader gives.
func (r sizedReader) Size() int64 { return r.size }

// gzipMagic is how a gzip file begins.
const gzipMagic = "\x1f\x8b"

// unpacked returns a reader of the plain bytes of r, and reports whether r is packed.
func unpacked(r *sourceReader) (plain *bufio.Reader, isPacked bool, err error) {
	in := bufio.NewReader(r)
	if isPacked, err = begins(in, gzipMagic); err != nil || !isPacked {
		return in, false, err
	}
	z := &gzipReader{source: r, in: in}
	if z.member, err = gzip.NewReader(in); err != nil {
		return nil, true, z.damaged(err)
	}
	z.member.Multistream(false)
	plain = bufio.NewReader(z)
	again, err := begins(plain, gzipMagic)
	if err == nil && again {
		err = ErrPackedTwice
	}
	return plain, true, err
}

// begins reports whether the text that is next in r begins with a prefix.
func begins(r *bufio.Reader, prefix string) (bool, error) {
	head, err := r.Peek(len(prefix))
	if err == io.EOF {
		err = nil
	}
	return string(head) == prefix, err
}

// A sourceReader reads a source until the context is done, and keeps its error.
type sourceReader struct {
	ctx context.Context
	in  io.Reader
	err error // other than io.EOF
}

// Read implements io.Reader.
func (r *sourceReader) Read(p []byte) (int, error) {
	if r.err == nil {
		r.err = r.ctx.Err()
	}
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.in.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// A gzipReader reads the plain bytes of a gzip file. Zeros may be after its last member:
// some programs fill blocks with them.
type gzipReader struct {
	in     *bufio.Reader
	member *gzip.Reader // one at a time
	source *sourceReader
}

// Read implements io.Reader.
func (r *gzipReader) Read(p []byte) (int, error) {
	n, err := r.member.Read(p)
	if err == io.EOF {
		if err = r.next(); err == io.EOF {
			return n, io.EOF
		}
	}
	if err != nil {
		err = r.damaged(err)
	}
	return n, err
}

// next begins the next member, or returns io.EOF.
func (r *gzipReader) next() error {
	first, err := r.in.ReadByte()
	if err == nil && first != 0 {
		_ = r.in.UnreadByte() // it was just read
		if err = r.member.Reset(r.in); err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		r.member.Multistream(false)
		return err
	}
	for err == nil && first == 0 {
		first, err = r.in.ReadByte()
	}
	if err == nil {
		return gzip.ErrHeader
	}
	return err
}

// damaged returns what went wrong: if it was reading the source, the file may be sound.
func (r *gzipReader) damaged(err error) error {
	if r.source.err != nil {
		return r.source.err
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrGzip, err)
}

// An fsFile is a file of a file system that must not change while it is open: who reads a
// file that is still being written sees no end that is too early.
type fsFile struct {
	file fs.File
	name string
	info fs.FileInfo // when it was opened
}

// Read implements io.Reader.
func (f *fsFile) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	if err != nil && err != io.EOF {
		err = newError(f.name, err)
	}
	return n, err
}

// Size returns the size of the file.
func (f *fsFile) Size() int64 { return f.info.Size() }

// Close implements io.Closer.
func (f *fsFile) Close() error {
	info, err := f.file.Stat()
	if err == nil && (info.Size() != f.info.Size() || !info.ModTime().Equal(f.info.ModTime())) {
		err = csvschema.ErrSourceChanged
	}
	if err = errors.Join(err, f.file.Close()); err != nil {
		return newError(f.name, err)
	}
	return nil
}

// An uploadFile is a file of a form, perhaps a temporary one.
type uploadFile struct {
	multipart.File
	size int64
}

// Size returns the size of the file.
func (f uploadFile) Size() int64 { return f.size }

// Read implements io.Reader.
func (f uploadFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if err != nil && err != io.EOF {
		err = withoutPath(err)
	}
	return n, err
}

// Close implements io.Closer.
func (f uploadFile) Close() error {
	if err := f.File.Close(); err != nil {
		return withoutPath(err)
	}
	return nil
}
