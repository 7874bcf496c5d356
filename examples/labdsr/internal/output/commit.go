package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// Commit gives all outputs their names. Nil outputs are left out. After an error, and
// until [Set.Keep], [Set.Discard] puts back what was there.
func (s *Set) Commit(all ...*Output) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, step := range []func(*Output) error{
		(*Output).finish,
		(*Output).giveName,
		func(o *Output) error { return s.sys.syncFolder(filepath.Dir(o.path)) },
	} {
		for _, o := range all {
			if o == nil || o.stored != nil {
				continue
			}
			if err := step(o); err != nil {
				return err
			}
		}
	}
	for _, o := range all {
		if o == nil || o.stored == nil {
			continue
		}
		if err := o.upload(); err != nil {
			return err
		}
	}
	return nil
}

// finish brings to the disk what was written.
func (o *Output) finish() error {
	temp := o.beside(".new")
	if o.kind.Folder {
		file, err := o.open(marker.Name, os.O_APPEND)
		if err != nil {
			return err
		}
		_, err = file.Write(marker.Lines(o.files))
		if err := file.Finish(err); err != nil {
			return err
		}
		if err := o.syncFolders(temp); err != nil {
			return err
		}
	}
	var err error
	o.new, err = o.set.sys.lstat(temp)
	return err
}

// syncFolders syncs a folder and those in it to the disk, the innermost first.
func (o *Output) syncFolders(dir string) error {
	var folders []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			folders = append(folders, path)
		}
		return err
	})
	for i := len(folders) - 1; err == nil && i >= 0; i-- {
		err = o.set.sys.syncFolder(folders[i])
	}
	return err
}

// giveName gives the output its name. What was there must be what was seen at the
// beginning, or else be allowed to be replaced now.
func (o *Output) giveName() error {
	sys, temp, old := o.set.sys, o.beside(".new"), o.beside(".old")
	if now, err := sys.list(o.path); err != nil {
		return err
	} else if !isSame(now, o.seen) {
		if err := o.checkTarget(); err != nil {
			return err
		}
	}
	if o.seen == nil {
		err := sys.renameNew(temp, o.path)
		if err == nil {
			o.place = named
		} else if errors.Is(err, fs.ErrExist) {
			err = fault.WithHint(fmt.Errorf("%s: exists by now", o.given), "something else wrote it; choose another name")
		}
		return err
	}
	err := sys.exchange(temp, o.path)
	switch {
	case err == nil:
		o.place, old = exchanged, temp
	case errors.Is(err, errCannot):
		if err := sys.renameNew(o.path, old); err != nil {
			return err
		}
		o.place = aside
		if err := sys.renameNew(temp, o.path); err != nil {
			return err
		}
		o.place = replaced
	default:
		return err
	}
	// Another program may have been faster than this one since the list was made.
	if was, err := sys.list(old); err != nil {
		return err
	} else if !isSame(was, o.seen) {
		return fault.WithHint(fmt.Errorf("%s: was changed while this ran", o.given), "something else writes there; choose another place")
	}
	return nil
}

// putBack takes the name of the output away and puts back what was there.
func (o *Output) putBack() error {
	sys, temp, old := o.set.sys, o.beside(".new"), o.beside(".old")
	if o.place == named || o.place == exchanged || o.place == replaced {
		if there, err := sys.lstat(o.path); err != nil {
			return err
		} else if !os.SameFile(there, o.new) {
			return &fs.PathError{Op: "rename", Path: o.path, Err: errors.New("was replaced by another program")}
		}
	}
	switch o.place {
	case beside:
		return nil
	case exchanged:
		if err := sys.exchange(temp, o.path); err != nil {
			return err
		}
		o.place = beside
		return nil
	case named, replaced:
		if err := sys.renameNew(o.path, temp); err != nil {
			return err
		}
		if o.place == named {
			o.place = beside
			return nil
		}
		o.place = aside
	case aside:
	}
	if err := sys.renameNew(old, o.path); err != nil {
		return err
	}
	o.place = beside
	return nil
}

// Discard puts back what was there before the outputs, removes what was written, and
// takes the locks away. It returns what of that it could not do, in whole sentences.
func (s *Set) Discard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.discard()
}

// Abort is [Set.Discard] for a process that ends at once, while another goroutine may
// still write. That waits for ever when it wants the next file. If the outputs are
// kept already, Abort does nothing and returns false.
func (s *Set) Abort() (left []string, aborted bool) {
	s.mu.Lock()
	if s.kept {
		s.mu.Unlock()
		return nil, false
	}
	return s.discard(), true
}

func (s *Set) discard() (left []string) {
	for _, o := range slices.Backward(s.begun) {
		if o.stored != nil {
			left = append(left, o.remove()...)
			o.stored.close()
			continue
		}
		if err := o.putBack(); err != nil {
			left = append(left, o.whatExists()+": "+cause(err))
		} else if o.made {
			if err := s.sys.removeTree(o.beside(".new")); err != nil {
				left = append(left, notRemoved(o.beside(".new"), err))
			}
		}
		o.releaseLock()
	}
	s.begun = nil
	return left
}

// whatExists says where everything is that could not be put back.
func (o *Output) whatExists() string {
	text, temp, old := o.given+" exists now, and is whole", o.beside(".new"), o.beside(".old")
	switch o.place {
	case exchanged:
		text += "; what was there is " + temp
	case replaced:
		text += "; what was there is " + old
	case aside:
		text = fmt.Sprintf("what was %s is %s now, and the new one is %s", o.given, old, temp)
	case beside, named:
	}
	return text
}

// Keep makes the outputs that were committed final: it removes what they replaced. It
// removes the others, and takes the locks away. It returns what of that it could not do,
// in whole sentences.
func (s *Set) Keep() (left []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = true
	for _, o := range s.begun {
		if o.stored != nil {
			o.stored.close()
			continue
		}
		var err error
		temp := o.beside(".new")
		switch {
		case o.place == replaced:
			// Under this name it never comes back, if only a part of it can be removed.
			if err = s.sys.renameNew(o.beside(".old"), temp); err == nil {
				err = s.sys.removeTree(temp)
			} else {
				temp = o.beside(".old")
			}
		case o.place == exchanged, o.made && o.place == beside:
			err = s.sys.removeTree(temp)
		}
		if err != nil {
			left = append(left, notRemoved(temp, err))
		}
		o.releaseLock()
	}
	s.begun = nil
	return left
}

func notRemoved(path string, err error) string {
	return fmt.Sprintf("%s could not be removed: %s", path, cause(err))
}

// cause returns what an error of the system says, without the path.
func cause(err error) string {
	if inPath, ok := errors.AsType[*fs.PathError](err); ok {
		return inPath.Err.Error()
	}
	return err.Error()
}
