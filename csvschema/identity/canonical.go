package identity

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// A canonicalText is a text without differences of spelling: letter case, form of
// Unicode, characters that are not seen. The NOTE in occurrence.go has an example. Its
// letters are equal where those of normal forms (see [AppendNormal]) may differ.
type canonicalText struct {
	text []byte

	// Where each byte of the text comes from. If isPlain, it comes from one byte of
	// the view, and view holds the offsets of these in the cell, or is nil if they
	// are the same. Otherwise it comes from whole characters of the cell, which begin
	// at from and end at to.
	isPlain  bool
	view     []int
	from, to []int

	seen             []byte // the view without what is not seen
	seenFrom, seenTo []int  // of each byte of seen, as from and to
	segment, folded  []byte // buffers of fold
}

// set makes the canonical text of a view of a cell. From gives for each byte of the
// view, and for its end, the offset in the cell; nil if these are the same. The
// canonicalText keeps from, which must not change until the next call.
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
		if !mailbox.IsIgnorable(r) {
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

// span returns the span of the cell that text[start:end], which must not be empty,
// comes from.
func (c *canonicalText) span(start, end int, kind SpanKind) Span {
	switch {
	case !c.isPlain:
		return Span{c.from[start], c.to[end-1], kind}
	case c.view != nil:
		return Span{c.view[start], c.view[end], kind}
	}
	return Span{start, end, kind}
}

// place returns the first place in the text that comes from the i-th byte of the cell or
// from one after it.
func (c *canonicalText) place(i int) int {
	switch {
	case !c.isPlain:
		i, _ = slices.BinarySearch(c.from, i)
	case c.view != nil:
		i, _ = slices.BinarySearch(c.view, i)
	}
	return i
}

// add appends the text that came from c.seen[first:last+1], without what is not seen.
func (c *canonicalText) add(text []byte, first, last int) {
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(text[i:])
		}
		for j := i; j < i+n && !mailbox.IsIgnorable(r); j++ {
			c.text = append(c.text, swar.LowerASCII(text[j]))
			c.from = append(c.from, c.seenFrom[first])
			c.to = append(c.to, c.seenTo[last])
		}
		i += n
	}
}

// fold sets segment to the NFKC form and full case folding of a text. It folds
// twice, as Unicode defines compatibility caseless matching (D146).
func (c *canonicalText) fold(text []byte) {
	c.segment = norm.NFKC.Append(c.segment[:0], text...)
	fold := cases.Fold()
	for range 2 {
		for size := 4*len(c.segment) + 16; len(c.folded) < size; {
			c.folded = append(c.folded[:cap(c.folded)], 0)
		}
		n, _, err := fold.Transform(c.folded, c.segment, true)
		if err != nil {
			return // never: no folding is longer than that
		}
		c.segment = norm.NFKC.Append(c.segment[:0], c.folded[:n]...)
	}
	if bytes.IndexByte(c.segment, 'i') >= 0 || bytes.Contains(c.segment, []byte("ı")) {
		c.segment = append(c.segment[:0], withoutDots.Replace(string(c.segment))...)
	}
	// Case folding makes the letters of Cherokee upper case.
	if r, _ := utf8.DecodeRune(c.segment); unicode.Is(unicode.Cherokee, r) {
		c.segment = bytes.Map(unicode.ToLower, c.segment)
	}
}

// withoutDots replaces the i of Turkish spelling, with or without a dot, by an i.
var withoutDots = strings.NewReplacer("ı", "i", "i\u0307", "i")

// runeSize returns the number of bytes of the first character of the text.
func runeSize(text []byte) int {
	_, n := utf8.DecodeRune(text)
	return n
}
