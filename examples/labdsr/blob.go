package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// A blob is a file as it stands on the disk, perhaps compressed, that can be opened
// more than once.
type blob struct {
	path string // as people know it
	abs  string
	size int64
	info fs.FileInfo // nil for what was spooled
	open func() (blobFile, error)
}

type blobFile interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// newBlob returns the blob of a path. What is no regular file, such as a pipe, is
// spooled.
func (f *finder) newBlob(ctx context.Context, path string) (*blob, error) {
	if path == stdinName {
		if f.stdinUsed {
			return nil, errStdinTwice
		}
		f.stdinUsed = true
		return spool(ctx, f.con, "standard input", f.stdin)
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
		return spool(ctx, f.con, path, in)
	}
	abs, err := absolute(path)
	if err != nil {
		return nil, err
	}
	return &blob{path, abs, info.Size(), info, func() (blobFile, error) { return os.Open(path) }}, nil
}

const stdinName = "-"

var errStdinTwice = usagef("standard input (-) can be read only once")

// spool copies what can be read once into a private file, because answering takes
// several passes. Where the system lets it, the file has no name from the
// beginning, so that nothing is left even if the process is killed.
func spool(ctx context.Context, con *console, name string, in io.Reader) (*blob, error) {
	file, err := os.CreateTemp("", ".labdsr-spool-*") // mode 0600
	if err != nil {
		return nil, err
	}
	if runtime.GOOS == "windows" {
		con.atEnd = append(con.atEnd, func() { _ = file.Close(); _ = os.Remove(file.Name()) })
	} else if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	type copied struct {
		n   int64
		err error
	}
	done := make(chan copied, 1)
	go func() { // a read from a terminal does not end when it is interrupted
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
		return &blob{name, "", c.n, nil, func() (blobFile, error) {
			return sectionFile{io.NewSectionReader(file, 0, c.n)}, nil
		}}, nil
	}
}

type sectionFile struct{ *io.SectionReader }

func (sectionFile) Close() error { return nil }

// A packing is how a blob is packed, as its first bytes tell.
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

// packing returns how the blob is packed.
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

// quietly closes what was only read.
func quietly(c io.Closer) { _ = c.Close() }
