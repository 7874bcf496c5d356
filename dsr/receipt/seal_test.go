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
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

func TestOpenReturnsWhatWasSealed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		r    receipt.Receipt
		o    *receipt.Options
		keys []ed25519.PublicKey
	}{
		{"everything, signed", full(), &receipt.Options{Signer: privateKey(1)}, []ed25519.PublicKey{publicKey(2), publicKey(1)}},
		{"everything, signed, keys not asked for", full(), &receipt.Options{Signer: privateKey(1)}, nil},
		{"everything, unsigned", full(), &receipt.Options{}, nil},
		{"least, signed", least(), &receipt.Options{Signer: privateKey(1)}, []ed25519.PublicKey{publicKey(1)}},
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

// The vector in protocol.md of DSSE v1.
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
	r.Nonce = [16]byte{1} // of a receipt that was opened and changed
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

func TestSealRefusesValues(t *testing.T) {
	t.Parallel()
	files := func(n int) []receipt.File {
		all := make([]receipt.File, n)
		for i := range all {
			all[i].Digest = identity.Digest{1}
		}
		return all
	}
	counts := map[string]int64{}
	for i := range 1025 {
		counts[fmt.Sprint(i)] = 1
	}
	long := strings.Repeat("x", 129)
	good := receipt.File{Digest: identity.Digest{1}}
	bad := func(change func(f *receipt.File)) []receipt.File {
		f := good
		change(&f)
		return []receipt.File{good, f}
	}
	for _, test := range []struct {
		name, field string
		change      func(r *receipt.Receipt)
	}{
		{"long request", "request", func(r *receipt.Receipt) { r.Request = long }},
		{"line end in the request", "request", func(r *receipt.Receipt) { r.Request = "a\nb" }},
		{"DEL in the request", "request", func(r *receipt.Receipt) { r.Request = "a\x7fb" }},
		{"request that is not ASCII", "request", func(r *receipt.Receipt) { r.Request = "ä" }},
		{"request that is not UTF-8", "request", func(r *receipt.Receipt) { r.Request = "\xff" }},
		{"no action", "action", func(r *receipt.Receipt) { r.Action = "" }},
		{"long action", "action", func(r *receipt.Receipt) { r.Action = long }},
		{"NUL in the action", "action", func(r *receipt.Receipt) { r.Action = "a\x00" }},
		{"no time", "at", func(r *receipt.Receipt) { r.At = time.Time{} }},
		{"no time in another zone", "at", func(r *receipt.Receipt) { r.At = time.Time{}.In(time.FixedZone("", 3600)) }},
		{"time before the first year", "at", func(r *receipt.Receipt) { r.At = time.Time{}.Add(-1) }},
		{"time after the last year", "at", func(r *receipt.Receipt) { r.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"time whose year is too late in UTC", "at", func(r *receipt.Receipt) {
			r.At = time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200))
		}},
		{"policy that is no JSON", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{`) }},
		{"policy with something behind it", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{}{}`) }},
		{"empty policy", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage{} }},
		{"blank policy", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(" ") }},
		{"null policy", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`null`) }},
		{"policy that is a text", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`"x"`) }},
		{"policy that is not UTF-8", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage("{\"a\":\"\xff\"}") }},
		{"policy with a control character", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"a":["x\u0085"]}`) }},
		{"policy with a control character in a name", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"a\n":1}`) }},
		{"policy that repeats a name", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"a":1,"b":{"a":[]},"\u0061":2}`) }},
		{"policy that repeats a name further in", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"b":[{"a":{},"c":"a","a":2}]}`) }},
		{"long policy", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{}` + strings.Repeat(" ", 64<<10-1)) }},
		{"deep policy", "policy", func(r *receipt.Receipt) {
			r.Policy = json.RawMessage(`{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`)
		}},
		{"negative count", "counts", func(r *receipt.Receipt) { r.Counts["rows"] = -1 }},
		{"count without a name", "counts", func(r *receipt.Receipt) { r.Counts[""] = 1 }},
		{"count with a long name", "counts", func(r *receipt.Receipt) { r.Counts[long] = 1 }},
		{"count with a tab in its name", "counts", func(r *receipt.Receipt) { r.Counts["a\t"] = 1 }},
		{"too many counts", "counts", func(r *receipt.Receipt) { r.Counts = counts }},
		{"too many inputs", "inputs", func(r *receipt.Receipt) { r.Inputs = files(1<<16 + 1) }},
		{"too many outputs", "outputs", func(r *receipt.Receipt) { r.Outputs = files(1<<16 + 1) }},
		{"negative export", "input 2", func(r *receipt.Receipt) { r.Inputs = bad(func(f *receipt.File) { f.Export = -1 }) }},
		{"negative file", "output 2", func(r *receipt.Receipt) { r.Outputs = bad(func(f *receipt.File) { f.File = -1 }) }},
		{"negative size", "input 2", func(r *receipt.Receipt) { r.Inputs = bad(func(f *receipt.File) { f.Bytes = -1 }) }},
		{"negative rows", "output 2", func(r *receipt.Receipt) { r.Outputs = bad(func(f *receipt.File) { f.Rows = -1 }) }},
		{"unknown role", "input 2", func(r *receipt.Receipt) { r.Inputs = bad(func(f *receipt.File) { f.Role = 3 }) }},
		{"no digest", "output 2", func(r *receipt.Receipt) { r.Outputs = bad(func(f *receipt.File) { f.Digest = identity.Digest{} }) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := full()
			test.change(&r)
			sealed, err := receipt.Seal(r, nil)
			assertRefused(t, receipt.ErrValue, test.field, sealed, err)
		})
	}
}

func TestSealTakesValuesAtTheLimits(t *testing.T) {
	t.Parallel()
	r := full()
	r.Request = strings.Repeat("~", 128)
	r.At = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	r.Policy = json.RawMessage(`{"a":"` + strings.Repeat("x", 64<<10-8) + `"}`)
	for i := range 1021 {
		r.Counts[fmt.Sprint(i)] = 1
	}
	r.Inputs = make([]receipt.File, 1<<16)
	for i := range r.Inputs {
		r.Inputs[i].Digest = identity.Digest{1}
	}
	_, err := receipt.Open(seal(t, r, nil))
	require.NoError(t, err)
}

func TestSealRefusesIdentifiers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"zoe@contoso.com", "request of Zoe.Smith@contoso.com, again", "zoe%40contoso.com", "zoe%2540contoso.com",
		"/users/zoe", "/subscriptions/1/users/0a11ce00-0000-4000-8000-000000000001/x", "/USERS/%7a",
	} {
		for field, change := range map[string]func(r *receipt.Receipt){
			"request": func(r *receipt.Receipt) { r.Request = text },
			"action":  func(r *receipt.Receipt) { r.Action = text },
			"counts":  func(r *receipt.Receipt) { r.Counts[text] = 1 },
			"policy":  func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"a":"` + text + `"}`) },
			"policy ": func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"` + text + `":1}`) },
			"policy  ": func(r *receipt.Receipt) {
				r.Policy = json.RawMessage(`{"a":1e999,"b":[true,null,{"c":["` + strings.ReplaceAll(text, "@", `\u0040`) + `"]}]}`)
			},
			"policy   ": func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"a":[{"b":{"` + text + `":[]}}]}`) },
		} {
			t.Run(field+text, func(t *testing.T) {
				t.Parallel()
				r := full()
				change(&r)
				sealed, err := receipt.Seal(r, nil)
				assertRefused(t, receipt.ErrIdentifier, strings.TrimRight(field, " "), sealed, err)
			})
		}
	}
}

// A GUID may be the ID of a request, and cannot be told from that of a person.
func TestSealTakesWhatOnlyLooksLikeAnIdentifier(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0a11ce00-0000-4000-8000-000000000001", "@", "3 @ 4", "/users/", "/users/@me", "users", "100%40"} {
		r := full()
		r.Request, r.Action, r.Counts = text, text, map[string]int64{text: 1}
		r.Policy = json.RawMessage(`{"` + text + `":"` + text + `"}`)
		_, err := receipt.Open(seal(t, r, nil))
		assert.NoError(t, err, text)
	}
}

// A signer is what a caller may take for one of Ed25519.
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
		{"key that is not its own", append(privateKey(1)[:32:32], publicKey(2)...), receipt.ErrSignature},
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
