package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// Commit gives outputs their names, in order, and stops at the first error. Nil outputs
// are left out.
func Commit(all ...*Output) error {
	for _, o := range all {
		if o == nil {
			continue
		}
		if err := o.commit(); err != nil {
			return err
		}
	}
	return nil
}

func (o *Output) commit() error {
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

func (o *Output) rename(temp string) error {
	if !o.folder && !o.force {
		// A link never replaces a file that appeared in the meantime. Some file systems
		// have no links: there the check at the beginning must do.
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

// moveAside moves the folder that is replaced to another name. If it is not empty, it
// was checked at the beginning, or it appeared in the meantime.
func (o *Output) moveAside() (aside bool, err error) {
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

func (o *Output) existsByNow() error {
	return fault.WithHint(fmt.Errorf("%s: exists by now", o.path), "something else wrote it; choose another name")
}

// syncFolders syncs a folder and those in it to the disk, the innermost first.
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
