package lists

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// Private refuses a file that other people of the machine may read, except on Windows.
func Private(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return private(path, info, "the file")
}

// Secret reads a file that holds one secret text, such as a SAS or a connection string,
// without the white space around it. Except on Windows, a file that other people of the
// machine may read is an error.
func Secret(path string) (string, error) {
	if err := Private(path); err != nil {
		return "", err
	}
	text, err := TextUpTo(path, maxPEMBytes)
	return strings.TrimSpace(text), err
}

// private refuses a file that other people of the machine may read.
func private(path string, info fs.FileInfo, what string) error {
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return fault.In(path, fault.WithHint(errors.New("other people of this machine may read "+what), "chmod 600 %s", path))
	}
	return nil
}
