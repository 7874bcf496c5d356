package veil_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/veil"
)

// A recorder keeps what an assertion reports.
type recorder struct{ text strings.Builder }

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.text, format, args...) }

func TestFailedAssertionsDoNotReachTheValue(t *testing.T) {
	t.Parallel()
	text, other := "alice@contoso.com", "bob@contoso.com"
	a, b := veil.New(&text), veil.New(&other)
	type holder struct {
		Name string
		Veil veil.Of[*string]
	}
	for _, values := range [][2]any{
		{a, b},
		{&a, &b},
		{holder{"x", a}, holder{"y", b}},
		{[]veil.Of[*string]{a}, []veil.Of[*string]{b}},
		{map[string]veil.Of[*string]{"k": a}, map[string]veil.Of[*string]{"k": b}},
	} {
		var r recorder
		assert.False(t, assert.Equal(&r, values[0], values[1]))
		assert.NotEmpty(t, r.text.String())
		assert.NotContains(t, r.text.String(), "contoso")
	}
	var r recorder
	assert.False(t, assert.ElementsMatch(&r, []any{a}, []any{b}))
	assert.NotContains(t, r.text.String(), "contoso")
	assert.False(t, assert.Equal(&r, holder{Name: text}, holder{}))
	assert.Contains(t, r.text.String(), "contoso", "what has no veil is printed")
}

func TestValueIsTheSame(t *testing.T) {
	t.Parallel()
	text, same := "text", "text"
	assert.Equal(t, &text, veil.New(&text).Get())
	assert.Nil(t, veil.Of[*string]{}.Get())
	first, second := veil.New(&text), veil.New(&text)
	assert.Equal(t, first, second)
	assert.False(t, veil.New(&text) == veil.New(&same)) //nolint:testifylint // == of pointers
	assert.True(t, reflect.DeepEqual(veil.New(&text), veil.New(&same)))
	assert.Equal(t, unsafe.Sizeof(&text), unsafe.Sizeof(veil.New(&text)))
}
