package inputs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// A packing is the format of a blob, by its first bytes.
type packing int

const (
	plainFile packing = iota
	gzipFile
	zstdFile
	zipFile
)

func packingOf(head []byte) packing {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzipFile
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}), isSkippable(head):
		return zstdFile
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipFile
	}
	return plainFile
}

// isSkippable reports whether a file begins with a skippable frame of zstd, as those of
// pzstd do.
func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

func (b *blob) packing() (packing, error) {
	in, err := b.open()
	if err != nil {
		return plainFile, err
	}
	defer quietly(in)
	var head [4]byte
	n, err := io.ReadFull(in, head[:])
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return plainFile, err
	}
	return packingOf(head[:n]), nil
}

// unpack returns the plain files of a blob.
func (f *Finder) unpack(ctx context.Context, b *blob) ([]*File, error) {
	kind, err := b.packing()
	if err != nil {
		return nil, err
	}
	if kind == zipFile {
		if b.openAt == nil {
			if b, err = f.spoolStored(ctx, b); err != nil {
				return nil, err
			}
		}
		if own, err := f.isPackage(b); own || err != nil {
			return []*File{{Path: b.path, below: b.below, stored: b.stored, info: b.info, size: b.size, isOther: true}}, err
		}
		return f.entries(b)
	}
	file := &File{Path: b.path, below: b.below, abs: b.abs, stored: b.stored, isPacked: kind != plainFile, info: b.info, size: b.size}
	if kind != plainFile {
		file.abs = withoutSuffix(b.abs, ".gz", ".gzip", ".zst", ".zstd")
	}
	file.open = func() (io.ReadCloser, error) {
		in, err := b.open()
		if err != nil {
			return nil, err
		}
		return unpacked(f.metered(in), kind)
	}
	return []*File{file}, nil
}

// isPackage reports whether a file of a search is a package of this program, whose tables
// are copies of rows.
func (f *Finder) isPackage(b *blob) (bool, error) {
	if f.Package == nil || b.below == "" {
		return false, nil
	}
	in, err := b.openAt()
	if err != nil {
		return false, err
	}
	defer quietly(in)
	return f.Package(in, b.size), nil
}

// withoutSuffix removes one of the suffixes from a name, in any letter case.
func withoutSuffix(name string, suffixes ...string) string {
	for _, suffix := range suffixes {
		if n := len(name) - len(suffix); n > 0 && strings.EqualFold(name[n:], suffix) {
			return name[:n]
		}
	}
	return name
}

// unpacked returns a reader of the plain bytes of r. Closing it closes r.
func unpacked(r io.ReadCloser, kind packing) (io.ReadCloser, error) {
	switch kind {
	case gzipFile:
		z, err := newGzipReader(r)
		if err != nil {
			return nil, errors.Join(damaged("gzip", err), r.Close())
		}
		return &unpackedReader{z, z.z.Close, r, "gzip"}, nil
	case zstdFile:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow))
		if err != nil {
			return nil, errors.Join(damaged("zstd", err), r.Close())
		}
		return &unpackedReader{z, func() error { z.Close(); return nil }, r, "zstd"}, nil
	case plainFile, zipFile:
	}
	return r, nil
}

// maxWindow is how much memory a compressed file may ask for, in bytes. It is what
// zstd --ultra --long=27 needs.
const maxWindow = 256 << 20

// damaged says that a compressed file cannot be unpacked.
func damaged(format string, err error) error {
	return fault.WithHint(fmt.Errorf("damaged %s file: %w", format, err), "was the download cut off? download it again")
}

// An unpackedReader reads the plain bytes of a compressed file.
type unpackedReader struct {
	io.Reader
	end    func() error
	below  io.Closer
	format string
}

func (u *unpackedReader) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = damaged(u.format, err)
	}
	return n, err
}

func (u *unpackedReader) Close() error { return errors.Join(u.end(), u.below.Close()) }

// A gzipReader reads the members of a gzip file. Zeros may be after the last one: some
// programs fill blocks with them.
type gzipReader struct {
	in *bufio.Reader
	z  *gzip.Reader
}

func newGzipReader(r io.Reader) (*gzipReader, error) {
	g := &gzipReader{in: bufio.NewReader(r)}
	var err error
	if g.z, err = gzip.NewReader(g.in); err != nil {
		return nil, err
	}
	g.z.Multistream(false)
	return g, nil
}

func (g *gzipReader) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	if err == io.EOF {
		err = g.next()
	}
	return n, err
}

// next begins the next member, or returns io.EOF.
func (g *gzipReader) next() error {
	first, err := g.in.ReadByte()
	for filled := false; err == nil; first, err = g.in.ReadByte() {
		if filled = filled || first == 0; !filled {
			_ = g.in.UnreadByte() // it was just read
			if err := g.z.Reset(g.in); err != nil {
				return noEOF(err)
			}
			g.z.Multistream(false)
			return nil
		}
		if first != 0 {
			return gzip.ErrHeader
		}
	}
	return err
}

// noEOF returns err, which is no clean end.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
