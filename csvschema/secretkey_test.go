package csvschema_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

func keyOf(t *testing.T, text string) csvschema.SecretKey {
	t.Helper()
	key, err := csvschema.NewSecretKey([]byte(text))
	require.NoError(t, err)
	return key
}

func digestOf(key csvschema.SecretKey, purpose, text string) (d csvschema.Digest) {
	h := key.Hash(purpose)
	_, _ = h.Write([]byte(text))
	h.Sum(d[:0])
	return d
}

func TestSecretKeyIsAtLeast32Bytes(t *testing.T) {
	t.Parallel()
	for n := range csvschema.MinSecretKeyBytes {
		key, err := csvschema.NewSecretKey(make([]byte, n))
		require.ErrorIs(t, err, csvschema.ErrSecretKey)
		assert.True(t, key.IsZero())
	}
	assert.False(t, keyOf(t, strings.Repeat("k", 32)).IsZero())
	assert.True(t, csvschema.SecretKey{}.IsZero())
}

func TestDigestsDependOnKeyPurposeAndText(t *testing.T) {
	t.Parallel()
	one, other := keyOf(t, strings.Repeat("k", 32)), keyOf(t, strings.Repeat("k", 31)+"l")
	digests := map[csvschema.Digest]bool{
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
	key, err := csvschema.NewSecretKey(text)
	require.NoError(t, err)
	before := digestOf(key, "p", "a")
	clear(text)
	assert.Equal(t, before, digestOf(key, "p", "a"))
}

func TestSecretKeyRedactsItself(t *testing.T) {
	t.Parallel()
	key := keyOf(t, canary+strings.Repeat("k", 32))
	assertNoCanary(t, key, allVerbs)
	assertNoCanary(t, &key, properVerbs)
	assertNoCanary(t, struct{ hidden csvschema.SecretKey }{key}, properVerbs)
	assertNoCanary(t, struct{ Shown csvschema.SecretKey }{key}, properVerbs)
	assert.Contains(t, renderings(key, "v"), "[redacted]")
}

func TestDigestAsText(t *testing.T) {
	t.Parallel()
	d := digestOf(keyOf(t, strings.Repeat("k", 32)), "p", "a")
	text, err := d.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, hex.EncodeToString(d[:]), string(text))
	assert.Equal(t, string(text), d.String())
	assert.False(t, d.IsZero())
	assert.True(t, csvschema.Digest{}.IsZero())

	var read csvschema.Digest
	require.NoError(t, read.UnmarshalText(text))
	assert.Equal(t, d, read)
	for name, bad := range map[string]string{
		"Empty": "", "Short": string(text[1:]), "Long": string(text) + "0",
		"UpperCase": strings.ToUpper(string(text)), "NotHexadecimal": "g" + string(text[1:]), "Blank": " " + string(text[1:]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := d
			require.ErrorIs(t, read.UnmarshalText([]byte(bad)), csvschema.ErrDigest)
			assert.Equal(t, d, read)
		})
	}
}
