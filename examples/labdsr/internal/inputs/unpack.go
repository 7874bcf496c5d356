package inputs

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
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
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstdFile
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipFile
	}
	return plainFile
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
func (f *Finder) unpack(b *blob) ([]*File, error) {
	kind, err := b.packing()
	if err != nil {
		return nil, err
	}
	if kind == zipFile {
		return f.entries(b)
	}
	file := &File{Path: b.path, abs: b.abs, packed: b.abs, info: b.info, size: b.size}
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
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, errors.Join(damaged("gzip", err), r.Close())
		}
		return &unpackedReader{z, z.Close, r, "gzip"}, nil
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

// entries returns the files in a ZIP. A ZIP becomes a folder of its name.
func (f *Finder) entries(b *blob) ([]*File, error) {
	in, err := b.open()
	if err != nil {
		return nil, err
	}
	defer quietly(in)
	archive, err := zip.NewReader(in, b.size)
	if err != nil {
		return nil, damaged("ZIP", err)
	}
	folder := ""
	if b.abs != "" {
		folder = withoutSuffix(b.abs, ".zip")
	}
	var all []*File
	for i, e := range archive.File {
		if e.FileInfo().IsDir() || isHidden(path.Base(e.Name)) {
			continue
		}
		name := strings.ReplaceAll(e.Name, `\`, "/") // some programs on Windows write these
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fault.WithHint(errors.New("an entry of the ZIP file would lie outside of its folder"), "this is no ZIP file of a portal; do not trust it")
		}
		if e.Flags&1 != 0 {
			return nil, fault.WithHint(errors.New("the ZIP file is encrypted"), "unpack it first")
		}
		file := &File{Path: b.path + "/" + name, packed: b.abs, info: b.info, entry: name, size: int64(min(e.UncompressedSize64, 1<<50))}
		if folder != "" {
			file.abs = filepath.Join(folder, filepath.FromSlash(name))
		}
		file.open = func() (io.ReadCloser, error) { return f.openEntry(b, i) }
		all = append(all, file)
	}
	return all, nil
}

func (f *Finder) openEntry(b *blob, number int) (io.ReadCloser, error) {
	in, err := b.open()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(in, b.size)
	if err != nil {
		return nil, errors.Join(damaged("ZIP", err), in.Close())
	}
	if number >= len(archive.File) {
		return nil, errors.Join(damaged("ZIP", io.ErrUnexpectedEOF), in.Close())
	}
	entry, err := archive.File[number].Open()
	if err != nil {
		return nil, errors.Join(damaged("ZIP", err), in.Close())
	}
	return f.metered(&unpackedReader{entry, entry.Close, in, "ZIP"}), nil
}
