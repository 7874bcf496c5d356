package escape

import (
	"bytes"
	"html"
	"slices"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

const (
	spellingRounds = 3  // how many times a text may be escaped
	maxSpellings   = 16 // how many texts Spellings returns at most
)

// Spellings returns the text and what it may have been before it was escaped or read in
// a wrong encoding, each once: that of [Decoder.Views], the escapes of further languages and
// of Windows-1252, and UTF-8 that was read as Windows-1252.
func Spellings(text []byte) [][]byte {
	all := [][]byte{text}
	var d Decoder
	for round, from := 0, 0; round < spellingRounds && from < len(all); round++ {
		to := len(all)
		for _, spelling := range all[from:to] {
			if !hasSpellings(spelling) {
				continue
			}
			for view := range d.Views(spelling) {
				all = appendSpelling(all, view)
			}
			all = appendSpelling(all, validUTF8(unescape(spelling)))
			all = appendSpelling(all, undoWindows1252(spelling))
		}
		from = to
	}
	return all
}

// hasSpellings reports, at little cost, whether a text may have been another one before.
func hasSpellings(text []byte) bool {
	marks := MarksOf(text)
	return marks.Has(Percent|Backslash|Equals|NotASCII) ||
		marks.Has(Underscore) && (bytes.Contains(text, []byte("_x")) || bytes.Contains(text, []byte("_X")))
}

// appendSpelling appends a copy of the text unless it is there already.
func appendSpelling(all [][]byte, text []byte) [][]byte {
	if len(all) == maxSpellings || slices.ContainsFunc(all, func(other []byte) bool { return bytes.Equal(other, text) }) {
		return all
	}
	return append(all, bytes.Clone(text))
}

// escapes are ways to write a character by its number: what is before the hexadecimal
// digits, how many there are, and what is after them. IsByte says that the number is
// that of a byte of UTF-8, not of a character.
var escapes = []struct {
	before string
	digits int
	after  string
	isByte bool
}{
	{`\u`, 4, "", false},  // JSON, JavaScript
	{`\U`, 8, "", false},  // Go, Python
	{`\x`, 2, "", true},   // C
	{"%u", 4, "", false},  // escape of JavaScript
	{"%", 2, "", true},    // URLs, also those in Windows-1252
	{"_x", 4, "_", false}, // names in XML, Excel, SharePoint
	{"=", 2, "", true},    // quoted-printable of MIME
}

// unescape returns the text with the escapes of several languages decoded.
func unescape(text []byte) []byte {
	if bytes.IndexByte(text, '&') >= 0 {
		text = []byte(html.UnescapeString(string(text)))
	}
	if !bytes.ContainsAny(text, `\%_=`) {
		return text
	}
	decoded := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		n := 0
		if marksOfByte[text[i]].Has(Percent | Backslash | Equals | Underscore) {
			decoded, n = appendUnescaped(decoded, text[i:])
		}
		if n == 0 {
			decoded = append(decoded, text[i])
			n = 1
		}
		i += n
	}
	return decoded
}

// appendUnescaped appends the character that the text begins with as an escape, and
// returns the length of the escape: 0 if the text does not begin with one.
func appendUnescaped(dst, text []byte) (_ []byte, size int) {
	if len(text) > 1 && text[0] == '\\' && (text[1] == '/' || text[1] == '"') { // JSON
		return append(dst, text[1]), 2
	}
	for _, e := range escapes {
		rest, ok := bytes.CutPrefix(text, []byte(e.before))
		if !ok || len(rest) < e.digits || !bytes.HasPrefix(rest[e.digits:], []byte(e.after)) {
			continue
		}
		number, err := strconv.ParseUint(string(rest[:e.digits]), 16, 32)
		if err != nil || number > utf8.MaxRune {
			continue
		}
		size = len(e.before) + e.digits + len(e.after)
		if e.isByte {
			return append(dst, byte(number)), size //nolint:gosec // two digits
		}
		return utf8.AppendRune(dst, rune(number)), size
	}
	return dst, 0
}

// validUTF8 returns the text with bytes that are not UTF-8 read as Windows-1252: the "%E9" of
// old programs is "é".
func validUTF8(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	var valid []byte
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(text[i])
		}
		valid = utf8.AppendRune(valid, r)
		i += n
	}
	return valid
}

// undoWindows1252 returns the text with what seems to be UTF-8 that was read as
// Windows-1252 or Latin-1 ("jÃ¶rg") as it was before ("jörg").
func undoWindows1252(text []byte) []byte {
	if swar.IsASCII(text) {
		return text
	}
	var undone []byte
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r < utf8.RuneSelf {
			undone = append(undone, text[i])
			i++
			continue
		}
		run, end := []byte(nil), i
		for end < len(text) {
			r, n = utf8.DecodeRune(text[end:])
			b, ok := windows1252(r)
			if r < utf8.RuneSelf || !ok {
				break
			}
			run = append(run, b)
			end += n
		}
		if end == i {
			end += n
		}
		if len(run) > 1 && utf8.Valid(run) {
			undone = append(undone, run...)
		} else {
			undone = append(undone, text[i:end]...)
		}
		i = end
	}
	return undone
}

// windows1252 returns the byte that a character was read from as Windows-1252, or as
// Latin-1 where Windows-1252 has nothing.
func windows1252(r rune) (byte, bool) {
	if b, ok := charmap.Windows1252.EncodeRune(r); ok {
		return b, true
	}
	return byte(r), r <= 0xFF //nolint:gosec // checked by the caller
}
