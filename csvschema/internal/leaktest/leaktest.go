// Package leaktest looks for a canary, a text that must not be seen, in what values
// and errors show of themselves. The tests of csvschema and identity use it.
package leaktest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// Canary is the text that tests put into cells and identifiers.
const Canary = "canary.person@example.com"

// The verbs that a value is printed with. fmt itself, not the value, prints
// what %p and %w make of something that they are not for; it then goes by
// reflection and calls no method.
const (
	ProperVerbs = "vsqxXdtTbcoOUeEfFgG!zZ"
	AllVerbs    = ProperVerbs + "pw"
)

// disguises returns the ways in which a verb writes the text.
func disguises(text string) []string {
	var decimal []string
	for _, b := range []byte(text) {
		decimal = append(decimal, fmt.Sprint(b))
	}
	return []string{
		strings.ToLower(text),
		hex.EncodeToString([]byte(text)),
		strings.TrimSpace(fmt.Sprintf("% x", text)),
		strings.ToLower(fmt.Sprintf("%# x", text)),
		strings.Join(decimal, " "),
		strings.ToLower(base64.StdEncoding.EncodeToString([]byte(text))[:16]),
	}
}

// AssertNoCanary reports whether the canary is in anything that printing, logging
// or marshalling makes of a value.
func AssertNoCanary(t *testing.T, value any, verbs string) {
	t.Helper()
	assertHidden(t, csvschematest.Printed(value, verbs))
}

// AssertDiffHidesCanary lets an assertion of testify fail because two values, and what
// holds them, are different, and reports whether the canary is in what it says.
func AssertDiffHidesCanary[T any](t *testing.T, value, other T) {
	t.Helper()
	for _, values := range [][2]any{
		{value, other},
		{&value, &other},
		{[]T{value}, []T{other}},
		{map[string]T{"k": value}, map[string]T{"k": other}},
		{struct{ Value T }{value}, struct{ Value T }{other}},
		{struct{ value any }{value}, struct{ value any }{other}},
	} {
		var r recorder
		if assert.Equal(&r, values[0], values[1]) || assert.ElementsMatch(&r, values[:1], values[1:]) {
			t.Error("the values are equal")
		}
		assertHidden(t, r.text.String())
	}
}

// A recorder keeps what assertions report.
type recorder struct{ text strings.Builder }

// Errorf implements assert.TestingT.
func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.text, format, args...) }

func assertHidden(t *testing.T, text string) {
	t.Helper()
	for _, form := range disguises(Canary) {
		if strings.Contains(strings.ToLower(text), form) {
			t.Errorf("the canary is in %s", text)
			return
		}
	}
}

// AssertErrorHidesCanary looks at the error, at every error that Unwrap and As
// get out of it, and at every string that reflection gets out of those.
func AssertErrorHidesCanary(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	AssertNoCanary(t, err, AllVerbs)
	seen := map[any]bool{}
	assertHidden(t, strings.Join(stringsIn(reflect.ValueOf(err), seen, nil), "\n"))
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		if next := wrapper.Unwrap(); next != nil {
			AssertErrorHidesCanary(t, next)
		}
	case interface{ Unwrap() []error }:
		for _, next := range wrapper.Unwrap() {
			AssertErrorHidesCanary(t, next)
		}
	}
}

// stringsIn appends every string and byte slice that is reachable from v,
// unexported fields included.
func stringsIn(v reflect.Value, seen map[any]bool, dst []string) []string {
	switch v.Kind() { //nolint:exhaustive // the others hold no text
	case reflect.String:
		dst = append(dst, v.String())
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return dst
		}
		seen[v.Pointer()] = true
		dst = stringsIn(v.Elem(), seen, dst)
	case reflect.Interface:
		if !v.IsNil() {
			dst = stringsIn(v.Elem(), seen, dst)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			dst = stringsIn(field, seen, dst)
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			return append(dst, string(v.Bytes()))
		}
		for i := range v.Len() {
			dst = stringsIn(v.Index(i), seen, dst)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			dst = stringsIn(v.MapIndex(key), seen, stringsIn(key, seen, dst))
		}
	}
	return dst
}
