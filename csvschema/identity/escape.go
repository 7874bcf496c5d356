package identity

import (
	"bytes"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// What is percent-encoded in a cell is looked at in a decoded view of it; the NOTE
// in find.go tells how a place in the view leads back to the cell.

// decodeRounds is how many times over a cell may be percent-encoded. Twice is
// seen where a URL is made a parameter of another.
const decodeRounds = 3

// hasEscape reports whether a percent-escape is in the text.
func hasEscape(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '%')
		if i < 0 || len(text)-i < 3 {
			return false
		}
		if isHex(text[i+1]) && isHex(text[i+2]) {
			return true
		}
		text = text[i+1:]
	}
}

// escapes returns how many percent-escapes that the text begins with make one
// character: none, if they make none of UTF-8. "100%ed@x.com" holds no escape.
func escapes(text []byte) int {
	var bytes [utf8.UTFMax]byte
	n := 0
	for n < len(bytes) && len(text) >= 3 && text[0] == '%' && isHex(text[1]) && isHex(text[2]) {
		bytes[n] = unhex(text[1])<<4 | unhex(text[2])
		n++
		if bytes[0] < utf8.RuneSelf {
			return 1
		}
		text = text[3:]
	}
	if r, size := utf8.DecodeRune(bytes[:n]); r != utf8.RuneError || size > 1 {
		return size
	}
	return 0
}

// decode returns the percent-decoded view of the cell and sets from. Both are
// valid until the next call.
func (f *Finder) decode(cell []byte) []byte { return f.decodeUpTo(cell, decodeRounds) }

// decodeUpTo is decode with so many rounds at most.
func (f *Finder) decodeUpTo(cell []byte, rounds int) []byte {
	f.view = append(f.view[:0], cell...)
	f.from = f.from[:0]
	for i := range len(cell) + 1 {
		f.from = append(f.from, i)
	}
	for round := 0; round < rounds && hasEscape(f.view); round++ {
		to := 0
		for i := 0; i < len(f.view); {
			n := escapes(f.view[i:])
			if n == 0 {
				f.view[to], f.from[to] = f.view[i], f.from[i]
				to++
				i++
			}
			for ; n > 0; n-- {
				f.view[to], f.from[to] = unhex(f.view[i+1])<<4|unhex(f.view[i+2]), f.from[i]
				to++
				i += 3
			}
		}
		f.view, f.from[to] = f.view[:to], len(cell)
	}
	return f.view
}

// AppendDecoded appends the percent-decoded text, as the Finder sees it, to dst
// and returns it. It is what to compare with an identifier where a span of
// [Finder.Find] is percent-encoded.
func (f *Finder) AppendDecoded(dst, text []byte) []byte {
	if hasEscape(text) {
		text = f.decode(text)
	}
	return append(dst, text...)
}

// unhex returns the value of a hexadecimal digit.
func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return swar.LowerASCII(c) - 'a' + 10
}
