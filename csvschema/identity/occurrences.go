package identity

// NOTE: how further occurrences of known values are found.
//
// What stands in one cell of a row may stand in another in another spelling.
// So a value and a cell are compared in their canonical text: percent-decoded
// (see find.go), without characters that are not seen, composed by
// compatibility (NFKC) and case-folded in full. Beside each byte of the
// canonical text stand the offsets, in the cell, of the characters that it
// came from: one character can become several, and several one, so a match is
// widened to whole characters. With the value "strasse" and the cell "Zur
// Straße%21":
//
//	cell       Z  u  r     S  t  r  a  ß     e  %  2  1
//	at         0  1  2  3  4  5  6  7  8     10 11
//	canonical  z  u  r     s  t  r  a  s  s  e  !
//	from       0  1  2  3  4  5  6  7  8  8  10 11
//	to         1  2  3  4  5  6  7  8  10 10 11 14
//	match                  ^^^^^^^^^^^^^^^^^^^
//
// The match is from[4] to to[10], "Straße". It counts because neither the
// blank before it nor the "!" behind it is a letter or digit. For an object ID
// only the 32 digits are compared, and hyphens between digits of the cell are
// stepped over.
//
// A replacement in the middle of other text can make an address out of what was
// none. With the value "zoe b", the cell "vm-zoe b@x.com" holds an occurrence
// that overlaps an address, and a replacement for both would be read together
// with what stands before it: "vm-removed@anonymized.invalid". So the spans are
// tried out: replacements are put in their place, and the Finder looks at the
// result. Where it finds more than a replacement, the span grows by that, here
// by "vm-", until nothing but replacements is found.

import (
	"bytes"
	"iter"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// Occurrences adds to dst, which may hold what [Finder.Find] found in the same
// cell and nothing else, every further occurrence of the values in the cell,
// and returns all of them in order, merged where they overlap or touch.
//
// Values are found in any case, percent-encoding and Unicode form; object IDs
// also without hyphens or with others. An occurrence of an address is an
// [AddressSpan], of an object ID an [ObjectIDSpan], of anything else a
// [TextSpan]. That of an object ID counts wherever it stands; any other only if no
// letter or digit stands directly before or after it, except in scripts that are
// written without spaces, nor, for an address, anything that would make it part
// of a longer one. Values of fewer than three characters are found only as whole
// cells.
//
// Where the replacement in the place of an occurrence would, with the text
// around it, become something that Find finds, the span takes in that text. So
// what is said of Find holds here too: replacing all that is no replacement
// makes a cell in which only replacements are found.
func (f *Finder) Occurrences(dst []Span, cell []byte, values *Values) []Span {
	if !values.mayOccur(cell) {
		return dst
	}
	n := len(dst)
	dst = f.appendOccurrences(dst, cell, nil, values)
	if hasEscape(cell) {
		// The beginning of a value behind a percent sign can look like an escape,
		// so all rounds of decoding are looked at.
		for round := range decodeRounds {
			dst = f.appendOccurrences(dst, f.decodeUpTo(cell, round+1), f.from, values)
		}
	}
	if len(dst) == n {
		return dst
	}
	return f.settle(mergeSpans(dst, 0), cell)
}

// GUIDs returns the 32 digits, in lower case, of every GUID that stands in the
// cell, as Occurrences would find it if it were a known object ID: with or without
// hyphens, percent-encoded, beside other digits. Some may come more than once. The
// sequence is single-use and goes on only while nothing else is asked of the Finder.
func (f *Finder) GUIDs(cell []byte) iter.Seq[[guidDigitCount]byte] {
	return func(yield func([guidDigitCount]byte) bool) {
		if len(cell) < guidDigitCount && swar.IsASCII(cell) || !eachGUID(&f.canonical, cell, yield) || !hasEscape(cell) {
			return
		}
		for round := range decodeRounds {
			if !eachGUID(&f.canonical, f.decodeUpTo(cell, round+1), yield) {
				return
			}
		}
	}
}

// eachGUID gives the GUIDs of one view of a cell to yield, until that returns
// false; then it returns false.
func eachGUID(c *canonicalText, view []byte, yield func([guidDigitCount]byte) bool) bool {
	c.set(view, nil)
	var digits [2 * guidDigitCount]byte
	count := 0
	for i := 0; i < len(c.text); {
		switch n := hyphenSize(c.text[i:]); {
		case isHex(c.text[i]):
			if count == len(digits) {
				count = copy(digits[:], digits[count-guidDigitCount+1:])
			}
			digits[count] = c.text[i]
			count++
			i++
			if count >= guidDigitCount && !yield([guidDigitCount]byte(digits[count-guidDigitCount:count])) {
				return false
			}
		case n > 0:
			i += n
		default:
			count = 0
			i++
		}
	}
	return true
}

// appendOccurrences appends the occurrences of the values in a view of the cell.
func (f *Finder) appendOccurrences(dst []Span, view []byte, from []int, values *Values) []Span {
	c := &f.canonical
	c.set(view, from)
	for _, known := range values.list {
		dst = c.appendMatches(dst, values.text[known.start:known.end], known)
	}
	return dst
}

// appendMatches appends the occurrences of a value with its canonical text.
func (c *canonicalText) appendMatches(dst []Span, value []byte, known knownValue) []Span {
	if known.isShort {
		if whole := trimBlanks(c.text); bytes.Equal(whole, value) {
			start := bytes.Index(c.text, value)
			return append(dst, c.span(start, start+len(value), known.kind))
		}
		return dst
	}
	for start := 0; start < len(c.text); {
		end := 0
		if known.kind == ObjectIDSpan {
			start, end = nextGUID(c.text, start, value)
		} else {
			start, end = nextText(c.text, start, value)
		}
		if start < 0 {
			break
		}
		if c.isInReplacement(start, end, known.kind) {
			start++
			continue
		}
		if !c.isBounded(start, end, known.kind) {
			start = c.nextWord(start)
			continue
		}
		dst = append(dst, c.span(start, end, known.kind))
		start = end
	}
	return dst
}

// nextText returns where the value stands in text[i:], and -1 if it does not.
func nextText(text []byte, i int, value []byte) (start, end int) {
	n := bytes.Index(text[i:], value)
	if n < 0 {
		return -1, -1
	}
	return i + n, i + n + len(value)
}

// nextGUID is nextText for the 32 digits of an object ID, with any hyphens
// between them.
func nextGUID(text []byte, i int, digits []byte) (start, end int) {
	for {
		n := bytes.IndexByte(text[i:], digits[0])
		if n < 0 {
			return -1, -1
		}
		i += n
		found := 0
		for end = i; end < len(text) && found < len(digits); {
			if text[end] == digits[found] {
				found++
				end++
			} else if n := hyphenSize(text[end:]); n > 0 {
				end += n
			} else {
				break
			}
		}
		if found == len(digits) {
			return i, end
		}
		i++
	}
}

// hyphenSize returns how many bytes the hyphen or dash has that the text begins
// with, and 0 if it begins with something else.
func hyphenSize(text []byte) int {
	switch {
	case text[0] == '-':
		return 1
	case text[0] == '%': // what is encoded may stand beside what only looks so
		n := 1
		for len(text) > n+1 && text[n] == '2' && text[n+1] == '5' {
			n += 2
		}
		if len(text) > n+1 && text[n] == '2' && text[n+1]|0x20 == 'd' {
			return n + 2
		}
		return 0
	case text[0] < utf8.RuneSelf:
		return 0
	}
	if r, n := utf8.DecodeRune(text); unicode.Is(unicode.Pd, r) || r == '\u2212' {
		return n
	}
	return 0
}

// isBounded reports whether text[start:end] is not a part of something longer.
// The digits of an object ID are long enough to be nothing else, whatever stands
// around them.
func (c *canonicalText) isBounded(start, end int, kind SpanKind) bool {
	if kind == ObjectIDSpan {
		return true
	}
	before, n := utf8.DecodeLastRune(c.text[:start])
	if kind == AddressSpan {
		return !isLocal(before, n) && before != '@' && domainEnd(c.text, end, labelLetter) == end
	}
	first, _ := utf8.DecodeRune(c.text[start:])
	last, _ := utf8.DecodeLastRune(c.text[:end])
	after, _ := utf8.DecodeRune(c.text[end:])
	return !isOneWord(before, first) && !isOneWord(last, after)
}

// isOneWord reports whether two characters beside one another are of one word.
func isOneWord(a, b rune) bool {
	return isLetterOrDigit(a) && !standsAlone(a) && !standsAlone(b) && isLetterOrDigit(b)
}

// standsAlone reports whether a character is of a script that is written without
// spaces between words.
func standsAlone(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// nextWord returns where, behind i, a match can begin that is bounded: before or
// behind something that is neither letter nor digit, or at the end.
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

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isInReplacement reports whether text[start:end] is a part of an object ID
// that is a replacement of ours: "8000" identifies nobody there. A pseudonym that
// is looked for as a whole stands in itself.
func (c *canonicalText) isInReplacement(start, end int, kind SpanKind) bool {
	const size = len(ReplacementObjectID)
	for i := max(0, end-size); i <= start && i+size <= len(c.text); i++ {
		if guid := c.text[i : i+size]; isGUID(guid) && isReplacementGUID(guid) {
			return kind != ObjectIDSpan || replacementKindOfGUID(guid) != PseudonymReplacement
		}
	}
	return false
}

// settleRounds is how often spans may grow before all of the cell is one span.
const settleRounds = 8

// settle makes the spans, which are in order, grow until putting replacements
// in their place makes nothing that Find would find anew.
func (f *Finder) settle(spans []Span, cell []byte) []Span {
	for i, span := range spans {
		spans[i].Start -= openEscape(cell[:span.Start])
	}
	spans = mergeSpans(spans, 0)
	for range settleRounds {
		f.replace(cell, spans)
		f.found = f.Find(f.found[:0], f.replaced)
		n, next := len(spans), 0
		for _, found := range f.found {
			if IsReplacement(f.replaced[found.Start:found.End]) {
				continue
			}
			var grown Span
			var touches bool
			if grown, touches, next = f.inCell(found, spans[:n], next); touches {
				spans = append(spans, grown)
			}
		}
		if len(spans) == n {
			return spans
		}
		spans = mergeSpans(spans, 0)
	}
	kind := AddressSpan
	for _, span := range spans {
		kind = min(kind, span.Kind)
	}
	return append(spans[:0], Span{0, len(cell), kind})
}

// openEscape returns how many bytes at the end of the text would make a
// percent-escape, now or in a later round of decoding, with the digits that a
// replacement begins with.
func openEscape(text []byte) int {
	for digits := range 2 {
		end := len(text) - digits
		if end < 0 || digits == 1 && !isHex(text[end]) {
			break
		}
		for end >= 2 && text[end-2] == '2' && text[end-1] == '5' {
			end -= 2
		}
		if end >= 1 && text[end-1] == '%' {
			return len(text) - end + 1
		}
	}
	return 0
}

// appendReplacement appends what is to stand in the place of a span of the cell.
func appendReplacement(dst, cell []byte, span Span) []byte {
	text := cell[span.Start:span.End]
	switch {
	case IsReplacement(text):
		return append(dst, text...)
	case span.Kind == AddressSpan:
		return append(dst, ReplacementAddress...)
	}
	return append(dst, ReplacementObjectID...)
}

// replace sets replaced to the cell with replacements in the place of spans.
func (f *Finder) replace(cell []byte, spans []Span) {
	f.replaced, f.ends = f.replaced[:0], f.ends[:0]
	end := 0
	for _, span := range spans {
		f.replaced = append(f.replaced, cell[end:span.Start]...)
		f.replaced = appendReplacement(f.replaced, cell, span)
		f.ends = append(f.ends, len(f.replaced))
		end = span.End
	}
	f.replaced = append(f.replaced, cell[end:]...)
}

// inCell returns the span of the cell that a span of the replaced text stands
// for, and whether it takes in or touches one of the spans that were replaced.
// Only spans[first:] are looked at; next is the first to look at for what is
// found behind this one.
func (f *Finder) inCell(found Span, spans []Span, first int) (grown Span, touches bool, next int) {
	for first < len(spans) && f.ends[first] <= found.Start {
		first++
	}
	shift := func(i int) int { // from the replaced text to the cell, before spans[i]
		if i == 0 {
			return 0
		}
		return spans[i-1].End - f.ends[i-1]
	}
	last := first
	for last < len(spans) && f.ends[last] < found.End {
		last++
	}
	// What is found begins outside of replacements, or where one begins: all
	// their characters may stand in a local part, and none is a slash.
	grown = Span{found.Start + shift(first), found.End + shift(last), found.Kind}
	if last < len(spans) && grown.End > spans[last].Start {
		grown.End = spans[last].End
	}
	touches = first < len(spans) && grown.End >= spans[first].Start
	return grown, touches, first
}
