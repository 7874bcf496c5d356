package memtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/memtest"
)

func TestFolderIsGoneAfterTheTest(t *testing.T) {
	t.Parallel()
	dir := ""
	t.Run("test", func(t *testing.T) {
		dir = memtest.Folder(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	})
	assert.NoDirExists(t, dir)
}
