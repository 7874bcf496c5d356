package beside

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// MaxPart is how many bytes before and after an at sign are looked at; an address has 254.
const MaxPart = 320

// Each calls do with each part of a text that may be a whole address. It calls it with too many
// rather than with too few, more than once perhaps: which are addresses, the grammar tells. A
// character beyond ASCII may be others than it seems: for comparisons "⑴" is "(1)".
func Each(text []byte, do func(address []byte)) {
	for at := 0; ; {
		n := IndexAt(text[at:])
		if n < 0 {
			return
		}
		at += n
		_, size := utf8.DecodeRune(text[at:])
		eachEnd(text[:min(len(text), at+size+MaxPart)], at+size, func(end int) { eachStart(text[:end], at, do) })
		at += size
	}
}

// eachStart calls do with each address that ends where the text does and has the at sign text[at].
func eachStart(text []byte, at int, do func(address []byte)) {
	first := max(0, at-MaxPart)
	for quote := at - 1; quote > first && text[at-1] == '"'; { // a quoted local part, which may hold blanks
		if quote = bytes.LastIndexByte(text[:quote], '"'); quote >= 0 {
			do(text[quote:])
		}
	}
	for start := at; start > first; {
		r, n := utf8.DecodeLastRune(text[:start])
		if unicode.IsSpace(r) || IsAt(r) {
			return
		}
		start -= n
		if IsEdge(text[:start]) || text[start-1] >= utf8.RuneSelf {
			do(text[start:])
		}
	}
}

// eachEnd calls do with each place where the domain that begins at text[start] may end: after the
// last letter of its labels, and before each character beyond ASCII.
func eachEnd(text []byte, start int, do func(end int)) {
	if start < len(text) && text[start] == '[' { // the address of a computer
		if n := bytes.IndexByte(text[start:], ']'); n > 0 {
			do(start + n + 1)
		}
		return
	}
	end, last := start, '.' // where the last letter, digit or mark ends, and the last character
	for i, r := range string(text[start:]) {
		isWord, isJoint := isWordRune(r), r == '.' && last != '.' && last != '-' || r == '-' && last != '.'
		if end > start && !isJoint && (!isWord || r >= utf8.RuneSelf) {
			do(end)
		}
		if isWord {
			end = start + i + utf8.RuneLen(r)
		} else if r < utf8.RuneSelf && !isJoint {
			return
		}
		last = r
	}
	if end > start {
		do(end)
	}
}
