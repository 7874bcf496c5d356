package filestat_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/filestat"
)

func TestFileIsTheSameUntilItChanges(t *testing.T) {
	t.Parallel()
	hour := time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name   string
		change func(path string) error
		want   bool
	}{
		{"nothing", func(string) error { return nil }, true},
		{"its mode", func(path string) error { return os.Chmod(path, 0o400) }, true},
		{"its size", func(path string) error { return os.Truncate(path, 2) }, false},
		{"its time", func(path string) error { return os.Chtimes(path, hour, hour.Add(1)) }, false},
		{"another file of the same size and time", func(path string) error {
			if err := os.Rename(path, path+".old"); err != nil {
				return err
			}
			return os.WriteFile(path, []byte("abc"), 0o600)
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file")
			stat := func() os.FileInfo {
				info, err := os.Stat(path)
				require.NoError(t, err)
				return info
			}
			require.NoError(t, os.WriteFile(path, []byte("abc"), 0o600))
			require.NoError(t, os.Chtimes(path, hour, hour))
			was := stat()
			require.NoError(t, test.change(path))
			if test.name != "its time" {
				require.NoError(t, os.Chtimes(path, hour, hour))
			}
			assert.Equal(t, test.want, filestat.Same(was, stat()))
		})
	}
}
