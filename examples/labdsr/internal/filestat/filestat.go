// Package filestat answers one question: is a file still what it was?
package filestat

import (
	"io/fs"
	"os"
)

// Same reports whether both are of the same file, and it has not changed between them, as
// far as size and time tell.
func Same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
