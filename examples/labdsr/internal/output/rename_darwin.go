package output

import "golang.org/x/sys/unix"

func renameNew(from, to string) error { return orCannot(unix.RenamexNp(from, to, unix.RENAME_EXCL)) }

func exchange(a, b string) error { return orCannot(unix.RenamexNp(a, b, unix.RENAME_SWAP)) }
