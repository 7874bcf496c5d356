//go:build !race

package identity_test

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// longParts are what texts are made of that are hard to search in linear time.
var longParts = []string{
	"@[", "＠ ", "a＠ ", "\xEF", "@", "a@", "@a.", "a.", "a@[IPv6:", `"`, `"a`, `"@`, `\"`, `\`, `\u`, `\u00`, "%", "%25", "%40", "%2d", "d%2d", "&", "&#", "&#0", "&#00000000064;", "&amp;",
	"users('", "users(", "users('a')", `\users\`, "#EXT#", "/users/", "/users/?", "/users/@me?", "('", "1", "1-", "d", "d0-", "–", "S-1-12-1-", "s-1-12-1-1-2-3-4-", "/personal/", "'", "''ann@x.com", "'ann@x.com'",
	"ann@x.com%2E", "ann@", "ann", ".ann@x.com", "\u200B", "e\u0301", "\u0301", "_x0040_", "=40", "Ã", "#", `"b"@x:`,
}

// Time must not grow with the square of a text's length. It is that of the processor,
// because the machine may be busy, and no other test runs meanwhile.
func TestNoSearchTakesMoreThanLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
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
			for range f.GUIDs(text) {
			}
		},
		"Values.Add": func(text []byte) { new(identity.Values).Add(text) },
	} {
		befores := []string{""}
		if name == "Find" {
			befores = append(befores, "/users/a") // which grows by what is after it
		}
		for _, part := range longParts {
			for _, before := range befores {
				const size, times = 16 << 10, 8
				took := func(n int) time.Duration {
					text := []byte(before + strings.Repeat(part, n/len(part)) + "@x.com")
					runtime.GC() // or else it may work meanwhile
					start := cpuTime(t)
					search(text)
					return cpuTime(t) - start
				}
				short, long, isLinear := time.Hour, time.Hour, false
				for try := 0; try < 5 && !isLinear; try++ {
					short, long = min(short, took(size)), min(long, took(times*size))
					isLinear = long <= 3*times*short+10*time.Millisecond
				}
				assert.True(t, isLinear, "%s in %q and many %q: %v, %v", name, before, part, short, long)
			}
		}
	}
}

// cpuTime returns how long the processor has worked for this process.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
