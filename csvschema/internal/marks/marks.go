// Package marks tells what people and programs write for an apostrophe, a hyphen, or a letter
// that they cannot write. It knows nothing of identifiers.
package marks

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Has reports whether Plain may change a text of ASCII.
func Has(text []byte) bool {
	return bytes.IndexByte(text, '`') >= 0 || bytes.Contains(text, []byte("''"))
}

// Plain writes, in place, the apostrophe and the hyphen of ASCII for those of
// typography and what is typed or escaped for an apostrophe, and returns the text.
func Plain(text []byte) []byte {
	plain, inDomain := text[:0], false
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if bytes.HasPrefix(text[i:], acuteAccent) {
			r, n = '\'', len(acuteAccent)
		}
		isLetter := unicode.IsLetter(r)
		inDomain = r == '@' || inDomain && (isLetter || unicode.IsNumber(r) || unicode.IsMark(r) || r == '-' || r == '.')
		switch {
		case inDomain && isLetter: // as U+02BC is
			plain = append(plain, text[i:i+n]...)
		case r == '\'' || r == '`' || slices.Contains(apostrophes, r):
			if len(plain) == 0 || plain[len(plain)-1] != '\'' { // or it is doubled, as in databases
				plain = append(plain, '\'')
			}
		case r < utf8.RuneSelf || r == utf8.RuneError:
			plain = append(plain, text[i:i+n]...)
		case unicode.Is(unicode.Pd, r), r == '\u2212', r == '\u2043':
			plain = append(plain, '-')
		default:
			plain = append(plain, text[i:i+n]...)
		}
		i += n
	}
	return plain
}

// acuteAccent is the accent ´ in canonical text: a blank and a mark.
var acuteAccent = []byte(" \u0301")

// apostrophes are what word processors write for an apostrophe, and what looks like one.
var apostrophes = []rune{'\u2018', '\u2019', '\u201B', '\u02BC', '\u02B9', '\u02BB', '\u02C8', '\u2032'}

// Lost returns a text in which each run of question marks and of U+FFFD is one question mark,
// and nil if that is the text itself. Programs write these for letters that their encoding does
// not have.
func Lost(text []byte) []byte {
	if !bytes.Contains(text, []byte("??")) && !bytes.Contains(text, []byte("\uFFFD")) {
		return nil
	}
	return lose(text, func(r rune) bool { return r == '?' || r == utf8.RuneError })
}

// Lose returns a text after all its letters beyond ASCII were lost, as Lost returns it, and ""
// if it has none.
func Lose(text string) string {
	isBeyond := func(r rune) bool { return r >= utf8.RuneSelf }
	if !bytes.ContainsFunc([]byte(text), isBeyond) {
		return ""
	}
	return string(lose([]byte(text), func(r rune) bool { return r == '?' || isBeyond(r) }))
}

// lose returns a text with a question mark for each run of characters that are lost.
func lose(text []byte, isLost func(rune) bool) []byte {
	var kept []byte
	wasLost := false
	for _, r := range string(text) {
		if !isLost(r) {
			kept = utf8.AppendRune(kept, r)
		} else if !wasLost {
			kept = append(kept, '?')
		}
		wasLost = isLost(r)
	}
	return kept
}
