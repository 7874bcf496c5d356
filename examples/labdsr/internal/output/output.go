// Package output answers one question: is an output whole, or not there at all?
//
// A [Set] begins the outputs of a run and refuses those that would overwrite something.
// [Commit] gives outputs their names after all was written. Only this program's user can
// read them.
package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

// An Output is a file or folder that appears whole or not at all. It is written under
// another name in the same folder, synced to the disk, and renamed.
//
//	.labdsr-NAME.lock  empty; the run that writes locks it
//	.labdsr-NAME.new   what is being written
//	.labdsr-NAME.old   what was there before, while --force replaces a folder
//	.labdsr-NAME.gone  the same while it is removed, when it is no longer whole
//
// A run that is killed leaves these. The next run to the same output gets the lock,
// because the system takes it from a dead process, and cleans up.
type Output struct {
	path   string // absolute
	folder bool
	force  bool
	lock   *os.File
	done   bool
}

func (o *Output) beside(suffix string) string {
	return filepath.Join(filepath.Dir(o.path), ".labdsr-"+filepath.Base(o.path)+suffix)
}

// A Set holds the outputs of one run. Only one goroutine may use it.
type Set struct {
	Exports *inputs.Exports // never overwritten; nil if the run has no inputs
	begun   []*Output
}

// Begin begins an output. It refuses to overwrite what is there unless force is set,
// and then still whatever this program would not have written. It refuses an output in
// a folder that was searched for inputs.
func (s *Set) Begin(path string, folder, force bool) (*Output, error) {
	abs, err := inputs.Absolute(path)
	if err != nil {
		return nil, err
	}
	o := &Output{path: abs, folder: folder, force: force}
	if err := o.checkParent(path); err != nil {
		return nil, err
	}
	if err := o.checkSearched(path, s.Exports); err != nil {
		return nil, err
	}
	if o.lock, err = takeLock(o.beside(".lock")); err != nil {
		if errors.Is(err, errLocked) {
			return nil, fault.WithHint(fmt.Errorf("%s: another run is writing it", path), "wait until that has ended")
		}
		return nil, err
	}
	s.begun = append(s.begun, o)
	if err := o.recover(); err != nil {
		return nil, err
	}
	if err := o.checkTarget(path, s.Exports); err != nil {
		return nil, err
	}
	if folder {
		err = os.Mkdir(o.beside(".new"), 0o700)
	}
	return o, err
}

// Discard removes what was not committed, and the locks.
func (s *Set) Discard() {
	for _, o := range s.begun {
		if !o.done {
			_ = os.RemoveAll(o.beside(".new")) // the next run tries again
		}
		releaseLock(o.lock)
	}
	s.begun = nil
}

// recover removes what an earlier run left, and puts back what it was replacing.
func (o *Output) recover() error {
	if err := errors.Join(os.RemoveAll(o.beside(".new")), os.RemoveAll(o.beside(".gone"))); err != nil {
		return err
	}
	old := o.beside(".old")
	if _, err := os.Lstat(old); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Lstat(o.path); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(old, o.path)
	}
	return o.removeOld()
}

// removeOld removes what was replaced, under a name from which it never comes back.
func (o *Output) removeOld() error {
	err := os.Rename(o.beside(".old"), o.beside(".gone"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, os.RemoveAll(o.beside(".gone")))
}

// Create creates a file in a folder. Name is relative to the folder, with slashes; for
// an output that is a file it is "". [Finish] must be called for the file.
func (o *Output) Create(name string) (*os.File, error) {
	file := o.beside(".new")
	if name != "" {
		file = filepath.Join(file, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// Write creates a file as [Output.Create] does, calls write, and finishes the file.
func (o *Output) Write(name string, write func(io.Writer) error) error {
	file, err := o.Create(name)
	if err != nil {
		return err
	}
	return Finish(file, write(file))
}

// Finish syncs a file to the disk, unless writing it failed with err, and closes it. It
// returns the first error.
func Finish(file *os.File, err error) error {
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}
