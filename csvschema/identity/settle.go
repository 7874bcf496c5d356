package identity

import (
	"cmp"
	"slices"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
)

// NOTE: how spans grow until they are settled.
//
// A replacement in the middle of other text can make an address of what was none. With
// the value "zoe b", the cell "vm-zoe b@x.com" holds an occurrence that overlaps an
// address. A replacement for both would be read together with the text before it:
// "vm-removed@anonymized.invalid". So the spans are tried: replacements are written in
// their place, and Find looks at the result. Where it finds more than a replacement,
// the span grows by the rest, here by "vm-", until Find finds only replacements. What is
// apart from all replacements and was not found before becomes a span of its own: a
// backslash in a replaced value may have escaped what is after it.

// settleRounds is how often spans may grow before the whole cell becomes one span.
const settleRounds = 8

// settle makes the spans, which are sorted, grow until Find finds only replacements
// after they have been replaced.
func (f *Finder) settle(spans []Span, cell []byte) []Span {
	for i, span := range spans {
		spans[i].Start -= escape.Open(cell[:span.Start])
	}
	return f.grow(mergeSpans(spans, 0), cell)
}

// grow is settle for spans whose replacements make no escape with the text before them.
func (f *Finder) grow(spans []Span, cell []byte) []Span {
	isSearched := false // whether f.before is set
	for range settleRounds {
		f.replace(cell, spans)
		f.found, _, _ = f.find(f.found[:0], f.replaced)
		n, next := len(spans), 0
		for _, found := range f.found {
			if IsReplacement(f.replaced[found.Start:found.End]) {
				continue
			}
			var grown Span
			var touches bool
			if grown, touches, next = f.inCell(found, spans[:n], next); !touches {
				if !isSearched {
					f.before, _, _ = f.find(f.before[:0], cell)
					isSearched = true
				}
				if overlapsAny(f.before, grown) {
					continue
				}
			}
			spans = append(spans, grown)
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

// appendReplacement appends the replacement of a span of the cell.
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

// replace sets f.replaced to the cell with its spans replaced, and f.ends to the ends of
// the replacements.
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

// overlapsAny reports whether a span overlaps one of the spans, which are sorted.
func overlapsAny(spans []Span, span Span) bool {
	i, _ := slices.BinarySearchFunc(spans, span.Start, func(s Span, start int) int { return cmp.Compare(s.End, start+1) })
	return i < len(spans) && spans[i].Start < span.End
}

// inCell returns the span of the cell that a span of f.replaced comes from, and whether
// it overlaps one of the spans that were replaced, or touches its beginning. It looks only at
// spans[first:]; next is the first that may overlap what is found after this span.
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
	// What is found begins outside of replacements or where one begins: all
	// their characters may be in a local part, and none is a slash.
	grown = Span{found.Start + shift(first), found.End + shift(last), found.Kind}
	if last < len(spans) && grown.End > spans[last].Start {
		grown.End = spans[last].End
	}
	touches = first < len(spans) && grown.End >= spans[first].Start
	return grown, touches, first
}
