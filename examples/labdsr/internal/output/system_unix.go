//go:build unix

package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// canRemoveOpen says that a file can be removed while it is open.
const canRemoveOpen = true

// noFollow lets nothing be opened through a link, nor wait for the other end of a pipe.
const noFollow = unix.O_NOFOLLOW | unix.O_NONBLOCK

func lockFile(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// isTrusted reports whether a file or folder is this user's, and nobody else could write
// to it.
func isTrusted(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && (info.Mode().IsRegular() || info.IsDir()) && info.Mode().Perm()&0o022 == 0
}

// isPrivate reports whether the mode of a file or folder is one that this program gives.
func isPrivate(info fs.FileInfo) bool {
	return isTrusted(info) && (info.Mode().Perm()&^0o600 == 0 || info.IsDir() && info.Mode().Perm()&^0o700 == 0)
}

// hasOwnerOf reports whether two files or folders have the same owner and group.
func hasOwnerOf(a, b fs.FileInfo) bool {
	one, ok := a.Sys().(*syscall.Stat_t)
	other, ok2 := b.Sys().(*syscall.Stat_t)
	return ok && ok2 && one.Uid == other.Uid && one.Gid == other.Gid
}

// isOtherDevice reports whether a file or folder is on another device than the folder
// that it is in.
func isOtherDevice(path string) (bool, error) {
	here, err := os.Lstat(path)
	if err != nil {
		return false, err
	}
	above, err := os.Stat(filepath.Dir(path))
	return err == nil && fileKey(here)[0] != fileKey(above)[0], err
}

// fileKey returns what is the same for the same file, and as a rule for no other.
func fileKey(info fs.FileInfo) [2]uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return [2]uint64{uint64(stat.Dev), stat.Ino} //nolint:unconvert // not so on every system
	}
	return [2]uint64{}
}

// syncFolder syncs the names in a folder to the disk.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, unix.EINVAL) { // some file systems cannot
		return err
	}
	return nil
}

// orCannot returns errCannot for the errors by which systems say that a call is not
// there.
func orCannot(err error) error {
	for _, cannot := range []error{unix.EINVAL, unix.ENOSYS, unix.ENOTSUP, unix.EOPNOTSUPP} {
		if errors.Is(err, cannot) {
			return errCannot
		}
	}
	return err
}
