package output

import (
	"errors"
	"os"
)

// errLocked says that another process has the lock.
var errLocked = errors.New("locked by another process")

// takeLock makes a lock file and locks it. The system takes the lock from a process
// that dies.
func takeLock(path string) (*os.File, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := lockFile(file); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		// Another run may have removed the file between opening and locking.
		mine, err := file.Stat()
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		if there, err := os.Stat(path); err == nil && os.SameFile(mine, there) {
			return file, nil
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
}

// releaseLock removes the lock file and the lock.
func releaseLock(file *os.File) {
	if file == nil {
		return
	}
	if !canRemoveOpen {
		_ = file.Close()
	}
	_ = os.Remove(file.Name())
	_ = file.Close()
}
