package receipt_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// An edit replaces a text that occurs by another.
type edit struct{ old, new string }

// envelopeEdits are edits of the envelope of full. The result has the same meaning in
// another encoding, or is not an envelope.
func envelopeEdits() map[string]edit {
	return map[string]edit{
		"blank":                 {`,"payloadType"`, `, "payloadType"`},
		"line end at the end":   {`"}]}`, "\"}]}\n"},
		"text at the end":       {`"}]}`, `"}]}{}`},
		"cut":                   {`"}]}`, `"}]`},
		"letter case of name":   {`"payloadType"`, `"payloadtype"`},
		"another type":          {`receipt+json`, `receipt+json2`},
		"type of in-toto":       {`vnd.labdsr.receipt`, `vnd.in-toto`},
		"escape":                {`"application/`, `"application\/`},
		"unknown field":         {`{"payload"`, `{"more":1,"payload"`},
		"key ID":                {`{"sig"`, `{"keyid":"1","sig"`},
		"repeated field":        {`{"payload"`, `{"payloadType":"x","payload"`},
		"no payload":            {`{"payload":"`, `{"payload":null,"x":"`},
		"no type":               {`"application/vnd.labdsr.receipt+json"`, `null`},
		"line end in base64":    {`{"payload":"eyJy`, `{"payload":"ey\nJy`},
		"no padding":            {`=="}]}`, `"}]}`},
		"other bits of padding": {`w=="}]}`, `x=="}]}`},
		"signature cut":         {`5cAw=="}]}`, `5cA="}]}`},
		"signature longer":      {`5cAw=="}]}`, `5cAwAA"}]}`},
		"signature empty":       {`"}]}`, `"},{"sig":""}]}`},
		"signature null":        {`"}]}`, `"},{"sig":null}]}`},
		"null among signatures": {`"}]}`, `"},null]}`},
	}
}

func TestAnEnvelopeHasOneEncoding(t *testing.T) {
	t.Parallel()
	sealed := string(seal(t, full(), &receipt.Options{Signer: privateKey(1), Random: fixedNonce()}))
	edits := map[string]string{"nothing": "", "null": "null", "no object": "[]", "only blanks": " ", "empty object": "{}"}
	for name, e := range envelopeEdits() {
		require.Contains(t, sealed, e.old)
		edits[name] = strings.Replace(sealed, e.old, e.new, 1)
	}
	signatures := sealed[strings.Index(sealed, `[{"sig"`):]
	edits["no signatures"] = strings.Replace(sealed, signatures, "null}", 1)
	edits["empty payload"] = string(envelope("", receipt.PayloadType, receipt.PayloadType, privateKey(1)))
	edits["null payload"] = string(envelope("null", receipt.PayloadType, receipt.PayloadType, privateKey(1)))
	edits["URL base64"] = strings.Replace(sealed, "8w6Q+", "8w6Q-", 1)
	for name, edited := range edits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NotEqual(t, sealed, edited)
			got, err := receipt.Open([]byte(edited))
			assertRefused(t, receipt.ErrMalformed, "", got, err)
		})
	}
}

// TestNoChangeOfAByteSaysTheSame changes each bit. If the result can be opened, it is
// another receipt or has a wrong signature.
func TestNoChangeOfAByteSaysTheSame(t *testing.T) {
	t.Parallel()
	for name, with := range chains(t) {
		if len(with.keys) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assertNoChange(t, seal(t, full(), with.o), with.keys[0])
		})
	}
}

func assertNoChange(t *testing.T, sealed []byte, key receipt.Key) {
	t.Helper()
	want, err := receipt.Open(sealed, key)
	require.NoError(t, err)
	signature := strings.Index(string(sealed), `"sig":"`)
	opened := 0
	for i := range sealed {
		for bit := range 8 {
			sealed[i] ^= 1 << bit
			got, err := receipt.Open(sealed)
			if err == nil {
				opened++
				assert.True(t, i > signature || !assert.ObjectsAreEqual(want, got), "byte %d", i)
				got, err = receipt.Open(sealed, key)
				require.ErrorIs(t, err, receipt.ErrSignature, "byte %d", i)
			}
			assert.Zero(t, got)
			sealed[i] ^= 1 << bit
		}
	}
	assert.NotZero(t, opened)
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	payload := payloadOf(t, seal(t, full(), nil))
	sign := func(signers ...ed25519.PrivateKey) []byte {
		return envelope(payload, receipt.PayloadType, receipt.PayloadType, signers...)
	}
	otherType := envelope(payload, receipt.PayloadType, "application/vnd.in-toto+json", privateKey(1))
	raw := strings.Replace(string(sign(privateKey(1))), base64.StdEncoding.EncodeToString(
		ed25519.Sign(privateKey(1), receipt.PAE(receipt.PayloadType, []byte(payload)))),
		base64.StdEncoding.EncodeToString(ed25519.Sign(privateKey(1), []byte(payload))), 1)
	withMAC := seal(t, full(), &receipt.Options{Key: secretKey(t, 1)})
	withBoth := seal(t, full(), &receipt.Options{Key: secretKey(t, 1), Signer: privateKey(1)})
	for _, test := range []struct {
		name   string
		sealed []byte
		keys   []receipt.Key
		want   error
	}{
		{"right key", sign(privateKey(1)), []receipt.Key{publicKey(1)}, nil},
		{"wrong key", sign(privateKey(1)), []receipt.Key{publicKey(2)}, receipt.ErrSignature},
		{"wrong keys", sign(privateKey(1)), []receipt.Key{publicKey(2), publicKey(3)}, receipt.ErrSignature},
		{"one of the keys", sign(privateKey(3)), []receipt.Key{publicKey(2), publicKey(3)}, nil},
		{"no signature", sign(), []receipt.Key{publicKey(1)}, receipt.ErrSignature},
		{"no signature, no key", sign(), nil, nil},
		{"two signatures, first key", sign(privateKey(1), privateKey(2)), []receipt.Key{publicKey(1)}, nil},
		{"two signatures, second key", sign(privateKey(1), privateKey(2)), []receipt.Key{publicKey(2)}, nil},
		{"two signatures, third key", sign(privateKey(1), privateKey(2)), []receipt.Key{publicKey(3)}, receipt.ErrSignature},
		{"over another type", otherType, []receipt.Key{publicKey(1)}, receipt.ErrSignature},
		{"over another type, no key", otherType, nil, nil},
		{"over the bare payload", []byte(raw), []receipt.Key{publicKey(1)}, receipt.ErrSignature},
		{"short key", sign(privateKey(1)), []receipt.Key{publicKey(1), receipt.PublicKey(edKey(1)[:31])}, receipt.ErrKey},
		{"nil key", sign(privateKey(1)), []receipt.Key{receipt.PublicKey(nil)}, receipt.ErrKey},
		{"long key", sign(), []receipt.Key{receipt.PublicKey(append(edKey(1), 0))}, receipt.ErrKey},
		{"zero key", sign(), []receipt.Key{{}}, receipt.ErrKey},
		{"zero secret key", sign(), []receipt.Key{receipt.MACKey(identity.SecretKey{})}, receipt.ErrKey},
		{"MAC, right key", withMAC, []receipt.Key{receipt.MACKey(secretKey(t, 1))}, nil},
		{"MAC, wrong key", withMAC, []receipt.Key{receipt.MACKey(secretKey(t, 2))}, receipt.ErrSignature},
		{"MAC, public key", withMAC, []receipt.Key{publicKey(1)}, receipt.ErrSignature},
		{"MAC, one of the keys", withMAC, []receipt.Key{publicKey(1), receipt.MACKey(secretKey(t, 1))}, nil},
		{"MAC and signature, secret key", withBoth, []receipt.Key{receipt.MACKey(secretKey(t, 1))}, nil},
		{"MAC and signature, public key", withBoth, []receipt.Key{publicKey(1)}, nil},
		{"MAC and signature, other keys", withBoth, []receipt.Key{publicKey(2), receipt.MACKey(secretKey(t, 2))}, receipt.ErrSignature},
		{"signature, secret key", sign(privateKey(1)), []receipt.Key{receipt.MACKey(secretKey(t, 1))}, receipt.ErrSignature},
		{"no signature, secret key", sign(), []receipt.Key{receipt.MACKey(secretKey(t, 1))}, receipt.ErrSignature},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := receipt.Open(test.sealed, test.keys...)
			verifyErr := receipt.Verify([][]byte{test.sealed}, receipt.Head(test.sealed), test.keys...)
			if test.want == nil {
				require.NoError(t, err)
				assert.Equal(t, full().Action, got.Action)
				require.ErrorIs(t, verifyErr, receipt.ErrPrevious) // full has a previous receipt
				return
			}
			assertRefused(t, test.want, "", got, err)
			require.ErrorIs(t, verifyErr, test.want)
		})
	}
}

// A later version may refuse to seal a receipt that an earlier one sealed. Open still
// reads it, as it reads this receipt, which Seal refuses today.
func TestOpenReadsWhatSealWouldRefuse(t *testing.T) {
	t.Parallel()
	payload := payloadOf(t, seal(t, full(), nil))
	payload = strings.Replace(payload, "anonymize", "of zoe@contoso.com", 1)
	r, err := receipt.Open(envelope(payload, receipt.PayloadType, receipt.PayloadType))
	require.NoError(t, err)
	_, err = receipt.Seal(r, nil)
	require.ErrorIs(t, err, receipt.ErrIdentifier)
}

func TestAReceiptThatWasOpenedCanBeSealedAgain(t *testing.T) {
	t.Parallel()
	for _, r := range []receipt.Receipt{full(), least()} {
		sealed := seal(t, r, &receipt.Options{Signer: privateKey(1)})
		opened, err := receipt.Open(sealed)
		require.NoError(t, err)
		again := seal(t, opened, &receipt.Options{Signer: privateKey(1), Random: strings.NewReader(string(opened.Nonce[:]))})
		assert.Equal(t, string(sealed), string(again))
	}
}

// FuzzOpen asserts that a receipt that can be opened is sealed to the same bytes
// again, and that an error comes without a receipt. A receipt that opens with a key is
// one that the key signed.
func FuzzOpen(f *testing.F) {
	signed := map[string]bool{}
	for _, name := range []string{"full.json", "least.json"} {
		sealed, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(sealed)
		signed[payloadOf(f, sealed)] = true
		for _, e := range envelopeEdits() {
			f.Add([]byte(strings.Replace(string(sealed), e.old, e.new, 1)))
		}
	}
	f.Fuzz(func(t *testing.T, sealed []byte) {
		assertOpens(t, sealed)
		if r, err := receipt.Open(sealed, publicKey(1)); err == nil {
			assert.True(t, signed[payloadOf(t, sealed)])
		} else {
			assert.Zero(t, r)
		}
	})
}

// assertOpens asserts that an envelope is either malformed or what Seal makes of its
// receipt, up to the signatures.
func assertOpens(t *testing.T, sealed []byte) {
	t.Helper()
	r, err := receipt.Open(sealed)
	if err != nil {
		assert.Zero(t, r)
		require.ErrorIs(t, err, receipt.ErrMalformed)
		return
	}
	again, err := receipt.Seal(r, &receipt.Options{Random: bytes.NewReader(r.Nonce[:])})
	if errors.Is(err, receipt.ErrIdentifier) {
		return // Open does not look for identifiers
	}
	require.NoError(t, err)
	unsigned := strings.TrimSuffix(string(again), "]}")
	assert.True(t, strings.HasPrefix(string(sealed), unsigned), "the same up to the signatures")
	if string(sealed) != string(again) {
		assert.Contains(t, string(sealed), unsigned+`{"sig":"`)
	}
}
