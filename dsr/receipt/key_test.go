package receipt_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// TestAForgedReceiptHasNoMAC makes what somebody without the key can make of two
// receipts: they may take any field, digest and MAC of one for the other.
func TestAForgedReceiptHasNoMAC(t *testing.T) {
	t.Parallel()
	o := &receipt.Options{Key: secretKey(t, 1)}
	key := receipt.MACKey(secretKey(t, 1))
	first, second := seal(t, full(), o), seal(t, least(), o)
	macOf := func(sealed []byte) string {
		_, signatures, _ := strings.Cut(string(sealed), `"signatures":`)
		return signatures
	}
	for name, forge := range map[string]func(r *receipt.Receipt){
		"nothing":            func(*receipt.Receipt) {},
		"request":            func(r *receipt.Receipt) { r.Request = "DSR-1" },
		"action":             func(r *receipt.Receipt) { r.Action = "access" },
		"instant":            func(r *receipt.Receipt) { r.At = r.At.Add(time.Second) },
		"retention":          func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"retention":"876000h0m0s"}`) },
		"no policy":          func(r *receipt.Receipt) { r.Policy = nil },
		"count":              func(r *receipt.Receipt) { r.Counts["due"] = 0 },
		"no counts":          func(r *receipt.Receipt) { r.Counts = nil },
		"outputs are inputs": func(r *receipt.Receipt) { r.Outputs = r.Inputs },
		"inputs are outputs": func(r *receipt.Receipt) { r.Inputs = r.Outputs },
		"no outputs":         func(r *receipt.Receipt) { r.Outputs = nil },
		"fewer inputs":       func(r *receipt.Receipt) { r.Inputs = r.Inputs[:1] },
		"other order":        func(r *receipt.Receipt) { r.Inputs[0], r.Inputs[1] = r.Inputs[1], r.Inputs[0] },
		"size":               func(r *receipt.Receipt) { r.Outputs[0].Bytes++ },
		"rows":               func(r *receipt.Receipt) { r.Outputs[0].Rows++ },
		"role":               func(r *receipt.Receipt) { r.Inputs[0].Role = 0 },
		"file number":        func(r *receipt.Receipt) { r.Inputs[0].File = 7 },
		"export number":      func(r *receipt.Receipt) { r.Inputs[0].Export = 7 },
		"digest":             func(r *receipt.Receipt) { r.Outputs[0].Digest = r.Inputs[0].Digest },
		"previous":           func(r *receipt.Receipt) { r.Previous = identity.Digest{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := receipt.Open(first, key)
			require.NoError(t, err)
			forge(&r)
			forged := seal(t, r, &receipt.Options{Random: bytes.NewReader(r.Nonce[:])})
			unsigned := strings.TrimSuffix(string(forged), "[]}")
			for _, sealed := range []string{string(forged), unsigned + macOf(second)} {
				_, err = receipt.Open([]byte(sealed))
				require.NoError(t, err, "a whole receipt")
				got, err := receipt.Open([]byte(sealed), key)
				assertRefused(t, receipt.ErrSignature, "", got, err)
			}
			if name != "nothing" {
				got, err := receipt.Open([]byte(unsigned+macOf(first)), key)
				assertRefused(t, receipt.ErrSignature, "", got, err)
			}
		})
	}
}

// A digest of a file that holds the message of a MAC is not that MAC.
func TestADigestOfAFileIsNoMAC(t *testing.T) {
	t.Parallel()
	payload := payloadOf(t, seal(t, full(), nil))
	h := receipt.NewFileHash(secretKey(t, 1))
	_, _ = h.Write(receipt.PAE(receipt.PayloadType, []byte(payload)))
	sig, err := json.Marshal(h.Sum(nil))
	require.NoError(t, err)
	sealed := strings.Replace(string(envelope(payload, receipt.PayloadType, receipt.PayloadType)), "[]", `[{"sig":`+string(sig)+`}]`, 1)
	_, err = receipt.Open([]byte(sealed))
	require.NoError(t, err)
	_, err = receipt.Open([]byte(sealed), receipt.MACKey(secretKey(t, 1)))
	require.ErrorIs(t, err, receipt.ErrSignature)
}

func TestAKeyPrintsNothingSecret(t *testing.T) {
	t.Parallel()
	secret := "canary.q7x.canary.q7x.canary.q7x"
	k, err := identity.NewSecretKey([]byte(secret))
	require.NoError(t, err)
	var out bytes.Buffer
	for _, value := range []any{receipt.MACKey(k), []receipt.Key{receipt.MACKey(k)}, &receipt.Options{Key: k}} {
		fmt.Fprintf(&out, "%v %+v %#v %s %x %d", value, value, value, value, value, value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("", "key", value)
		slog.New(slog.NewTextHandler(&out, nil)).Info("", "key", value)
	}
	assert.NotContains(t, out.String(), "canary")
	assert.NotContains(t, out.String(), fmt.Sprintf("%x", "canary"))
	assert.NotContains(t, out.String(), "99 97 110 97 114 121")
}

// A signature cannot be removed, changed or added where the MAC is checked.
func TestAMACCoversTheSignatures(t *testing.T) {
	t.Parallel()
	key := receipt.MACKey(secretKey(t, 1))
	signatures := func(sealed []byte) (before string, list []string) {
		before, after, _ := strings.Cut(string(sealed), `"signatures":[`)
		return before + `"signatures":[`, strings.Split(strings.TrimSuffix(after, "]}"), ",")
	}
	before, both := signatures(seal(t, full(), &receipt.Options{Key: secretKey(t, 1), Signer: privateKey(1), Random: fixedNonce()}))
	_, other := signatures(seal(t, full(), &receipt.Options{Signer: privateKey(2), Random: fixedNonce()}))
	require.Len(t, both, 2)
	open := func(list ...string) error {
		_, err := receipt.Open([]byte(before+strings.Join(list, ",")+"]}"), key)
		return err
	}
	require.NoError(t, open(both...))
	for name, list := range map[string][]string{
		"removed": both[1:],
		"changed": {other[0], both[1]},
		"added":   {both[0], other[0], both[1]},
		"twice":   {both[0], both[0], both[1]},
		"no MAC":  both[:1],
	} {
		require.ErrorIs(t, open(list...), receipt.ErrSignature, name)
	}
	require.ErrorIs(t, open(both[1], both[0]), receipt.ErrMalformed, "a receipt has one encoding")
	require.ErrorIs(t, open(both[0], both[1], both[1]), receipt.ErrMalformed)
}
