package receipt_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// privateKey returns the fixed key with this number.
func privateKey(number byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{number}, ed25519.SeedSize))
}

func edKey(number byte) ed25519.PublicKey {
	return privateKey(number).Public().(ed25519.PublicKey)
}

// publicKey returns the key of what privateKey signs.
func publicKey(number byte) receipt.Key { return receipt.PublicKey(edKey(number)) }

// secretKey returns the fixed secret key with this number.
func secretKey(tb testing.TB, number byte) identity.SecretKey {
	tb.Helper()
	key, err := identity.NewSecretKey(bytes.Repeat([]byte{number}, identity.MinSecretKeyBytes))
	require.NoError(tb, err)
	return key
}

// fixedNonce returns a reader of the bytes 0 to 15.
func fixedNonce() *bytes.Reader {
	return bytes.NewReader([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"))
}

// full returns a receipt with something in every field.
func full() receipt.Receipt {
	return receipt.Receipt{
		Request: `DSR-2026-0042 "b" <&> \`,
		Action:  "anonymize",
		At:      time.Date(2026, time.July, 1, 11, 0, 0, 1200, time.FixedZone("", 2*60*60)),
		Policy:  json.RawMessage(`{ "retention": "720h0m0s", "list": [1, 1e999, {"a": "<ä>", "b": {"a": null}}], "a": "a" }`),
		Counts:  map[string]int64{"rows": 9_223_372_036_854_775_807, "due": 3, "changed": 0},
		Inputs: []receipt.File{
			{Export: 1, File: 2, Role: csvschema.VirtualMachines, Bytes: 4711, Rows: 16, Digest: identity.Digest{1, 2, 3}},
			{Export: 1, File: 1, Role: csvschema.Disks, Bytes: 0, Rows: 0, Digest: identity.Digest{31: 255}},
		},
		Outputs:  []receipt.File{{Bytes: 815, Digest: identity.Digest{9}}},
		Previous: identity.Digest{0xAB, 31: 0xCD},
	}
}

// least returns a receipt with nothing but what is required.
func least() receipt.Receipt {
	return receipt.Receipt{Action: "access", At: time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)}
}

// seal seals a valid receipt.
func seal(tb testing.TB, r receipt.Receipt, o *receipt.Options) []byte {
	tb.Helper()
	sealed, err := receipt.Seal(r, o)
	require.NoError(tb, err)
	return sealed
}

// envelope returns an envelope for any payload. The signatures are made for
// signedType, which may differ from payloadType.
func envelope(payload, payloadType, signedType string, signers ...ed25519.PrivateKey) []byte {
	var signatures []string
	for _, signer := range signers {
		sig := ed25519.Sign(signer, receipt.PAE(signedType, []byte(payload)))
		signatures = append(signatures, `{"sig":"`+base64.StdEncoding.EncodeToString(sig)+`"}`)
	}
	return fmt.Appendf(nil, `{"payload":"%s","payloadType":"%s","signatures":[%s]}`,
		base64.StdEncoding.EncodeToString([]byte(payload)), payloadType, strings.Join(signatures, ","))
}

// payloadOf returns the payload of an envelope.
func payloadOf(tb testing.TB, sealed []byte) string {
	tb.Helper()
	var e struct{ Payload []byte }
	require.NoError(tb, json.Unmarshal(sealed, &e))
	return string(e.Payload)
}

// assertGolden compares got with a file in testdata.
func assertGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

// assertRefused asserts the sentinel and the field of an error, and that the result
// next to it is empty.
func assertRefused(t *testing.T, sentinel error, field string, result any, err error) {
	t.Helper()
	require.ErrorIs(t, err, sentinel)
	var e *receipt.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, field, e.Field)
	assert.Empty(t, result)
}
