package receipt_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// FuzzPolicy asserts that Open returns the policy that was sealed, and that none of
// its texts, as encoding/json decodes them, holds an identifier.
func FuzzPolicy(f *testing.F) {
	f.Add(string(full().Policy))
	f.Add(string(deepPolicy(10_000)))
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
		{"policy followed by another", "policy", func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{}{}`) }},
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
		{"policy that is too deep", "policy", func(r *receipt.Receipt) { r.Policy = deepPolicy(1001) }},
		{"policy that is too deep for encoding/json in a receipt", "policy", func(r *receipt.Receipt) { r.Policy = deepPolicy(10_000) }},
		{"policy that is too deep for encoding/json", "policy", func(r *receipt.Receipt) { r.Policy = deepPolicy(20_000) }},
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

// deepPolicy returns a policy of so many objects and arrays inside each other.
func deepPolicy(depth int) json.RawMessage {
	return json.RawMessage(`{"a":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`)
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
	names := json.RawMessage(`{"":"a","a":[{"b":1},{"b":"b"},"b"],"b":"a"}`) // none is repeated
	for _, policy := range []json.RawMessage{r.Policy, deepPolicy(1000), names} {
		r.Policy = policy
		_, err := receipt.Open(seal(t, r, nil))
		require.NoError(t, err)
	}
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

// A GUID may be the ID of a request. It looks the same as the object ID of a person.
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
