package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// An output is a file or folder that appears whole or not at all. It is written
// under another name in the same folder, brought to the disk, and renamed.
//
//	.labdsr-NAME.lock  locked by the run that writes, empty
//	.labdsr-NAME.new   what is being written
//	.labdsr-NAME.old   what was there before, while --force replaces a folder
//	.labdsr-NAME.gone  the same while it is removed, and whole no more
//
// A run that was killed leaves these. The next one to the same output gets the
// lock, because the system takes it from a dead process, and cleans up.
type output struct {
	path   string // absolute
	folder bool
	force  bool
	lock   *os.File
	done   bool
}

// outputs are those of one run.
type outputs []*output

const madeHere = ".labdsr-"

func (o *output) beside(suffix string) string {
	return filepath.Join(filepath.Dir(o.path), madeHere+filepath.Base(o.path)+suffix)
}

// newOutput begins an output. It refuses to overwrite without force.
func (a *app) newOutput(path string, folder, force bool) (*output, error) {
	abs, err := absolute(path)
	if err != nil {
		return nil, err
	}
	o := &output{path: abs, folder: folder, force: force}
	if err := o.checkParent(path); err != nil {
		return nil, err
	}
	if err := o.checkSearched(path, a.exports); err != nil {
		return nil, err
	}
	if o.lock, err = takeLock(o.beside(".lock")); err != nil {
		if errors.Is(err, errLocked) {
			return nil, hinted(fmt.Errorf("%s: another run is writing it", path), "wait until that has ended")
		}
		return nil, err
	}
	a.outputs = append(a.outputs, o)
	if err := o.recover(); err != nil {
		return nil, err
	}
	if err := o.checkTarget(path, a.exports); err != nil {
		return nil, err
	}
	if folder {
		err = os.Mkdir(o.beside(".new"), 0o700)
	}
	return o, err
}

func (o *output) checkParent(path string) error {
	info, err := os.Stat(filepath.Dir(o.path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return hinted(fmt.Errorf("%s: the folder that it is to be in does not exist", path), "make it first")
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: what it is to be in is no folder", path)
	}
	return nil
}

// checkSearched refuses an output in a folder that is searched for exports: the next
// run would take it for one.
func (o *output) checkSearched(path string, e *exports) error {
	if e == nil {
		return nil
	}
	for _, dir := range e.searched {
		rel, err := filepath.Rel(dir, o.path)
		if err == nil && (rel == "." || filepath.IsLocal(rel)) {
			return hinted(fmt.Errorf("%s: lies in a folder of inputs", path), "choose a place outside: the next run would take it for an input")
		}
	}
	return nil
}

// recover removes what an earlier run left, and puts back what it was replacing.
func (o *output) recover() error {
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
func (o *output) removeOld() error {
	err := os.Rename(o.beside(".old"), o.beside(".gone"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, os.RemoveAll(o.beside(".gone")))
}

// checkTarget refuses what must not be overwritten. Without force that is
// everything but an empty folder; with it, whatever this program would not have
// written.
func (o *output) checkTarget(path string, e *exports) error {
	info, err := os.Lstat(o.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() != o.folder {
		return hinted(fmt.Errorf("%s: exists, and is of another kind", path), "choose another name")
	}
	if o.folder {
		entries, err := os.ReadDir(o.path)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return nil
		}
	}
	if !o.force {
		return hinted(fmt.Errorf("%s: exists already, and is not overwritten", path), "choose another name, or replace it with --force")
	}
	if err := o.checkInputs(path, e); err != nil || !o.folder {
		return err
	}
	return checkReplaceable(path)
}

// checkInputs refuses to overwrite an input.
func (o *output) checkInputs(path string, e *exports) error {
	if e == nil {
		return nil
	}
	for _, i := range e.inputs {
		if i.blob.abs == "" {
			continue
		}
		rel, err := filepath.Rel(o.path, i.blob.abs)
		if err == nil && (rel == "." || filepath.IsLocal(rel)) {
			return hinted(fmt.Errorf("%s: an input is there", path), "choose another place: inputs are never overwritten")
		}
	}
	return nil
}

// checkReplaceable refuses a folder in which something stands that is no export:
// whoever gives their home by mistake keeps it.
func checkReplaceable(path string) error {
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		c := &content{open: func() (io.ReadCloser, error) { return os.Open(name) }}
		if _, _, err := c.sniff(); !d.Type().IsRegular() || err != nil {
			return hinted(fmt.Errorf("%s: holds more than this program writes, and is not replaced", path), "choose another folder")
		}
		return nil
	})
}

// create creates a file: in the folder, or the output itself if name is "". Name has
// slashes.
func (o *output) create(name string) (*os.File, error) {
	file := o.beside(".new")
	if name != "" {
		file = filepath.Join(file, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// write creates a file, has it written, and brings it to the disk.
func (o *output) write(name string, write func(io.Writer) error) error {
	file, err := o.create(name)
	if err != nil {
		return err
	}
	return finish(file, write(file))
}

// finish brings a file that was written to the disk and closes it.
func finish(file *os.File, err error) error {
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// commit gives what was written its name.
func (o *output) commit() error {
	temp, parent := o.beside(".new"), filepath.Dir(o.path)
	if o.folder {
		if err := syncFolders(temp); err != nil {
			return err
		}
	}
	if err := o.rename(temp); err != nil {
		return err
	}
	o.done = true
	return errors.Join(syncFolder(parent), o.removeOld())
}

func (o *output) rename(temp string) error {
	if !o.folder && !o.force {
		// A link does not replace, whatever came to be there in the meantime. Some file
		// systems have none: there the check at the beginning must do.
		if err := os.Link(temp, o.path); err == nil {
			return os.Remove(temp)
		} else if errors.Is(err, fs.ErrExist) {
			return o.existsByNow()
		}
	}
	if !o.folder {
		return os.Rename(temp, o.path)
	}
	aside, err := o.moveAside()
	if err != nil {
		return err
	}
	err = os.Rename(temp, o.path)
	if err != nil && aside {
		err = errors.Join(err, os.Rename(o.beside(".old"), o.path))
	}
	return err
}

// moveAside takes the folder that is replaced away. One that is not empty was looked
// at in the beginning, or came to be there in the meantime.
func (o *output) moveAside() (aside bool, err error) {
	entries, err := os.ReadDir(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case len(entries) == 0:
		return false, os.Remove(o.path)
	case !o.force:
		return false, o.existsByNow()
	}
	return true, os.Rename(o.path, o.beside(".old"))
}

func (o *output) existsByNow() error {
	return hinted(fmt.Errorf("%s: exists by now", o.path), "something else wrote it; choose another name")
}

// syncFolders brings a folder and those in it to the disk, the innermost first.
func syncFolders(dir string) error {
	var folders []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			folders = append(folders, path)
		}
		return err
	})
	for i := len(folders) - 1; err == nil && i >= 0; i-- {
		err = syncFolder(folders[i])
	}
	return err
}

// discard removes what was not committed, and the locks.
func (all outputs) discard() {
	for _, o := range all {
		if !o.done {
			_ = os.RemoveAll(o.beside(".new")) // the next run tries again
		}
		releaseLock(o.lock)
	}
}

// absolute returns an absolute path without links in its folders, so that paths of
// the same file are the same.
func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(dir, filepath.Base(abs))
	}
	return abs, nil
}
