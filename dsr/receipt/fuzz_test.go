package receipt_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// FuzzOpen: what can be opened is sealed to the same bytes again, and what cannot
// comes without a receipt. What a key signed is what was signed with it.
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

// FuzzPayload is FuzzOpen with an envelope around what is found.
func FuzzPayload(f *testing.F) {
	payload := payloadOf(f, seal(f, full(), nil))
	f.Add(payload)
	f.Add(payloadOf(f, seal(f, least(), nil)))
	for _, e := range payloadEdits() {
		f.Add(strings.Replace(payload, e.old, e.new, 1))
	}
	f.Fuzz(func(t *testing.T, payload string) {
		assertOpens(t, envelope(payload, receipt.PayloadType, receipt.PayloadType))
	})
}

// FuzzPolicy: a policy that can be sealed is kept to the letter, and none of its texts
// names anybody, as encoding/json reads them.
func FuzzPolicy(f *testing.F) {
	f.Add(string(full().Policy))
	for _, text := range []string{
		`{}`, `null`, `[]`, `{"a":1e999,"b":"zoe@contoso.com"}`, `{"a":{"a":[{"a":1}]}}`, `{"a":1,"a":2}`, `{"a":"x","b":["/users/zoe"]}`,
		`{"\u0040":"\ud800"}`, `{"a":"\u0000"}`, ` { "a" : "zoe\u0040contoso.com" } `, `{"a":"zoe%40contoso.com"}`, `{"a":"b","c":{"zoe@x":{}}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, policy string) {
		r := least()
		r.Policy = json.RawMessage(policy)
		sealed, err := receipt.Seal(r, nil)
		if err != nil {
			assert.Nil(t, sealed)
			return
		}
		opened, err := receipt.Open(sealed)
		require.NoError(t, err)
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, []byte(policy)))
		assert.Equal(t, compact.String(), string(opened.Policy))
		var value map[string]any
		decoder := json.NewDecoder(strings.NewReader(policy))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&value))
		var find identity.Finder
		for _, text := range textsIn(value, nil) {
			assert.Empty(t, find.Find(nil, []byte(text)))
			assert.Negative(t, strings.IndexFunc(text, unicode.IsControl))
		}
	})
}

// textsIn appends all texts in a JSON value.
func textsIn(value any, dst []string) []string {
	switch value := value.(type) {
	case string:
		dst = append(dst, value)
	case []any:
		for _, element := range value {
			dst = textsIn(element, dst)
		}
	case map[string]any:
		for name, element := range value {
			dst = textsIn(element, append(dst, name))
		}
	}
	return dst
}

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
		return // which can be opened all the same
	}
	require.NoError(t, err)
	unsigned := strings.TrimSuffix(string(again), "]}")
	assert.True(t, strings.HasPrefix(string(sealed), unsigned), "the same up to the signatures")
	if string(sealed) != string(again) {
		assert.Contains(t, string(sealed), unsigned+`{"sig":"`)
	}
}
