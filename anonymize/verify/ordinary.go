package verify

import (
	"bytes"

	"github.com/labdsr/labdsr/anonymize/verify/internal/quiet"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Most rows that are due are ordinary: only their owner names somebody, by an address
// or an object ID, and sometimes one path names a user by an object ID. All other cells are
// quiet. Of such a row no cell needs a search: the output must have the same bytes, but for
// the replacements of the owner and the user. Whatever is not quiet, or not ordinary, is left
// to compareRow.

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
	if len(cell) > 0 && (!ok || !hasAt && !isHexID(identity.AppendNormal(nil, decoded)) || bytes.ContainsAny(cell, "\\&=\n")) {
		return o
	}
	if hasAt && !quiet.MayHoldObjectID(cell) && !quiet.MayHoldObjectID(decoded) && !mayBeReplacement(decoded) && !mayBePart(decoded) {
		return goneAddress(identity.AppendNormal(nil, decoded)) // whatever the grammar finds in it
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
	for digits := range v.finder.GUIDs(cell) {
		if o.ids = append(o.ids, bytes.Clone(digits[:digitsLookedFor])); len(o.ids) > maxIDs {
			return o
		}
	}
	v.values.Reset()
	if o.isGone = v.isOwnerGone(cell); o.isGone {
		v.learnValue(cell, true)
		v.learnCell(cell)
	}
	v.expect(cell, column, o.isGone)
	if o.piece = v.pieces[0]; !o.isGone {
		o.isOrdinary = len(v.pieces) == 1
		return o
	}
	want := identity.AppendReplacement(nil, v.kind, o.piece.kind == address, v.sum(o.piece.value))
	o.isOrdinary = !v.isLeft(want, column) && !mayBeReplacement(decoded) && !quiet.MayHold(decoded, quiet.Pseudonym)
	return o
}

const (
	digitsLookedFor = len(quiet.Pseudonym)
	maxIDs          = 16 // in an ordinary owner; the numbers of a SID may be digits of several
)

// A replaced is a place in a row, and what is in its place in the output.
type replaced struct {
	start, end int
	piece      piece
}

// isExpected reports whether a row that is due is ordinary, and the output, which the text
// after begins with, is what it must be: of size bytes. Text is the row with what is before
// it, and ends with its raw bytes.
func (v *verifier) isExpected(before *reader, text, after []byte) (size int, ok bool) {
	if v.policy.Names || v.callers != nil || len(v.policy.Requests) > 0 {
		return 0, false
	}
	if len(v.last) != len(before.cells) {
		v.last = make([][]byte, len(before.cells))
	}
	gap, user, userAt := len(text)-len(before.raw), -1, [2]int{}
	var ids [][]byte
	var places [2]replaced
	n := 0
	for i, c := range before.cells {
		if c.end-c.start == 2 && c.quoted && before.columns[i].content != owner { // as many cells are
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
		switch last := v.last[i]; {
		case before.columns[i].content == owner:
			who := v.ownerOf(cell, before.columns[i])
			if !who.isOrdinary {
				return 0, false
			}
			ids = who.ids
			if who.isGone {
				places[n] = replaced{start, start + len(cell), who.piece}
				n++
			}
		case len(cell) == 0 || bytes.Equal(cell, last):
		case quiet.After(last, cell):
			v.last[i] = append(last[:0], cell...)
		default:
			from, to, ok := quiet.User(cell)
			if !ok || user >= 0 || !isOrdinaryID(cell[from:to]) {
				return 0, false
			}
			user, userAt = i, [2]int{from, to}
			places[n] = replaced{start + from, start + to, piece{kind: objectID, value: cell[from:to]}}
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
	from := 0
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
	return size + len(text) - from, true
}

// isOrdinaryID reports whether a user is an object ID in normal form, and no replacement.
func isOrdinaryID(user []byte) bool { return isHexID(user) && !quiet.MayHold(user, quiet.Pseudonym) }

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
			if quiet.MayHold(cell, string(id)) || quiet.MayHold(rest, string(id)) {
				return true
			}
		}
	}
	return false
}
