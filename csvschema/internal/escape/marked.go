package escape

import (
	"bytes"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// NOTE: how the escapes of MIME and of names in XML are distinguished from other text.
//
// All of their characters may also be in a local part, and "=40" is mostly a number. So they
// are escapes only in a run of such characters in which one of them is an at sign between a
// local part and a domain:
//
//	alice=2Btag=40contoso.com   alice_x002B_tag_x0040_contoso_x002E_com   are
//	?u=40   ?u=40contoso.com   width=40px   a_x@contoso.com   a_x0040_    are not
//
// If an at sign follows, as in a_x0040_b@contoso.com, the run is a local part. The domain
// after "=40" has a dot and ends in letters. The text before "=40" is not the name of a
// parameter of a URL, but may be in an encoded word: "=?utf-8?q?alice=40contoso.com?=".

// A markedRun is a run of characters that may be in a local part.
type markedRun struct {
	end  int  // of the run
	mark byte // what its escapes begin with; 0 if there are none
}

// longestBefore is how many bytes of a run are looked at before its first escape.
const longestBefore = 512

// HasMarked reports whether the text, which has these marks, holds what may be an at sign of
// MIME or XML: neither at the beginning nor at the end.
func (m Marks) HasMarked(text []byte) bool {
	return m.Has(Equals) && hasMarked(text, '=', '4') || m.Has(Underscore) && hasMarked(text, '_', 'x')
}

// hasMarked is HasMarked for one mark, and what follows it in an at sign, perhaps in upper
// case. Names have many marks, but few at signs.
func hasMarked(text []byte, mark, next byte) bool {
	for i := 1; i+1 < len(text); i++ {
		n := bytes.IndexByte(text[i:len(text)-1], mark)
		if n < 0 {
			return false
		}
		i += n
		if text[i+1]|0x20 != next {
			continue
		}
		if size := markedAt(text[i:], mark); size > 0 && i+size < len(text) {
			return true
		}
	}
	return false
}

// markedAt returns the number of bytes of the at sign that the text begins with, written as
// an escape with the mark; 0 if it begins with none.
func markedAt(text []byte, mark byte) int {
	if c, size := markedByte(text, mark); c == '@' {
		return size
	}
	return 0
}

// markedByte returns the byte, or character of ASCII, of the escape that the text begins
// with, and the number of bytes of the escape; 0 if it begins with none.
func markedByte(text []byte, mark byte) (c byte, size int) {
	const mime, xml = len("=40"), len("_x0040_")
	switch {
	case mark == '=' && len(text) >= mime && text[0] == '=' && swar.IsHex(text[1]) && swar.IsHex(text[2]):
		c, size = unhex(text[1])<<4|unhex(text[2]), mime
	case mark == '_' && len(text) >= xml && text[0] == '_' && text[1]|0x20 == 'x' && text[xml-1] == '_':
		if r, ok := number(text[2:], 4); ok && r < utf8.RuneSelf {
			c, size = byte(r), xml //nolint:gosec // it is ASCII
		}
	}
	if c <= ' ' || c == 0x7F {
		return 0, 0
	}
	return c, size
}

// markedEscape returns the character of the escape that the text begins with, and the
// number of bytes of the escape; 0 if it begins with none.
func markedEscape(text []byte, mark byte) (r rune, size int) {
	if c, n := markedByte(text, mark); n > 0 && c < utf8.RuneSelf {
		return rune(c), n
	}
	if mark == '_' {
		const xml = len("_x0040_")
		if len(text) < xml || text[1]|0x20 != 'x' || text[xml-1] != '_' {
			return 0, 0
		}
		if r, ok := number(text[2:], 4); ok && r > 0x9F && utf8.ValidRune(r) {
			return r, xml
		}
		return 0, 0
	}
	var encoded [utf8.UTFMax]byte
	n := 0
	for n < len(encoded) {
		c, size := markedByte(text[3*n:], mark)
		if size == 0 || c < utf8.RuneSelf {
			break
		}
		encoded[n] = c
		n++
	}
	if r, n = utf8.DecodeRune(encoded[:n]); r == utf8.RuneError {
		return 0, 0
	}
	return r, 3 * n
}

// newMarkedRun returns the run that a text, which begins with an equals sign or underscore
// at that offset, begins in. Before is what is before it, decoded.
func newMarkedRun(before, text []byte, offset int) markedRun {
	n := 0
	for n < len(text) && isInRun[text[n]] {
		n++
	}
	run := markedRun{end: offset + n}
	isLocal := n+1 < len(text) && text[n] == '@' && isInRun[text[n+1]]
	if text = text[:n]; isLocal || !bytes.Contains(text, []byte("40")) {
		return run
	}
	start := len(before)
	for start > 0 && len(before)-start < longestBefore && isInRun[before[start-1]] {
		start--
	}
	isName, last := false, [2]byte{} // whether what follows is the name of a parameter; the bytes before
	tell := func(c byte) {
		isWord := c == '?' && last[0] == '?' && last[1]|0x20 == 'q' // "?q?" begins the text of an encoded word of MIME
		isName = (c == '?' || c == '&' || isName && c != '=') && !isWord
		last = [2]byte{last[1], c}
	}
	for _, c := range before[start:] {
		tell(c)
	}
	for i, c := range text {
		for _, mark := range [...]byte{'=', '_'} {
			size := markedAt(text[i:], mark)
			if size > 0 && (start < len(before) || i > 0) && (mark != '=' || !isName) && isMarkedDomain(text[i+size:], mark) {
				run.mark = mark
				return run
			}
		}
		tell(c)
	}
	return run
}

// isMarkedDomain reports whether a text, with the escapes of the mark, begins with a domain.
func isMarkedDomain(text []byte, mark byte) bool {
	const longest = 255 // characters
	size, label, letters := 0, 0, 0
	hasDot, ok := false, false
	for range longest {
		if len(text) == 0 {
			break
		}
		c := text[0]
		size = 1
		if c == mark {
			if c, size = markedByte(text, mark); size == 0 {
				break
			}
		}
		isLetter := 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf
		switch {
		case c == '.' && label > 0:
			hasDot, label, letters = true, 0, 0
		case c == '-' && label > 0:
			label++
		case isLetter, '0' <= c && c <= '9':
			label++
			if isLetter && (letters > 0 || label == 1) {
				letters++
			}
			ok = mark == '_' || hasDot && letters > 1
		default:
			return ok
		}
		text = text[size:]
	}
	return ok
}

// isInRun holds the bytes that a local part or a domain may have.
var isInRun = func() (set [256]bool) {
	for c := range set {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		set[c] = letter || c >= utf8.RuneSelf || bytes.IndexByte([]byte("!#$%&'*+-.=?^_`{|}~"), byte(c)) >= 0
	}
	return set
}()
