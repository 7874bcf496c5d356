package identity

import (
	"unicode"
	"unicode/utf8"
)

// AppendLetters appends the letters and digits of a text (categories L and N of
// Unicode) to dst and returns it. They are what a name of a machine keeps of the local
// part of an address, in whatever way separators are written. Bytes that are no UTF-8
// are dropped. The text must not overlap the free part of dst.
func AppendLetters(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if isWordRune(r) {
			dst = append(dst, text[i:i+n]...)
		}
		i += n
	}
	return dst
}

// isWordRune reports whether a character is one that AppendLetters keeps.
func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
