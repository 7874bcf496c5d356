// Package mailbox tells where the parts of an address begin and end: the local part, the
// at sign and the domain, as package identity documents them, or the quoted strings and
// address literals of RFC 5321. It knows nothing of identifiers.
package mailbox

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// Is reports whether the whole text is one address. Unlike in other text, its local part may
// hold slashes, but not begin with one.
func Is(text []byte) bool {
	if n := QuotedSize(text); n > 0 {
		size := AtSize(text[n:])
		return size > 0 && len(text) > n+size && HostEnd(text, n+size) == len(text)
	}
	at, size := NextAt(text, 0)
	if at <= 0 || text[0] == '/' {
		return false
	}
	for i := 0; i < at; {
		r, n := utf8.DecodeRune(text[i:])
		if r != '/' && !IsLocal(r, n) {
			return false
		}
		i += n
	}
	return len(text) > at+size && HostEnd(text, at+size) == len(text)
}

// IsLocal reports whether a rune that was decoded from n bytes may be in the local
// part of an address.
func IsLocal(r rune, n int) bool {
	if r < utf8.RuneSelf {
		return isLocalASCII[r]
	}
	if r == utf8.RuneError && n <= 1 {
		return false // not UTF-8
	}
	return !unicode.IsSpace(r) && !unicode.IsControl(r) && !isWideAt(r)
}

// isLocalASCII holds the characters of a dot-atom of RFC 5322 without the slash,
// which separates the segments of an ARM ID.
var isLocalASCII = func() (set [utf8.RuneSelf]bool) {
	for c := range set {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		set[c] = letter || bytes.IndexByte([]byte("!#$%&'*+-.=?^_`{|}~"), byte(c)) >= 0
	}
	return set
}()

// maxQuoted is the number of bytes that a quoted local part may have. RFC 5321 allows 64.
const maxQuoted = 128

// QuotedSize returns the number of bytes of the quoted string that the text begins with;
// 0 if it begins with none.
func QuotedSize(text []byte) int {
	if len(text) == 0 || text[0] != '"' {
		return 0
	}
	for i := 1; i < len(text) && i < maxQuoted; i++ {
		switch c := text[i]; {
		case c < ' ' || c == 0x7F:
			return 0
		case c == '"':
			return i + 1
		case c == '\\':
			if i++; i < len(text) && (text[i] < ' ' || text[i] >= 0x7F) {
				return 0
			}
		}
	}
	return 0
}

// QuotedStart returns the beginning of the quoted local part that ends before view[end];
// end if there is none. Its quotation marks may both be escaped, as in JSON; then there is
// none inside.
func QuotedStart(view []byte, end int) int {
	if end < 2 || view[end-1] != '"' {
		return end
	}
	last := end - 1
	isEscaped := backslashesBefore(view, last) == 1
	for i := last - 1; i >= 0 && i > end-maxQuoted && view[i] >= ' '; i-- {
		if view[i] != '"' {
			continue
		}
		switch n := backslashesBefore(view, i); {
		case isEscaped && n == 1 && i+2 <= last:
			return i - 1
		case isEscaped:
			return end
		case n%2 == 0 && QuotedSize(view[i:]) == end-i:
			return i
		case n%2 == 0:
			return end
		}
	}
	return end
}

// backslashesBefore returns how many backslashes are directly before view[i].
func backslashesBefore(view []byte, i int) int {
	n := 0
	for n < i && n < maxQuoted && view[i-n-1] == '\\' {
		n++
	}
	return n
}

// HostEnd returns the end of the domain or address literal that begins at view[start:],
// and start if there is none.
func HostEnd(view []byte, start int) int {
	if start == len(view) || view[start] != '[' {
		return domainEnd(view, start, labelStart)
	}
	const longest = len("[IPv6:0000:0000:0000:0000:0000:0000:255.255.255.255]")
	n := bytes.IndexByte(view[start:min(len(view), start+longest)], ']')
	if n < 0 {
		return start
	}
	literal := view[start+1 : start+n]
	const tag = len("IPv6:")
	if is6 := len(literal) > tag && bytes.EqualFold(literal[:tag], []byte("IPv6:")); is6 && isIPv6(literal[tag:]) || !is6 && isIPv4(literal) {
		return start + n + 1
	}
	return start
}

// isIPv4 reports whether the text is four numbers of a byte with dots between them.
func isIPv4(text []byte) bool {
	numbers, digits, number := 1, 0, 0
	for _, c := range text {
		switch {
		case '0' <= c && c <= '9':
			digits, number = digits+1, number*10+int(c-'0')
		case c == '.' && digits > 0:
			numbers, digits, number = numbers+1, 0, 0
		default:
			return false
		}
		if digits > 3 || number > 255 {
			return false
		}
	}
	return numbers == 4 && digits > 0
}

// isIPv6 reports whether the text is eight groups of hexadecimal digits, of which two
// colons may replace some, and of which the last two may be written as isIPv4 says.
func isIPv6(text []byte) bool {
	const most = 8
	groups, rest := 0, text
	rest, isShort := bytes.CutPrefix(rest, []byte("::"))
	for len(rest) > 0 {
		if bytes.IndexByte(rest, ':') < 0 && isIPv4(rest) {
			groups += 2
			break
		}
		n := 0
		for n < len(rest) && swar.IsHex(rest[n]) {
			n++
		}
		if n == 0 || n > 4 {
			return false
		}
		groups++
		if rest = rest[n:]; len(rest) == 0 {
			break
		}
		if rest[0] != ':' || len(rest) == 1 {
			return false
		}
		if rest = rest[1:]; rest[0] == ':' {
			if isShort {
				return false
			}
			rest, isShort = rest[1:], true
		}
	}
	return groups == most || isShort && groups < most
}

// GoesOn reports whether the domain that ends before view[end] goes on there.
func GoesOn(view []byte, end int) bool { return domainEnd(view, end, labelLetter) > end }

// A labelState says what is before a place in a domain.
type labelState uint8

const (
	labelStart  labelState = iota // a dot, or the at sign
	labelLetter                   // a letter, digit or mark
	labelHyphen                   // a hyphen
)

// domainEnd returns the end of the longest domain that continues at view[start:],
// and start if nothing there belongs to it.
func domainEnd(view []byte, start int, state labelState) int {
	end := start
	for i := start; i < len(view); {
		r, n := rune(view[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(view[i:])
		}
		i += n
		switch {
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9':
			state, end = labelLetter, i
		case r == '-' || r == '\uFF0D' || r == '\uFE63':
			if state == labelStart {
				return end
			}
			state = labelHyphen
		case r == '.' || r == '\uFF0E' || r == '\uFE52' || r == '\u2024':
			if state != labelLetter {
				return end
			}
			state = labelStart
		case r < utf8.RuneSelf:
			return end
		case IsIgnorable(r):
			// It has no width, so to a reader the domain continues after it.
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			state, end = labelLetter, i
		case unicode.IsMark(r) && state == labelLetter:
			end = i
		default:
			return end
		}
	}
	return end
}

// HasAt reports whether there is an at sign in the text.
func HasAt(text []byte) bool {
	at, _ := NextAt(text, 0)
	return at >= 0
}

// NextAt returns the offset of the first at sign from text[i:] on and its number of
// bytes. The offset is -1 if there is none. It looks for both kinds in one part of the
// text after the other, because a text may be full of one kind and hold none of the other.
func NextAt(text []byte, i int) (at, size int) {
	const most = 256
	for ; i < len(text); i += most {
		part := text[i:min(i+most, len(text))]
		at, size = bytes.IndexByte(part, '@'), 1
		if at >= 0 {
			part = part[:at]
		}
		for k := 0; k < len(part); k++ { // a wide at sign may be before it
			lead := bytes.IndexByte(part[k:], 0xEF)
			if lead < 0 {
				break
			}
			k += lead
			if n := AtSize(text[i+k:]); n > 0 {
				return i + k, n
			}
		}
		if at >= 0 {
			return i + at, size
		}
	}
	return -1, 1
}

// AtSize returns the number of bytes of the at sign that the text begins with, and 0
// if it begins with something else.
func AtSize(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	if text[0] == '@' {
		return 1
	}
	if r, n := utf8.DecodeRune(text); text[0] == 0xEF && isWideAt(r) {
		return n
	}
	return 0
}

// isWideAt reports whether a rune is the full-width or the small at sign, the two
// that are an at sign by compatibility. Both begin with 0xEF in UTF-8.
func isWideAt(r rune) bool { return r == '\uFF20' || r == '\uFE6B' }

// IsIgnorable reports whether a rune is not seen: it has the property
// Default_Ignorable_Code_Point of Unicode, or is an interlinear annotation mark.
func IsIgnorable(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r == 0xAD, r == 0x034F, r == 0x061C, r == 0x3164, r == 0xFEFF, r == 0xFFA0,
		0x115F <= r && r <= 0x1160,
		0x17B4 <= r && r <= 0x17B5,
		0x180B <= r && r <= 0x180F,
		0x200B <= r && r <= 0x200F,
		0x202A <= r && r <= 0x202E,
		0x2060 <= r && r <= 0x206F,
		0xFE00 <= r && r <= 0xFE0F,
		0xFFF0 <= r && r <= 0xFFFB,
		0x1BCA0 <= r && r <= 0x1BCA3,
		0x1D173 <= r && r <= 0x1D17A,
		0xE0000 <= r && r <= 0xE0FFF:
		return true
	}
	return false
}
