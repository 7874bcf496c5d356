// Package swar holds the bit tricks of the packages around it. Its functions look at
// eight bytes of a text at a time, as one word (SIMD within a register).
//
// They follow Hacker's Delight, section 6-1: if no byte of a word has its high bit set,
// adding 0x7F to each byte sets the high bit of every byte that is not zero, and no byte
// carries into the next.
package swar

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

const (
	ones  = 0x0101010101010101
	lows  = 0x7F * ones
	highs = 0x80 * ones
	// gather is a factor that moves the high bits of eight bytes into the highest
	// byte of the product.
	gather = 0x0002040810204081
)

// BlockBytes is the size of the blocks that [Find] looks at.
const BlockBytes = 64

// Find returns a bit for each of the first BlockBytes bytes of block, the lowest bit for
// the first byte. The bit is set if the byte equals b. Clean reports whether all of these
// bytes are ASCII and none is NUL; if not, the bits are meaningless. Find panics if the
// block is shorter.
func Find(block []byte, b byte) (found uint64, clean bool) {
	pattern := uint64(b) * ones
	p := (*[BlockBytes]byte)(block)
	w0 := binary.LittleEndian.Uint64(p[0:])
	w1 := binary.LittleEndian.Uint64(p[8:])
	w2 := binary.LittleEndian.Uint64(p[16:])
	w3 := binary.LittleEndian.Uint64(p[24:])
	w4 := binary.LittleEndian.Uint64(p[32:])
	w5 := binary.LittleEndian.Uint64(p[40:])
	w6 := binary.LittleEndian.Uint64(p[48:])
	w7 := binary.LittleEndian.Uint64(p[56:])
	// 1 less than NUL has the high bit.
	bad := w0 | w1 | w2 | w3 | w4 | w5 | w6 | w7 |
		(w0 - ones) | (w1 - ones) | (w2 - ones) | (w3 - ones) |
		(w4 - ones) | (w5 - ones) | (w6 - ones) | (w7 - ones)
	found = ((w0^pattern)+lows)&highs*gather>>56 |
		((w1^pattern)+lows)&highs*gather>>56<<8 |
		((w2^pattern)+lows)&highs*gather>>56<<16 |
		((w3^pattern)+lows)&highs*gather>>56<<24 |
		((w4^pattern)+lows)&highs*gather>>56<<32 |
		((w5^pattern)+lows)&highs*gather>>56<<40 |
		((w6^pattern)+lows)&highs*gather>>56<<48 |
		((w7^pattern)+lows)&highs*gather>>56<<56
	return ^found, bad&highs == 0
}

// IndexPair returns the first offset, at or after i, for which the text holds b at the
// offset and again distance bytes later, or -1.
func IndexPair(text []byte, i int, b byte, distance int) int {
	pattern := uint64(b) * ones
	for ; i+8+distance <= len(text); i += 8 {
		other := (binary.LittleEndian.Uint64(text[i:]) ^ pattern) | (binary.LittleEndian.Uint64(text[i+distance:]) ^ pattern)
		// The lowest bit is right; a carry can set others.
		if both := (other - ones) &^ other & highs; both != 0 {
			return i + bits.TrailingZeros64(both)/8
		}
	}
	for ; i+distance < len(text); i++ {
		if text[i] == b && text[i+distance] == b {
			return i
		}
	}
	return -1
}

// IsASCII reports whether the text is all ASCII.
func IsASCII(text []byte) bool {
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&highs != 0 {
			return false
		}
	}
	for _, c := range text {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// IsPrintable reports whether all of the text is ASCII from the blank on, without a and b.
// It reads the last word again rather than a shorter one.
func IsPrintable(text string, a, b byte) bool {
	if len(text) < 8 {
		for i := range len(text) {
			if c := text[i]; c < ' ' || c >= 0x80 || c == a || c == b {
				return false
			}
		}
		return true
	}
	for i := 0; ; i += 8 {
		isLast := i+8 >= len(text)
		if isLast {
			i = len(text) - 8
		}
		s := text[i : i+8]
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56 // one load
		// A byte below the one that is taken away borrows, and gets the high bit.
		if (w|(w-' '*ones)|((w^uint64(a)*ones)-ones)|((w^uint64(b)*ones)-ones))&highs != 0 {
			return false
		}
		if isLast {
			return true
		}
	}
}

// AppendLower appends the text to dst, with the letters of ASCII in lower case and bytes
// beyond ASCII as they are. Ascii reports whether all of the text is ASCII.
func AppendLower(dst, text []byte) (_ []byte, ascii bool) {
	start := len(dst)
	dst = slices.Grow(dst, len(text))[:start+len(text)]
	lower := dst[start:]
	var all uint64
	i := 0
	for ; i+8 <= len(text) && i+8 <= len(lower); i += 8 {
		w := binary.LittleEndian.Uint64(text[i : i+8])
		all |= w
		// The additions set the high bit of a byte that is at least 'A', and of one
		// that is more than 'Z'.
		upper := (w + (0x80-'A')*ones) &^ (w + (0x7F-'Z')*ones) & highs
		binary.LittleEndian.PutUint64(lower[i:i+8], w|upper>>2)
	}
	for ; i < len(text); i++ {
		all |= uint64(text[i])
		lower[i] = LowerASCII(text[i])
	}
	return dst, all&highs == 0
}

// AppendLowerPath does what [AppendLower] does, and reports whether the text is all ASCII
// without two slashes in a row and without any of %&?\, as paths are that hold no escape and
// no query.
func AppendLowerPath(dst, text []byte) (_ []byte, plain bool) {
	start := len(dst)
	dst = slices.Grow(dst, len(text))[:start+len(text)]
	lower := dst[start:]
	var all, before uint64 // before is the slash at the end of the word before
	i := 0
	for ; i+8 <= len(text) && i+8 <= len(lower); i += 8 {
		w := binary.LittleEndian.Uint64(text[i : i+8])
		upper := (w + (0x80-'A')*ones) &^ (w + (0x7F-'Z')*ones) & highs
		binary.LittleEndian.PutUint64(lower[i:i+8], w|upper>>2)
		slashes := ^((w ^ '/'*ones) + lows) & highs
		// A % or an &, which are neighbours, sets the high bit of the first, and a ? or a
		// backslash that of one of the others.
		others := (w+(0x80-'%')*ones)&^(w+(0x7F-'&')*ones) | ^(((w ^ '?'*ones) + lows) & ((w ^ '\\'*ones) + lows))
		all |= w | slashes&(slashes<<8|before) | others
		before = slashes >> 56
	}
	for ; i < len(text); i++ {
		all |= uint64(text[i])
		lower[i] = LowerASCII(text[i])
		switch text[i] {
		case '%', '&', '?', '\\':
			all |= highs
		case '/':
			if i > 0 && text[i-1] == '/' {
				all |= highs
			}
		}
	}
	return dst, all&highs == 0
}

// LowerASCII returns a letter of ASCII in lower case, and any other byte as it is.
func LowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// IsHex reports whether a byte is a hexadecimal digit.
func IsHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// CommonPrefix returns how many bytes a and b have in common at their beginning.
func CommonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for i+8 <= n && binary.NativeEndian.Uint64(a[i:]) == binary.NativeEndian.Uint64(b[i:]) {
		i += 8
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}
