package receipt_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/receipt"
)

func TestOpenReturnsWhatWasSealed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		r    receipt.Receipt
		o    *receipt.Options
		keys []receipt.Key
	}{
		{"everything, signed", full(), &receipt.Options{Signer: privateKey(1)}, []receipt.Key{publicKey(2), publicKey(1)}},
		{"everything, signed, keys not asked for", full(), &receipt.Options{Signer: privateKey(1)}, nil},
		{"everything, unsigned", full(), &receipt.Options{}, nil},
		{"least, signed", least(), &receipt.Options{Signer: privateKey(1)}, []receipt.Key{publicKey(1)}},
		{"least, nil options", least(), nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sealed := seal(t, test.r, test.o)
			assert.NotContains(t, string(sealed), "\n")
			got, err := receipt.Open(sealed, test.keys...)
			require.NoError(t, err)
			want := test.r
			want.At = want.At.UTC()
			if want.Policy != nil {
				var compact bytes.Buffer
				require.NoError(t, json.Compact(&compact, want.Policy))
				want.Policy = compact.Bytes()
			}
			if want.Counts == nil {
				want.Counts = map[string]int64{}
			}
			assert.NotZero(t, got.Nonce)
			want.Nonce = got.Nonce
			assert.Equal(t, want, got)
		})
	}
}

func TestSealedBytesNeverChange(t *testing.T) {
	t.Parallel()
	assertGolden(t, "full.json", seal(t, full(), &receipt.Options{Signer: privateKey(1), Random: fixedNonce()}))
	assertGolden(t, "full.payload.json", []byte(payloadOf(t, seal(t, full(), &receipt.Options{Random: fixedNonce()}))))
	assertGolden(t, "least.json", seal(t, least(), &receipt.Options{Random: fixedNonce()}))
	assertGolden(t, "least.payload.json", []byte(payloadOf(t, seal(t, least(), &receipt.Options{Random: fixedNonce()}))))
}

// The test vector is from protocol.md of DSSE v1.
func TestSignaturesAreOverTheEncodingOfDSSE(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
		string(receipt.PAE("http://example.com/HelloWorld", []byte("hello world"))))
	sealed := seal(t, full(), &receipt.Options{Signer: privateKey(1), Random: fixedNonce()})
	payload := payloadOf(t, sealed)
	assert.Equal(t, string(envelope(payload, receipt.PayloadType, receipt.PayloadType, privateKey(1))), string(sealed))
}

func TestEqualReceiptsHaveDifferentHeads(t *testing.T) {
	t.Parallel()
	r := full()
	r.Nonce = [16]byte{1} // as in a receipt that was opened and changed
	first, second := seal(t, r, nil), seal(t, r, nil)
	assert.NotEqual(t, receipt.Head(first), receipt.Head(second))
	opened, err := receipt.Open(first)
	require.NoError(t, err)
	assert.NotEqual(t, r.Nonce, opened.Nonce)
}

func TestSealLeavesTheReceiptAlone(t *testing.T) {
	t.Parallel()
	r := full()
	seal(t, r, &receipt.Options{Signer: privateKey(1)})
	assert.Equal(t, full(), r)
}

// A signer is a signer that a caller may mistake for one of Ed25519.
type signer struct {
	crypto.Signer
	err error
	sum bool // signs a hash, as Ed25519ph does
}

func (s signer) Sign(random io.Reader, message []byte, o crypto.SignerOpts) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.sum {
		sum := sha512.Sum512(message)
		message, o = sum[:], crypto.SHA512
	}
	return s.Signer.Sign(random, message, o)
}

func TestSealRefusesSigners(t *testing.T) {
	t.Parallel()
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	failure := errors.New("the key is elsewhere")
	for _, test := range []struct {
		name   string
		signer crypto.Signer
		want   error
	}{
		{"another kind of key", elliptic, receipt.ErrKey},
		{"no key", ed25519.PrivateKey(nil), receipt.ErrKey},
		{"short key", privateKey(1)[:63], receipt.ErrKey},
		{"failing signer", signer{Signer: privateKey(1), err: failure}, failure},
		{"signer of hashes", signer{Signer: privateKey(1), sum: true}, receipt.ErrSignature},
		{"public key of another private key", append(privateKey(1)[:32:32], edKey(2)...), receipt.ErrSignature},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sealed, err := receipt.Seal(full(), &receipt.Options{Signer: test.signer})
			assertRefused(t, test.want, "signature", sealed, err)
		})
	}
	sealed := seal(t, full(), &receipt.Options{Signer: signer{Signer: privateKey(1)}})
	_, err = receipt.Open(sealed, publicKey(1))
	require.NoError(t, err)
}

func TestSealNeedsAWholeNonce(t *testing.T) {
	t.Parallel()
	failure := errors.New("out of luck")
	sealed, err := receipt.Seal(full(), &receipt.Options{Random: iotest.ErrReader(failure)})
	assertRefused(t, failure, "nonce", sealed, err)
	sealed, err = receipt.Seal(full(), &receipt.Options{Random: strings.NewReader("fifteen letters")})
	assertRefused(t, io.ErrUnexpectedEOF, "nonce", sealed, err)
	assert.Equal(t, seal(t, full(), &receipt.Options{Random: fixedNonce()}),
		seal(t, full(), &receipt.Options{Random: iotest.OneByteReader(fixedNonce())}))
}
