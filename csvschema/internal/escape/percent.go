package escape

import (
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// AppendPercentDecoded appends the text to dst, decoded until no percent-escape of UTF-8
// is left, and returns the extended buffer. It needs one pass: the last escape that has
// been appended is decoded as soon as it is whole.
func AppendPercentDecoded(dst, text []byte) []byte {
	start := len(dst)
	for _, c := range text {
		dst = append(dst, c)
		for decoded := true; decoded; {
			dst, decoded = decodeEnd(dst, start)
		}
	}
	return dst
}

// decodeEnd decodes the escapes of one character that text[start:] ends with, and
// reports whether there are any.
func decodeEnd(text []byte, start int) (_ []byte, decoded bool) {
	const size = len("%00")
	for n := 1; n <= utf8.UTFMax; n++ {
		i := len(text) - n*size
		if i < start || text[i] != '%' || !swar.IsHex(text[i+1]) || !swar.IsHex(text[i+2]) {
			return text, false
		}
		if lead := unhex(text[i+1])<<4 | unhex(text[i+2]); lead&0xC0 == 0x80 {
			continue // it continues a character
		}
		if escapesOfRune(text[i:]) != n {
			return text, false
		}
		var char [utf8.UTFMax]byte
		for k := range n {
			char[k] = unhex(text[i+k*size+1])<<4 | unhex(text[i+k*size+2])
		}
		return append(text[:i], char[:n]...), true
	}
	return text, false
}
