package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// errLocked says that another process has the lock.
var errLocked = errors.New("locked by another process")

// takeLock makes the lock file and locks it. The system takes the lock from a process
// that dies.
func (o *Output) takeLock() (*os.File, error) {
	path, sys := o.beside(".lock"), o.set.sys
	for {
		file, err := sys.open(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
		if errors.Is(err, fs.ErrExist) {
			if file, err = o.openLock(path); errors.Is(err, fs.ErrNotExist) {
				continue // another run has removed it
			}
		}
		if err != nil {
			return nil, err
		}
		if err := sys.may("flock", path); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		if err := lockFile(file); err != nil {
			if errors.Is(err, errLocked) {
				err = fault.WithHint(fmt.Errorf("%s: another run is writing it", o.given), "wait until that has ended")
			}
			return nil, errors.Join(err, file.Close())
		}
		// Another run may have removed the file between opening and locking.
		if o.isAt(file, path) {
			return file, nil
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
}

// openLock opens a lock file that was there. It must be one that this program left, or
// that another run of it has.
func (o *Output) openLock(path string) (*os.File, error) {
	info, err := o.set.sys.lstat(path)
	if err != nil {
		return nil, err
	}
	for _, other := range o.set.begun {
		if other.stored != nil {
			continue
		}
		if mine, err := other.lock.Stat(); err == nil && os.SameFile(mine, info) {
			return nil, sameOutput(o.given)
		}
	}
	if !info.Mode().IsRegular() || !isTrusted(info) {
		return nil, foreign(path)
	}
	file, err := o.set.sys.open(path, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if opened, err := file.Stat(); err != nil || !os.SameFile(opened, info) {
		return nil, errors.Join(foreign(path), file.Close())
	}
	return file, nil
}

// isAt reports whether an open file is the one at a path.
func (o *Output) isAt(file *os.File, path string) bool {
	mine, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(mine, there)
}

// releaseLock removes the lock file and the lock. A lock file that stays does no harm.
func (o *Output) releaseLock() {
	if o.lock == nil {
		return
	}
	mine := o.isAt(o.lock, o.lock.Name())
	if !canRemoveOpen {
		_ = o.lock.Close()
	}
	if mine {
		_ = o.set.sys.remove(o.lock.Name(), os.Remove)
	}
	_ = o.lock.Close()
	o.lock = nil
}
