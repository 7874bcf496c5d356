package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

func (o *Output) checkParent(path string) error {
	info, err := os.Stat(filepath.Dir(o.path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.WithHint(fmt.Errorf("%s: the folder that it is to be in does not exist", path), "make it first")
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: what it is to be in is no folder", path)
	}
	return nil
}

// checkSearched refuses an output in a folder that is searched for exports: the next
// run would read it as one.
func (o *Output) checkSearched(path string, e *inputs.Exports) error {
	if e == nil {
		return nil
	}
	for _, dir := range e.Searched {
		if inputs.IsBelow(o.path, dir) {
			return fault.WithHint(fmt.Errorf("%s: lies in a folder of inputs", path), "choose a place outside: the next run would take it for an input")
		}
	}
	return nil
}

// checkTarget refuses what must not be overwritten. Without force that is everything
// except an empty folder. With force it is whatever this program would not have
// written.
func (o *Output) checkTarget(path string, e *inputs.Exports) error {
	info, err := os.Lstat(o.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() != o.folder {
		return fault.WithHint(fmt.Errorf("%s: exists, and is of another kind", path), "choose another name")
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
		return fault.WithHint(fmt.Errorf("%s: exists already, and is not overwritten", path), "choose another name, or replace it with --force")
	}
	if err := o.checkInputs(path, e); err != nil || !o.folder {
		return err
	}
	return checkReplaceable(path)
}

// checkInputs refuses to overwrite an input.
func (o *Output) checkInputs(path string, e *inputs.Exports) error {
	if e == nil {
		return nil
	}
	for _, file := range e.Files {
		if file.IsIn(o.path) {
			return fault.WithHint(fmt.Errorf("%s: an input is there", path), "choose another place: inputs are never overwritten")
		}
	}
	return nil
}

// checkReplaceable refuses a folder that holds anything other than exports: whoever
// gives their home folder by mistake keeps it.
func checkReplaceable(path string) error {
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() || !inputs.IsExport(name) {
			return fault.WithHint(fmt.Errorf("%s: holds more than this program writes, and is not replaced", path), "choose another folder")
		}
		return nil
	})
}
