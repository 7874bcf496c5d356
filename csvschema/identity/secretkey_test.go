package identity_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
)

func keyOf(t *testing.T, text string) identity.SecretKey {
	t.Helper()
	key, err := identity.NewSecretKey([]byte(text))
	require.NoError(t, err)
	return key
}

func digestOf(key identity.SecretKey, purpose, text string) (d identity.Digest) {
	h := key.Hash(purpose)
	_, _ = h.Write([]byte(text))
	h.Sum(d[:0])
	return d
}

func TestSecretKeyIsAtLeast32Bytes(t *testing.T) {
	t.Parallel()
	for n := range identity.MinSecretKeyBytes {
		key, err := identity.NewSecretKey(make([]byte, n))
		require.ErrorIs(t, err, identity.ErrSecretKey)
		assert.True(t, key.IsZero())
	}
	assert.False(t, keyOf(t, strings.Repeat("k", 32)).IsZero())
	assert.True(t, identity.SecretKey{}.IsZero())
}

func TestDigestsDependOnKeyPurposeAndText(t *testing.T) {
	t.Parallel()
	one, other := keyOf(t, strings.Repeat("k", 32)), keyOf(t, strings.Repeat("k", 31)+"l")
	digests := map[identity.Digest]bool{
		digestOf(one, "request", "a"): true, digestOf(other, "request", "a"): true,
		digestOf(one, "receipt", "a"): true, digestOf(one, "request", "b"): true,
		digestOf(one, "requesta", ""): true,
	}
	assert.Len(t, digests, 5)
	// What is digested must be so for ever: lists of digests and pseudonyms outlive
	// a release. HMAC-SHA-256 of "a" under HMAC-SHA-256(key, "labdsr/request").
	assert.Equal(t, "53357922cf64882e0a01accdbec77d83d9e1149483447b370fd8a8151396517c", digestOf(one, "request", "a").String())
}

func TestSecretKeyKeepsWhatItWasMadeOf(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte("k"), 32)
	key, err := identity.NewSecretKey(text)
	require.NoError(t, err)
	before := digestOf(key, "p", "a")
	clear(text)
	assert.Equal(t, before, digestOf(key, "p", "a"))
}

func TestSecretKeyRedactsItself(t *testing.T) {
	t.Parallel()
	key := keyOf(t, leaktest.Canary+strings.Repeat("k", 32))
	leaktest.AssertNoCanary(t, key, leaktest.AllVerbs)
	leaktest.AssertNoCanary(t, &key, leaktest.ProperVerbs)
	leaktest.AssertNoCanary(t, struct{ hidden identity.SecretKey }{key}, leaktest.ProperVerbs)
	leaktest.AssertNoCanary(t, struct{ Shown identity.SecretKey }{key}, leaktest.ProperVerbs)
	assert.Contains(t, csvschematest.Printed(key, "v"), "[redacted]")
}

func TestDigestAsText(t *testing.T) {
	t.Parallel()
	d := digestOf(keyOf(t, strings.Repeat("k", 32)), "p", "a")
	text, err := d.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, hex.EncodeToString(d[:]), string(text))
	assert.Equal(t, string(text), d.String())
	assert.NotEqual(t, identity.Digest{}, d)

	var read identity.Digest
	require.NoError(t, read.UnmarshalText(text))
	assert.Equal(t, d, read)
	for name, bad := range map[string]string{
		"Empty": "", "Short": string(text[1:]), "Long": string(text) + "0",
		"UpperCase": strings.ToUpper(string(text)), "NotHexadecimal": "g" + string(text[1:]), "Blank": " " + string(text[1:]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := d
			require.ErrorIs(t, read.UnmarshalText([]byte(bad)), identity.ErrDigest)
			assert.Equal(t, d, read)
		})
	}
}
