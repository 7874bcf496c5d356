// Package signs tells, at one look, which parts of a text cannot hold an identifier.
package signs

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// NOTE. What package identity finds, it finds by one of these signs, and nearly all cells
// have none:
//
//	@                 of an address
//	% & \ = _         of an escape of URLs, HTML, JSON, MIME or XML, and of a personal folder
//	(                 of users('…'), of OData
//	users/            of a path
//	a byte beyond ASCII, because a character may be written in several ways
//	616e6f6e          of the replacement of an object ID, with any hyphens: 61-6e6f6e-…
//	s-1-12-1-         of the SID of an object ID
//
// The first ones are single bytes, which are quickly found. A word is found by two of its
// bytes, at eight places of the text at a time:
//
//	u....  /          6 and 1 or -          s-
//
// Adding 0x7F to each byte of a word of ASCII sets the high bit of all that are not zero. A
// byte beyond ASCII is a sign itself. It carries into the byte after it, which is then
// judged wrongly, but comes after the sign.

// bytesAlone are the signs of one byte, the frequent ones first: then others are looked for
// only before them.
const bytesAlone = `_@(%&\=`

const (
	users     = "users/"
	sid       = "s-1-12-1-"
	anonymous = "616e6f6e"
)

// block is how many bytes Next looks at to judge eight places.
const block = 16

// These patterns are variables because an instruction that holds eight bytes is slow.
var (
	lows    uint64 = 0x7F7F7F7F7F7F7F7F
	highs   uint64 = 0x8080808080808080
	blanks  uint64 = ' ' * 0x0101010101010101
	us      uint64 = 'u' * 0x0101010101010101
	ss      uint64 = 's' * 0x0101010101010101
	sixes   uint64 = '6' * 0x0101010101010101
	onesOr  uint64 = '1' * 0x0101010101010101 // or a hyphen, by the bits of both
	alike   uint64 = ('1' ^ '-') * 0x0101010101010101
	hyphens uint64 = '-' * 0x0101010101010101
	slashes uint64 = '/' * 0x0101010101010101
)

// Next returns the offset of the first sign in text[i:]; len(text) if there is none.
func Next(text []byte, i int) int {
	end := len(text)
	for _, c := range []byte(bytesAlone) {
		if n := bytes.IndexByte(text[i:end], c); n >= 0 {
			end = i + n
		}
	}
	for ; i < end && i+block <= len(text); i += 8 {
		b := (*[block]byte)(text[i:])
		w, next, sixth := binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[1:]), binary.LittleEndian.Uint64(b[len(users)-1:])
		lower := w | blanks
		absent := ((lower ^ us | (sixth ^ slashes)) + lows) & ((lower ^ ss | (next ^ hyphens)) + lows) & ((w ^ sixes | (next^onesOr)&^alike) + lows)
		for all := (w | ^absent) & highs; all != 0; all &= all - 1 {
			if at := i + bits.TrailingZeros64(all)/8; begins(text[at:]) {
				return min(at, end)
			}
		}
	}
	for ; i < end; i++ {
		if begins(text[i:]) {
			return i
		}
	}
	return end
}

// AreUsers reports whether all signs of a text are the word users/.
func AreUsers(text []byte) bool {
	for i := 0; ; i += len(users) {
		if i = Next(text, i); i == len(text) {
			return true
		}
		if !hasPrefix(text[i:], users) {
			return false
		}
	}
}

// begins reports whether the text begins with a sign of more than one byte or beyond ASCII.
func begins(text []byte) bool {
	switch c := text[0]; {
	case c >= 0x80:
		return true
	case c == '6':
		return isAnonymous(text)
	case c|0x20 == 'u':
		return hasPrefix(text, users)
	case c|0x20 == 's':
		return hasPrefix(text, sid)
	}
	return false
}

// hasPrefix reports whether the text begins with a word, in any letter case.
func hasPrefix(text []byte, word string) bool {
	return len(text) >= len(word) && bytes.EqualFold(text[:len(word)], []byte(word))
}

// isAnonymous reports whether the text begins with the first digits of a replacement, with
// any hyphens of ASCII between them.
func isAnonymous(text []byte) bool {
	n := 0
	for _, c := range text {
		if c == '-' {
			continue
		}
		if c|0x20 != anonymous[n]|0x20 {
			return false
		}
		if n++; n == len(anonymous) {
			return true
		}
	}
	return false
}
