package lists_test

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func TestLastLineEndIsNoPartOfAKey(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("k", identity.MinSecretKeyBytes)
	key, err := lists.Key(file(t, secret+"\r\n"))
	require.NoError(t, err)
	want, err := identity.NewSecretKey([]byte(secret))
	require.NoError(t, err)
	assert.Equal(t, want, key)
	_, err = lists.Key(file(t, secret[1:]+"\n"))
	assert.ErrorContains(t, err, "too short")
}

func TestKeyIsReadableByNobodyElse(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the modes of files are those of Unix")
	}
	path := file(t, strings.Repeat("k", identity.MinSecretKeyBytes))
	require.NoError(t, os.Chmod(path, 0o640))
	_, err := lists.Key(path)
	assert.ErrorContains(t, err, "other people of this machine may read the key")
}
