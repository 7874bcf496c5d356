package receipt_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

const (
	canary  = "canary.q7x@example.com"
	quiet   = "canary.q7x" // not recognised as an identifier
	control = "canary.q7x\x00"
)

// assertNoCanary asserts that there is an error, that the result next to it is empty,
// and that the canary is not in the error.
func assertNoCanary(t *testing.T, result any, err error) {
	t.Helper()
	require.Error(t, err)
	assert.Empty(t, result)
	csvschematest.AssertNoLeak(t, err, quiet, hex.EncodeToString([]byte(quiet)))
}

func TestErrorsOfSealHoldNothingOfTheReceipt(t *testing.T) {
	t.Parallel()
	quoted := func(text string) string {
		data, err := json.Marshal(text)
		require.NoError(t, err)
		return string(data)
	}
	for _, text := range []string{canary, control, "/users/" + quiet, quiet + strings.Repeat("x", 200), "ä" + quiet} {
		for field, change := range map[string]func(r *receipt.Receipt){
			"request": func(r *receipt.Receipt) { r.Request = text },
			"action":  func(r *receipt.Receipt) { r.Action = text },
			"count":   func(r *receipt.Receipt) { r.Counts[text] = 1 },
			"policy's name": func(r *receipt.Receipt) {
				r.Policy = json.RawMessage(`{` + quoted(text) + `:1,` + quoted(text) + `:1}`)
			},
			"policy's value": func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"a":[` + quoted(text+canary) + `]}`) },
			"policy's end":   func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"a":` + text) },
			"file": func(r *receipt.Receipt) {
				r.Request, r.Policy = quiet, json.RawMessage(`{"a":"`+quiet+`"}`)
				r.Inputs = append(r.Inputs, receipt.File{})
			},
			"time": func(r *receipt.Receipt) { r.At = time.Time{}.In(time.FixedZone(text, 0)) },
		} {
			t.Run(field+" "+text, func(t *testing.T) {
				t.Parallel()
				r := full()
				change(&r)
				sealed, err := receipt.Seal(r, &receipt.Options{Signer: privateKey(1)})
				assertNoCanary(t, sealed, err)
			})
		}
	}
}

// TestErrorsOfOpenHoldNothingOfTheEnvelope puts the canary into every text, name and
// number of envelopes and payloads that cannot be opened.
func TestErrorsOfOpenHoldNothingOfTheEnvelope(t *testing.T) {
	t.Parallel()
	sealed := string(seal(t, full(), &receipt.Options{Signer: privateKey(1), Random: fixedNonce()}))
	payload := payloadOf(t, []byte(sealed))
	cases := map[string]string{"canary": canary, "canary as text": `"` + canary + `"`}
	for name, e := range envelopeEdits() {
		cases["envelope: "+name] = strings.Replace(sealed, e.old, e.new+canary, 1)
	}
	for at := range payload {
		if at+1 == len(payload) || payload[at] != '"' {
			continue
		}
		for form, text := range map[string]string{"bare": canary, "control": control, "quoted": `"` + canary + `"`} {
			edited := payload[:at+1] + text + payload[at+1:]
			cases[fmt.Sprintf("payload: %s after quote %d", form, at)] = string(envelope(edited, receipt.PayloadType, receipt.PayloadType, privateKey(2)))
		}
	}
	for name, e := range payloadEdits() {
		e.new = strings.Replace(e.new+" ", `"`, `"`+canary, 1)
		cases["payload edit: "+name] = string(envelope(strings.Replace(payload, e.old, e.new, 1), receipt.PayloadType, receipt.PayloadType, privateKey(1)))
	}
	cases["other type"] = string(envelope(payload, canary, canary, privateKey(1)))
	for name, edited := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := receipt.Open([]byte(edited), publicKey(1))
			assertNoCanary(t, r, err)
			assertNoCanary(t, nil, receipt.Verify([][]byte{[]byte(edited)}, identity.Digest{}, publicKey(1)))
			if r, err = receipt.Open([]byte(edited)); err != nil {
				assertNoCanary(t, r, err)
			}
			assertNoCanary(t, nil, receipt.Verify([][]byte{[]byte(edited)}, identity.Digest{}))
		})
	}
}

// A sealed receipt does not hold the content of a file or the key. Digests are keyed,
// files have no names, and the key prints as redacted.
func TestSealedReceiptsHoldNoKeyAndNoContent(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat(quiet, 4)
	key, err := identity.NewSecretKey([]byte(secret))
	require.NoError(t, err)
	h := receipt.NewFileHash(key)
	_, _ = h.Write([]byte(canary))
	r := least()
	r.Outputs = []receipt.File{{Bytes: 1, Digest: identity.Digest(h.Sum(nil))}}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("sealed", "receipt", r, "key", key)
	fmt.Fprintf(&log, "%v %+v %#v %x", r, r, r, r)
	sealed := seal(t, r, nil)
	for _, text := range []string{log.String(), string(sealed), payloadOf(t, sealed)} {
		assert.NotContains(t, text, quiet)
		assert.NotContains(t, text, hex.EncodeToString([]byte(quiet)))
		assert.NotContains(t, text, base64.StdEncoding.EncodeToString([]byte(quiet))[:8])
	}
}
