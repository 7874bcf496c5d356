package identity

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// Values is the set of values of one row, for [Finder.FindValues]: the texts that
// identify somebody in it. The zero Values is empty and ready to use. A search takes
// time in proportion to the number of values; a row has a few. Only one goroutine at
// a time may use it, and it must not change during a search. It redacts itself, as an
// [Identifier] does.
type Values struct {
	redacted
	*valuesPointer
}

type valuesPointer struct{ *valuesData }

type valuesData struct {
	list []value
	text []byte // the canonical texts of the list

	hasText, hasAddress, hasObjectID bool
	shortest                         int // length of the shortest canonical text

	*valuesBuffers // of Add and AnyIn, which set it: it is larger than a few values
}

type valuesBuffers struct {
	decoder   escape.Decoder
	finder    Finder
	spans     []Span
	canonical canonicalText
	plus      []byte
}

// A value is a value in canonical text.
type value struct {
	start, end int // in Values.text
	kind       SpanKind
	isShort    bool // is found only as a whole cell
}

// Len returns the number of different values.
func (v *Values) Len() int {
	if v.valuesPointer == nil {
		return 0
	}
	return len(v.list)
}

// Reset removes all values and keeps the memory.
func (v *Values) Reset() {
	if v.valuesPointer == nil {
		v.valuesPointer = &valuesPointer{new(valuesData)}
	}
	v.list, v.text = v.list[:0], v.text[:0]
	v.hasText, v.hasAddress, v.hasObjectID, v.shortest = false, false, false, 0
}

// CopyFrom replaces, for package anonymize, all values by those of another Values.
func (v *Values) CopyFrom(other *Values) {
	v.Reset()
	if other.valuesPointer == nil {
		return
	}
	v.list, v.text = append(v.list[:0], other.list...), append(v.text[:0], other.text...)
	v.hasText, v.hasAddress, v.hasObjectID, v.shortest = other.hasText, other.hasAddress, other.hasObjectID, other.shortest
}

// Add adds a value as it is in a cell: what [Finder.Find] found, a user segment, or
// a whole owner. It may be escaped; see [Finder.Find]. If a text is neither an address nor
// an object ID, Add also adds the object IDs in it and those of its SIDs, at most 1,000,
// and the text with plus signs in place of blanks, which is how web forms encode it. If an
// address begins with an object ID, as that of a deleted account does, Add also adds that
// and the rest. Add does not add a text that is there already or that identifies nobody: a
// blank, "@me", the nil GUID, or a replacement that is no [PseudonymReplacement].
func (v *Values) Add(text []byte) {
	if v.valuesPointer == nil {
		v.valuesPointer = &valuesPointer{new(valuesData)}
	}
	if v.valuesBuffers == nil {
		v.valuesBuffers = new(valuesBuffers)
	}
	if escape.Has(text) {
		text, _ = v.decoder.Decode(text)
	}
	text = trimBlanks(text)
	kind := ReplacementKindOf(text)
	if len(text) == 0 || isMe(text) || kind != 0 && kind != PseudonymReplacement {
		return
	}
	v.canonical.set(text, nil)
	canonical := trimBlanks(v.canonical.text)
	if digits, ok := guids.Digits(canonical); ok {
		v.add(digits, ObjectIDSpan)
		return
	}
	v.spans = v.finder.Find(v.spans[:0], canonical)
	if len(v.spans) == 1 && v.spans[0] == (Span{0, len(canonical), AddressSpan}) && swar.IsASCII(text) {
		v.add(canonical, AddressSpan)
		if guid, rest := guids.Cut(canonical); guid != nil {
			digits, _ := guids.Digits(bytes.Clone(guid))
			v.add(digits, ObjectIDSpan)
			if mailbox.Is(rest) {
				v.add(rest, AddressSpan)
			}
		}
		return
	}
	v.add(canonical, TextSpan)
	if guid, rest := guids.Cut(canonical); guid != nil && mailbox.Is(rest) { // of a deleted account, beyond ASCII
		digits, _ := guids.Digits(bytes.Clone(guid))
		v.add(digits, ObjectIDSpan)
	}
	if bytes.IndexByte(canonical, ' ') >= 0 {
		v.plus = append(v.plus[:0], canonical...)
		for i, c := range v.plus {
			if c == ' ' {
				v.plus[i] = '+'
			}
		}
		v.add(v.plus, TextSpan)
	}
	most := len(v.list) + maxObjectIDs
	for start, end, guid := guids.NextSID(canonical, 0); start >= 0 && len(v.list) < most; start, end, guid = guids.NextSID(canonical, end) {
		v.add(guid[:], ObjectIDSpan)
	}
	for start, end := guids.Next(canonical, 0); start >= 0 && len(v.list) < most; start, end = guids.Next(canonical, end) {
		v.plus = append(v.plus[:0], canonical[start:end]...)
		digits, _ := guids.Digits(v.plus)
		v.add(digits, ObjectIDSpan)
	}
}

// maxObjectIDs is how many object IDs of one text are values. Packages that search for
// the values of a row judge none with so many.
const maxObjectIDs = 1000

// add adds a canonical text, unless it is empty, the nil GUID or there already.
func (v *valuesData) add(text []byte, kind SpanKind) {
	if len(text) == 0 || kind == ObjectIDSpan && guids.IsNil(text) {
		return
	}
	for _, other := range v.list {
		if other.kind == kind && bytes.Equal(v.textOf(other), text) {
			return
		}
	}
	added := value{start: len(v.text), end: len(v.text) + len(text), kind: kind, isShort: isShort(text)}
	v.text = append(v.text, text...)
	v.hasText = v.hasText || kind == TextSpan
	v.hasAddress = v.hasAddress || kind == AddressSpan
	v.hasObjectID = v.hasObjectID || kind == ObjectIDSpan
	if len(v.list) == 0 || len(text) < v.shortest {
		v.shortest = len(text)
	}
	v.list = append(v.list, added)
}

// textOf returns the canonical text of a value of the list.
func (v *valuesData) textOf(of value) []byte { return v.text[of.start:of.end] }

// index returns the first place from text[i:] on that holds a value of the list; -1
// if there is none.
func (v *valuesData) index(text []byte, i int, of value) (start, end int) {
	if of.kind == ObjectIDSpan {
		return guids.Index(text, i, v.textOf(of))
	}
	n := bytes.Index(text[i:], v.textOf(of))
	if n < 0 {
		return -1, -1
	}
	return i + n, i + n + of.end - of.start
}

// minInside is the number of characters that a value must have to be found inside a
// longer text. A character of a script without spaces counts twice.
const minInside = 3

// isShort reports whether a value has fewer than minInside characters.
func isShort(text []byte) bool {
	n := 0
	for _, r := range string(text[:min(len(text), minInside*utf8.UTFMax)]) { // enough to tell
		if n++; isUnspaced(r) {
			n++
		}
	}
	return n < minInside
}

// AreAddresses reports, for package anonymize, whether all values are addresses: then
// [Finder.FindValues] finds nothing in a cell without a sign (see [NextSign]), because an
// address has an at sign, or an underscore in its place.
func (v *Values) AreAddresses() bool { return v.Len() == 0 || !v.hasText && !v.hasObjectID }

// MayOccur reports, for package anonymize and at little cost, whether a value may be in
// a cell without a sign, in which a SID would be one. If MayOccur is false,
// [Finder.FindValues] finds nothing in the cell.
func (v *Values) MayOccur(cell []byte) bool {
	if v.AreAddresses() || len(cell) < v.shortest {
		return false
	}
	return v.hasText || v.hasObjectID && slices.ContainsFunc(v.list, func(id value) bool {
		return id.kind == ObjectIDSpan && guids.MayHoldDigits(cell, v.textOf(id))
	})
}

// AnyIn reports, for package anonymize, whether a value of at least three characters, as
// [Finder.FindValues] counts them, is in the text, even as a part of a longer word.
func (v *Values) AnyIn(text []byte) bool {
	if v.Len() == 0 {
		return false
	}
	if v.valuesBuffers == nil {
		v.valuesBuffers = new(valuesBuffers)
	}
	if escape.Has(text) {
		text, _ = v.decoder.Decode(text)
	}
	v.canonical.set(text, nil)
	return slices.ContainsFunc(v.list, func(of value) bool {
		start, _ := v.index(v.canonical.text, 0, of)
		return !of.isShort && start >= 0
	})
}

// mayBeIn reports, at little cost, whether a value may be in the cell.
func (v *valuesData) mayBeIn(cell []byte) bool {
	if len(v.list) == 0 || len(cell) == 0 {
		return false
	}
	if v.hasObjectID && guids.MayHold(cell) {
		return true
	}
	marks := escape.MarksOf(cell)
	// One character can become several. The canonical text of ASCII without escapes is
	// never longer than the cell.
	return marks.Has(escape.NotASCII) || len(cell) >= v.shortest && (v.hasText || v.hasAddress && (marks.Has(escape.At) || marks.Has(escape.Slash|escape.Backslash) && hasPersonal(cell))) ||
		marks.HasEscape(cell)
}
