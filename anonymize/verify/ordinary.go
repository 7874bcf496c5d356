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
)

var classOf = func() (classes [256]uint8) {
	for class, bytes := range map[uint8]string{escaping: "%&\\=", at: "@", slash: "/", bracket: "(", underscore: "_", six: "6", hyphen: "-"} {
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
	case classes&(slash|bracket) != 0 && hasUsers(text):
		return false
	}
	return classes&six == 0 && classes&hyphen == 0 || !mayHoldPseudonym(text)
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

// mayHoldPseudonym reports whether a text of ASCII holds the first digits of the object IDs
// that are replacements, with any hyphens between them, or what may be a SID of Entra.
func mayHoldPseudonym(text []byte) bool {
	const digits, sid = "616e6f6e", "-1-12-1-"
	for i := 0; ; i++ {
		n := bytes.IndexByte(text[i:], digits[0])
		if n < 0 {
			break
		}
		i += n
		found := 0
		for j := i; j < len(text) && found < len(digits); j++ {
			if c := text[j]; c == digits[found] || c|0x20 == digits[found] {
				found++
			} else if c != '-' {
				break
			}
		}
		if found == len(digits) {
			return true
		}
	}
	return len(text) > len(sid) && bytes.Contains(text, []byte(sid))
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

// An ordinaryOwner is what becomes of an owner in ordinary rows.
type ordinaryOwner struct {
	isOrdinary bool
	isGone     bool
	piece      piece  // that replaces it
	want       []byte // its replacement; nil for a token
}

// maxOwners is how many owners are remembered.
const maxOwners = 4096

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
// that goes from an ordinary row holds an at sign.
func (v *verifier) judgeOwner(cell []byte, column column) (o ordinaryOwner) {
	classes := classesOf(cell)
	if len(cell) > 0 && (classes&(escaping|slash|bracket) != 0 || classes&at == 0 || hasPair(cell, '_', 'x')) {
		return o
	}
	for range v.finder.GUIDs(cell) {
		return o
	}
	v.values.Reset()
	o.isGone = v.isOwnerGone(cell)
	if o.isGone {
		v.learnValue(cell, true)
		v.learnCell(cell)
	}
	v.expect(cell, column, o.isGone)
	if !o.isGone {
		o.isOrdinary = len(v.pieces) == 1
		return o
	}
	o.piece = v.pieces[0]
	if v.kind != identity.TokenReplacement {
		o.want = identity.AppendReplacement(nil, v.kind, o.piece.kind == address, v.sum(o.piece.value))
	}
	o.isOrdinary = !v.isLeft(o.want, column) && !bytes.Contains(bytes.ToLower(cell), []byte("anonymized"))
	return o
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
	ownerAt, who := -1, ordinaryOwner{}
	for i, c := range before.cells {
		if c.doubled {
			return 0, false
		}
		cell := before.text(i)
		if before.columns[i].content == owner {
			ownerAt, who = i, v.ownerOf(cell, before.columns[i])
			if !who.isOrdinary {
				return 0, false
			}
			continue
		}
		if last := v.last[i]; len(cell) > 0 && !bytes.Equal(cell, last) {
			if !isQuietAfter(last, cell) {
				return 0, false
			}
			v.last[i] = append(last[:0], cell...)
		}
	}
	if !who.isGone {
		return len(text), bytes.HasPrefix(after, text)
	}
	c := before.cells[ownerAt]
	cell := before.text(ownerAt)
	start := len(text) - len(before.raw) + c.start
	if c.quoted {
		start++
	}
	rest := text[start+len(cell):]
	if !bytes.HasPrefix(after, text[:start]) {
		return 0, false
	}
	n, ok := len(who.want), false
	if who.want != nil {
		ok = bytes.HasPrefix(after[start:], who.want)
	} else {
		n, ok = v.match(after[start:], who.piece)
	}
	size = start + n + len(rest)
	if !ok || !bytes.HasPrefix(after[start+n:], rest) || size-(len(text)-len(before.raw)) > before.max {
		return 0, false
	}
	v.result.Replaced++
	v.result.Changed++
	return size, true
}
