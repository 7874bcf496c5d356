// Package escape tells what an escaped text says: percent-encoded as in URLs, or with the
// escapes of JSON or HTML. It knows nothing of identifiers.
//
// An escape is written in one of these ways:
//
//	%2B %C3%A9                 percent-encoding, of URLs
//	\u002B \ud83d\ude00 \/ \'  JSON and JavaScript, also with the backslash doubled, as in JSON in JSON
//	\x2B \U0000002B %u002B    C, Go, JavaScript
//	&#43; &#x2b; &plus;        HTML
//	=2B =C3=A9 _x002B_         MIME, names in XML; only around an at sign that is one (see marked.go)
//
// A percent sign, backslash or ampersand that begins none of these is itself. The other
// escapes of JSON are left as they are: the "\n" of "CONTOSO\nancy" is none. [Spellings]
// alone knows more ways, and MIME and XML everywhere.
package escape

import (
	"bytes"
	"html"
	"iter"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// decodeRounds is how many times a text may be encoded, each time in any of these ways.
// Twice happens where a URL is a parameter of another URL.
const decodeRounds = 3

// A Decoder decodes texts. The zero Decoder is ready to use. It holds buffers as large
// as the largest text that it decoded. Only one goroutine at a time may use it.
type Decoder struct {
	view []byte // the decoded text
	from []int  // for each byte of view, and for its end, the offset in the text
}

// Decode returns the decoded view of the text. From gives for each byte of the view, and
// for its end, the offset in the text of what it was decoded from. Both are valid until
// the next call of any method.
func (d *Decoder) Decode(text []byte) (view []byte, from []int) {
	return d.decodeUpTo(text, decodeRounds)
}

// Views returns an iterator over the text and, if it holds an escape, its views after
// one, two and three rounds of decoding, each with its from as in [Decoder.Decode] (nil for
// the text itself). A search that needs no address looks at all of them, because the
// beginning of a text after a percent sign can look like an escape: "%dadams". A view is
// valid until the next one.
func (d *Decoder) Views(text []byte) iter.Seq2[[]byte, []int] {
	return func(yield func(view []byte, from []int) bool) {
		if !yield(text, nil) || !Has(text) {
			return
		}
		for round := range decodeRounds {
			if !yield(d.decodeUpTo(text, round+1)) {
				return
			}
		}
	}
}

// decodeUpTo is Decode with at most the given number of rounds.
func (d *Decoder) decodeUpTo(text []byte, rounds int) (view []byte, from []int) {
	d.view = append(d.view[:0], text...)
	d.from = d.from[:0]
	for i := range len(text) + 1 {
		d.from = append(d.from, i)
	}
	for round := 0; round < rounds && Has(d.view); round++ {
		to := 0
		var run markedRun
		for i := 0; i < len(d.view); {
			var r rune
			n, size := 0, 0
			switch d.view[i] {
			case '%':
				if n = escapesOfRune(d.view[i:]); n == 0 {
					r, size = scriptEscape(d.view[i:])
				}
			case '\\':
				r, size = jsonEscape(d.view[i:])
			case '&':
				r, size = htmlEscape(d.view[i:])
			case '=', '_':
				if i >= run.end {
					run = newMarkedRun(d.view[:to], d.view[i:], i)
				}
				if run.mark == d.view[i] {
					r, size = markedEscape(d.view[i:], run.mark)
				}
			}
			if n == 0 && size == 0 {
				d.view[to], d.from[to] = d.view[i], d.from[i]
				to++
				i++
			}
			for ; n > 0; n-- {
				d.view[to], d.from[to] = unhex(d.view[i+1])<<4|unhex(d.view[i+2]), d.from[i]
				to++
				i += 3
			}
			if size > 0 {
				var char [utf8.UTFMax]byte
				for _, c := range char[:utf8.EncodeRune(char[:], r)] {
					d.view[to], d.from[to] = c, d.from[i]
					to++
				}
				i += size
			}
		}
		d.view, d.from[to] = d.view[:to], len(text)
	}
	return d.view, d.from[:len(d.view)+1]
}

// Has reports whether the text holds what may be an escape.
func Has(text []byte) bool { return MarksOf(text).HasEscape(text) }

// HasEscape is [Has] for a text that has these marks.
func (m Marks) HasEscape(text []byte) bool {
	return m.Has(Percent) && (hasPercentEscape(text) || hasEscape(text, '&', htmlEscape)) ||
		m.Has(Backslash) && hasEscape(text, '\\', jsonEscape) || m.HasMarked(text)
}

// hasPercentEscape reports whether the text holds a percent sign and two hexadecimal
// digits, or an escape of JavaScript.
func hasPercentEscape(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '%')
		if i < 0 || len(text)-i < 3 {
			return false
		}
		if swar.IsHex(text[i+1]) && swar.IsHex(text[i+2]) {
			return true
		}
		if _, size := scriptEscape(text[i:]); size > 0 {
			return true
		}
		text = text[i+1:]
	}
}

// hasEscape reports whether the text holds an escape that begins with the mark.
func hasEscape(text []byte, mark byte, escape func([]byte) (rune, int)) bool {
	for {
		i := bytes.IndexByte(text, mark)
		if i < 0 {
			return false
		}
		if _, size := escape(text[i:]); size > 0 {
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
	for n < len(encoded) && len(text) >= 3 && text[0] == '%' && swar.IsHex(text[1]) && swar.IsHex(text[2]) {
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

// maxBackslashes is how many backslashes an escape may begin with: JSON in JSON doubles
// them in each round.
const maxBackslashes = 1 << (decodeRounds - 1)

// jsonEscape returns the character of the JSON escape that the text begins with, and its
// number of bytes; 0 if it begins with none, as with half of a surrogate pair.
func jsonEscape(text []byte) (r rune, size int) {
	r, size = jsonUnit(text)
	if !utf16.IsSurrogate(r) {
		return r, size
	}
	low, n := jsonUnit(text[size:])
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, 0
	}
	return r, size + n
}

// jsonUnit is jsonEscape for one unit of UTF-16, surrogates included.
func jsonUnit(text []byte) (r rune, size int) {
	n := 0
	for n < len(text) && n < maxBackslashes && text[n] == '\\' {
		n++
	}
	if n == 0 || n == len(text) {
		return 0, 0
	}
	if text[n] == '/' || text[n] == '\'' {
		return rune(text[n]), n + 1
	}
	digits := 0
	switch text[n] {
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case 'x':
		digits = 2
	}
	r, ok := number(text[n+1:], digits)
	// Only visible ASCII is a character by two digits; "\x20bob" can be a name.
	if !ok || digits == 2 && (r <= ' ' || r > '~') || digits == 8 && !utf8.ValidRune(r) {
		return 0, 0
	}
	return r, n + 1 + digits
}

// scriptEscape returns the character of the escape of JavaScript, as "%u00e9", that the
// text begins with, and its number of bytes; 0 if it begins with none.
func scriptEscape(text []byte) (r rune, size int) {
	const before, digits = "%u", 4
	if len(text) < len(before) || text[1] != 'u' {
		return 0, 0
	}
	r, ok := number(text[len(before):], digits)
	if !ok || !utf8.ValidRune(r) {
		return 0, 0
	}
	return r, len(before) + digits
}

// number returns the number of the hexadecimal digits that the text begins with.
func number(text []byte, digits int) (n rune, ok bool) {
	if digits == 0 || len(text) < digits {
		return 0, false
	}
	for _, c := range text[:digits] {
		if !swar.IsHex(c) || n > utf8.MaxRune {
			return 0, false
		}
		n = n<<4 | rune(unhex(c))
	}
	return n, true
}

// htmlEscape returns the character of the HTML entity that the text begins with, and its
// number of bytes; 0 if it begins with none. A semicolon ends an entity, and may be missing
// after the number of an at sign.
func htmlEscape(text []byte) (r rune, size int) {
	if len(text) > 1 && text[1] == '#' {
		return numericEntity(text)
	}
	end := bytes.IndexByte(text[:min(len(text), len("&;")+longestName)], ';')
	if end < 0 {
		return 0, 0
	}
	if r = namedEntity(text[1:end]); r == 0 {
		return 0, 0
	}
	return r, end + 1
}

// numericEntity is htmlEscape for a text that begins with "&#". There may be any number of
// zeros before the other digits.
func numericEntity(text []byte) (r rune, size int) {
	i, base := len("&#"), rune(10)
	if i < len(text) && text[i]|0x20 == 'x' {
		i, base = i+1, 16
	}
	for ; i < len(text) && swar.IsHex(text[i]) && (base == 16 || text[i] <= '9'); i++ {
		if r = r*base + rune(unhex(text[i])); r > utf8.MaxRune {
			return 0, 0
		}
	}
	switch {
	case i < len(text) && text[i] == ';' && r != 0 && utf8.ValidRune(r):
		return r, i + 1
	case r == '@':
		return r, i
	}
	return 0, 0
}

// longestName is the length of the longest name of an HTML entity.
const longestName = 31

// namedEntity returns the character of an HTML entity by its name; 0 if the name is unknown
// or that of two characters. Any case will do for those that are around an address or a
// path, or in one; of the others, that of HTML or lower case.
func namedEntity(name []byte) rune {
	for _, c := range name {
		if lower := c | 0x20; (lower < 'a' || lower > 'z') && (c < '0' || c > '9') {
			return 0
		}
	}
	var buf [longestName]byte
	lower, _ := swar.AppendLower(buf[:0], name)
	switch string(lower) {
	case "amp":
		return '&'
	case "apos":
		return '\''
	case "quot":
		return '"'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "commat":
		return '@'
	case "period":
		return '.'
	case "plus":
		return '+'
	case "lowbar":
		return '_'
	case "hyphen", "dash":
		return '-'
	case "num":
		return '#'
	case "sol":
		return '/'
	case "percnt":
		return '%'
	case "nbsp":
		return '\u00A0'
	}
	for _, name := range [...][]byte{name, lower} {
		text := html.UnescapeString("&" + string(name) + ";")
		if r, n := utf8.DecodeRuneInString(text); n == len(text) {
			return r
		}
	}
	return 0
}
