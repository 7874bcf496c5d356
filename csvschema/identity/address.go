package identity

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// NOTE: how addresses are found in a decoded view of a cell.
//
// All characters of a domain may also be in a local part. So the view is split into
// runs of such characters and at signs, and each run into the pieces between its at
// signs. A piece that is not empty, an at sign and the domain at the beginning of
// the next piece are an address:
//
//	run      b o b @ f a b r i k a m . c o m - @ - x
//	pieces   [ bob ] [    fabrikam.com-     ] [ -x ]
//	address  [  bob @ fabrikam.com ]
//
// The last piece does not begin with a domain, so there is no second address. If it
// were "x", "fabrikam.com-@x" would be one too; the two overlap and are one span.
//
// Pieces before an address that at signs join to it are a part of its span. In
// "a@-b@x" only "-b@x" is an address, but with the replacement in its place,
// "a@removed@…" would hold another one.

// appendAddresses appends the spans of all addresses in the view, merged.
func appendAddresses(dst []Span, view []byte) []Span {
	first := len(dst)
	at, size := nextAt(view, 0)
	for at >= 0 {
		piece := at // where the piece before the at sign begins
		for piece > 0 {
			r, n := utf8.DecodeLastRune(view[:piece])
			if !isLocal(r, n) {
				break
			}
			piece -= n
		}
		chain := piece // where the pieces begin that are joined to it
		for {
			after := at + size
			if piece == at {
				chain = after // an empty piece joins nothing
			} else if end := domainEnd(view, after, labelStart); end > after {
				dst = appendSpan(dst, first, Span{chain, end, AddressSpan})
			}
			piece, at = after, after
			for at < len(view) {
				r, n := utf8.DecodeRune(view[at:])
				if !isLocal(r, n) {
					break
				}
				at += n
			}
			if size = atSize(view[at:]); size == 0 {
				break
			}
		}
		at, size = nextAt(view, at)
	}
	return dst
}

// isAddress reports whether the whole text is one address.
func isAddress(text []byte) bool {
	at, size := nextAt(text, 0)
	if at <= 0 {
		return false
	}
	for i := 0; i < at; {
		r, n := utf8.DecodeRune(text[i:])
		if !isLocal(r, n) {
			return false
		}
		i += n
	}
	return len(text) > at+size && domainEnd(text, at+size, labelStart) == len(text)
}

// isLocal reports whether a rune that was decoded from n bytes may be in the local
// part of an address.
func isLocal(r rune, n int) bool {
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
		case isIgnorable(r):
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

// hasAtSign reports whether there is an at sign in the text.
func hasAtSign(text []byte) bool {
	at, _ := nextAt(text, 0)
	return at >= 0
}

// nextAt returns the offset of the first at sign from text[i:] on and its number of
// bytes. The offset is -1 if there is none.
func nextAt(text []byte, i int) (at, size int) {
	at, size = bytes.IndexByte(text[i:], '@'), 1
	end := len(text)
	if at >= 0 {
		at += i
		end = at
	}
	for i < end { // a wide at sign may be before it
		lead := bytes.IndexByte(text[i:end], 0xEF)
		if lead < 0 {
			break
		}
		i += lead
		if n := atSize(text[i:]); n > 0 {
			return i, n
		}
		i++
	}
	return at, size
}

// atSize returns the number of bytes of the at sign that the text begins with, and 0
// if it begins with something else.
func atSize(text []byte) int {
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
