package output

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// canRemoveOpen says that a file can be removed while it is open.
const canRemoveOpen = false

// noFollow is nothing here: that no link is there is looked at before and after.
const noFollow = 0

func lockFile(file *os.File) error {
	err := windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

// isTrusted reports whether it is a file or folder, and no link. Modes say nothing here:
// who may write to a file is in the access list that it inherits from its folder.
func isTrusted(info fs.FileInfo) bool { return info.Mode().IsRegular() || info.IsDir() }

// isPrivate is [isTrusted].
func isPrivate(info fs.FileInfo) bool { return isTrusted(info) }

// hasOwnerOf reports nothing else: a folder inherits here who may do what.
func hasOwnerOf(fs.FileInfo, fs.FileInfo) bool { return true }

// isMount reports nothing: what is mounted in a folder is a link here, which is neither a
// file nor a folder.
func isMount(string) (bool, error) { return false, nil }

// fileKey returns what is the same for the same file.
func fileKey(info fs.FileInfo) [2]uint64 { return [2]uint64{uint64(info.Size())} }

// syncFolder does nothing: folders cannot be synced on Windows.
func syncFolder(string) error { return nil }
