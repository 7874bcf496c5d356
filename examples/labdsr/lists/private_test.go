package lists_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func TestSecretIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sas")
	require.NoError(t, os.WriteFile(path, []byte("\ufeff sv=1&sig=x\r\n"), 0o600))
	text, err := lists.Secret(path)
	require.NoError(t, err)
	assert.Equal(t, "sv=1&sig=x", text)
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("sig=x", 20_000)), 0o600))
	_, err = lists.Secret(path)
	require.ErrorContains(t, err, "much too large")
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Chmod(path, 0o640))
		_, err = lists.Secret(path)
		require.ErrorContains(t, err, "other people of this machine may read the file")
		assert.NotContains(t, err.Error(), "sig=x")
		require.ErrorContains(t, lists.Private(path), "other people of this machine may read the file")
		require.NoError(t, os.Chmod(path, 0o600))
		require.NoError(t, lists.Private(path))
	}
	_, err = lists.Secret(path + ".none")
	assert.ErrorIs(t, err, os.ErrNotExist)
}
