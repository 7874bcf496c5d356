package identity_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
)

// A canary is in every input that fails.
func TestErrorsHideTheInput(t *testing.T) {
	t.Parallel()
	const (
		canary    = leaktest.Canary
		hexCanary = "63616e617279" // "canary"
	)
	errorOf := func(_ any, err error) error { return err }
	var id identity.Identifier
	var kind identity.ReplacementKind
	var digest identity.Digest
	var inStruct struct {
		ID     identity.Identifier
		Kind   identity.ReplacementKind
		Digest identity.Digest
	}
	quoted := func(text string) []byte { return []byte(`"` + text + `"`) }
	inField := func(name, text string) []byte { return []byte(`{"` + name + `":"` + text + `"}`) }
	for name, err := range map[string]error{
		"Parse of several":                   errorOf(identity.Parse(canary + "," + canary)),
		"Parse of a path":                    errorOf(identity.Parse("/users/" + canary)),
		"Parse of invalid UTF-8":             errorOf(identity.Parse("\xff" + canary)),
		"Parse of digits":                    errorOf(identity.Parse(hexCanary)),
		"Identifier.UnmarshalText":           id.UnmarshalText([]byte("<" + canary + ">")),
		"Identifier.UnmarshalJSON":           id.UnmarshalJSON(quoted("<" + canary + ">")),
		"Identifier.UnmarshalJSON of object": id.UnmarshalJSON(inField(canary, canary)),
		"Identifier.UnmarshalJSON, cut":      id.UnmarshalJSON([]byte(`"` + canary)),
		"Identifier in JSON":                 json.Unmarshal(inField("ID", "<"+canary+">"), &inStruct),
		"Identifier as a key in JSON":        json.Unmarshal(inField("<"+canary+">", "x"), &map[identity.Identifier]string{}),
		"NewSecretKey":                       errorOf(identity.NewSecretKey([]byte(canary))),
		"Digest.UnmarshalText":               digest.UnmarshalText([]byte(canary)),
		"Digest.UnmarshalText of its length": digest.UnmarshalText([]byte((canary + strings.Repeat("0", 64))[:64])),
		"Digest.UnmarshalText of one letter": digest.UnmarshalText([]byte(hexCanary + strings.Repeat("0", 51) + "g")),
		"Digest.UnmarshalText in upper case": digest.UnmarshalText([]byte(strings.ToUpper(hexCanary) + strings.Repeat("0", 52))),
		"Digest in JSON":                     json.Unmarshal(inField("Digest", canary), &inStruct),
		"ReplacementKind.UnmarshalText":      kind.UnmarshalText([]byte(canary)),
		"ReplacementKind in JSON":            json.Unmarshal(inField("Kind", canary), &inStruct),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leaktest.AssertErrorHidesCanary(t, err)
			csvschematest.AssertNoLeak(t, err, canary, "canary", hexCanary)
		})
	}
}

// The types that redact themselves do so in fields of other types, too.
func TestRedactedValuesHideTheirTexts(t *testing.T) {
	t.Parallel()
	id := mustIdentifier(t, leaktest.Canary)
	key := keyOf(t, leaktest.Canary+strings.Repeat("k", 32))
	leaktest.AssertNoCanary(t, id, leaktest.AllVerbs)
	leaktest.AssertNoCanary(t, key, leaktest.AllVerbs)
	leaktest.AssertNoCanary(t, struct {
		id  identity.Identifier
		key identity.SecretKey
		m   map[identity.Identifier]*identity.Identifier
	}{id, key, map[identity.Identifier]*identity.Identifier{id: &id}}, leaktest.ProperVerbs)
	leaktest.AssertNoCanary(t, struct {
		ID  *identity.Identifier
		Key []identity.SecretKey
	}{&id, []identity.SecretKey{key}}, leaktest.ProperVerbs)
}
