package output

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// canRemoveOpen says that a file can be removed while it is open.
const canRemoveOpen = false

func lockFile(file *os.File) error {
	err := windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

// syncFolder does nothing: folders cannot be synced on Windows.
func syncFolder(string) error { return nil }
