package receipt_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

func TestFileDigestsNeedTheKey(t *testing.T) {
	t.Parallel()
	digest := func(number byte, text string) identity.Digest {
		key, err := identity.NewSecretKey(bytes.Repeat([]byte{number}, identity.MinSecretKeyBytes))
		require.NoError(t, err)
		h := receipt.NewFileHash(key)
		_, err = io.WriteString(h, text)
		require.NoError(t, err)
		return identity.Digest(h.Sum(nil))
	}
	assert.NotEqual(t, digest(1, "a"), digest(2, "a"))
	assert.NotEqual(t, digest(1, "a"), digest(1, "b"))
	assertGolden(t, "digest.txt", []byte(digest(1, "a").String()))
	assert.Panics(t, func() { receipt.NewFileHash(identity.SecretKey{}) })
}
