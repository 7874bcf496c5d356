// Package addresses tells which parts of a text may be whole addresses, by an opinion of
// package verify's own. It knows no identifier and no column.
package addresses

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NOTE. An address begins at some character of the run before its at sign, and what is
// before that character says whether it does:
//
//	?mail=max.ann@example.com
//	          ^ no, it is after a dot, so the address goes on to the left
//	      ^ yes, it is after a character between parameters

// maxQuoted is how many bytes a quoted local part has at most; RFC 5321 allows 64 characters.
const maxQuoted = 320

// Each calls ask with each address in a text that may be a whole one.
func Each(text []byte, ask func(address []byte)) {
	for at := range text {
		n := isAt(text[at:])
		if n == 0 {
			continue
		}
		domain := text[at+n:]
		domain = domain[:domainLength(domain)]
		for i, r := range string(domain) { // it may end before what is not what it looks like
			if end := domainLength(domain[:i]); end > 0 && r >= utf8.RuneSelf {
				eachBefore(text, at, at+n+end, ask)
			}
		}
		if len(domain) > 0 {
			eachBefore(text, at, at+n+len(domain), ask)
		}
	}
}

// eachBefore calls ask with each address in a text that may be a whole one, has its at sign at
// text[at:] and ends before text[end:].
func eachBefore(text []byte, at, end int, ask func(address []byte)) {
	for quote := at - 1; quote > max(0, at-maxQuoted) && text[at-1] == '"'; { // the local part may hold blanks
		if quote = bytes.LastIndexByte(text[:quote], '"'); quote >= 0 && beginsAfter(text[:quote]) {
			ask(text[quote:end])
		}
	}
	for start := at; start > 0; {
		r, size := utf8.DecodeLastRune(text[:start])
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"(),:;<>[]\\@", r) || isAt(text[start-size:]) > 0 {
			break
		}
		start -= size
		if beginsAfter(text[:start]) {
			ask(text[start:end])
		}
	}
}

// isAt returns how long the at sign is that a text begins with, or 0.
func isAt(text []byte) int {
	for _, sign := range [...]string{"@", "\uFF20", "\uFE6B"} {
		if bytes.HasPrefix(text, []byte(sign)) {
			return len(sign)
		}
	}
	return 0
}

// domainLength returns how long the domain is that a text begins with, or 0.
func domainLength(text []byte) (length int) {
	if bytes.HasPrefix(text, []byte{'['}) { // the address of a computer
		return bytes.IndexByte(text, ']') + 1
	}
	last := '.' // what the character before is
	for i, r := range string(text) {
		folded := narrow(r)
		switch {
		case isUnseen(r):
			continue
		case unicode.IsLetter(r), unicode.IsNumber(r):
			last = 'a'
		case unicode.IsMark(r) && last == 'a':
		case folded == '-' && last != '.':
			last = '-'
			continue
		case folded == '.' && last == 'a':
			last = '.'
			continue
		default:
			return length
		}
		length = i + utf8.RuneLen(r)
	}
	return length
}

// beginsAfter reports whether an address may begin after a text: its local part does not go
// on to the left.
func beginsAfter(before []byte) bool {
	r, n := utf8.DecodeLastRune(before)
	for n > 0 && isUnseen(r) {
		before = before[:len(before)-n]
		r, n = utf8.DecodeLastRune(before)
	}
	if n == 0 {
		return true
	}
	switch r = narrow(r); {
	case r == '@':
		return false
	case isQuote(r):
		return true // whether it is a quotation mark, FindMembers tells
	case r == '/':
		return isPath(before)
	case unicode.IsSpace(r):
		return true
	case r < utf8.RuneSelf:
		return unicode.IsControl(r) || strings.ContainsRune("\"(),:;<>[]\\=?|{}*", r)
	case unicode.IsControl(r), unicode.In(r, unicode.Pi, unicode.Pf, unicode.Ps):
		return !endsWord(before[:len(before)-n])
	}
	return r >= utf8.RuneSelf // it may be others than it seems: for comparisons "⑴" is "(1)"
}

// isPath reports whether a text that ends with a slash ends with a path: it begins with a
// slash, or its last segment is users.
func isPath(text []byte) bool {
	begins := bytes.LastIndexFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"(),:;<>[]\\@", narrow(r))
	})
	_, n := utf8.DecodeRune(text[max(begins, 0):])
	if begins < 0 {
		n = 0
	}
	path := []rune(strings.ToLower(string(text[max(begins, 0)+n:])))
	if narrow(path[0]) == '/' {
		return true
	}
	segments := strings.FieldsFunc(string(path), func(r rune) bool { return narrow(r) == '/' })
	return segments[len(segments)-1] == "users"
}

// endsWord reports whether a letter, digit or mark ends the text, of a script with blanks
// between words.
func endsWord(text []byte) bool {
	r, _ := utf8.DecodeLastRune(text)
	return unicode.In(r, unicode.L, unicode.N, unicode.M) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func isQuote(r rune) bool { return r == '\'' || r == '\u2018' || r == '\u2019' || r == '\u201B' }

// narrow returns the character of ASCII of which one is the full-width or small form, and
// any other as it is.
func narrow(r rune) rune {
	const small = ",、.\x00;:?!\x00(){}\x00\x00#&*+-<>=\x00\\$%@" // from U+FE50 on
	switch {
	case '\uFF01' <= r && r <= '\uFF5E':
		return r - '\uFF01' + '!'
	case r == '\u2024':
		return '.'
	case '\uFE50' <= r && r <= '\uFE6B':
		if c := []rune(small)[r-'\uFE50']; c != 0 {
			return c
		}
	}
	return r
}

// isUnseen reports whether a character has no width.
func isUnseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
