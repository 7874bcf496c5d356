package identity

import (
	"bytes"
	"iter"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// The NOTE in find.go explains how a place in a decoded view is mapped to the cell.

// decodeRounds is how many times a cell may be percent-encoded. Twice happens where
// a URL is a parameter of another URL.
const decodeRounds = 3

// AppendDecoded appends the text, percent-decoded as the Finder decodes cells, to dst
// and returns the extended buffer. It makes the text of a span comparable with an
// identifier.
func (f *Finder) AppendDecoded(dst, text []byte) []byte {
	if hasEscape(text) {
		text = f.decode(text)
	}
	return append(dst, text...)
}

// views returns an iterator over the cell and, if it holds an escape, its views after
// one, two and three rounds of decoding, each with its from as in Finder (nil for the
// cell itself). All of them are searched for texts that need not be addresses, because
// the beginning of such a text after a percent sign can look like an escape: "%dadams".
// A view is valid until the next one.
func (f *Finder) views(cell []byte) iter.Seq2[[]byte, []int] {
	return func(yield func(view []byte, from []int) bool) {
		if !yield(cell, nil) || !hasEscape(cell) {
			return
		}
		for round := range decodeRounds {
			view := f.decodeUpTo(cell, round+1)
			if !yield(view, f.from) {
				return
			}
		}
	}
}

// decode returns the percent-decoded view of the cell and sets from. Both are
// valid until the next call.
func (f *Finder) decode(cell []byte) []byte { return f.decodeUpTo(cell, decodeRounds) }

// decodeUpTo is decode with at most the given number of rounds.
func (f *Finder) decodeUpTo(cell []byte, rounds int) []byte {
	f.view = append(f.view[:0], cell...)
	f.from = f.from[:0]
	for i := range len(cell) + 1 {
		f.from = append(f.from, i)
	}
	for round := 0; round < rounds && hasEscape(f.view); round++ {
		to := 0
		for i := 0; i < len(f.view); {
			n := escapesOfRune(f.view[i:])
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

// hasEscape reports whether the text holds a percent sign and two hexadecimal digits.
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

// escapesOfRune returns the number of percent-escapes at the beginning of the text
// that encode one character. It is 0 if they are not UTF-8: the "%ed" of
// "100%ed@x.com" is no escape.
func escapesOfRune(text []byte) int {
	var encoded [utf8.UTFMax]byte
	n := 0
	for n < len(encoded) && len(text) >= 3 && text[0] == '%' && isHex(text[1]) && isHex(text[2]) {
		encoded[n] = unhex(text[1])<<4 | unhex(text[2])
		n++
		if encoded[0] < utf8.RuneSelf {
			return 1
		}
		text = text[3:]
	}
	if r, size := utf8.DecodeRune(encoded[:n]); r != utf8.RuneError || size > 1 {
		return size
	}
	return 0
}

// unhex returns the value of a hexadecimal digit.
func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return swar.LowerASCII(c) - 'a' + 10
}
