package identity

import (
	"bytes"
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Known is a set of identifiers that [Finder.Known] looks for: those of people who
// may be seen. The zero Known is empty and ready to use. It holds the identifiers
// and so must not be printed. It may be read by several goroutines while none adds
// to it.
type Known struct {
	normal map[string]struct{} // normal forms
	values Values
}

// Add adds an identifier. The zero Identifier is not added.
func (k *Known) Add(id Identifier) {
	if id.IsZero() {
		return
	}
	if k.normal == nil {
		k.normal = make(map[string]struct{})
	}
	k.normal[id.Reveal()] = struct{}{}
	k.values.Add([]byte(id.Reveal()))
}

// Known appends to dst every place in the cell where one of the identifiers stands
// as a whole, in order, and returns it. That is a text with the normal form of an
// identifier (see [AppendNormal]), percent-encoded up to three times or not, and
// the 32 digits of an object ID with any hyphens between them. What agrees with an
// address only under full case folding or by compatibility is another account.
//
// An object ID counts wherever it stands. An address does not count as a part of
// a longer one, whose local part or domain goes on. But between quotation marks it
// does, and behind what separates parameters in a URL, although [Finder.Find] takes
// such characters for a part of the address.
func (f *Finder) Known(dst []Span, cell []byte, k *Known) []Span {
	if !k.values.mayOccur(cell) {
		return dst
	}
	first := len(dst)
	dst = f.appendKnown(dst, cell, cell, nil, k)
	if hasEscape(cell) {
		for round := range decodeRounds {
			dst = f.appendKnown(dst, cell, f.decodeUpTo(cell, round+1), f.from, k)
		}
	}
	return mergeOverlapping(dst, first)
}

// appendKnown appends what is known in a view of the cell.
func (f *Finder) appendKnown(dst []Span, cell, view []byte, from []int, k *Known) []Span {
	c := &f.canonical
	c.set(view, from)
	for _, known := range k.values.list {
		value := k.values.text[known.start:known.end]
		next := nextText
		if known.kind == ObjectIDSpan {
			next = nextGUID
		}
		for i := 0; ; i++ {
			var end int
			if i, end = nextFrom(next, c.text, i, value); i < 0 {
				break
			}
			span := c.span(i, end, known.kind)
			if known.kind == ObjectIDSpan || c.isWholeAddress(i, end) && k.has(cell[span.Start:span.End]) {
				dst = append(dst, span)
			}
		}
	}
	return dst
}

// has reports whether a text, as it stands or decoded, is one of the identifiers.
func (k *Known) has(text []byte) bool {
	var f Finder
	for round := range decodeRounds + 1 {
		if _, ok := k.normal[string(AppendNormal(nil, f.decodeUpTo(text, round)))]; ok {
			return true
		}
	}
	return false
}

// nextFrom is next, which may be asked about the end of the text, too.
func nextFrom(next func([]byte, int, []byte) (int, int), text []byte, i int, value []byte) (start, end int) {
	if i >= len(text) {
		return -1, -1
	}
	return next(text, i, value)
}

// betweenAddresses are characters that may stand in a local part by RFC 5322, but
// stand in no user principal name, and do stand in front of addresses in URLs and
// lists.
var betweenAddresses = []byte("=?&|{}$*`")

// isWholeAddress reports whether the address text[start:end] is no part of a longer
// one.
func (c *canonicalText) isWholeAddress(start, end int) bool {
	if domainEnd(c.text, end, labelLetter) != end {
		return false
	}
	before, n := utf8.DecodeLastRune(c.text[:start])
	switch {
	case n == 0:
		return true
	case before == '\'':
		return end < len(c.text) && c.text[end] == '\''
	case before < utf8.RuneSelf && bytes.IndexByte(betweenAddresses, byte(before)) >= 0: //nolint:gosec // it fits
		return true
	case unicode.In(before, unicode.Pi, unicode.Pf, unicode.Ps): // a quotation mark or bracket
		return true
	}
	return !isLocal(before, n) && before != '@'
}

// mergeOverlapping puts dst[first:] in order and makes one span of those that
// overlap.
func mergeOverlapping(dst []Span, first int) []Span {
	if len(dst)-first < 2 {
		return dst
	}
	slices.SortFunc(dst[first:], func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
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
