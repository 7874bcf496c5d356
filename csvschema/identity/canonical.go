package identity

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// A canonicalText is a text in which spellings do not differ any more.
type canonicalText struct {
	text []byte

	// Where a byte of the text comes from. If isPlain, each comes from one byte
	// of the view, whose offsets in the cell are in view, or are the same if
	// that is nil. Otherwise each comes from whole characters: from is where
	// they begin in the cell, to is where they end.
	isPlain  bool
	view     []int
	from, to []int

	seen             []byte // the view without what is not seen
	seenFrom, seenTo []int  // as from and to
	segment, folded  []byte // of fold
}

// set makes the canonical text of a view of a cell. From gives for each byte of
// the view, and for its end, the offset in the cell; nil if these are the same.
// It must not change as long as the canonical text is used.
func (c *canonicalText) set(view []byte, from []int) {
	c.view = from
	if c.text, c.isPlain = swar.AppendLower(c.text[:0], view); c.isPlain {
		return
	}
	c.text = c.text[:0]
	at := func(i int) int {
		if from == nil {
			return i
		}
		return from[i]
	}
	c.from, c.to = c.from[:0], c.to[:0]
	c.seen, c.seenFrom, c.seenTo = c.seen[:0], c.seenFrom[:0], c.seenTo[:0]
	for i := 0; i < len(view); {
		r, n := rune(view[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(view[i:])
		}
		if !isIgnorable(r) {
			for j := i; j < i+n; j++ {
				c.seen = append(c.seen, view[j])
				c.seenFrom = append(c.seenFrom, at(i))
				c.seenTo = append(c.seenTo, at(i+n))
			}
		}
		i += n
	}
	for i := 0; i < len(c.seen); {
		if c.seen[i] < utf8.RuneSelf && (i+1 == len(c.seen) || c.seen[i+1] < utf8.RuneSelf) {
			c.add(c.seen[i:i+1], i, i)
			i++
			continue
		}
		end := i + runeSize(c.seen[i:])
		for end < len(c.seen) && !norm.NFKC.Properties(c.seen[end:]).BoundaryBefore() {
			end += runeSize(c.seen[end:])
		}
		c.fold(c.seen[i:end])
		c.add(c.segment, i, end-1)
		i = end
	}
}

// span returns the span of the cell that text[start:end] comes from. The text
// between must not be empty.
func (c *canonicalText) span(start, end int, kind SpanKind) Span {
	switch {
	case !c.isPlain:
		return Span{c.from[start], c.to[end-1], kind}
	case c.view != nil:
		return Span{c.view[start], c.view[end], kind}
	}
	return Span{start, end, kind}
}

// add appends what came from c.seen[first:last+1], but for what is not seen.
func (c *canonicalText) add(text []byte, first, last int) {
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(text[i:])
		}
		for j := i; j < i+n && !isIgnorable(r); j++ {
			c.text = append(c.text, swar.LowerASCII(text[j]))
			c.from = append(c.from, c.seenFrom[first])
			c.to = append(c.to, c.seenTo[last])
		}
		i += n
	}
}

// fold sets segment to the NFKC form and full case folding of a text. It folds
// twice, as Unicode defines compatibility caseless matching (D146): what
// compatibility makes of folded text may be upper case again.
func (c *canonicalText) fold(text []byte) {
	c.segment = norm.NFKC.Append(c.segment[:0], text...)
	fold := cases.Fold()
	for range 2 {
		for size := 4*len(c.segment) + 16; len(c.folded) < size; {
			c.folded = append(c.folded[:cap(c.folded)], 0)
		}
		n, _, err := fold.Transform(c.folded, c.segment, true)
		if err != nil {
			return // no folding is longer than that
		}
		c.segment = norm.NFKC.Append(c.segment[:0], c.folded[:n]...)
	}
	if bytes.IndexByte(c.segment, 'i') >= 0 || bytes.Contains(c.segment, []byte("ı")) {
		c.segment = append(c.segment[:0], withoutDots.Replace(string(c.segment))...)
	}
	// Folding swaps the letters of Cherokee.
	if r, _ := utf8.DecodeRune(c.segment); unicode.Is(unicode.Cherokee, r) {
		c.segment = bytes.Map(unicode.ToLower, c.segment)
	}
}

// runeSize returns how many bytes the first character of the text has.
func runeSize(text []byte) int {
	_, n := utf8.DecodeRune(text)
	return n
}
