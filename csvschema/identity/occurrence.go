package identity

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
	"github.com/labdsr/labdsr/csvschema/internal/signs"
)

// NOTE: how occurrences of values are found.
//
// The same value may be in two cells of a row in two spellings. So values and cells are
// compared in their canonical text: decoded (see package escape), without characters
// that are not seen, composed by compatibility (NFKC) and folded by full case folding.
// One character can become several, and several one. So the canonical text records, for
// each of its bytes, where the characters that it comes from begin and end in the cell,
// and a match is widened to whole characters. With the value "strasse" and the cell
// "Zur Straße%21":
//
//	cell       Z  u  r     S  t  r  a  ß     e  %  2  1
//	at         0  1  2  3  4  5  6  7  8     10 11
//	canonical  z  u  r     s  t  r  a  s  s  e  !
//	from       0  1  2  3  4  5  6  7  8  8  10 11
//	to         1  2  3  4  5  6  7  8  10 10 11 14
//	match                  ^^^^^^^^^^^^^^^^^^^
//
// The match is from[4] to to[10], "Straße". It counts because neither the blank before
// it nor the "!" after it is a letter or digit. Of an object ID only the 32 digits are
// compared, and hyphens between the digits in the cell are skipped.

// FindValues adds to dst the spans of all occurrences of the values in the cell, and
// returns them sorted; spans that overlap or touch are merged. Dst may hold what
// [Finder.Find] found in the same cell, and nothing else: FindValues merges its spans
// with these.
//
// A value is found in any letter case, escaping and form of Unicode, and an
// object ID also without hyphens or with others. The span of an address is an
// [AddressSpan], that of an object ID an [ObjectIDSpan], that of any other value a
// [TextSpan].
//
// An object ID is found everywhere, also in the SID of its account (S-1-12-1-…). An
// address is found also as the folder of its account in SharePoint, which is a
// [TextSpan] there: "/personal/alice_contoso_com/". Otherwise it is found unless the text around it
// makes it a part of a longer address. Any other value is found if no letter or digit is
// directly before or after it; in scripts that are written without spaces, these do not
// matter. A value of fewer than three characters, of which one in such a script counts as
// two, is found only as a whole cell.
//
// Where a replacement would form, with the text around it, something that Find finds,
// the span grows by that text. So FindValues keeps the promise of Find: after all
// spans that are no replacements have been replaced, Find finds only replacements in
// the cell.
func (f *Finder) FindValues(dst []Span, cell []byte, values *Values) []Span {
	if values.Len() == 0 || !values.mayBeIn(cell) {
		return dst
	}
	if len(dst) == 1 && !values.hasText && signs.AreUsers(cell) && !values.MayOccur(cell[:dst[0].Start]) && !values.MayOccur(cell[dst[0].End:]) {
		return dst // a user segment, between slashes that are in no value
	}
	n := len(dst)
	if dst = f.appendOccurrences(dst, cell, values); len(dst) == n {
		return dst
	}
	return f.settle(mergeSpans(dst, 0), cell)
}

// appendOccurrences appends the spans of the occurrences of all values, in any order.
func (f *Finder) appendOccurrences(dst []Span, cell []byte, values *Values) []Span {
	f.ready()
	for view, from := range f.decoder.Views(cell) {
		f.canonical.set(view, from)
		for _, v := range values.list {
			dst = f.canonical.appendOccurrences(dst, values, v)
		}
	}
	return dst
}

// appendOccurrences appends the spans of the occurrences of a value.
func (c *canonicalText) appendOccurrences(dst []Span, values *Values, v value) []Span {
	if v.isShort {
		text := values.textOf(v)
		if bytes.Equal(trimBlanks(c.text), text) {
			start := bytes.Index(c.text, text)
			dst = append(dst, c.span(start, start+len(text), v.kind))
		}
		return dst
	}
	switch v.kind {
	case ObjectIDSpan:
		dst = c.appendSIDs(dst, values.textOf(v))
	case AddressSpan:
		dst = c.appendPersonal(dst, values.textOf(v))
	case UserSpan, TextSpan:
	}
	for i := 0; i < len(c.text); {
		start, end := values.index(c.text, i, v)
		switch {
		case start < 0:
			return dst
		case c.isInReplacement(start, end, v.kind):
			i = start + 1
		case !c.isBounded(start, end, v.kind):
			i = c.nextWord(start)
		default:
			dst = append(dst, c.span(start, end, v.kind))
			i = end
		}
	}
	return dst
}

// appendSIDs appends the spans of the SIDs that encode an object ID.
func (c *canonicalText) appendSIDs(dst []Span, digits []byte) []Span {
	for start, end, guid := guids.NextSID(c.text, 0); start >= 0; start, end, guid = guids.NextSID(c.text, end) {
		if bytes.Equal(guid[:], digits) {
			dst = append(dst, c.span(start, end, ObjectIDSpan))
		}
	}
	return dst
}

// isBounded reports whether text[start:end] is not a part of a longer word or
// address. The digits of an object ID are long enough to be nothing else, whatever is
// around them.
func (c *canonicalText) isBounded(start, end int, kind SpanKind) bool {
	if kind == ObjectIDSpan {
		return true
	}
	before, n := utf8.DecodeLastRune(c.text[:start])
	if kind == AddressSpan {
		return !mailbox.IsLocal(before, n) && before != '@' && !mailbox.GoesOn(c.text, end)
	}
	first, _ := utf8.DecodeRune(c.text[start:])
	last, _ := utf8.DecodeLastRune(c.text[:end])
	after, _ := utf8.DecodeRune(c.text[end:])
	return !isOneWord(before, first) && !isOneWord(last, after)
}

// isOneWord reports whether two adjacent characters belong to one word.
func isOneWord(a, b rune) bool {
	return isLetterOrDigit(a) && !isUnspaced(a) && !isUnspaced(b) && isLetterOrDigit(b)
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isUnspaced reports whether a character is of a script that is written without
// spaces between words.
func isUnspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// nextWord returns the first offset after i at which a bounded match can begin: where
// the characters before and after it are not of one word, or the end of the text.
func (c *canonicalText) nextWord(i int) int {
	for i++; i < len(c.text); {
		before, _ := utf8.DecodeLastRune(c.text[:i])
		r, n := utf8.DecodeRune(c.text[i:])
		if !isOneWord(before, r) {
			break
		}
		i += n
	}
	return i
}

// isInReplacement reports whether text[start:end] is a part of an object ID that is a
// replacement: "8000" identifies nobody there. A pseudonym can be a value itself; its
// digits are no part of it.
func (c *canonicalText) isInReplacement(start, end int, kind SpanKind) bool {
	const size = len(ReplacementObjectID)
	for i := max(0, end-size); i <= start && i+size <= len(c.text); i++ {
		guid := c.text[i : i+size]
		if !guids.Is(guid) {
			continue
		}
		if replacement := replacementKindOfGUID(guid); replacement != 0 {
			return kind != ObjectIDSpan || replacement != PseudonymReplacement
		}
	}
	return false
}
