// Package guids tells which GUID is written in a text: with or without hyphens, or as the
// SID by which Windows names an account of Entra ID. Of escapes it knows only the
// percent-encoded hyphen.
package guids

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// The numbers of bytes of a GUID.
const (
	DigitCount = 32                       // of its digits alone
	Length     = DigitCount + len("----") // with hyphens
)

// Each calls yield with the 32 digits of each GUID in a text in lower case, and of each
// that a SID encodes. A GUID is wherever 32 digits are, with any hyphens between them. The
// same GUID may come more than once. Each reports whether yield always returned true.
func Each(text []byte, yield func([DigitCount]byte) bool) bool {
	for start, end, guid := NextSID(text, 0); start >= 0; start, end, guid = NextSID(text, end) {
		if !yield(guid) {
			return false
		}
	}
	var digits [2 * DigitCount]byte
	count := 0
	for i := 0; i < len(text); {
		if !swar.IsHex(text[i]) {
			n := hyphenSize(text[i:])
			if n == 0 {
				count, n = 0, 1
			}
			i += n
			continue
		}
		if count == len(digits) {
			count = copy(digits[:], digits[count-DigitCount+1:])
		}
		digits[count] = text[i]
		count++
		i++
		if count >= DigitCount && !yield([DigitCount]byte(digits[count-DigitCount:count])) {
			return false
		}
	}
	return true
}

// MayHold reports, at little cost, whether a text without escapes may hold a GUID, or the
// SID of one. A SID is shorter than the digits only if its numbers are small.
func MayHold(text []byte) bool {
	const shortestSID = SIDPrefix + "0-0-0-0"
	return len(text) >= DigitCount || len(text) >= len(shortestSID) && bytes.Contains(text, []byte(SIDPrefix[1:]))
}

// MayHoldDigits reports, at little cost, whether a text of ASCII without escapes may hold
// these 32 digits of a GUID, in lower case, with any hyphens between them. It looks for those
// from the first decimal one on, because letters are frequent.
func MayHoldDigits(text, digits []byte) bool {
	first := bytes.IndexAny(digits, "0123456789")
	if first < 0 || len(text) < len(digits) {
		return first < 0
	}
	for i := 0; ; i++ {
		n := bytes.IndexByte(text[i:], digits[first])
		if n < 0 {
			return false
		}
		i += n
		found := first + 1
		for k := i + 1; k < len(text) && found < len(digits); k++ {
			if text[k] == digits[found] || swar.LowerASCII(text[k]) == digits[found] {
				found++
			} else if text[k] != '-' {
				break
			}
		}
		if found == len(digits) {
			return true
		}
	}
}

// Is reports whether the whole text is 32 hexadecimal digits, with or without
// hyphens after 8, 12, 16 and 20 of them, with or without braces.
func Is(text []byte) bool {
	if n := len(text); (n == 34 || n == 38) && text[0] == '{' && text[n-1] == '}' {
		text = text[1 : n-1]
	}
	switch len(text) {
	case DigitCount:
		for _, c := range text {
			if !swar.IsHex(c) {
				return false
			}
		}
		return true
	case Length:
		for i, c := range text {
			if i == 8 || i == 13 || i == 18 || i == 23 {
				if c != '-' {
					return false
				}
			} else if !swar.IsHex(c) {
				return false
			}
		}
		return true
	}
	return false
}

// IsNil reports whether the digits are those of the nil GUID (RFC 9562), which is written
// where there is none.
func IsNil(digits []byte) bool { return len(bytes.Trim(digits, "0")) == 0 }

// Append appends the digits of a GUID in lower case, with hyphens.
func Append(dst, guid []byte) []byte {
	digits := 0
	for _, c := range guid {
		if !swar.IsHex(c) {
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

// Next returns the place of the first GUID in text[i:], with or without hyphens, that is
// not a part of a longer number; -1 if there is none. The digits of an escaped hyphen are
// none of a GUID's.
func Next(text []byte, i int) (start, end int) {
	number := i > 0 && i <= len(text) && swar.IsHex(text[i-1]) // what is before i goes on
	for i+DigitCount <= len(text) {
		if !swar.IsHex(text[i]) {
			number = false
			i += max(hyphenSize(text[i:]), 1)
			continue
		}
		if !number {
			for _, n := range [...]int{Length, DigitCount} {
				if i+n <= len(text) && Is(text[i:i+n]) && (i+n == len(text) || !swar.IsHex(text[i+n])) {
					return i, i + n
				}
			}
		}
		number = true
		i++
	}
	return -1, -1
}

// Cut returns the GUID that the text begins with, with or without hyphens or braces,
// and the rest; a nil guid if there is none.
func Cut(text []byte) (guid, rest []byte) {
	for _, n := range [...]int{Length + 2, Length, DigitCount + 2, DigitCount} {
		if len(text) >= n && Is(text[:n]) {
			return text[:n], text[n:]
		}
	}
	return nil, text
}

// Digits removes hyphens and braces from the text in place. It reports whether
// the rest is the 32 digits of a GUID; if not, the text does not change.
func Digits(text []byte) (rest []byte, ok bool) {
	var digits [DigitCount]byte
	count := 0
	inner := text
	if n := len(inner); n > 2 && inner[0] == '{' && inner[n-1] == '}' {
		inner = inner[1 : n-1]
	}
	for len(inner) > 0 {
		n := hyphenSize(inner)
		if n == 0 {
			if !swar.IsHex(inner[0]) || count == len(digits) {
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

// maxHyphens is how many bytes of hyphens Index skips between two digits. In "%2d%2d…" a
// GUID may begin at every d, and what follows is hyphens.
const maxHyphens = 256

// Index returns the first place from text[i:] on that holds these 32 digits of a
// GUID, with any hyphens between them; -1 if there is none.
func Index(text []byte, i int, digits []byte) (start, end int) {
	for {
		n := bytes.IndexByte(text[i:], digits[0])
		if n < 0 {
			return -1, -1
		}
		i += n
		found, last := 0, i
		for end = i; end < len(text) && found < len(digits); {
			if text[end] == digits[found] {
				found++
				end++
				last = end
			} else if n := hyphenSize(text[end:]); n > 0 && end-last < maxHyphens {
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
