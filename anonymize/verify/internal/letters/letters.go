// Package letters tells which names were made of an address: an opinion of package verify's
// own. It knows no column.
package letters

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minLetters is how many letters and digits the local part of an address has at
// least, for names that were derived from it to go.
const minLetters = 6

// A Set has the letters and digits of local parts from which names are derived.
type Set map[string]bool

// Add adds those of an address in normal form, and those of the account that it is of.
func (s Set) Add(normal string) {
	local := normal[:max(0, strings.LastIndexByte(normal, '@'))]
	if strings.HasSuffix(normal, "#ext#") { // a guest, without the tenant
		local = normal
	}
	inner := accountID.ReplaceAllString(local, "")
	inner = guestOf.ReplaceAllString(inner, "$1")
	inner = provider.ReplaceAllString(inner, "")
	for _, local := range []string{local, inner, afterPlus.ReplaceAllString(inner, "")} {
		local = strings.Map(func(r rune) rune {
			if isLetterOrNumber(r) {
				return r
			}
			return -1
		}, local)
		if utf8.RuneCountInString(local) >= minLetters {
			s[local] = true
		}
	}
}

const anyGUID = `(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})`

// What programs put around the name of an account in a local part, in normal form.
var (
	accountID = regexp.MustCompile(`^(?:\{` + anyGUID + `\}|` + anyGUID + `)`) // of a deleted account
	guestOf   = regexp.MustCompile(`^(?s:(.*?)(?:_[^_]*)?#ext#)$`)
	provider  = regexp.MustCompile(`^(?s:.*#)`) // live.com#
	afterPlus = regexp.MustCompile(`(?s:\+.*)$`)
)

func isLetterOrNumber(r rune) bool { return unicode.In(r, unicode.L, unicode.N) }

// Derive reports whether a name in normal form begins with some of the letters, whatever
// separates them, and does not go on with a letter. A mark on the last letter makes it
// another letter.
func (s Set) Derive(name string) bool {
	var begun []byte
	for rest := name; rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
		if !isLetterOrNumber(r) {
			continue
		}
		begun = utf8.AppendRune(begun, r)
		next, _ := utf8.DecodeRuneInString(rest)
		if s[string(begun)] && !unicode.In(next, unicode.L, unicode.M) {
			return true
		}
	}
	return false
}

// IndexWord returns where a text holds a word with no letter or number next to it, or
// -1.
func IndexWord(text, word []byte) int {
	for i := 0; i+len(word) <= len(text); i++ {
		before, _ := utf8.DecodeLastRune(text[:i])
		after, _ := utf8.DecodeRune(text[i+len(word):])
		if bytes.HasPrefix(text[i:], word) && !isLetterOrNumber(before) && !isLetterOrNumber(after) {
			return i
		}
	}
	return -1
}
