package verify

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"slices"
	"unicode/utf8"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify/internal/ids"
	"github.com/labdsr/labdsr/anonymize/verify/internal/tokens"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. A cell from which something had to go is expected to consist of pieces, which
// are made from the cell of the input: what must be the same, and what must be a
// replacement.
//
//	before   build of zoe@contoso.com, now
//	pieces   |build of ||address||, now|
//	after    build of removed@anonymized.invalid, now

// A piece is a part of what is expected: text that must be there, or a replacement.
type piece struct {
	kind  pieceKind
	text  []byte // of a literal
	value []byte // what is replaced, in normal form
}

type pieceKind uint8

const (
	literal pieceKind = iota
	address
	objectID
	nameToken
)

const (
	replacementDigests = "replacement" // the purpose of pseudonyms
	guidDigits         = 32
)

// A cellChecker knows what had to go from a row, what is expected of a cell, and which
// tokens it met.
type cellChecker struct {
	kind      identity.ReplacementKind
	pseudonym hash.Hash               // nil unless replacements are pseudonyms
	callers   func(value string) bool // what else the caller takes for anonymous; may be nil
	finder    identity.Finder
	decoder   identity.Finder
	values    identity.Values // that had to go from the row
	spans     []identity.Span
	pieces    []piece         // expected of the cell
	written   []identity.Span // the replacements in the output that were expected
	want      []byte          // a replacement
	parts     [][]byte        // normal forms of the only values that go from the row; nil if all go
	isAsked   func(normal []byte) bool

	tokens tokens.Table // that were met
}

func newCellChecker(p *anonymize.Policy) cellChecker {
	c := cellChecker{kind: p.Replacement, callers: p.Anonymous}
	switch p.Replacement {
	case 0:
		c.kind = identity.ConstantReplacement
	case identity.PseudonymReplacement:
		c.pseudonym = p.Key.Hash(replacementDigests)
	case identity.ConstantReplacement, identity.TokenReplacement:
	}
	return c
}

// isAnonymous reports whether a value, as it is in a cell, is anonymous: it is a
// replacement, but no pseudonym where others are wanted; or the caller says so, and it
// holds nothing besides.
func (c *cellChecker) isAnonymous(value []byte) bool {
	decoded := c.decoder.AppendDecoded(nil, value)
	if kind := identity.ReplacementKindOf(decoded); kind != 0 {
		return kind != identity.PseudonymReplacement || kind == c.kind
	}
	if c.callers == nil || !c.callers(string(decoded)) {
		return false
	}
	for _, s := range c.decoder.Find(nil, decoded) {
		if kind := identity.ReplacementKindOf(decoded[s.Start:s.End]); kind != 0 && (kind != identity.PseudonymReplacement || kind == c.kind) {
			continue // of an earlier run
		}
		if s.Start > 0 || s.End < len(decoded) || bytes.Count(decoded, []byte{'@'}) > 1 {
			return false
		}
	}
	return !c.isAsked(identity.AppendNormal(nil, decoded))
}

// stays reports whether an anonymous value, as it is in a cell, holds nothing that goes
// from the row.
func (c *cellChecker) stays(value []byte) bool {
	decoded := c.decoder.AppendDecoded(nil, value)
	return c.isAnonymous(value) && (identity.ReplacementKindOf(decoded) != 0 || !c.values.AnyIn(decoded))
}

// normal returns the normal form of a value as it is in a cell.
func (c *cellChecker) normal(value []byte) []byte {
	return identity.AppendNormal(nil, c.decoder.AppendDecoded(nil, value))
}

// pieceOf returns the piece that replaces a value. The normal form of an object ID whose digits
// are apart in other ways is that of its digits.
func (c *cellChecker) pieceOf(value []byte, kind pieceKind) piece {
	return piece{kind: kind, value: c.normalOf(value, kind)}
}

func (c *cellChecker) normalOf(value []byte, kind pieceKind) []byte {
	normal := c.normal(value)
	if kind == address || utf8.RuneCount(identity.AppendLetters(nil, normal)) != guidDigits {
		return normal
	}
	for digits := range c.decoder.GUIDs(normal) {
		return identity.AppendNormal(nil, digits[:])
	}
	return normal
}

// expect sets the pieces that are expected of a cell. An owner that has to go, goes as
// a whole.
func (c *cellChecker) expect(cell []byte, column column, isGoneOwner bool) {
	c.pieces = c.pieces[:0]
	if isGoneOwner {
		kind := address
		if isObjectID(identity.AppendNormal(nil, cell)) {
			kind = objectID
		}
		c.pieces = append(c.pieces, c.pieceOf(cell, kind))
		return
	}
	c.spans = c.spans[:0]
	if !column.isAsDocumented(cell) {
		c.spans = c.finder.Find(c.spans, cell)
		c.spans = c.finder.FindValues(c.spans, cell, &c.values)
	}
	end := 0
	for _, s := range c.spans {
		if column.isNobodys(s) {
			continue
		}
		value := cell[s.Start:s.End]
		if c.stays(value) {
			continue
		}
		kind := objectID
		if s.Kind == identity.AddressSpan {
			kind = address
		}
		c.pieces = append(c.pieces, piece{text: cell[end:s.Start]}, c.pieceOf(value, kind))
		end = s.End
	}
	c.pieces = append(c.pieces, piece{text: cell[end:]})
}

// isNobodys reports whether what was found in a cell of the column is the GUID of a
// subscription, lab or resource, or digits of one.
func (c column) isNobodys(s identity.Span) bool {
	return c.content == guid && (s.Kind == identity.TextSpan || s.Kind == identity.ObjectIDSpan)
}

// isObjectID reports whether a normal form is that of an object ID, or of a replacement
// of one.
func isObjectID(normal []byte) bool {
	if len(normal) != len(ids.Nil) {
		return false
	}
	if id, err := identity.Parse(string(normal)); err == nil {
		return id.IsObjectID()
	}
	return identity.ReplacementKindOf(normal) != 0 && bytes.IndexByte(normal, '@') < 0
}

// isLeft reports whether something that had to go is in a cell of a column.
func (c *cellChecker) isLeft(cell []byte, column column) bool {
	c.spans = c.finder.FindValues(c.spans[:0], cell, &c.values)
	return slices.ContainsFunc(c.spans, func(s identity.Span) bool {
		return !column.isNobodys(s) && !c.stays(cell[s.Start:s.End]) && !c.isWritten(cell, s)
	})
}

// isWritten reports whether what was found in a cell is in it only because of replacements, those
// that were written and those that stayed: what is between these holds nothing that had to go.
func (c *cellChecker) isWritten(cell []byte, s identity.Span) bool {
	places := slices.Clone(c.written)
	for _, found := range c.finder.Find(nil, cell) {
		if value := cell[found.Start:found.End]; c.isAnonymous(value) && identity.IsReplacement(c.decoder.AppendDecoded(nil, value)) {
			places = append(places, found)
		}
	}
	slices.SortFunc(places, func(a, b identity.Span) int { return a.Start - b.Start })
	start, rest := s.Start, false
	for _, p := range places {
		if p.Start < s.End && s.Start < p.End {
			rest = rest || p.Start > start && c.values.AnyIn(cell[start:p.Start])
			start = max(start, p.End)
		}
	}
	return start > s.Start && !rest && (start >= s.End || !c.values.AnyIn(cell[start:s.End]))
}

// match reports whether a text begins with a piece, and returns how long that is.
func (c *cellChecker) match(text []byte, p piece) (n int, ok bool) {
	var want []byte
	switch p.kind {
	case literal:
		return len(p.text), bytes.HasPrefix(text, p.text)
	case nameToken:
		n = tokens.NameSize
		return n, len(text) >= n && tokens.IsName(text[:n]) && c.isTokenOf(text[:n], p)
	case address, objectID:
		want = identity.AppendReplacement(c.want[:0], c.kind, p.kind == address, c.sum(p.value))
	}
	c.want = want
	n = len(want)
	if c.kind != identity.TokenReplacement {
		return n, bytes.HasPrefix(text, want)
	}
	return n, len(text) >= n && isToken(text[:n], p.kind) && c.isTokenOf(text[:n], p)
}

// noSum is that of replacements that are no pseudonyms.
var noSum [32]byte

// sum returns the digest of which the pseudonym of a value is made, or zero.
func (c *cellChecker) sum(value []byte) *[32]byte {
	if c.pseudonym == nil {
		return &noSum
	}
	sum := [32]byte(keyed(c.pseudonym, value))
	return &sum
}

// isToken reports whether a text is the token of an address or object ID, in the form
// in which tokens are written.
func isToken(text []byte, kind pieceKind) bool {
	return identity.ReplacementKindOf(text) == identity.TokenReplacement &&
		bytes.Equal(identity.AppendNormal(nil, text), text) &&
		(kind == address) == (bytes.IndexByte(text, '@') >= 0)
}

// isTokenOf reports whether a token replaces the value of the piece and no other, as
// far as tokens were met.
func (c *cellChecker) isTokenOf(text []byte, p piece) bool {
	return c.tokens.Add(string(text), sha256.Sum256(append([]byte{byte(p.kind)}, p.value...)))
}
