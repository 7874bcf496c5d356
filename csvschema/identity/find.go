package identity

// NOTE: how identifiers are found inside a cell.
//
// The cell may be percent-encoded, even several times over, so the search runs
// on a decoded view, and a map leads from each byte of the view back to the
// first byte of the cell that it came from. With one round of decoding:
//
//	cell   x , a l i c e % 4 0 c o n t o s o . c o m ; y
//	at     0 1 2 3 4 5 6 7 8 9 10                    21
//	view   x , a l i c e @ c o n t o s o . c o m ; y
//	from   0 1 2 3 4 5 6 7 10 …                   21
//
// The span of an address or segment in the view (2 to 19) is mapped to the
// cell (2 to 21), so that an escape is either inside it or outside, never cut.
// A cell without escapes is its own view, and nothing is copied.
//
// Addresses. All characters of a domain may stand in a local part too, so the
// view falls into runs of such characters and at signs, and each run into the
// pieces between its at signs. A piece that is not empty, an at sign and the
// domain that the next piece begins with are an address:
//
//	run      b o b @ f a b r i k a m . c o m - @ - x
//	pieces   [ bob ] [    fabrikam.com-     ] [ -x ]
//	address  [  bob @ fabrikam.com ]
//
// The last piece begins with no domain, so there is no second address. Had it
// been "x", there would be one, "fabrikam.com-@x"; both overlap, and what
// overlaps or touches is one span. Pieces before an address that are joined to
// it by at signs belong to it: in "a@-b@x" only "-b@x" is an address, but with
// a replacement in its place, "a@removed@…" would hold another one. That is
// the rule behind all this: whatever stands around a span, putting the
// replacement in its place must not make anything else be found.

import (
	"bytes"
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// A SpanKind says what stands in a [Span], and so what can replace it:
// [ReplacementAddress] for an [AddressSpan], [ReplacementObjectID] for every
// other kind.
type SpanKind uint8

// The kinds of span. Where spans of several kinds are merged into one, the
// first of these that is among them is its kind.
const (
	UserSpan     SpanKind = iota + 1 // the x of a /users/{x} segment, whatever it is
	AddressSpan                      // an e-mail address or user principal name
	ObjectIDSpan                     // a further occurrence of a known object ID
	TextSpan                         // a further occurrence of a known value that is neither
)

// A Span is a part of a cell that identifies somebody: cell[Start:End]. It
// begins and ends between whole characters and whole percent-escapes.
type Span struct {
	Start, End int
	Kind       SpanKind
}

// A Finder finds what identifies a person inside a cell. The zero Finder is
// ready to use. It holds buffers as large as the largest cell that needed
// decoding, and is not safe for concurrent use.
type Finder struct {
	view []byte // decoded cell
	from []int  // for each byte of view, and its end, the offset in the cell

	// For Occurrences.
	canonical canonicalText
	replaced  []byte // the cell with replacements in it
	ends      []int  // where they end in it
	found     []Span // what is found in it
}

// Find appends to dst what identifies a person in the cell, in order, and
// returns it: every address, and the x of every /users/{x}, the word users in
// any case. The x runs to the next slash, question mark, number sign, double
// quote, angle bracket, backslash or control character, or to the end of the
// cell; it is not found if it is blank or "@me". What is percent-encoded up to
// three times is found too. Spans that overlap or touch are merged. Replacements of ours are
// found like anything else: ask [IsReplacement] about cell[Start:End] before
// replacing it. Replacing all others makes a cell in which only replacements
// are found.
//
// An address is a local part, an at sign and a domain. The local part is the
// longest run of letters, digits, any of !#$%&'*+-.=?^_`{|}~ and characters
// beyond ASCII that are neither white space nor control characters. The domain
// is one or more labels with single dots between them; a label holds letters,
// digits, marks and hyphens, and neither begins nor ends with a hyphen. At
// sign, dot and hyphen may be the full-width or small forms of Unicode, and
// characters that have no width may stand anywhere.
func (f *Finder) Find(dst []Span, cell []byte) []Span {
	dst, _ = f.FindPlain(dst, cell)
	return dst
}

// FindPlain is [Finder.Find], and reports whether the cell is plain: ASCII without a
// percent sign, in which an address has no other spelling than that of Find.
func (f *Finder) FindPlain(dst []Span, cell []byte) (_ []Span, plain bool) {
	has := traitsOf(cell)
	if has&(hasAtSign|hasPercent|hasSlash|beyondASCII) == 0 {
		return dst, true
	}
	plain = has&(hasPercent|beyondASCII) == 0
	at := has&hasAtSign != 0 && (has&beyondASCII == 0 || hasAt(cell))
	escaped := has&hasPercent != 0 && hasEscape(cell)
	users := has&hasSlash != 0 && hasUsers(cell)
	if !at && !escaped && !users {
		return dst, plain
	}
	view := cell
	if escaped {
		view = f.decode(cell)
	}
	first := len(dst)
	var from []int
	if escaped {
		from = f.from
	}
	if users || escaped {
		for start, end, next := nextSegment(view, from, 0); next >= 0; start, end, next = nextSegment(view, from, next) {
			dst = append(dst, Span{start, end, UserSpan})
		}
	}
	hasSegments := len(dst) > first
	if at || escaped {
		dst = appendAddresses(dst, view)
	}
	if hasSegments {
		dst = mergeSegments(dst, first, view, from)
	}
	if escaped {
		for i := first; i < len(dst); i++ {
			dst[i].Start, dst[i].End = f.from[dst[i].Start], f.from[dst[i].End]
		}
	}
	return dst, plain
}

// UserSegments appends to dst the x of every /users/{x} that [Finder.Find]
// would find in the cell, percent-decoded, in order, and returns it. What is
// appended is a part of the cell or, if that is percent-encoded, of a buffer
// of the Finder: it is valid until the next call of any method and as long as
// the cell is.
func (f *Finder) UserSegments(dst [][]byte, cell []byte) [][]byte {
	view, from := cell, []int(nil)
	if hasEscape(cell) {
		view = f.decode(cell)
		from = f.from
	}
	for start, end, next := nextSegment(view, from, 0); next >= 0; start, end, next = nextSegment(view, from, next) {
		dst = append(dst, view[start:end])
	}
	return dst
}

// mergeSpans puts dst[first:] in order and makes one span of those that
// overlap or touch.
func mergeSpans(dst []Span, first int) []Span {
	spans := dst[first:]
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	merged := dst[:first]
	for _, span := range spans {
		merged = appendSpan(merged, first, span)
	}
	return merged
}

// mergeSegments is mergeSpans where some are the x of a /users/{x}. Such a span that
// grew by an address goes on to the next end of a segment: else what replaces it
// would, with the rest, be another x.
func mergeSegments(dst []Span, first int, view []byte, from []int) []Span {
	for grown := true; grown; {
		dst, grown = mergeSpans(dst, first), false
		for i, s := range dst[first:] {
			if s.Kind != UserSpan {
				continue
			}
			if end := segmentEnd(view, from, s.Start, s.End); end > s.End {
				dst[first+i].End, grown = end, true
			}
		}
	}
	return dst
}

// appendSpan appends a span to those of dst[first:], which are in order. It
// becomes one with those that it overlaps or touches at their end.
func appendSpan(dst []Span, first int, span Span) []Span {
	for len(dst) > first && dst[len(dst)-1].End >= span.Start {
		last := dst[len(dst)-1]
		span = Span{min(last.Start, span.Start), max(last.End, span.End), min(last.Kind, span.Kind)}
		dst = dst[:len(dst)-1]
	}
	return append(dst, span)
}

// appendAddresses appends the addresses of the view, merged.
func appendAddresses(dst []Span, view []byte) []Span {
	first := len(dst)
	at, size := nextAt(view, 0)
	for at >= 0 {
		piece := at // where the piece before the at sign begins
		for piece > 0 {
			r, n := utf8.DecodeLastRune(view[:piece])
			if !isLocal(r, n) {
				break
			}
			piece -= n
		}
		chain := piece // where the pieces that are joined to it begin
		for {
			after := at + size
			if piece == at {
				chain = after // an empty piece joins nothing
			} else if end := domainEnd(view, after, labelStart); end > after {
				dst = appendSpan(dst, first, Span{chain, end, AddressSpan})
			}
			piece, at = after, after
			for at < len(view) {
				r, n := utf8.DecodeRune(view[at:])
				if !isLocal(r, n) {
					break
				}
				at += n
			}
			if size = atSize(view[at:]); size == 0 {
				break
			}
		}
		at, size = nextAt(view, at)
	}
	return dst
}

// isAddress reports whether the value as a whole is one address.
func isAddress(value []byte) bool {
	at, size := nextAt(value, 0)
	if at <= 0 {
		return false
	}
	for i := 0; i < at; {
		r, n := utf8.DecodeRune(value[i:])
		if !isLocal(r, n) {
			return false
		}
		i += n
	}
	return len(value) > at+size && domainEnd(value, at+size, labelStart) == len(value)
}

// isLocal reports whether a rune that was decoded from n bytes may stand in
// the local part of an address.
func isLocal(r rune, n int) bool {
	if r < utf8.RuneSelf {
		return isLocalASCII[r]
	}
	if r == utf8.RuneError && n <= 1 {
		return false // not UTF-8
	}
	return !unicode.IsSpace(r) && !unicode.IsControl(r) && !isWideAt(r)
}

// isLocalASCII are the characters of a dot-atom of RFC 5322, but not the
// slash, which separates the segments of an ARM ID.
var isLocalASCII = func() (set [utf8.RuneSelf]bool) {
	for c := range set {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		set[c] = letter || bytes.IndexByte([]byte("!#$%&'*+-.=?^_`{|}~"), byte(c)) >= 0
	}
	return set
}()

// A labelState says what precedes a place in a domain.
type labelState uint8

const (
	labelStart  labelState = iota // a dot, or the at sign
	labelLetter                   // a letter, digit or mark
	labelHyphen                   // a hyphen
)

// domainEnd returns where the longest domain ends that goes on at
// view[start:], and start if nothing there belongs to it.
func domainEnd(view []byte, start int, state labelState) int {
	end := start
	for i := start; i < len(view); {
		r, n := rune(view[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(view[i:])
		}
		i += n
		switch {
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9':
			state, end = labelLetter, i
		case r == '-' || r == '\uFF0D' || r == '\uFE63':
			if state == labelStart {
				return end
			}
			state = labelHyphen
		case r == '.' || r == '\uFF0E' || r == '\uFE52' || r == '\u2024':
			if state != labelLetter {
				return end
			}
			state = labelStart
		case r < utf8.RuneSelf:
			return end
		case isIgnorable(r):
			// It has no width, so a reader sees the domain go on behind it.
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			state, end = labelLetter, i
		case unicode.IsMark(r) && state == labelLetter:
			end = i
		default:
			return end
		}
	}
	return end
}

// hasAt reports whether there is an at sign in the text.
func hasAt(text []byte) bool {
	at, _ := nextAt(text, 0)
	return at >= 0
}

// nextAt returns where the first at sign of text[i:] stands in the text and how
// many bytes it has. The place is -1 if there is none.
func nextAt(text []byte, i int) (at, size int) {
	at, size = bytes.IndexByte(text[i:], '@'), 1
	end := len(text)
	if at >= 0 {
		at += i
		end = at
	}
	for i < end { // a wide at sign may stand before it
		lead := bytes.IndexByte(text[i:end], 0xEF)
		if lead < 0 {
			break
		}
		i += lead
		if n := atSize(text[i:]); n > 0 {
			return i, n
		}
		i++
	}
	return at, size
}

// atSize returns how many bytes the at sign has that the text begins with, and
// 0 if it begins with something else.
func atSize(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	if text[0] == '@' {
		return 1
	}
	if r, n := utf8.DecodeRune(text); text[0] == 0xEF && isWideAt(r) {
		return n
	}
	return 0
}

// isWideAt reports whether a rune is the full-width or the small at sign, the
// two that compatibility makes an at sign. Both begin with 0xEF in UTF-8.
func isWideAt(r rune) bool { return r == '\uFF20' || r == '\uFE6B' }

// isIgnorable reports whether a rune has the property Default_Ignorable_Code_Point
// of Unicode, or is an interlinear annotation mark: it is not seen.
func isIgnorable(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r == 0xAD, r == 0x034F, r == 0x061C, r == 0x3164, r == 0xFEFF, r == 0xFFA0,
		0x115F <= r && r <= 0x1160,
		0x17B4 <= r && r <= 0x17B5,
		0x180B <= r && r <= 0x180F,
		0x200B <= r && r <= 0x200F,
		0x202A <= r && r <= 0x202E,
		0x2060 <= r && r <= 0x206F,
		0xFE00 <= r && r <= 0xFE0F,
		0xFFF0 <= r && r <= 0xFFFB,
		0x1BCA0 <= r && r <= 0x1BCA3,
		0x1D173 <= r && r <= 0x1D17A,
		0xE0000 <= r && r <= 0xE0FFF:
		return true
	}
	return false
}

const usersSegment = "users/" // what follows a slash, in lower case

// isUsers reports whether the text begins with "users/" in any case, and goes
// on behind it.
func isUsers(text []byte) bool {
	return len(text) > len(usersSegment) && text[0]|0x20 == 'u' && text[5] == '/' &&
		text[1]|0x20 == 's' && text[2]|0x20 == 'e' && text[3]|0x20 == 'r' && text[4]|0x20 == 's'
}

// hasUsers reports whether "/users/" is in the text, in any case, with
// something behind it.
func hasUsers(text []byte) bool { return behindUsers(text, 0) >= 0 }

// behindUsers returns the offset after the first "/users/" of text[i:], in any
// case, with something after it, or -1. Paths have many slashes, but few of them
// have another one at the distance of that after users.
func behindUsers(text []byte, i int) int {
	for {
		at := swar.IndexPair(text, i, '/', len(usersSegment))
		if at < 0 {
			return -1
		}
		if isUsers(text[at+1:]) {
			return at + 1 + len(usersSegment)
		}
		i = at + 1
	}
}

// nextSegment returns where the x of the first /users/{x} of view[i:] stands in
// the view, and where to look for the next. The last is -1 if there is none. From
// is as in Finder; nil if the view is the cell.
func nextSegment(view []byte, from []int, i int) (start, end, next int) {
	for {
		if start = behindUsers(view, i); start < 0 {
			return 0, 0, -1
		}
		end = start
		if c := view[start]; c == '?' || c == '#' {
			end++ // an address may begin with it, and what replaces that would be an x
		}
		end = segmentEnd(view, from, start, end)
		if x := trimBlanks(view[start:end]); len(x) > 0 && !isMe(x) {
			return start, end, end
		}
		i = end // the slash behind x may begin the next one
		for end < len(view) && (view[end] == '?' || view[end] == '#') {
			end = segmentEnd(view, from, start, end+1)
		}
		if hasAt(view[i:end]) { // what replaces an address there would make an x of the rest
			return start, end, end
		}
	}
}

// segmentEnd returns where the x that begins at view[start] ends, not before i.
func segmentEnd(view []byte, from []int, start, i int) int {
	if from == nil {
		for i < len(view) && !endsSegment[view[i]] {
			i++
		}
		return i
	}
	for i < len(view) && (!endsSegment[view[i]] || width(from, i) > width(from, start-1)) {
		i++
	}
	return i
}

// width returns how many bytes of the cell the i-th byte of its view stands for.
func width(from []int, i int) int {
	return from[i+1] - from[i]
}

// endsSegment are the bytes that end the x of /users/{x}, unless they are
// percent-encoded and the slash before x is not, or not as often: a slash, what
// ends the path of a URL, and what neither a URL nor a name has in it.
var endsSegment = func() (set [256]bool) {
	for c := range ' ' {
		set[c] = true
	}
	for _, c := range []byte("/?#\"<>\\") {
		set[c] = true
	}
	return set
}()

// isMe reports whether a segment is "@me", which names whoever asks.
func isMe(x []byte) bool {
	return len(x) == 3 && x[0] == '@' && x[1]|0x20 == 'm' && x[2]|0x20 == 'e'
}
