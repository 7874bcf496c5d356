package identity

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
)

// A Set is a set of identifiers, such as those of a data subject, for
// [Finder.FindMembers]. The zero Set is empty and ready to use. Several goroutines
// may search for it while none adds to it. It redacts itself, as an [Identifier] does.
type Set struct {
	redacted
	*setPointer
}

type setPointer struct{ *setData }

type setData struct {
	normal map[string]struct{} // normal forms
	values valuesData          // the same, and no other
}

// Add adds an identifier. It does not add the zero Identifier and the nil GUID, which are
// nobody, nor a [Verbatim] one, which is only a whole cell.
func (s *Set) Add(id Identifier) {
	if id.IsZero() || id.IsVerbatim() {
		return
	}
	if s.setPointer == nil {
		s.setPointer = &setPointer{&setData{normal: make(map[string]struct{})}}
	}
	s.normal[id.Reveal()] = struct{}{}
	var c canonicalText
	c.set([]byte(id.Reveal()), nil)
	if id.IsObjectID() {
		digits, _ := guids.Digits(c.text)
		s.values.add(digits, ObjectIDSpan)
		return
	}
	s.values.add(c.text, AddressSpan)
	for _, escaped := range [...]string{inJSON.Replace(id.Reveal()), strings.ReplaceAll(id.Reveal(), "'", "''")} {
		s.normal[escaped] = struct{}{}
		c.set([]byte(escaped), nil)
		s.values.add(c.text, AddressSpan) // unless it is the same
	}
}

// inJSON escapes quotation marks and backslashes as in a string of JSON.
var inJSON = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

// FindMembers appends to dst, in order, the spans of all members of the set in the
// cell, and returns the extended slice. A member is a text with the normal form of
// an identifier of the set (see [AppendNormal]), perhaps percent-encoded up to three
// times, or the 32 digits of an object ID with any hyphens between them, or the SID that
// encodes it (S-1-12-1-…). The quotation marks of an address may be escaped as in JSON,
// and its apostrophes doubled as in OData. A text that is equal to an address only under
// full case folding or by compatibility is another account.
//
// An object ID is found everywhere. An address is not found as a part of a longer one,
// whose local part or domain continues, perhaps in an escape ("ann@x.com%2Eau"), or may:
// in "r&ann@x.com" and "a/ann@x.com" it is at most near (see [NearIndex.FindIn]). But it is
// found between quotation marks, after a slash of a path, and after the characters that
// separate names from values and values from each other: "mail=ann@x.com".
func (f *Finder) FindMembers(dst []Span, cell []byte, set *Set) []Span {
	if set.setPointer == nil || !set.values.mayBeIn(cell) {
		return dst
	}
	f.ready()
	first := len(dst)
	for view, from := range f.decoder.Views(cell) {
		f.canonical.set(view, from)
		dst = f.canonical.keepWhole(dst, first)
		dst = f.canonical.appendMembers(dst, cell, set)
	}
	return mergeOverlapping(dst, first)
}

// appendMembers appends the spans of the members in the canonical text of a cell.
func (c *canonicalText) appendMembers(dst []Span, cell []byte, set *Set) []Span {
	for _, v := range set.values.list {
		if v.kind == ObjectIDSpan {
			dst = c.appendSIDs(dst, set.values.textOf(v))
		}
		for i := 0; ; i++ {
			var end int
			if i, end = set.values.index(c.text, i, v); i < 0 {
				break
			}
			span := c.span(i, end, v.kind)
			if v.kind == ObjectIDSpan || c.isWholeAddress(i, end) && set.has(cell[span.Start:span.End]) {
				dst = append(dst, span)
			}
		}
	}
	return dst
}

// keepWhole keeps of dst[first:], which were found in earlier views, the object IDs and
// the addresses that are whole in this view, too: what is after "ann@x.com" in
// "ann@x.com%2Eau" belongs to it.
func (c *canonicalText) keepWhole(dst []Span, first int) []Span {
	kept := dst[:first]
	for _, s := range dst[first:] {
		if s.Kind == ObjectIDSpan || c.isWholeAddress(c.place(s.Start), c.place(s.End)) {
			kept = append(kept, s)
		}
	}
	return kept
}

// has reports whether a text, decoded or not, has the normal form of an identifier of
// the set.
func (s *Set) has(text []byte) bool {
	var decoder escape.Decoder
	for view := range decoder.Views(text) {
		if _, ok := s.normal[string(AppendNormal(nil, view))]; ok {
			return true
		}
	}
	return false
}

// separators holds characters that a local part may hold by RFC 5322 and a user principal
// name may not, and that precede addresses in URLs and lists. A whole owner who has one is
// for the caller to tell from such a text.
var separators = []byte("=?|{}*")

// isWholeAddress reports whether the address text[start:end] is no part of a longer
// one: what is before it is a separator, or may be in no local part by RFC 5322, also where
// [Finder.Find] would not take it for a part of one. After an apostrophe, as in "o'ann@x.com", it is
// whole only if that is a quotation mark: there is no letter before it, and as many are
// after the address.
func (c *canonicalText) isWholeAddress(start, end int) bool {
	if mailbox.GoesOn(c.text, end) {
		return false
	}
	before, n := utf8.DecodeLastRune(c.text[:start])
	switch {
	case n == 0:
		return true
	case before == '/':
		return c.isInPath(start) && bytes.IndexByte(c.text[start:end], '/') < 0
	case isQuote(before):
		return c.isQuoted(start, end)
	case before < utf8.RuneSelf && bytes.IndexByte(separators, byte(before)) >= 0: //nolint:gosec // it fits
		return true
	case before >= utf8.RuneSelf && unicode.In(before, unicode.Pi, unicode.Pf, unicode.Ps): // a quotation mark or bracket
		return !c.isAfterWord(start - n)
	case 0x80 <= before && before < 0xA0: // perhaps of UTF-8 that was read as Latin-1
		return !c.isAfterWord(start - n)
	}
	return !mailbox.IsLocal(before, n) && before != '@'
}

// isInPath reports whether the slash before text[start] is one of a path, which begins with
// a slash, or that after the word users. In "a/b@x.com" it is a part of the address.
func (c *canonicalText) isInPath(start int) bool {
	begin := start
	for begin > 0 {
		r, n := utf8.DecodeLastRune(c.text[:begin])
		if r != '/' && !mailbox.IsLocal(r, n) {
			break
		}
		begin -= n
	}
	path := bytes.TrimRight(c.text[begin:start], "/")
	return len(path) == 0 || path[0] == '/' || string(path) == "users" || bytes.HasSuffix(path, []byte("/users"))
}

// isAfterWord reports whether a letter or digit is before text[i:], of a script that is
// written with spaces.
func (c *canonicalText) isAfterWord(i int) bool {
	before, _ := utf8.DecodeLastRune(c.text[:i])
	return (isWordRune(before) || unicode.IsMark(before)) && !isUnspaced(before)
}

// isQuote reports whether a character is an apostrophe or a single quotation mark.
func isQuote(r rune) bool { return r == '\'' || r == '\u2018' || r == '\u2019' || r == '\u201B' }

// isQuoted reports whether the quotes before text[start:end] begin a quotation of it. In
// the languages of databases, apostrophes within a quotation are doubled.
func (c *canonicalText) isQuoted(start, end int) bool {
	for {
		before, n := utf8.DecodeLastRune(c.text[:start])
		if !isQuote(before) {
			return !c.isAfterWord(start)
		}
		start -= n
		if before == '\'' {
			if end == len(c.text) || c.text[end] != '\'' {
				return false
			}
			end++
		}
	}
}
