package anonymize

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. A cell from which something had to go is held to a pattern that is made from
// the input's cell: what must be the same, and where a replacement must stand.
//
//	before   build of zoe@contoso.com, now
//	pattern  |build of ||address||, now|
//	after    build of removed@anonymized.invalid, now

// A piece is a part of a pattern: text that must be there, or a replacement.
type piece struct {
	kind  pieceKind
	text  []byte // that must be there
	value []byte // what is replaced, in normal form
}

type pieceKind uint8

const (
	literalPiece pieceKind = iota
	addressPiece
	objectIDPiece
	namePiece
)

// A checker holds rows to what must have become of them.
type checker struct {
	finder  identity.Finder
	decoder identity.Finder
	values  identity.Values
	spans   []identity.Span
	pieces  []piece
	hash    hash.Hash // of pseudonyms
	kind    identity.ReplacementKind

	// Tokens and pseudonyms that were met: which stands for what, and back. What is
	// replaced is known by a hash.
	standsFor map[string][sha256.Size]byte
	standIn   map[[sha256.Size]byte]string
}

// prepare makes the checker ready for the replacements of a policy.
func (c *checker) prepare(p *Policy) {
	c.kind = max(p.Replacement, identity.ConstantReplacement)
	if c.kind == identity.PseudonymReplacement {
		c.hash = p.Key.Hash("replacement")
	}
	c.standsFor, c.standIn = map[string][sha256.Size]byte{}, map[[sha256.Size]byte]string{}
}

// row compares a row of the input with that of the output.
func (v *verifier) row(before *plainReader) {
	v.result.Rows++
	if !bytes.Equal(before.gap, v.after.gap) {
		v.fail(LineEndChanged, -1)
	}
	must := v.dutyOf(before)
	isSame := bytes.Equal(before.raw, v.after.raw)
	if !must.all && len(must.values) == 0 {
		if !isSame {
			v.fail(RowChanged, v.firstDifference(before))
		}
		return
	}
	if !bytes.Equal(before.raw[before.body():], v.after.raw[v.after.body():]) {
		v.fail(LineEndChanged, -1)
	}
	replaced := v.result.Replaced
	v.values.Reset()
	owner := -1
	if must.all {
		owner = v.learnRow(before)
	}
	for _, value := range must.values {
		v.values.Add(value)
	}
	var names nameDuty
	if must.all && v.policy.Names {
		names = v.namesOf(before)
	}
	for i, column := range before.columns {
		if before.cells[i].quoted != v.after.cells[i].quoted {
			v.fail(QuotesChanged, i)
			continue
		}
		cell, name := before.text(i), 0
		if must.all && v.policy.Names && hasName(column) {
			name = v.nameIn(column, cell, names)
		}
		v.pattern(cell[:len(cell)-name], column, i == owner, must.all)
		if name > 0 {
			v.rename(column, cell[len(cell)-name:], names)
		}
		v.checkCell(i, cell, v.after.text(i))
	}
	if v.result.Replaced > replaced {
		v.result.Changed++
	}
}

// firstDifference returns the column in which two rows differ first, or -1.
func (v *verifier) firstDifference(before *plainReader) int {
	for i := range before.cells {
		if !bytes.Equal(before.text(i), v.after.text(i)) {
			return i
		}
	}
	return -1
}

// learnRow fills values with all that has to go from the row, and returns the
// column of the owner, if that has to go as a whole, or -1.
func (v *verifier) learnRow(p *plainReader) (owner int) {
	owner = -1
	for i, column := range p.columns {
		cell := p.text(i)
		if column == csvschema.ResourceOwner {
			if len(identity.AppendNormal(nil, cell)) == 0 || v.isAnonymous(cell) {
				continue
			}
			owner = i
			v.values.Add(cell)
		}
		v.spans = v.finder.Find(v.spans[:0], cell)
		for _, s := range v.spans {
			if value := cell[s.Start:s.End]; !v.isAnonymous(value) {
				v.values.Add(value)
			}
		}
		for _, x := range v.finder.UserSegments(nil, cell) {
			if !v.isAnonymous(x) {
				v.values.Add(x)
			}
		}
	}
	return owner
}

// isAnonymous reports whether a value stays: it is a replacement, though no
// pseudonym where others are wanted, or the caller says so and it holds nothing
// beside.
func (v *verifier) isAnonymous(value []byte) bool {
	decoded := v.decoder.AppendDecoded(nil, value)
	if kind := identity.ReplacementKindOf(decoded); kind != 0 {
		return kind != identity.PseudonymReplacement || v.kind == kind
	}
	if v.policy.Anonymous == nil || !v.policy.Anonymous(string(decoded)) {
		return false
	}
	for _, s := range v.decoder.Find(nil, decoded) {
		if s.Start > 0 || s.End < len(decoded) || bytes.Count(decoded, []byte{'@'}) > 1 {
			return false
		}
	}
	return !v.values.AnyIn(decoded)
}

// pattern makes the pattern of a cell. All says that all identifiers go, not only
// the values.
func (v *verifier) pattern(cell []byte, column csvschema.Column, isOwner, all bool) {
	v.pieces = v.pieces[:0]
	normal := func(value []byte) []byte {
		return identity.AppendNormal(nil, v.decoder.AppendDecoded(nil, value))
	}
	if isOwner && all {
		kind := addressPiece
		if id, err := identity.Parse(string(cell)); err == nil && id.IsObjectID() || isObjectID(identity.AppendNormal(nil, cell)) {
			kind = objectIDPiece
		}
		v.pieces = append(v.pieces, piece{kind: kind, value: normal(cell)})
		return
	}
	v.spans = v.spans[:0]
	if !holdsType(column, cell) {
		if all {
			v.spans = v.finder.Find(v.spans, cell)
		}
		v.spans = v.finder.FindValues(v.spans, cell, &v.values)
	}
	copied := 0
	for _, s := range v.spans {
		value := cell[s.Start:s.End]
		if v.isAnonymous(value) {
			continue
		}
		v.pieces = append(v.pieces, piece{text: cell[copied:s.Start]})
		copied = s.End
		kind := objectIDPiece
		if s.Kind == identity.AddressSpan {
			kind = addressPiece
		}
		v.pieces = append(v.pieces, piece{kind: kind, value: normal(value)})
	}
	v.pieces = append(v.pieces, piece{text: cell[copied:]})
}

// holdsType reports whether a cell holds the date, number or boolean that its column
// is for, or nothing.
func holdsType(c csvschema.Column, cell []byte) bool {
	var machine csvschema.VirtualMachineRow
	var disk csvschema.DiskRow
	switch c { //nolint:exhaustive // the others hold text
	case csvschema.CreatedTime, csvschema.DeletedDate, csvschema.ExpirationDate, csvschema.Claimable:
		return machine.SetCell(c, string(cell)) == nil
	case csvschema.DiskSizeGB:
		return disk.SetCell(c, string(cell)) == nil
	}
	return len(cell) == 0
}

// checkCell holds a cell of the output to the pattern.
func (v *verifier) checkCell(i int, before, after []byte) {
	rest := after
	for _, p := range v.pieces {
		n, ok := v.match(rest, p)
		if !ok {
			v.fail(v.mismatch(p.kind, before, after), i)
			return
		}
		if p.kind != literalPiece {
			v.result.Replaced++
		}
		rest = rest[n:]
	}
	switch {
	case len(rest) > 0:
		v.fail(v.mismatch(literalPiece, before, after), i)
	case !holdsType(v.after.columns[i], after) && v.isLeft(after):
		v.fail(IdentifierLeft, i)
	}
}

// mismatch returns what is wrong with a cell that does not have the pattern.
func (v *verifier) mismatch(kind pieceKind, before, after []byte) FailureKind {
	switch {
	case v.isLeft(after):
		return IdentifierLeft
	case kind == namePiece && bytes.EqualFold(before, after):
		return NameLeft
	case kind == literalPiece:
		return CellChanged
	}
	return WrongReplacement
}

// isLeft reports whether something that had to go is in a cell.
func (v *verifier) isLeft(cell []byte) bool {
	v.spans = v.finder.FindValues(v.spans[:0], cell, &v.values)
	return slices.ContainsFunc(v.spans, func(s identity.Span) bool { return !v.isAnonymous(cell[s.Start:s.End]) })
}

// match matches the beginning of a text with a piece and returns how long that is.
func (v *verifier) match(text []byte, p piece) (n int, ok bool) {
	var sum [32]byte
	if v.hash != nil {
		sum = sumOf(v.hash, p.value)
	}
	var want []byte
	switch p.kind {
	case literalPiece:
		return len(p.text), bytes.HasPrefix(text, p.text)
	case addressPiece:
		want = identity.AppendReplacementAddress(nil, v.kind, &sum)
	case objectIDPiece:
		want = identity.AppendReplacementObjectID(nil, v.kind, &sum)
	case namePiece:
		return v.matchToken(text, p, func(token string) bool {
			return len(token) == len(nameToken)+32 && token[:len(nameToken)] == nameToken && isLowerHex(token[len(nameToken):])
		}, len(nameToken)+32)
	}
	if v.kind != identity.TokenReplacement {
		return len(want), bytes.HasPrefix(text, want)
	}
	return v.matchToken(text, p, func(token string) bool {
		return identity.ReplacementKindOf([]byte(token)) == identity.TokenReplacement &&
			identity.Normal(token) == token && (p.kind == addressPiece) == (bytes.IndexByte([]byte(token), '@') > 0)
	}, len(want))
}

// matchToken matches a token of that length, which must stand for the value of the
// piece and for no other.
func (v *verifier) matchToken(text []byte, p piece, isToken func(string) bool, n int) (int, bool) {
	if len(text) < n || !isToken(string(text[:n])) {
		return 0, false
	}
	token := string(text[:n])
	value := sha256.Sum256(append([]byte{byte(p.kind)}, p.value...))
	other, met := v.standIn[value]
	if !met {
		if _, taken := v.standsFor[token]; taken {
			return 0, false
		}
		v.standIn[value], v.standsFor[token] = token, value
		return n, true
	}
	return n, other == token
}

func isLowerHex(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
