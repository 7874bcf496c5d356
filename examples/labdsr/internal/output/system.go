package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// A system is the file system as far as outputs change it. In tests, fault says which
// call fails.
type system struct{ fault func(op, path string) error }

// may returns the error with which a call is to fail, or nil.
func (s system) may(op, path string) error {
	if s.fault == nil {
		return nil
	}
	if err := s.fault(op, path); err != nil {
		return &fs.PathError{Op: op, Path: path, Err: err}
	}
	return nil
}

func (s system) lstat(path string) (fs.FileInfo, error) {
	if err := s.may("lstat", path); err != nil {
		return nil, err
	}
	return os.Lstat(path)
}

// open opens a file for writing. It follows no link, and makes only files that nobody
// else can read.
func (s system) open(path string, flag int) (*os.File, error) {
	if err := s.may("open", path); err != nil {
		return nil, err
	}
	return os.OpenFile(path, flag|noFollow, 0o600)
}

func (s system) sync(file *os.File) error {
	if err := s.may("fsync", file.Name()); err != nil {
		return err
	}
	return file.Sync()
}

func (s system) mkdir(path string) error {
	if err := s.may("mkdir", path); err != nil {
		return err
	}
	return os.Mkdir(path, 0o700)
}

func (s system) syncFolder(dir string) error {
	if err := s.may("fsync", dir); err != nil {
		return err
	}
	return syncFolder(dir)
}

func (s system) rename(from, to string) error {
	if err := s.may("rename", from); err != nil {
		return err
	}
	return inPath(from, os.Rename(from, to))
}

// renameNew renames what never replaces anything. Some file systems cannot do that in
// one step: there a look before the renaming must do.
func (s system) renameNew(from, to string) error {
	if err := s.may("rename", from); err != nil {
		return err
	}
	err := s.without("rename only new", from, func() error { return renameNew(from, to) })
	if errors.Is(err, errCannot) {
		if _, err = os.Lstat(to); err == nil {
			err = fs.ErrExist
		} else if errors.Is(err, fs.ErrNotExist) {
			err = os.Rename(from, to)
		}
	}
	return inPath(from, err)
}

// exchange exchanges two names in one step. The error is errCannot if the file system
// cannot do that.
func (s system) exchange(a, b string) error {
	return s.without("exchange", a, func() error { return inPath(a, exchange(a, b)) })
}

// errCannot says that a system call is not there. Tests inject it, too.
var errCannot = errors.New("the file system cannot do this")

func (s system) without(op, path string, call func() error) error {
	if err := s.may(op, path); err != nil {
		return err
	}
	return call()
}

// removeTree removes a file or folder, and follows no link. The marker of a folder goes
// last, so that what is left after an error is known.
func (s system) removeTree(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.IsDir() {
		var entries []fs.DirEntry
		entries, err = os.ReadDir(path)
		for _, entry := range entries {
			if entry.Name() != marker.Name && err == nil {
				err = s.remove(filepath.Join(path, entry.Name()), os.RemoveAll)
			}
		}
		if err == nil {
			err = s.remove(filepath.Join(path, marker.Name), os.RemoveAll)
		}
	}
	if err == nil {
		err = s.remove(path, os.Remove)
	}
	return err
}

func (s system) remove(path string, remove func(string) error) error {
	if err := s.may("unlink", path); err != nil {
		return err
	}
	return remove(path)
}

// inPath returns an error of a call with two paths as one about the first, which is how
// [fault.Text] knows errors.
func inPath(path string, err error) error {
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		err = link.Err
	}
	if err == nil || errors.Is(err, errCannot) {
		return err
	}
	return &fs.PathError{Op: "rename", Path: path, Err: err}
}

// An entry is a file or folder as it was seen.
type entry struct {
	path string // below what was listed; "." for that itself
	info fs.FileInfo
}

// list returns what is at a path and below it, without following links. It is nil if
// nothing is there.
func (s system) list(path string) ([]entry, error) {
	if _, err := s.lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var all []entry
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(path, name)
		all = append(all, entry{rel, info})
		return err
	})
	return all, err
}

// isSame reports whether two lists are of the same files, as far as size and time tell.
func isSame(a, b []entry) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].path != b[i].path || !os.SameFile(a[i].info, b[i].info) {
			return false
		}
		if !a[i].info.IsDir() && (a[i].info.Size() != b[i].info.Size() || !a[i].info.ModTime().Equal(b[i].info.ModTime())) {
			return false
		}
	}
	return true
}
