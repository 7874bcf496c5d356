// Package output answers one question: is an output whole, or not there at all?
//
// A [Set] begins the outputs of a run and refuses those that would overwrite something
// that this program did not write, or that this run reads. [Set.Commit] gives all
// outputs their names, or none. [Set.Keep] makes that final; until then [Set.Discard]
// puts everything back. Only this program's user can read the outputs.
package output

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// A Kind is what an output is.
type Kind struct {
	Folder bool
	// Ours reports whether this program wrote a file of this kind. A folder has a
	// marker instead, and no Ours.
	Ours func(*os.File) bool
}

// Folder is the kind of all folders.
func Folder() Kind { return Kind{Folder: true} }

// An Output is a file or folder that appears whole or not at all. It is written under
// another name in the same folder, synced to the disk, and renamed.
//
//	.labdsr-NAME.lock  empty; the run that writes locks it
//	.labdsr-NAME.new   what is being written, or what was replaced and is being removed
//	.labdsr-NAME.old   what is being replaced, on systems that cannot exchange two names
//
// A run that is killed leaves these. The next run to the same output gets the lock,
// because the system takes it from a dead process, and cleans up. Whatever another user
// may have put there under these names is not touched.
type Output struct {
	set   *Set
	given string // path as the user gave it
	path  string // absolute
	kind  Kind
	force bool
	lock  *os.File
	made  bool // .new is ours
	place place
	seen  []entry     // what was at the path at the beginning; it may be replaced
	new   fs.FileInfo // of what was written; nil before it gets its name
	files map[string]*marker.File

	stored *stored // nil for one in the file system
}

// A place says what has its name.
type place int

const (
	beside    place = iota // the new output is .new
	named                  // it has its name, and nothing was there
	exchanged              // it has its name, and .new is what was there
	aside                  // it is .new, and .old is what was there
	replaced               // it has its name, and .old is what was there
)

func (o *Output) beside(suffix string) string {
	return filepath.Join(filepath.Dir(o.path), reserved+filepath.Base(o.path)+suffix)
}

// reserved begins the names of what is not finished.
const reserved = marker.Name + "-"

// A Set holds the outputs of one run. Only one goroutine may use it, except for
// [Set.Abort].
type Set struct {
	// Store, if not nil, is where outputs go whose names are no paths. Then Temporary makes
	// files without names.
	Store     Store
	Temporary func() (*os.File, error)

	mu        sync.Mutex
	sys       system
	protected protected
	begun     []*Output
	kept      bool
}

// Begin begins an output. It refuses to overwrite what is there unless force is set,
// and then still whatever this program did not write. It refuses an output that is,
// holds or lies in something that is protected.
func (s *Set) Begin(path string, kind Kind, force bool) (*Output, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Store != nil && s.Store.Has(path) {
		return s.beginStored(path, kind)
	}
	abs, err := inputs.Absolute(path)
	if err != nil {
		return nil, err
	}
	o := &Output{set: s, given: path, path: abs, kind: kind, force: force, files: map[string]*marker.File{}}
	if err := o.checkPlace(); err != nil {
		return nil, err
	}
	if o.lock, err = o.takeLock(); err != nil {
		return nil, err
	}
	s.begun = append(s.begun, o)
	if err := o.recover(); err != nil {
		return nil, err
	}
	if err := o.checkTarget(); err != nil {
		return nil, err
	}
	if kind.Folder {
		err = o.makeFolder()
	}
	return o, err
}

// makeFolder makes the folder that is written, and begins its marker.
func (o *Output) makeFolder() error {
	if err := o.set.sys.mkdir(o.beside(".new")); err != nil {
		return err
	}
	o.made = true
	file, err := o.open(marker.Name, os.O_CREATE|os.O_EXCL)
	if err == nil {
		_, err = file.Write([]byte(marker.Begun))
		err = errors.Join(err, file.close())
	}
	return err
}

// recover removes what an earlier run left, and puts back what it was replacing.
func (o *Output) recover() error {
	if err := o.sweep(o.beside(".new")); err != nil {
		return err
	}
	old := o.beside(".old")
	info, err := o.set.sys.lstat(old)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !isTrusted(info):
		return foreign(old)
	}
	if _, err := o.set.sys.lstat(o.path); err == nil {
		if err := o.set.sys.rename(old, o.beside(".new")); err != nil {
			return err
		}
		return o.sweep(o.beside(".new"))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if all, err := list(old); err != nil {
		return err
	} else if hasMount(all) {
		return foreign(old)
	}
	if ours, err := o.isOurs(old); err != nil {
		return err
	} else if !ours {
		return foreign(old)
	}
	return o.set.sys.renameNew(old, o.path)
}

// sweep removes what a run left, if it is certain that it was a run.
func (o *Output) sweep(path string) error {
	info, err := o.set.sys.lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case isEmptyFolder(path, info): // whose it was does not matter
		return o.set.sys.removeTree(path)
	case !isTrusted(info):
		return foreign(path)
	}
	all, err := list(path)
	if err != nil {
		return err
	}
	if hasMount(all) {
		return foreign(path)
	}
	if info.IsDir() {
		if swept, err := isSwept(path, all); err != nil {
			return err
		} else if !swept {
			return foreign(path)
		}
	}
	return o.set.sys.removeTree(path)
}

func isEmptyFolder(path string, info fs.FileInfo) bool {
	if !info.IsDir() {
		return false
	}
	entries, err := os.ReadDir(path)
	return err == nil && len(entries) == 0
}

// isSwept reports whether a folder is one that a run makes or removes. While it is made,
// its marker is not whole, perhaps not even the first line, and then nothing else is
// there; what is there has the modes that this program gives. While it is removed, files
// of the marker are missing.
func isSwept(dir string, all []entry) (bool, error) {
	path := filepath.Join(dir, marker.Name)
	if marker.IsWhole(path) {
		return marker.CheckRest(dir)
	}
	isMade := marker.Is(path) || len(all) == 2 && all[1].path == marker.Name
	return isMade && !slices.ContainsFunc(all, func(one entry) bool { return !isPrivate(one.info) }), nil
}

// A File is a file of an output while it is written.
type File struct {
	sys    system
	file   *os.File
	sum    *marker.File
	stored *storedFile // instead of file, for an output in a store
}

// Create creates a file in a folder. Name is relative to the folder, with slashes; for
// an output that is a file it is "". [File.Finish] must be called for the file.
func (o *Output) Create(name string) (*File, error) {
	o.set.mu.Lock()
	defer o.set.mu.Unlock()
	if o.stored != nil {
		return o.openStored(name, false)
	}
	if name != "" {
		if err := o.makeFolders(filepath.Dir(filepath.FromSlash(name))); err != nil {
			return nil, err
		}
	}
	return o.open(name, os.O_CREATE|os.O_EXCL)
}

// Append opens a file that was created and finished, to write more to its end.
func (o *Output) Append(name string) (*File, error) {
	o.set.mu.Lock()
	defer o.set.mu.Unlock()
	if o.stored != nil {
		return o.openStored(name, true)
	}
	return o.open(name, os.O_APPEND)
}

func (o *Output) makeFolders(name string) error {
	dir := o.beside(".new")
	for part := range strings.SplitSeq(name, string(filepath.Separator)) {
		if part == "." {
			continue
		}
		dir = filepath.Join(dir, part)
		if err := o.set.sys.mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

func (o *Output) open(name string, flag int) (*File, error) {
	path := filepath.Join(o.beside(".new"), filepath.FromSlash(name))
	file, err := o.set.sys.open(path, os.O_WRONLY|flag)
	if err != nil {
		return nil, err
	}
	o.made = true
	sum := o.files[name]
	if sum == nil {
		sum = &marker.File{}
	}
	if name != "" && name != marker.Name {
		o.files[name] = sum
	}
	return &File{sys: o.set.sys, file: file, sum: sum}, nil
}

// Write creates a file as [Output.Create] does, calls write, and finishes the file.
func (o *Output) Write(name string, write func(io.Writer) error) error {
	file, err := o.Create(name)
	if err != nil {
		return err
	}
	return file.Finish(write(file))
}

// Write writes to the file.
func (f *File) Write(p []byte) (int, error) {
	if f.stored != nil {
		return f.stored.Write(p)
	}
	if err := f.sys.may("write", f.file.Name()); err != nil {
		return 0, err
	}
	n, err := f.file.Write(p)
	f.sum.Add(p[:n])
	return n, err
}

// Finish syncs the file to the disk, unless writing it failed with err, and closes it.
// It returns the first error.
func (f *File) Finish(err error) error {
	if f.stored != nil {
		return err
	}
	if err == nil {
		err = f.sys.sync(f.file)
	}
	if closeErr := f.close(); err == nil {
		err = closeErr
	}
	return err
}

// close closes the file, also if it returns an error.
func (f *File) close() error {
	err := f.sys.may("close", f.file.Name())
	if closeErr := f.file.Close(); err == nil {
		err = closeErr
	}
	return err
}
