// Package memtest makes folders in memory, for tests.
package memtest

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Folder returns a folder in memory, if there is one: bringing files to the disk takes no
// time there, and a process that is killed leaves the same.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "labdsr-*") //nolint:usetesting // t.TempDir is on a disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}
