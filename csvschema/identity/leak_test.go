package identity_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// A test that compares them and fails shows none of them.
func TestComparisonsThatFailShowNoPerson(t *testing.T) {
	t.Parallel()
	id := mustIdentifier(t, leaktest.Canary)
	leaktest.AssertDiffHidesCanary(t, id, mustIdentifier(t, "x@contoso.com"))
	leaktest.AssertDiffHidesCanary(t, keyOf(t, leaktest.Canary+strings.Repeat("k", 32)), keyOf(t, strings.Repeat("k", 32)))
	assert.True(t, id.Equal(mustIdentifier(t, leaktest.Canary)))
	assert.False(t, id.Equal(identity.Identifier{}))
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
	leaktest.AssertNoCanary(t, []identity.SecretKey{key}, leaktest.AllVerbs)
	leaktest.AssertNoCanary(t, map[identity.SecretKey]identity.SecretKey{key: key}, leaktest.AllVerbs)
	leaktest.AssertNoCanary(t, map[identity.Identifier]identity.Identifier{id: id}, leaktest.AllVerbs)
}

// The types that search hold identifiers or cells, and tell none of them, whether they
// are printed by themselves, by a pointer, or in a field or list of the caller's.
func TestTypesThatSearchHideWhatTheyHold(t *testing.T) {
	t.Parallel()
	var (
		id, cell = mustIdentifier(t, leaktest.Canary), []byte("%20" + leaktest.Canary + " \u00e9é /users('" + leaktest.Canary + "')")
		set      identity.Set
		index    identity.NearIndex
		values   identity.Values
		parts    identity.LocalParts
		finder   identity.Finder
	)
	set.Add(id)
	index.Add(id, 1)
	values.Add([]byte(leaktest.Canary))
	values.Add(cell)
	parts.Add([]byte(leaktest.Canary))
	require.NotEmpty(t, finder.FindMembers(nil, cell, &set))
	require.NotEmpty(t, finder.FindNames(nil, cell, &parts))
	require.NotEmpty(t, finder.FindValues(finder.Find(nil, cell), cell, &values))
	require.NotEmpty(t, finder.UserSegments(nil, cell))
	require.NotEmpty(t, index.FindIn(nil, cell))
	for name, value := range map[string]any{"Set": set, "NearIndex": index, "Values": values, "LocalParts": parts, "Finder": finder} {
		leaktest.AssertNoCanary(t, value, leaktest.AllVerbs)
		leaktest.AssertNoCanary(t, &value, leaktest.AllVerbs)
		leaktest.AssertNoCanary(t, []any{value}, leaktest.AllVerbs)
		leaktest.AssertNoCanary(t, map[string]any{"": value}, leaktest.AllVerbs)
		assert.Equal(t, "[redacted]", fmt.Sprintf("%+v", value), name)
		data, err := json.Marshal(value)
		require.NoError(t, err)
		assert.JSONEq(t, `"[redacted]"`, string(data), name)
	}
	leaktest.AssertNoCanary(t, []any{&set, &index, &values, &parts, &finder}, leaktest.AllVerbs)
	leaktest.AssertNoCanary(t, struct {
		set    identity.Set
		index  identity.NearIndex
		values identity.Values
		parts  identity.LocalParts
		finder identity.Finder
		keys   []identity.Set
	}{set, index, values, parts, finder, []identity.Set{set}}, leaktest.AllVerbs)
	leaktest.AssertNoCanary(t, &struct {
		Set    identity.Set
		Index  *identity.NearIndex
		Values []identity.Values
		Parts  map[string]identity.LocalParts
		Finder *identity.Finder
	}{set, &index, []identity.Values{values}, map[string]identity.LocalParts{"": parts}, &finder}, leaktest.AllVerbs)
}
