package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A content is a plain file: that of a blob, unpacked, or one in a ZIP.
type content struct {
	path string // as people know it
	abs  string // where its plain form would stand; "" if it came from a pipe
	blob *blob
	name string // in the ZIP; "" otherwise
	size int64  // bytes that a pass counts
	open func() (io.ReadCloser, error)
}

// contents returns the plain files of a blob.
func (f *finder) contents(b *blob) ([]*content, error) {
	kind, err := b.packing()
	if err != nil {
		return nil, err
	}
	if kind == zipFile {
		return f.entries(b)
	}
	c := &content{path: b.path, abs: b.abs, blob: b, size: b.size}
	if kind != plainFile {
		c.abs = withoutSuffix(b.abs, ".gz", ".gzip", ".zst", ".zstd")
	}
	c.open = func() (io.ReadCloser, error) {
		file, err := b.open()
		if err != nil {
			return nil, err
		}
		return unpacked(&meteredReader{file, f.con}, kind)
	}
	return []*content{c}, nil
}

// withoutSuffix takes one of the suffixes off a name, in any letter case.
func withoutSuffix(name string, suffixes ...string) string {
	for _, suffix := range suffixes {
		if n := len(name) - len(suffix); n > 0 && strings.EqualFold(name[n:], suffix) {
			return name[:n]
		}
	}
	return name
}

// unpacked returns a reader of the plain bytes, which closes r in the end.
func unpacked(r io.ReadCloser, kind packing) (io.ReadCloser, error) {
	switch kind {
	case gzipFile:
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, errors.Join(packed("gzip", err), r.Close())
		}
		return &unpackedReader{z, z.Close, r, "gzip"}, nil
	case zstdFile:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow))
		if err != nil {
			return nil, errors.Join(packed("zstd", err), r.Close())
		}
		return &unpackedReader{z, func() error { z.Close(); return nil }, r, "zstd"}, nil
	case plainFile, zipFile:
	}
	return r, nil
}

// maxWindow is how much memory a compressed file may ask for. It is what zstd
// --ultra --long=27 needs.
const maxWindow = 256 << 20

// packed says that a compressed file cannot be unpacked.
func packed(format string, err error) error {
	return hinted(fmt.Errorf("damaged %s file: %w", format, err), "was the download cut off? download it again")
}

type unpackedReader struct {
	io.Reader
	end    func() error
	below  io.Closer
	format string
}

func (u *unpackedReader) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = packed(u.format, err)
	}
	return n, err
}

func (u *unpackedReader) Close() error { return errors.Join(u.end(), u.below.Close()) }

// entries returns the files in a ZIP. A ZIP becomes a folder of its name.
func (f *finder) entries(b *blob) ([]*content, error) {
	file, err := b.open()
	if err != nil {
		return nil, err
	}
	defer quietly(file)
	archive, err := zip.NewReader(file, b.size)
	if err != nil {
		return nil, packed("ZIP", err)
	}
	folder := ""
	if b.abs != "" {
		folder = withoutSuffix(b.abs, ".zip")
	}
	var all []*content
	for i, e := range archive.File {
		if e.FileInfo().IsDir() || isHidden(path.Base(e.Name)) {
			continue
		}
		name := strings.ReplaceAll(e.Name, `\`, "/") // some programs on Windows write these
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, hinted(errors.New("an entry of the ZIP file would lie outside of its folder"), "this is no ZIP file of a portal; do not trust it")
		}
		if e.Flags&1 != 0 {
			return nil, hinted(errors.New("the ZIP file is encrypted"), "unpack it first")
		}
		c := &content{path: b.path + "/" + name, blob: b, name: name, size: int64(min(e.UncompressedSize64, 1<<50))}
		if folder != "" {
			c.abs = filepath.Join(folder, filepath.FromSlash(name))
		}
		c.open = func() (io.ReadCloser, error) { return f.openEntry(b, i) }
		all = append(all, c)
	}
	return all, nil
}

func (f *finder) openEntry(b *blob, number int) (io.ReadCloser, error) {
	file, err := b.open()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(file, b.size)
	if err != nil {
		return nil, errors.Join(packed("ZIP", err), file.Close())
	}
	if number >= len(archive.File) {
		return nil, errors.Join(packed("ZIP", io.ErrUnexpectedEOF), file.Close())
	}
	entry, err := archive.File[number].Open()
	if err != nil {
		return nil, errors.Join(packed("ZIP", err), file.Close())
	}
	return &meteredReader{&unpackedReader{entry, entry.Close, file, "ZIP"}, f.con}, nil
}
