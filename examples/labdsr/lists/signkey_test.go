package lists_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

// pemOf returns a block of PEM.
func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// pairs returns the PEM of an Ed25519 pair, and of one of another kind.
func pairs(t *testing.T) (private, public, otherPrivate, otherPublic string) {
	t.Helper()
	marshal := func(private, public any) (string, string) {
		first, err := x509.MarshalPKCS8PrivateKey(private)
		require.NoError(t, err)
		second, err := x509.MarshalPKIXPublicKey(public)
		require.NoError(t, err)
		return pemOf("PRIVATE KEY", first), pemOf("PUBLIC KEY", second)
	}
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("s", ed25519.SeedSize)))
	private, public = marshal(key, key.Public())
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	otherPrivate, otherPublic = marshal(other, other.Public())
	return private, public, otherPrivate, otherPublic
}

func TestKeysThatSign(t *testing.T) {
	t.Parallel()
	private, public, otherPrivate, otherPublic := pairs(t)
	key, err := lists.SignKey(file(t, private))
	require.NoError(t, err)
	half, err := lists.PublicKey(file(t, "a note above it\n"+public+"\n"))
	require.NoError(t, err)
	assert.Equal(t, key.Public(), half)

	canary := "canary"
	for name, test := range map[string]struct{ text, sign, public string }{
		"nothing":     {"", "no PEM file of one key", "no PEM file of one key"},
		"no PEM":      {canary, "no PEM file of one key", "no PEM file of one key"},
		"two keys":    {private + private, "no PEM file of one key", "no PEM file of one key"},
		"more":        {private + canary, "no PEM file of one key", "no PEM file of one key"},
		"large":       {strings.Repeat(canary, 20_000) + private, "much too large", "much too large"},
		"other kind":  {otherPrivate, "no private key of Ed25519", "is no public key"},
		"other half":  {otherPublic, "is no private key", "no public key of Ed25519"},
		"damaged":     {pemOf("PRIVATE KEY", []byte(canary)), "no private key of Ed25519", "is no public key"},
		"damaged too": {pemOf("PUBLIC KEY", []byte(canary)), "is no private key", "no public key of Ed25519"},
		"encrypted":   {pemOf("ENCRYPTED PRIVATE KEY", []byte(canary)), "the key is encrypted", "is no public key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := file(t, test.text)
			key, err := lists.SignKey(path)
			require.ErrorContains(t, err, test.sign)
			assert.Nil(t, key)
			assert.NotContains(t, err.Error(), canary)
			half, err := lists.PublicKey(path)
			require.ErrorContains(t, err, test.public)
			assert.Nil(t, half)
			assert.NotContains(t, err.Error(), canary)
		})
	}
}

func TestKeyThatSignsIsReadableByNobodyElse(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the modes of files are those of Unix")
	}
	private, public, _, _ := pairs(t)
	for text, read := range map[string]func(string) error{
		private: func(path string) error { _, err := lists.SignKey(path); return err },
		public:  func(path string) error { _, err := lists.PublicKey(path); return err },
	} {
		path := file(t, text)
		require.NoError(t, os.Chmod(path, 0o644))
		if err := read(path); text == private {
			require.ErrorContains(t, err, "other people of this machine may read the key")
		} else {
			require.NoError(t, err)
		}
	}
}

func TestKeyWithoutAnEndIsReadUpToALimit(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no file without an end")
	}
	_, err := lists.PublicKey("/dev/zero")
	assert.ErrorContains(t, err, "much too large")
}
