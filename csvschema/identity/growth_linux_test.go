package identity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// longParts are what texts are made of that are hard to search in linear time.
var longParts = []string{
	"@[", "＠ ", "a＠ ", "\xEF", "@", "a@", "@a.", "a.", "a@[IPv6:", `"`, `"a`, `"@`, `\"`, `\`, `\u`, `\u00`, "%", "%25", "%40", "%2d", "d%2d", "&", "&#", "&#0", "&#00000000064;", "&amp;",
	"users('", "users('a')", "/users/", "/users/?", "/users/@me?", "('", "1", "1-", "d", "d0-", "–", "S-1-12-1-", "s-1-12-1-1-2-3-4-", "/personal/", "'", "''ann@x.com", "'ann@x.com'",
	"ann@x.com%2E", "ann@", "ann", ".ann@x.com", "\u200B", "e\u0301", "\u0301", "_x0040_", "=40", "Ã", "#",
}

// Time must not grow with the square of a text's length.
func TestNoSearchTakesMoreThanLinearTime(t *testing.T) {
	t.Parallel()
	ids := []string{"ann@x.com", `"a b"@x.com`, "d0d0d0d0-d0d0-d0d0-d0d0-d0d0d0d0d0d0", objectID}
	var index identity.NearIndex
	var parts identity.LocalParts
	for i, id := range ids {
		index.Add(mustIdentifier(t, id), i)
		parts.Add([]byte(id))
	}
	set, values := setOf(t, ids...), valuesOf(append(ids, "zoe b", "''", "ann")...)
	var f identity.Finder
	for name, search := range map[string]func(text []byte){
		"Find":         func(text []byte) { f.Find(nil, text) },
		"UserSegments": func(text []byte) { f.UserSegments(nil, text) },
		"FindMembers":  func(text []byte) { f.FindMembers(nil, text, set) },
		"FindValues":   func(text []byte) { f.FindValues(f.Find(nil, text), text, values) },
		"FindNames":    func(text []byte) { f.FindNames(nil, text, &parts) },
		"FindIn":       func(text []byte) { index.FindIn(nil, text) },
		"GUIDs": func(text []byte) {
			for range f.GUIDs(text) { //nolint:revive // all of them
			}
		},
		"Values.Add": func(text []byte) { new(identity.Values).Add(text) },
	} {
		for _, part := range longParts {
			const size, times = 16 << 10, 8
			took := func(n int) time.Duration {
				text := []byte(strings.Repeat(part, n/len(part)) + "@x.com")
				start := time.Now()
				search(text)
				return time.Since(start)
			}
			isLinear := false
			for try := 0; try < 5 && !isLinear; try++ { // the machine may be busy
				isLinear = took(times*size) <= 3*times*took(size)+5*time.Millisecond
			}
			assert.True(t, isLinear, "%s in many %q", name, part)
		}
	}
}
