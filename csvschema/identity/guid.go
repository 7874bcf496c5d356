package identity

import (
	"bytes"
	"iter"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

const (
	guidDigitCount = 32
	guidLength     = guidDigitCount + len("----") // with hyphens
)

// GUIDs returns, for package anonymize, an iterator over the 32 digits, in lower case,
// of every GUID in the cell. A GUID is wherever [Finder.FindValues] would find it as an
// object ID: with or without hyphens, escaped, next to other digits, in a SID. The same
// GUID may come more than once. The iterator is single-use, and no other method of the
// Finder may be called until it ends.
func (f *Finder) GUIDs(cell []byte) iter.Seq[[guidDigitCount]byte] {
	return func(yield func([guidDigitCount]byte) bool) {
		if len(cell) < guidDigitCount && swar.IsASCII(cell) {
			return
		}
		for view, from := range f.views(cell) {
			f.canonical.set(view, from)
			if !yieldGUIDs(f.canonical.text, yield) {
				return
			}
		}
	}
}

// yieldGUIDs calls yield with each GUID of a canonical text, and with each that a SID
// encodes. It reports whether yield always returned true.
func yieldGUIDs(text []byte, yield func([guidDigitCount]byte) bool) bool {
	for start, end, guid := nextSID(text, 0); start >= 0; start, end, guid = nextSID(text, end) {
		if !yield(guid) {
			return false
		}
	}
	var digits [2 * guidDigitCount]byte
	count := 0
	for i := 0; i < len(text); {
		switch n := hyphenSize(text[i:]); {
		case isHex(text[i]):
			if count == len(digits) {
				count = copy(digits[:], digits[count-guidDigitCount+1:])
			}
			digits[count] = text[i]
			count++
			i++
			if count >= guidDigitCount && !yield([guidDigitCount]byte(digits[count-guidDigitCount:count])) {
				return false
			}
		case n > 0:
			i += n
		default:
			count = 0
			i++
		}
	}
	return true
}

// isHex reports whether a byte is a hexadecimal digit.
func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// isGUID reports whether the whole text is 32 hexadecimal digits, with or without
// hyphens after 8, 12, 16 and 20 of them, with or without braces.
func isGUID(text []byte) bool {
	if n := len(text); (n == 34 || n == 38) && text[0] == '{' && text[n-1] == '}' {
		text = text[1 : n-1]
	}
	switch len(text) {
	case guidDigitCount:
		for _, c := range text {
			if !isHex(c) {
				return false
			}
		}
		return true
	case guidLength:
		for i, c := range text {
			if i == 8 || i == 13 || i == 18 || i == 23 {
				if c != '-' {
					return false
				}
			} else if !isHex(c) {
				return false
			}
		}
		return true
	}
	return false
}

// appendGUID appends the digits of a GUID in lower case, with hyphens.
func appendGUID(dst, guid []byte) []byte {
	digits := 0
	for _, c := range guid {
		if !isHex(c) {
			continue
		}
		switch digits {
		case 8, 12, 16, 20:
			dst = append(dst, '-')
		}
		dst = append(dst, swar.LowerASCII(c))
		digits++
	}
	return dst
}

// findGUID returns the first GUID in the text, with or without hyphens, that is
// not a part of a longer number; nil if there is none.
func findGUID(text []byte) []byte {
	for i := 0; i+guidDigitCount <= len(text); i++ {
		if i > 0 && isHex(text[i-1]) || !isHex(text[i]) {
			continue
		}
		for _, n := range [...]int{guidLength, guidDigitCount} {
			if i+n <= len(text) && isGUID(text[i:i+n]) && (i+n == len(text) || !isHex(text[i+n])) {
				return text[i : i+n]
			}
		}
	}
	return nil
}

// cutGUID returns the GUID that the text begins with, with or without hyphens or braces,
// and the rest; a nil guid if there is none.
func cutGUID(text []byte) (guid, rest []byte) {
	for _, n := range [...]int{guidLength + 2, guidLength, guidDigitCount + 2, guidDigitCount} {
		if len(text) >= n && isGUID(text[:n]) {
			return text[:n], text[n:]
		}
	}
	return nil, text
}

// guidDigits removes hyphens and braces from the text in place. It reports whether
// the rest is the 32 digits of a GUID; if not, the text does not change.
func guidDigits(text []byte) (rest []byte, ok bool) {
	var digits [guidDigitCount]byte
	count := 0
	inner := text
	if n := len(inner); n > 2 && inner[0] == '{' && inner[n-1] == '}' {
		inner = inner[1 : n-1]
	}
	for len(inner) > 0 {
		n := hyphenSize(inner)
		if n == 0 {
			if !isHex(inner[0]) || count == len(digits) {
				return text, false
			}
			digits[count] = inner[0]
			count++
			n = 1
		}
		inner = inner[n:]
	}
	if count < len(digits) {
		return text, false
	}
	return text[:copy(text, digits[:])], true
}

// indexGUID returns the first place from text[i:] on that holds the 32 digits of a
// GUID, with any hyphens between them; -1 if there is none.
func indexGUID(text []byte, i int, digits []byte) (start, end int) {
	for {
		n := bytes.IndexByte(text[i:], digits[0])
		if n < 0 {
			return -1, -1
		}
		i += n
		found := 0
		for end = i; end < len(text) && found < len(digits); {
			if text[end] == digits[found] {
				found++
				end++
			} else if n := hyphenSize(text[end:]); n > 0 {
				end += n
			} else {
				break
			}
		}
		if found == len(digits) {
			return i, end
		}
		i++
	}
}

// hyphenSize returns the number of bytes of the hyphen or dash that the text begins
// with, and 0 if it begins with something else.
func hyphenSize(text []byte) int {
	switch {
	case text[0] == '-':
		return 1
	case text[0] == '%': // a hyphen that is not decoded in this view
		n := 1
		for len(text) > n+1 && text[n] == '2' && text[n+1] == '5' {
			n += 2
		}
		if len(text) > n+1 && text[n] == '2' && text[n+1]|0x20 == 'd' {
			return n + 2
		}
		return 0
	case text[0] < utf8.RuneSelf:
		return 0
	}
	if r, n := utf8.DecodeRune(text); unicode.Is(unicode.Pd, r) || r == '\u2212' {
		return n
	}
	return 0
}
