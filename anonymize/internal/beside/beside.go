// Package beside tells whether an address that is beside other text may be a whole one. It
// knows no identifier and no column.
package beside

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/anonymize/internal/objectid"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// Is reports whether an address between these texts is beside them, and no part
// of a longer address or word: "live.com#ann@x.com" has ann's address.
func Is(before, after []byte) bool {
	r, n := utf8.DecodeRune(after)
	if n > 0 && (r == '.' || r == '-') {
		r, n = utf8.DecodeRune(after[n:])
	}
	if n > 0 && isWordRune(r) {
		return false
	}
	for _, n := range [...]int{len(identity.ReplacementObjectID), 32} {
		if len(before) >= n && objectid.Is(identity.AppendNormal(nil, before[len(before)-n:])) {
			return true // of a deleted account
		}
	}
	// "o'ann" is a name, unless that is a quotation mark.
	return IsEdge(before) && (!bytes.HasSuffix(before, []byte{'\''}) || bytes.HasPrefix(after, []byte{'\''}))
}

// IsEdge reports whether an address may begin after the text.
func IsEdge(before []byte) bool {
	if len(before) == 0 {
		return true
	}
	if c := before[len(before)-1]; c < utf8.RuneSelf {
		return !goesOn[c]
	}
	r, _ := utf8.DecodeLastRune(before)
	return !isWordRune(r)
}

// goesOn holds the characters of ASCII after which an address goes on, or a word.
var goesOn = func() (set [utf8.RuneSelf]bool) {
	for c := range rune(utf8.RuneSelf) {
		set[c] = isWordRune(c) || strings.ContainsRune("._-+", c)
	}
	return set
}()

func isWordRune(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

// atSigns are the characters that the finder takes for an at sign.
const atSigns = "@\uFF20\uFE6B"

// IsAt reports whether a character is an at sign.
func IsAt(r rune) bool { return strings.ContainsRune(atSigns, r) }

// IndexAt returns the offset of the first at sign in the text; -1 if there is none.
func IndexAt(text []byte) int {
	if bytes.IndexByte(text, 0xEF) < 0 { // with which the wide ones begin
		return bytes.IndexByte(text, '@')
	}
	return bytes.IndexAny(text, atSigns)
}
