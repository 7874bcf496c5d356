package identity

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
	"github.com/labdsr/labdsr/csvschema/internal/signs"
)

// NOTE: how identifiers are found in a cell.
//
// The cell may be percent-encoded, or escaped as in JSON, HTML, MIME or names of XML, even
// several times, so the search runs on a decoded view of it. A map gives for each byte of
// the view the first byte of the cell that it comes from. With one round of decoding:
//
//	cell   x , a l i c e % 4 0 c o n t o s o . c o m ; y
//	at     0 1 2 3 4 5 6 7 8 9 10                    21
//	view   x , a l i c e @ c o n t o s o . c o m ; y
//	from   0 1 2 3 4 5 6 7 10 …                   21
//
// The span of an address or a user segment in the view (2 to 19) is mapped to the
// cell (2 to 21). So a span never cuts an escape. A cell without escapes is its own
// view, and nothing is copied.
//
// A span must satisfy one rule: whatever is around it, writing the replacement in
// its place must not make anything else be found. So spans that overlap or touch
// are merged into one, and address.go and segment.go explain why some spans are
// longer than what they were found for.

// A SpanKind says what is in a [Span], and so what replaces it: [ReplacementAddress]
// replaces an [AddressSpan], [ReplacementObjectID] any other kind.
type SpanKind uint8

// The kinds of span. A span that was merged from several kinds has the kind that is
// first in this list.
const (
	UserSpan     SpanKind = iota + 1 // a user segment, whatever it is
	AddressSpan                      // an e-mail address or user principal name
	ObjectIDSpan                     // an object ID from a Set or from Values
	TextSpan                         // any other value of Values, or a derived name
)

// String returns "user", "address", "object-id", "text", and "" for any other value.
func (k SpanKind) String() string {
	switch k {
	case UserSpan:
		return "user"
	case AddressSpan:
		return "address"
	case ObjectIDSpan:
		return "object-id"
	case TextSpan:
		return "text"
	}
	return ""
}

// MarshalText returns the same as String.
func (k SpanKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// A Span is a part of a cell that identifies somebody: cell[Start:End]. It begins
// and ends between whole characters and whole escapes.
type Span struct {
	Start, End int
	Kind       SpanKind
}

// A Finder finds what identifies people in a cell. The zero Finder is ready to use.
// It holds buffers as large as the largest cell that it decoded, and redacts itself, as
// an [Identifier] does. Only one goroutine at a time may use it.
type Finder struct {
	redacted
	*finderPointer
}

type finderPointer struct{ *finderBuffers }

type finderBuffers struct {
	decoder   escape.Decoder // of the cell
	canonical canonicalText
	unquoted  []byte // the user segments of UserSegments that hold apostrophes

	// Buffers of settle.
	replaced []byte // the cell with replacements in it
	ends     []int  // where the replacements end
	found    []Span // what Find finds in replaced
	before   []Span // what Find finds in the cell
}

// ready makes the buffers, unless there are some.
func (f *Finder) ready() {
	if f.finderPointer == nil {
		f.finderPointer = &finderPointer{new(finderBuffers)}
	}
}

// Find appends to dst, in order, the spans of all addresses and of all user segments
// in the cell, and returns the extended slice. It also finds what is escaped up to
// three times, as in URLs, in JSON or in HTML, and addresses as MIME and names of XML write
// them (alice=40contoso.com, alice_x0040_contoso.com): =40 is an at sign only before a domain
// with a dot that ends in letters, and not after the name of a parameter (?u=40…). Spans
// that overlap or touch are merged. Find also finds replacements: ask [IsReplacement] about
// cell[Start:End]. After all other spans have been replaced, Find finds only replacements.
//
// An address is a local part, an at sign and a domain. The local part is the
// longest run of letters, digits, any of !#$%&'*+-.=?^_`{|}~ and characters
// beyond ASCII that are neither white space nor control characters. The domain
// is one or more labels with single dots between them; a label holds letters,
// digits, marks and hyphens, and neither begins nor ends with a hyphen. As in RFC 5321,
// the local part may be a quoted string ("first,last"@example.com) of at most 128 bytes,
// and the domain an address literal (test@[192.0.2.1], test@[IPv6:2001:db8::1]). A slash
// separates, as in paths, although RFC 5321 has it in local parts: of sales/emea@contoso.com
// only emea@contoso.com is found, unless [Finder.FindValues] or [Finder.FindMembers] knows
// the whole. The at sign, dot and hyphen may be the full-width or small forms of Unicode,
// and characters that have no width may be anywhere.
//
// A user segment is the x of /users/{x}, with the word users in any case. Several
// slashes in a row count as one, and the first one may be missing at the beginning of
// the cell. It ends before the next slash, question mark, double quote, angle bracket,
// backslash, control character, or number sign that neither has an at sign after it nor is
// one of #EXT#, or at the end of the cell. In OData a user segment is the x of users('{x}'),
// users("{x}") and users(id='{x}'), in which the quotation mark is doubled, and a GUID that
// is the x of users({x}), users(id={x}) and users(guid'{x}'). A user segment that is blank
// or "@me" is not found. The name of a personal folder of SharePoint, the x of /personal/{x}
// where it looks like alice_contoso_com, is a user segment, too, and so is an object ID that
// is the x of \users\{x}, as Windows joins paths.
func (f *Finder) Find(dst []Span, cell []byte) []Span {
	dst, _ = f.FindPlain(dst, cell)
	return dst
}

// FindPlain is, for package anonymize, [Finder.Find] that also reports whether the cell
// is plain: ASCII without a percent sign, backslash or ampersand and without what may be
// an at sign of MIME or XML. Find finds every spelling of an address in a plain cell.
func (f *Finder) FindPlain(dst []Span, cell []byte) (_ []Span, plain bool) {
	first := len(dst)
	dst, plain, isOdd := f.find(dst, cell)
	if isOdd && len(dst) > first {
		f.ready()
		dst = append(dst[:first], f.grow(dst[first:], cell)...)
	}
	return dst, plain
}

// NextSign returns, for package anonymize and at little cost, the offset of the first sign
// of an identifier in text[i:]; len(text) if there is none. A part of the text without a sign
// is plain (see [Finder.FindPlain]): [Finder.Find] finds nothing in it, and it holds neither
// the replacement of an object ID nor a SID. A sign has no comma, quotation mark or line end.
func NextSign(text []byte, i int) int { return signs.Next(text, i) }

// find is FindPlain without settling: if isOdd, the spans must still grow.
func (f *Finder) find(dst []Span, cell []byte) (_ []Span, plain, isOdd bool) {
	marks := escape.MarksOf(cell)
	marked := marks.HasMarked(cell)
	if !marks.Has(^(escape.Equals | escape.Underscore)) && !marked {
		return dst, true, false
	}
	ascii, begins := !marks.Has(escape.NotASCII), marks.Has(escape.Percent|escape.Backslash) // perhaps an escape
	plain = ascii && !begins && !marked
	escaped := marked || begins && marks.HasEscape(cell)
	hasAt := marks.Has(escape.At) || !ascii && mailbox.HasAt(cell)
	users := -1 // after the first "/users/"
	if marks.Has(escape.Slash) {
		users = afterUsers(cell, 0)
	}
	personal := marks.Has(escape.Underscore|escape.Backslash) && mayHoldPersonal(cell)
	quoted := marks.Has(escape.Parenthesis) && mayHoldQuotedUsers(cell)
	if !hasAt && !escaped && users < 0 && !quoted && !personal {
		return dst, plain, false
	}
	view, from := cell, []int(nil)
	if escaped {
		f.ready()
		view, from = f.decoder.Decode(cell)
		quoted, personal, users = mayHoldQuotedUsers(view), mayHoldPersonal(view), afterUsers(view, 0)
	}
	first := len(dst)
	if users >= 0 {
		for start, end, next := nextSegment(cell, view, from, max(0, users-len("/"+usersSegment))); next >= 0; start, end, next = nextSegment(cell, view, from, next) {
			dst = append(dst, Span{start, end, UserSpan})
		}
	}
	hasSegments := len(dst) > first
	if hasAt || escaped {
		dst, isOdd = appendAddresses(dst, view)
	}
	if hasSegments {
		var isCut bool
		dst, isCut = mergeSegments(dst, first, cell, view, from)
		isOdd = isOdd || isCut
	}
	if quoted {
		dst = appendQuotedUsers(dst, first, view)
	}
	if personal {
		dst, personal = appendPersonalUsers(dst, first, view)
	}
	if escaped {
		for i := first; i < len(dst); i++ {
			dst[i].Start, dst[i].End = from[dst[i].Start], from[dst[i].End]
		}
	}
	return dst, plain, isOdd || quoted || personal || escaped && (marked || marks.Has(escape.Backslash|escape.NotASCII) || bytes.IndexByte(cell, '&') >= 0)
}

// mergeSpans sorts dst[first:] and merges spans that overlap or touch.
func mergeSpans(dst []Span, first int) []Span {
	spans := dst[first:]
	sortSpans(spans)
	merged := dst[:first]
	for _, span := range spans {
		merged = appendSpan(merged, first, span)
	}
	return merged
}

// appendSpan appends a span to dst[first:], which is sorted. It merges the span with
// those that it overlaps or whose end it touches.
func appendSpan(dst []Span, first int, span Span) []Span {
	for len(dst) > first && dst[len(dst)-1].End >= span.Start {
		last := dst[len(dst)-1]
		span = Span{min(last.Start, span.Start), max(last.End, span.End), min(last.Kind, span.Kind)}
		dst = dst[:len(dst)-1]
	}
	return append(dst, span)
}

// mergeOverlapping sorts dst[first:] and merges spans that overlap. Unlike
// mergeSpans it leaves spans apart that only touch, and a merged span has the kind
// of its first part.
func mergeOverlapping(dst []Span, first int) []Span {
	if len(dst)-first < 2 {
		return dst
	}
	sortSpans(dst[first:])
	merged := dst[:first+1]
	for _, span := range dst[first+1:] {
		if last := &merged[len(merged)-1]; span.Start < last.End {
			last.End = max(last.End, span.End)
			continue
		}
		merged = append(merged, span)
	}
	return merged
}

// sortSpans sorts spans by their start.
func sortSpans(spans []Span) {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
}
