package identity

import (
	"bytes"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// Values are the identifying values of one row that [Finder.Occurrences]
// looks for. The zero Values is empty and ready to use. It is made for the few
// values of a row: a search takes time in proportion to their number. It must
// not be changed while a search runs.
type Values struct {
	list    []knownValue
	text    []byte // the canonical texts of the list
	finder  Finder
	spans   []Span
	canon   canonicalText
	scratch []byte

	hasText, hasAddress, hasObjectID bool
	shortest                         int // length of the shortest canonical text
}

// A knownValue is a value in canonical text.
type knownValue struct {
	start, end int // in Values.text
	kind       SpanKind
	isShort    bool // is looked for only as a whole cell
}

// Len returns how many different values there are.
func (v *Values) Len() int { return len(v.list) }

// Reset removes all values and keeps the memory.
func (v *Values) Reset() {
	v.list, v.text = v.list[:0], v.text[:0]
	v.hasText, v.hasAddress, v.hasObjectID, v.shortest = false, false, false, 0
}

// Set makes the values those of another.
func (v *Values) Set(other *Values) {
	v.list, v.text = append(v.list[:0], other.list...), append(v.text[:0], other.text...)
	v.hasText, v.hasAddress, v.hasObjectID, v.shortest = other.hasText, other.hasAddress, other.hasObjectID, other.shortest
}

// Add adds a value as it stands in a cell: what [Finder.Find] found, the x of a
// /users/{x}, or a whole owner. It may be percent-encoded. Of a value that is
// neither an address nor an object ID but holds an object ID, that is added too;
// and of one with blanks, the form with plus signs in their place, as forms on
// the web write it. What identifies nobody (blank, "@me", a replacement of ours
// that is no [PseudonymReplacement]) or is there already is not added.
func (v *Values) Add(value []byte) {
	if hasEscape(value) {
		value = v.finder.decode(value)
	}
	value = trimBlanks(value)
	kind := ReplacementKindOf(value)
	if len(value) == 0 || isMe(value) || kind != 0 && kind != PseudonymReplacement {
		return
	}
	v.canon.set(value, nil)
	text := trimBlanks(v.canon.text)
	if digits, ok := guidDigits(text); ok {
		v.add(digits, ObjectIDSpan)
		return
	}
	v.spans = v.finder.Find(v.spans[:0], text)
	if len(v.spans) == 1 && v.spans[0] == (Span{0, len(text), AddressSpan}) && swar.IsASCII(value) {
		v.add(text, AddressSpan)
		return
	}
	v.add(text, TextSpan)
	v.scratch = v.scratch[:0]
	if bytes.IndexByte(text, ' ') >= 0 {
		v.scratch = append(v.scratch, text...)
		for i, c := range v.scratch {
			if c == ' ' {
				v.scratch[i] = '+'
			}
		}
		v.add(v.scratch, TextSpan)
	}
	if guid := findGUID(text); guid != nil {
		digits, _ := guidDigits(guid)
		v.add(digits, ObjectIDSpan)
	}
}

// add adds a canonical text, unless it is empty or there already.
func (v *Values) add(text []byte, kind SpanKind) {
	if len(text) == 0 {
		return
	}
	for _, other := range v.list {
		if other.kind == kind && bytes.Equal(v.text[other.start:other.end], text) {
			return
		}
	}
	known := knownValue{start: len(v.text), end: len(v.text) + len(text), kind: kind, isShort: isShort(text)}
	v.text = append(v.text, text...)
	v.hasText = v.hasText || kind == TextSpan
	v.hasAddress = v.hasAddress || kind == AddressSpan
	v.hasObjectID = v.hasObjectID || kind == ObjectIDSpan
	if len(v.list) == 0 || len(text) < v.shortest {
		v.shortest = len(text)
	}
	v.list = append(v.list, known)
}

// minOccurrence is how many characters a value has at least that is looked for
// inside a cell. Shorter values are found as whole cells only. A character that
// is a word of its own counts twice.
const minOccurrence = 3

func isShort(text []byte) bool {
	n := 0
	for i := 0; i < len(text) && n < minOccurrence; {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		n++
		if standsAlone(r) {
			n++
		}
	}
	return n < minOccurrence
}

// findGUID returns the first GUID in the text, with or without hyphens, that is
// not a part of a longer number; or nil.
func findGUID(text []byte) []byte {
	for i := 0; i+guidDigitCount <= len(text); i++ {
		if i > 0 && isHex(text[i-1]) || !isHex(text[i]) {
			continue
		}
		for _, n := range [...]int{guidDigitCount + 4, guidDigitCount} {
			if i+n <= len(text) && isGUID(text[i:i+n]) && (i+n == len(text) || !isHex(text[i+n])) {
				return text[i : i+n]
			}
		}
	}
	return nil
}

const guidDigitCount = 32

// guidDigits takes hyphens and braces out of the text, in its place. It reports
// whether the rest are the 32 digits of a GUID; if not, the text is unchanged.
func guidDigits(text []byte) (rest []byte, ok bool) {
	var digits [32]byte
	count := 0
	inner := text
	if n := len(inner); n > 2 && inner[0] == '{' && inner[n-1] == '}' {
		inner = inner[1 : n-1]
	}
	for len(inner) > 0 {
		n := hyphenSize(inner)
		if n == 0 {
			if !isHex(inner[0]) || count == len(digits) {
				return text, false
			}
			digits[count] = inner[0]
			count++
			n = 1
		}
		inner = inner[n:]
	}
	if count < len(digits) {
		return text, false
	}
	return text[:copy(text, digits[:])], true
}

// MayHide reports, at little cost, whether a value may occur in the cell where
// [Finder.Find] does not find it; plain is what [Finder.FindPlain] said about the
// cell. If it is false, [Finder.Occurrences] adds nothing to what Find found.
func (v *Values) MayHide(cell []byte, plain bool) bool {
	switch {
	case len(v.list) == 0 || len(cell) == 0:
		return false
	case !plain:
		return true // one character can become many
	case v.hasText:
		return len(cell) >= v.shortest
	case v.hasObjectID:
		return len(cell) >= guidDigitCount
	}
	return false // Find finds all addresses
}

// PartOf reports whether a value of at least three characters stands anywhere in
// the text, be it as a part of something longer.
func (v *Values) PartOf(text []byte) bool {
	if hasEscape(text) {
		text = v.finder.decode(text)
	}
	v.canon.set(text, nil)
	for _, known := range v.list {
		value := v.text[known.start:known.end]
		found := !known.isShort && bytes.Contains(v.canon.text, value)
		if known.kind == ObjectIDSpan {
			start, _ := nextGUID(v.canon.text, 0, value)
			found = start >= 0
		}
		if found {
			return true
		}
	}
	return false
}

// mayOccur reports, at little cost, whether a value may be in the cell.
func (v *Values) mayOccur(cell []byte) bool {
	if len(v.list) == 0 || len(cell) == 0 {
		return false
	}
	if !swar.IsASCII(cell) {
		return true // one character can become many
	}
	// The canonical text of ASCII is never longer than the cell.
	return len(cell) >= v.shortest &&
		(v.hasText || v.hasAddress && bytes.IndexByte(cell, '@') >= 0 ||
			hasEscape(cell) || len(cell) >= 32)
}
