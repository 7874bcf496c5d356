package output

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/labdsr/labdsr/examples/labdsr/internal/filestat"
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

// errMounted says that something is mounted where something was to be removed.
var errMounted = errors.New("something is mounted there, or in it")

// removeTree removes a file or folder, follows no link, and goes into nothing that is
// mounted. The marker of a folder goes last, so that what is left after an error is
// known.
func (s system) removeTree(path string) error {
	all, err := list(path)
	if err != nil {
		return err
	}
	if hasMount(all) {
		return &fs.PathError{Op: "unlink", Path: path, Err: errMounted}
	}
	slices.Reverse(all) // what is in a folder comes before it
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.rank(), b.rank()) })
	for _, one := range all {
		if err := s.removeListed(filepath.Join(path, one.path), one.info); err != nil {
			return err
		}
	}
	return nil
}

// removeListed removes a file or an empty folder if it is still the one that was listed.
func (s system) removeListed(path string, listed fs.FileInfo) error {
	return s.remove(path, func(path string) error {
		if now, err := os.Lstat(path); err != nil {
			return err
		} else if !os.SameFile(now, listed) {
			return &fs.PathError{Op: "unlink", Path: path, Err: errors.New("was replaced by another program")}
		}
		return os.Remove(path)
	})
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
	path    string // below what was listed; "." for that itself
	info    fs.FileInfo
	isMount bool
}

// rank says in which order entries are removed: the marker, and what was listed, last.
func (e entry) rank() int { return slices.Index([]string{marker.Name, "."}, e.path) }

// list returns what is at a path and below it, without following links. It is nil if
// nothing is there.
func (s system) list(path string) ([]entry, error) {
	if err := s.may("lstat", path); err != nil {
		return nil, err
	}
	return list(path)
}

func list(path string) ([]entry, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var all []entry
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		one := entry{}
		if one.info, err = d.Info(); err != nil {
			return err
		}
		if one.isMount, err = isMount(name); err != nil {
			return err
		}
		one.path, err = filepath.Rel(path, name)
		all = append(all, one)
		if one.isMount && d.IsDir() && err == nil {
			return filepath.SkipDir
		}
		return err
	})
	return all, err
}

func hasMount(all []entry) bool {
	return slices.ContainsFunc(all, func(one entry) bool { return one.isMount })
}

// isSame reports whether two lists are of the same files, as far as size and time tell.
func isSame(a, b []entry) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].path != b[i].path || a[i].isMount != b[i].isMount {
			return false
		}
		same := filestat.Same
		if a[i].info.IsDir() { // its time changes with what is in it
			same = os.SameFile
		}
		if !same(a[i].info, b[i].info) {
			return false
		}
	}
	return true
}
