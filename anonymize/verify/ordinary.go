package verify

import (
	"bytes"
	"slices"

	"github.com/labdsr/labdsr/anonymize/verify/internal/ids"
	"github.com/labdsr/labdsr/anonymize/verify/internal/quiet"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Most rows that are due are ordinary: only their owner names somebody, by an address
// or an object ID, and sometimes one path names a user by an object ID. All other cells are
// quiet, or name a user by the replacement of an earlier run. Of such a row no cell needs a
// search: the output must have the same bytes, but for the replacements of the owner and the
// user. Whatever is not quiet, or not ordinary, is left to compareRow.

// An ordinaryOwner is what becomes of an owner in ordinary rows.
type ordinaryOwner struct {
	isOrdinary bool
	isGone     bool
	piece      piece    // that replaces it
	ids        [][]byte // the first digits of the object IDs in it
}

// maxOwners is how many owners are remembered.
const maxOwners = 1 << 14

// ownerOf returns what becomes of an owner. That of an owner that is plainly an address is
// known without the grammar, so that owners that are first met cost no more than others.
func (v *verifier) ownerOf(cell []byte, column column) ordinaryOwner {
	if quiet.Address(cell) {
		return goneAddress(cell)
	}
	o, ok := v.ordinary[string(cell)]
	if !ok {
		o = v.judgeOwner(bytes.Clone(cell), column)
		if len(v.ordinary) == maxOwners {
			clear(v.ordinary)
		}
		v.ordinary[string(cell)] = o
	}
	return o
}

// judgeOwner is ownerOf for an owner that was not met. All that goes from the row with an
// ordinary owner holds an at sign, or is an object ID, and the output has as many lines as the
// row.
func (v *verifier) judgeOwner(cell []byte, column column) (o ordinaryOwner) {
	decoded := v.decoder.AppendDecoded(nil, cell)
	hasAt, ok := quiet.Owner(decoded)
	if len(cell) > 0 && (!ok || !hasAt && !ids.IsHex(identity.AppendNormal(nil, decoded)) || bytes.ContainsAny(cell, "\\&=\n")) {
		return o
	}
	if hasAt && !mayBeReplacement(decoded) && !mayBePart(decoded) {
		o = goneAddress(identity.AppendNormal(nil, decoded)) // whatever the grammar finds in it
		if !quiet.MayHoldObjectID(cell) && !quiet.MayHoldObjectID(decoded) {
			return o
		}
		o.ids, o.isOrdinary = v.idsOf(cell)
		if !slices.ContainsFunc(o.ids, mayReplace) {
			return o
		}
	}
	if normal := identity.AppendNormal(nil, cell); isOrdinaryID(normal) && ids.IsUID(normal) {
		o = ordinaryOwner{isOrdinary: true, isGone: true, piece: piece{kind: objectID, value: normal}}
		o.ids, o.isOrdinary = v.idsOf(cell)
		return o
	}
	return v.searchOwner(cell, decoded, column)
}

// goneAddress returns what becomes of an owner that has to go, and is no object ID.
func goneAddress(normal []byte) ordinaryOwner {
	return ordinaryOwner{isOrdinary: true, isGone: true, piece: piece{kind: address, value: normal}}
}

// mayBeReplacement reports whether a replacement of an address may be in a text of ASCII.
func mayBeReplacement(decoded []byte) bool {
	return bytes.Contains(bytes.ToLower(decoded), []byte("anonym"))
}

// mayReplace reports whether digits may be the first of a replacement.
func mayReplace(digits []byte) bool {
	return bytes.Equal(digits, quiet.Pseudonym) || bytes.Equal(digits, []byte(ids.Nil[:digitsLookedFor]))
}

// mayBePart reports whether an address in a text of ASCII may be a part of a replacement: no
// domain that does not begin as theirs is after one of its at signs.
func mayBePart(decoded []byte) bool {
	for i, c := range decoded {
		if c == '@' && (i+1 == len(decoded) || !bytes.ContainsAny(decoded[i+1:i+2], "bcdefghijklmnopqrstuvwxyz")) {
			return true
		}
	}
	return false
}

// searchOwner is judgeOwner by the grammar. It decides as compareRow does.
func (v *verifier) searchOwner(cell, decoded []byte, column column) (o ordinaryOwner) {
	var few bool
	if o.ids, few = v.idsOf(cell); !few {
		return o
	}
	v.values.Reset()
	if o.isGone = v.isOwnerGone(cell); o.isGone {
		v.learnValue(cell, true)
		v.learnCell(cell)
	}
	v.written = nil
	v.expect(cell, column, o.isGone)
	if o.piece = v.pieces[0]; !o.isGone {
		o.isOrdinary = len(v.pieces) == 1
		return o
	}
	want := identity.AppendReplacement(nil, v.kind, o.piece.kind == address, v.sum(o.piece.value))
	o.isOrdinary = !v.isLeft(want, column) && !mayBeReplacement(decoded) && !quiet.MayHold(decoded, quiet.Pseudonym)
	return o
}

// idsOf returns the first digits of the object IDs in an owner, and false if there are many.
func (v *verifier) idsOf(cell []byte) (all [][]byte, few bool) {
	for digits := range v.finder.GUIDs(cell) {
		if all = append(all, bytes.Clone(digits[:digitsLookedFor])); len(all) > maxIDs {
			return all, false
		}
	}
	return all, true
}

const (
	digitsLookedFor = 8
	maxIDs          = 16 // in an ordinary owner; the numbers of a SID may be digits of several
)

// manyBytes is more than what is looked at in most rows that are like their model. After such a
// row another one is the model.
const manyBytes = 256

// A replaced is a place in a row, and what is in its place in the output.
type replaced struct {
	start, end int
	piece      piece
}

// isExpected reports whether a row that is due is ordinary, and the output, which the text
// after begins with, is what it must be: of size bytes. Text is the row with what is before
// it, and ends with its raw bytes. Place is that of its model.
func (v *verifier) isExpected(before *reader, place **model, text, after []byte) (size int, ok bool) {
	if v.policy.Names || v.callers != nil || len(v.policy.Requests) > 0 {
		return 0, false
	}
	isLike := before.model != nil && before.model.isQuiet
	gap, user, userAt := len(text)-len(before.raw), -1, [2]int{}
	var ids [][]byte
	var places [2]replaced
	n, looked := 0, 0
	ownerAt, from, to := before.where[csvschema.ResourceOwner]-1, 0, len(before.cells)
	if isLike {
		if from, to = before.sameBefore, before.sameFrom; ownerAt >= 0 {
			from, to = min(from, ownerAt), max(to, ownerAt+1)
		}
	}
	for i, c := range before.cells[from:to] {
		i += from
		isOwner := i == ownerAt
		if !isOwner && (isLike && before.isSame(i) || c.end-c.start == 2 && c.quoted) { // or it is empty
			continue
		}
		if c.doubled {
			return 0, false
		}
		cell := before.text(i)
		start := gap + c.start
		if c.quoted {
			start++
		}
		alike := 0
		if isLike {
			alike = before.alikeIn(i, cell)
		}
		looked += len(cell) - alike
		switch {
		case isOwner:
			who := v.ownerOf(cell, before.columns[i])
			if !who.isOrdinary {
				return 0, false
			}
			ids = who.ids
			if who.isGone {
				places[n] = replaced{start, start + len(cell), who.piece}
				n++
			}
		case before.columns[i].content == guid && isOrdinaryID(cell), quiet.After(alike, cell):
		default:
			at, ok := quiet.User(cell)
			if !ok {
				return 0, false
			}
			if isKept(cell[at[0]:at[1]]) {
				continue
			}
			if user >= 0 || !isOrdinaryID(cell[at[0]:at[1]]) {
				return 0, false
			}
			user, userAt = i, at
			places[n] = replaced{start + at[0], start + at[1], piece{kind: objectID, value: cell[at[0]:at[1]]}}
			n++
		}
	}
	if user >= 0 {
		ids = append(v.ids[:0], ids...)
		for _, p := range places[:n] {
			if p.piece.kind == objectID {
				ids = append(ids, p.piece.value[:digitsLookedFor])
			}
		}
		v.ids = ids
	}
	if len(ids) > 0 && mayBeElsewhere(before, ids, user, userAt) {
		return 0, false
	}
	from = 0
	for _, p := range places[:n] {
		m, ok := 0, bytes.HasPrefix(after[size:], text[from:p.start])
		size += p.start - from
		if ok {
			m, ok = v.match(after[size:], p.piece)
		}
		if !ok {
			return 0, false
		}
		size += m
		from = p.end
	}
	if !bytes.HasPrefix(after[size:], text[from:]) || size+len(text)-from-gap > before.max {
		return 0, false
	}
	if n > 0 {
		v.result.Replaced += int64(n)
		v.result.Changed++
	}
	if user < 0 && (!isLike || looked > manyBytes) {
		v.keep(place, before, true)
	}
	return size + len(text) - from, true
}

// isOrdinaryID reports whether a text is an object ID in normal form, and no replacement.
func isOrdinaryID(text []byte) bool {
	return len(text) == len(ids.Nil) && !bytes.HasPrefix(text, quiet.Pseudonym) && ids.IsHex(text)
}

// isKept reports whether a text is a replacement of an object ID that is left as it is, as after
// an earlier run.
func isKept(text []byte) bool {
	kind := identity.ReplacementKindOf(text)
	return kind == identity.ConstantReplacement || kind == identity.TokenReplacement
}

// mayBeElsewhere reports whether object IDs that go from a row may be in another cell than
// that of the owner, or once more in that of the user, where a user is at a place.
func mayBeElsewhere(r *reader, ids [][]byte, user int, place [2]int) bool {
	for i, column := range r.columns {
		if column.content == guid || column.content == owner { // nobody's, or gone
			continue
		}
		cell, rest := r.text(i), []byte(nil)
		if i == user {
			cell, rest = cell[:place[0]], cell[place[1]:]
		}
		for _, id := range ids {
			if quiet.MayHold(cell, id) || quiet.MayHold(rest, id) {
				return true
			}
		}
	}
	return false
}
