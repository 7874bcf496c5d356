//go:build !race

package identity_test

// The race detector makes tests of time slow, and what they measure its own.

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// Time must not grow with the square of an ID's length.
func TestNormalizingARMIDsTakesLinearTime(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"%", "%25", "25", "/", "%2F", "%C3", "%80", " /", "&", "\\", "\\/", "&#47;", "?", "\"", "\"/"} {
		long := "%" + strings.Repeat(part, 1<<20/len(part))
		assert.LessOrEqual(t, len(identity.AppendARM(nil, []byte(long))), len(long))
	}
}

// Time must not grow with the square of a cell's length.
func TestFindingTakesLinearTime(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"a@", "@", "a", "/users/", "/users/a/", "%40", "%", "a@-", "＠", "\xEF", "a@b.", "a\u200B@", "users('", "users('a')/", "users(''", "/users//", `"`, `"a"@b`, `"@`, `\"@`, "a@[", "a@[1.2.3.4]", "\\", "\\u00", `\u0040a`, "&", "&#6", "&#64;a", `\/users\/a`} {
		cell := []byte(strings.Repeat(part, 1<<20/len(part)))
		var f identity.Finder
		spans := f.Find(nil, cell)
		requireSettled(t, &f, cell, spans)
		assert.True(t, slices.IsSortedFunc(spans, func(a, b identity.Span) int { return a.Start - b.Start }))
	}
}

// Time must not grow with the square of a cell's length.
func TestSearchingForOccurrencesTakesLinearTime(t *testing.T) {
	t.Parallel()
	values := valuesOf("zoe b", objectID, "ddd", "alice@x.com")
	for _, part := range []string{"vm-zoe b@x.com ", "zoe b ", "/users/@me/zoe b/", "d0-", "d", objectID, "zoe\u200B b/", "alice@ⓧ.com.", "%20"} {
		cell := []byte(strings.Repeat(part, 1<<20/len(part)))
		var f identity.Finder
		requireSettled(t, &f, cell, f.FindValues(f.Find(nil, cell), cell, values))
	}
}
