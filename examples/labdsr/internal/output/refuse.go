package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// foreign is the error for a name of this program under which somebody else may have put
// something.
func foreign(path string) error {
	return fault.WithHint(fmt.Errorf("%s: is in the way, and may be somebody else's", path), "look at it, and remove or rename it")
}

func sameOutput(given string) error {
	return fault.WithHint(fmt.Errorf("%s: is another output of this run, holds it, or lies in it", given), "give each output a place of its own")
}

func namesFolder(given string) error {
	return fault.WithHint(fmt.Errorf("%s: names a folder, and this output is a file", given), "leave out the slash at its end, or name a file in it")
}

func inSearched(given string) error {
	return fault.WithHint(fmt.Errorf("%s: lies in a folder of inputs", given), "choose a place outside: the next run would take it for an input")
}

// checkPlace refuses a name that cannot be an output, and a place in what is protected or
// in another output.
func (o *Output) checkPlace() error {
	dir, base := filepath.Dir(o.path), strings.ToLower(filepath.Base(o.path))
	if dir == o.path || base == marker.Name || strings.HasPrefix(base, reserved) {
		return fault.WithHint(fmt.Errorf("%s: cannot be an output", o.given), "choose another name")
	}
	if !o.kind.Folder && strings.HasSuffix(filepath.ToSlash(o.given), "/") {
		return namesFolder(o.given)
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.WithHint(fmt.Errorf("%s: the folder that it is to be in does not exist", o.given), "make it first")
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: what it is to be in is no folder", o.given)
	}
	above, err := ancestors(o.path)
	if err != nil {
		return err
	}
	if err := o.set.protected.load(); err != nil {
		return err
	}
	if slices.ContainsFunc(above, o.set.protected.isSearched) {
		return inSearched(o.given)
	}
	for _, other := range o.set.begun {
		if other.stored != nil {
			continue
		}
		if err := o.checkOther(other, above); err != nil {
			return err
		}
	}
	return nil
}

// ancestors returns the folders above a path, and what is at the path, if anything.
func ancestors(path string) ([]fs.FileInfo, error) {
	var all []fs.FileInfo
	for {
		info, err := os.Lstat(path)
		if err == nil {
			all = append(all, info)
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		up := filepath.Dir(path)
		if up == path {
			return all, nil
		}
		path = up
	}
}

// checkOther refuses an output that is another one, holds it or lies in it. Above are
// the folders above this one, and itself.
func (o *Output) checkOther(other *Output, above []fs.FileInfo) error {
	for _, path := range []string{other.path, other.beside(".new")} {
		if there, err := os.Lstat(path); err == nil && contains(above, there) {
			return sameOutput(o.given)
		}
	}
	here, err := os.Lstat(o.path)
	if err != nil {
		return nil // nothing is there that could hold the other; if it is the other, the lock tells
	}
	others, err := ancestors(other.path)
	if err == nil && contains(others, here) {
		err = sameOutput(o.given)
	}
	return err
}

func contains(all []fs.FileInfo, one fs.FileInfo) bool {
	for _, info := range all {
		if os.SameFile(info, one) {
			return true
		}
	}
	return false
}

// checkTarget refuses what must not be overwritten, and remembers what is there. Without
// force that is everything except an empty folder. With force it is whatever this
// program did not write, and what is protected.
func (o *Output) checkTarget() error {
	seen, err := o.set.sys.list(o.path)
	if err != nil || seen == nil {
		o.seen = nil
		return err
	}
	info := seen[0].info
	if o.kind.Folder != info.IsDir() || !info.IsDir() && !info.Mode().IsRegular() {
		return fault.WithHint(fmt.Errorf("%s: exists, and is of another kind", o.given), "choose another name")
	}
	isEmpty := o.kind.Folder && len(seen) == 1
	if isEmpty && !o.force && !o.isLike(info) {
		return fault.WithHint(fmt.Errorf("%s: is there with another owner or group, or shared, and is not replaced", o.given), "choose another name, or replace it with --force")
	}
	if !isEmpty && !o.force {
		return fault.WithHint(fmt.Errorf("%s: exists already, and is not overwritten", o.given), "choose another name, or replace it with --force")
	}
	for _, one := range seen {
		if what := o.set.protected.has(one.info); what != "" {
			return fault.WithHint(fmt.Errorf("%s: %s is there", o.given, what), "choose another place: what a run reads is never overwritten")
		}
	}
	if hasMount(seen) {
		return fault.WithHint(fmt.Errorf("%s: %w", o.given, errMounted), "choose another name, or unmount it")
	}
	if ours, err := o.isOurs(o.path); err != nil {
		return err
	} else if !ours {
		return fault.WithHint(fmt.Errorf("%s: is not, or not only, what this program wrote, and is not replaced", o.given), "choose another name, or remove it yourself")
	}
	o.seen = seen
	return nil
}

// isLike reports whether an empty folder has the owner and the group that one of this
// program gets there, and is shared with nobody.
func (o *Output) isLike(folder fs.FileInfo) bool {
	lock, err := o.lock.Stat()
	return err == nil && hasOwnerOf(folder, lock) && folder.Mode()&fs.ModeSticky == 0
}

// isOurs reports whether this program wrote what is at a path. Nobody misses a folder
// that is empty.
func (o *Output) isOurs(path string) (bool, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return false, err
	}
	switch {
	case info.IsDir() != o.kind.Folder:
		return false, nil
	case isEmptyFolder(path, info):
		return true, nil
	case info.IsDir():
		return marker.Check(path)
	case !info.Mode().IsRegular():
		return false, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	return o.kind.Ours(file), nil
}
