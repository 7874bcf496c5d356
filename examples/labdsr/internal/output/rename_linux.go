package output

import "golang.org/x/sys/unix"

func renameNew(from, to string) error {
	return orCannot(unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE))
}

func exchange(a, b string) error {
	return orCannot(unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE))
}
