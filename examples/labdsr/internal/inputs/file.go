package inputs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// A File is one plain file of an export: a file as it is on the disk, an unpacked one,
// or an entry of a ZIP.
type File struct {
	csvschema.FileID        // its numbers in the request
	Path             string // as people know it
	Header           []byte // the first record, as it is in the file

	below      string      // path below the folder or ZIP that is searched, with slashes; "" if it was given by itself
	doubt      doubt       // why it cannot be read, and may be an export
	isOther    bool        // it is certainly no export; it cannot be opened
	inDocument bool        // it is a part of a document
	abs        string      // where the plain file is, or would be after unpacking; "" if it came from a pipe
	stored     string      // name in the store of the file, or of the ZIP that it is in; "" if it is in none
	isPacked   bool        // it is compressed, by itself
	info       fs.FileInfo // of the file on the disk; nil if it came from a pipe or is stored
	entry      string      // name in the ZIP; "" if it came from none
	size       int64       // bytes that one pass reads from the disk, or from the entry
	open       func() (io.ReadCloser, error)
}

// Plain returns the file of a path that is neither packed nor looked at.
func Plain(path string, role csvschema.Role) *File {
	return &File{FileID: csvschema.FileID{Role: role}, Path: path, open: func() (io.ReadCloser, error) { return openPlain(path) }}
}

// source returns the file as the library reads it.
func (f *File) source() csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return f.open() }}
}

// errNoExport says that a file is not one of the two kinds.
var errNoExport = errors.New("no export: its first line does not name the columns of virtualmachines.csv or disks.csv")

// kindOf says what the file is, wherever it is.
func (f *File) kindOf(lists [][]string) (source.Kind, error) {
	if f.isOther {
		return source.KindOther, nil
	}
	in, err := f.open()
	if err != nil {
		return 0, err
	}
	defer quietly(in)
	return source.KindOf(path.Base(filepath.ToSlash(f.Path)), in, lists...)
}

// kindAt says what the file is at its place in a folder or ZIP.
func (f *File) kindAt(lists [][]string) (source.Kind, error) {
	switch {
	case f.isOther && source.InSystem(f.below):
		return source.KindOfSystem, nil
	case f.isOther:
		return source.KindOther, nil
	}
	in, err := f.open()
	if err != nil {
		return 0, err
	}
	defer quietly(in)
	return source.KindAt(f.below, in, lists...)
}

// readHeader sets the role of an export and its header.
func (f *File) readHeader(ctx context.Context) error {
	role, err := source.DetectRole(ctx, f.source())
	if err != nil {
		return err
	}
	in, err := f.open()
	if err != nil {
		return err
	}
	defer quietly(in)
	header, err := csvschema.NewRecordReader(in, role, &csvschema.RecordOptions{Required: []csvschema.Column{}}).Header()
	if err != nil {
		return err
	}
	f.Role, f.Header = role, bytes.Clone(header.Raw())
	return nil
}

// openPlain opens a file that must not change until it is closed.
func openPlain(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if !info.Mode().IsRegular() {
		return file, nil
	}
	return &unchangedFile{file, info}, nil
}

// Each calls yield for each record of the file until yield returns false or an error,
// which it returns.
func (f *File) Each(ctx context.Context, yield func(csvschema.Record) (bool, error)) (err error) {
	in, err := f.open()
	if err != nil {
		return fault.In(f.Path, err)
	}
	defer f.close(in, &err)
	r := csvschema.NewRecordReader(in, f.Role, &csvschema.RecordOptions{
		Required: []csvschema.Column{csvschema.LabUId, csvschema.ResourceUId},
	})
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fault.In(f.Path, err)
		}
		if more, err := yield(rec); err != nil || !more {
			return err
		}
	}
}

// CopyTo writes the plain bytes of the file to w.
func (f *File) CopyTo(ctx context.Context, w io.Writer) (err error) {
	in, err := f.open()
	if err != nil {
		return fault.In(f.Path, err)
	}
	defer f.close(in, &err)
	if _, err := io.Copy(w, &interruptible{ctx, in}); err != nil {
		return fault.In(f.Path, err)
	}
	return nil
}

// close closes what was opened of the file. If it has changed, that is the error.
func (f *File) close(in io.Closer, err *error) {
	if closeErr := in.Close(); closeErr != nil && *err == nil {
		*err = fault.In(f.Path, closeErr)
	}
}

// folder is what the files of one export have in common; "" if it came from a pipe.
func (f *File) folder() string {
	if f.abs == "" {
		return ""
	}
	return filepath.Dir(f.abs)
}

// same reports whether both are the same file, or the same entry of the same ZIP.
func (f *File) same(other *File) bool {
	if f.stored != "" || other.stored != "" {
		return f.entry == other.entry && f.stored == other.stored
	}
	return f.entry == other.entry && f.info != nil && other.info != nil && os.SameFile(f.info, other.info)
}

// Stored returns the name of the file in the store, or "" if it is in none. Plain reports
// whether what is stored is the file itself, and no compressed file and no ZIP.
func (f *File) Stored() (name string, plain bool) {
	return f.stored, f.stored != "" && f.entry == "" && !f.isPacked
}

// Absolute returns an absolute path without links in its folders, so that paths of
// the same file are the same.
func Absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(dir, filepath.Base(abs))
	}
	return abs, nil
}

// isBelow reports whether a path is a folder or is below it. Both must be paths that
// [Absolute] returned.
func isBelow(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// An interruptible reader ends with its context.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// quietly closes what was only read.
func quietly(c io.Closer) { _ = c.Close() }
