package verify

import (
	"bytes"
	"encoding/binary"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Most rows that are due are ordinary: only their owner names somebody, by an address,
// and all other cells are quiet. Of such a row no cell needs a search: the output must have
// the same bytes, but for the replacement of the owner.
//
// A text is quiet if the grammar of identifiers finds nothing in it, whatever the address:
// it has no at sign, nothing that may be an escape, and is all ASCII; no word users before a
// slash or parenthesis; no underscore in a path, as personal folders have; and no GUID that
// is a pseudonym. Whatever is not quiet, or not ordinary, is left to compareRow.
//
// Cells are like those of the row before. Of an ARM ID only what differs is looked at, from
// a slash on:
//
//	before   /subscriptions/…/labs/lab/virtualmachines/box
//	cell     /subscriptions/…/labs/lab/virtualmachines/web
//	                                                  ^ from here on

// The classes of bytes that may be a part of what identifies somebody.
const (
	escaping   uint8 = 1 << iota // begins an escape, or is not ASCII
	at                           // @
	slash                        // /
	bracket                      // (
	underscore                   // _
	six                          // 6, the first digit of a pseudonym
	hyphen                       // -
	letter                       // u, the first of users
)

var classOf = func() (classes [256]uint8) {
	for class, bytes := range map[uint8]string{escaping: "%&\\=", at: "@", slash: "/", bracket: "(", underscore: "_", six: "6", hyphen: "-", letter: "uU"} {
		for _, c := range []byte(bytes) {
			classes[c] = class
		}
	}
	for c := 0x80; c < len(classes); c++ {
		classes[c] = escaping
	}
	return classes
}()

// classesOf returns the classes of all bytes of a text.
func classesOf(text []byte) (all uint8) {
	for ; len(text) >= 8; text = text[8:] {
		b := (*[8]byte)(text)
		all |= classOf[b[0]] | classOf[b[1]] | classOf[b[2]] | classOf[b[3]] | classOf[b[4]] | classOf[b[5]] | classOf[b[6]] | classOf[b[7]]
	}
	for _, c := range text {
		all |= classOf[c]
	}
	return all
}

// isQuiet reports whether a text is quiet.
func isQuiet(text []byte) bool {
	classes := classesOf(text)
	switch {
	case classes&(escaping|at) != 0:
		return false
	case classes&underscore != 0 && (classes&slash != 0 || hasPair(text, '_', 'x')):
		return false
	case classes&letter != 0 && classes&(slash|bracket) != 0 && hasUsers(text):
		return false
	}
	return (classes&six == 0 || !mayHold(text, pseudonymDigits)) && (classes&hyphen == 0 || !bytes.Contains(text, []byte(sidDigits)))
}

// hasPair reports whether a text holds a byte before a letter, in any case.
func hasPair(text []byte, first, letter byte) bool {
	for i := bytes.IndexByte(text, first); i >= 0 && i+1 < len(text); {
		if text[i+1]|0x20 == letter {
			return true
		}
		n := bytes.IndexByte(text[i+1:], first)
		if n < 0 {
			return false
		}
		i += 1 + n
	}
	return false
}

// hasUsers reports whether the word users is in a text before a slash or parenthesis.
func hasUsers(text []byte) bool {
	for _, c := range []byte("/(") {
		for i := 0; ; i++ {
			n := bytes.IndexByte(text[i:], c)
			if n < 0 {
				break
			}
			i += n
			if endsWithUsers(text[:i]) {
				return true
			}
		}
	}
	return false
}

// endsWithUsers reports whether a text ends with the word users.
func endsWithUsers(text []byte) bool {
	n := len(text)
	return n >= len("users") && text[n-1]|0x20 == 's' && bytes.EqualFold(text[n-len("users"):], []byte("users"))
}

// pseudonymDigits are the first digits of the object IDs that are replacements.
const pseudonymDigits = "616e6f6e"

// sidDigits are in every SID of Entra.
const sidDigits = "-1-12-1-"

// mayHoldPseudonym reports whether a text of ASCII may hold an object ID that is a
// replacement, or a SID of Entra.
func mayHoldPseudonym(text []byte) bool {
	return mayHold(text, pseudonymDigits) || bytes.Contains(text, []byte(sidDigits))
}

// mayHold reports whether a text of ASCII may hold an object ID with these first digits, in
// any case, with any hyphens between them.
func mayHold(text []byte, digits string) bool {
	if len(text) < guidDigits {
		return false
	}
	for i, first := range text {
		if first|0x20 != digits[0] {
			continue
		}
		found := 1
		for j := i + 1; j < len(text) && found < len(digits); j++ {
			if text[j]|0x20 == digits[found] {
				found++
			} else if text[j] != '-' {
				break
			}
		}
		if found == len(digits) {
			return true
		}
	}
	return false
}

// isQuietAfter reports whether a text is quiet, if another is.
func isQuietAfter(other, text []byte) bool {
	same, n := 0, min(len(other), len(text))
	for same+8 <= n && binary.LittleEndian.Uint64(other[same:]) == binary.LittleEndian.Uint64(text[same:]) {
		same += 8
	}
	if same == 0 {
		return isQuiet(text)
	}
	same = max(0, bytes.LastIndexByte(text[:same], '/'))
	return !endsWithUsers(text[:same]) && isQuiet(text[same:])
}

// userOf returns the place of the object ID in a path that names a user by it, as in
// /users/{x}/ or /users('{x}'), and no other. All else in the path is quiet.
func userOf(path []byte) (start, end int, ok bool) {
	const users = "/users"
	at := 0
	for ; ; at++ {
		n := bytes.IndexByte(path[at:], '/')
		if n < 0 || len(path) < at+n+len(users)+len("('')")+len(nilID) {
			return 0, 0, false
		}
		if at += n; endsWithUsers(path[at : at+len(users)]) {
			break
		}
	}
	start = at + len(users)
	switch {
	case path[start] == '/':
		start++
		end = start + len(nilID)
		ok = path[end] == '/'
	case bytes.HasPrefix(path[start:], []byte("('")):
		start += len("('")
		end = start + len(nilID)
		ok = bytes.HasPrefix(path[end:], []byte("')"))
	}
	if !ok {
		return 0, 0, false
	}
	before, id, after := path[:at], path[start:end], path[end:]
	return start, end, isHexID(id) && !bytes.HasPrefix(id, []byte("00000000")) && !mayHold(id, pseudonymDigits) &&
		!endsWithUsers(before) && isQuiet(before) && isQuiet(after)
}

// An ordinaryOwner is what becomes of an owner in ordinary rows.
type ordinaryOwner struct {
	isOrdinary bool
	isGone     bool
	piece      piece    // that replaces it
	ids        [][]byte // the first digits of the object IDs in it
}

// maxOwners is how many owners are remembered.
const maxOwners = 1 << 14

// ownerOf returns what becomes of an owner.
func (v *verifier) ownerOf(cell []byte, column column) ordinaryOwner {
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

// judgeOwner is ownerOf for an owner that was not met. It decides as compareRow does. All
// that goes from the row with an ordinary owner holds an at sign, or is an object ID.
func (v *verifier) judgeOwner(cell []byte, column column) (o ordinaryOwner) {
	decoded := v.decoder.AppendDecoded(nil, cell)
	classes := classesOf(decoded)
	if len(cell) > 0 && (classes&(escaping|slash|bracket) != 0 || classes&at == 0 && !isHexID(identity.AppendNormal(nil, decoded)) ||
		hasPair(decoded, '_', 'x') || bytes.ContainsAny(cell, `\&=`)) {
		return o
	}
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
	o.isOrdinary = !v.isLeft(want, column) && !bytes.Contains(bytes.ToLower(decoded), []byte("anonym")) && !mayHold(decoded, pseudonymDigits)
	return o
}

const (
	digitsLookedFor = len(pseudonymDigits)
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
		case isQuietAfter(last, cell):
			v.last[i] = append(last[:0], cell...)
		default:
			from, to, ok := userOf(cell)
			if !ok || user >= 0 {
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
			if mayHold(cell, string(id)) || mayHold(rest, string(id)) {
				return true
			}
		}
	}
	return false
}
