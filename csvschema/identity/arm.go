package identity

import (
	"bytes"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// AppendARM appends the normal form of an ARM ID, such as a ResourceId, to dst and
// returns the extended buffer. Two IDs are of one resource exactly when their normal
// forms are equal. The normal form is made in four steps:
//
//   - Percent-escapes of UTF-8 are decoded, those that this makes too.
//   - The scheme and the host of a URL ("https://management.azure.com") are removed.
//   - Several slashes in a row become one; blanks and slashes are removed from both
//     ends.
//   - The rest is brought into the form of [AppendNormal].
//
// So "/subscriptions/S/" and "https://management.azure.com//Subscriptions/%73" are both
// "subscriptions/s". The normal form of a normal form is the same text. It is for
// comparison: in a percent-encoded segment it does not tell a slash from one that
// separates segments. A text in ASCII causes no allocation if dst has room for it. The
// text must not overlap the free part of dst.
func AppendARM(dst, id []byte) []byte {
	if bytes.IndexByte(id, '%') < 0 && swar.IndexPair(id, 0, '/', 1) < 0 {
		return AppendNormal(dst, trimSegment(id))
	}
	start := len(dst)
	dst = appendPercentDecoded(dst, id)
	decoded := dst[start:]
	path := trimSegment(afterHost(trimSegment(decoded)))
	n := 0
	for i, c := range path {
		if c != '/' || path[i-1] != '/' { // the path does not begin with a slash
			decoded[n] = c
			n++
		}
	}
	if path = decoded[:n]; !swar.IsASCII(path) || isGUID(path) {
		return append(dst[:start], AppendNormal(nil, path)...)
	}
	for i, c := range path {
		path[i] = swar.LowerASCII(c)
	}
	return dst[:start+n]
}

// afterHost returns what follows the scheme and the host of a URL, and a text that is no
// URL as it is.
func afterHost(text []byte) []byte {
	scheme, rest, found := bytes.Cut(text, []byte("://"))
	if !found || !bytes.EqualFold(scheme, []byte("https")) && !bytes.EqualFold(scheme, []byte("http")) {
		return text
	}
	if slash := bytes.IndexByte(rest, '/'); slash >= 0 {
		return rest[slash:]
	}
	return nil
}

// appendPercentDecoded appends the text to dst, decoded until no escape of UTF-8 is left,
// in one pass: the last escape that has been appended is decoded as soon as it is whole.
func appendPercentDecoded(dst, text []byte) []byte {
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
		if i < start || text[i] != '%' || !isHex(text[i+1]) || !isHex(text[i+2]) {
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
