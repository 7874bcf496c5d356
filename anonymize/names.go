package anonymize

import (
	"bytes"
	"encoding/hex"
	"hash"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. The portal proposes the local part of the owner's address and three digits
// as the name of a machine, and names of disks and blobs are made from that. With
// the owner alice.smith@contoso.com:
//
//	alicesmith042, alice-smith, ALICE.SMITH-web   derived: replaced when asked
//	alicesmi042 (Windows cuts names), web-alice-smith, smith   resemble it: counted
//
// A name is replaced as a whole, identifiers in it included, by a token that is the
// same for the same lab and name. In IDs it is the last segment, and in the ID of a
// computer, wherever that stands, also a part of its resource group,
// {lab}-{name}-{digits}. What becomes of an ID depends on the ID alone, so that it
// can still be joined.

// minLocalPart is how many letters and digits a local part has at least that is
// looked for in names: shorter ones stand in many names by chance.
const minLocalPart = 3

// A localPart is what stands before the at sign of an owner's address, from
// which names of machines are derived: the portal proposes it with three digits
// behind it, and names can hold letters, digits and hyphens only.
type localPart struct {
	whole   []byte // in normal form
	letters []byte // its letters and digits
}

// set takes the local part of an owner and reports whether it is one to look for.
func (l *localPart) set(owner []byte) bool {
	l.whole = identity.AppendNormal(l.whole[:0], owner)
	l.letters = l.letters[:0]
	at := bytes.LastIndexByte(l.whole, '@')
	if at < 0 {
		return false
	}
	l.whole = l.whole[:at]
	for i := 0; i < len(l.whole); {
		r, n := utf8.DecodeRune(l.whole[i:])
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			l.letters = append(l.letters, l.whole[i:i+n]...)
		}
		i += n
	}
	return utf8.RuneCount(l.letters) >= minLocalPart
}

// Letters and digits that a local part has at least: to be replaced in a name; of
// a beginning that resembles it.
const (
	minDerived  = 6
	minResemble = 8
)

// begins returns how many letters and digits of the local part a name begins with,
// whatever separates them, and where the name goes on behind them. The name is in
// normal form.
func (l *localPart) begins(name []byte) (count, end int) {
	rest := l.letters
	for i := 0; i < len(name) && len(rest) > 0; {
		r, n := utf8.DecodeRune(name[i:])
		i += n
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			continue
		}
		if !bytes.HasPrefix(rest, name[i-n:i]) {
			break
		}
		rest = rest[n:]
		count, end = count+1, i
	}
	return count, end
}

// derives reports whether a name in normal form is derived from the local part: it
// begins with all of it and does not go on with a letter.
func (l *localPart) derives(name []byte) bool {
	count, end := l.begins(name)
	if count < minDerived || count < utf8.RuneCount(l.letters) {
		return false
	}
	after, _ := utf8.DecodeRune(name[end:])
	return !unicode.IsLetter(after) && !unicode.IsMark(after)
}

// resembles reports whether a cell that holds a name resembles the local part: a
// segment begins with much of it; or goes on with it behind a separator and ends
// there or goes on with a digit or separator, as alice042 and
// DevLab-alice042-496132 do, but not alicia or malice. The cell is in normal form.
func (l *localPart) resembles(cell []byte) bool {
	if holdsName(cell, l.letters) || len(l.letters) < len(l.whole) && holdsName(cell, l.whole) {
		return true
	}
	if utf8.RuneCount(l.letters) < minResemble {
		return false
	}
	for segment := range bytes.SplitSeq(cell, slash) {
		if count, _ := l.begins(segment); count >= minResemble {
			return true
		}
	}
	return false
}

// holdsName reports whether the text holds the name between separators, or with
// digits behind it.
func holdsName(text, name []byte) bool {
	for i := 0; i < len(text); {
		n := bytes.Index(text[i:], name)
		if n < 0 {
			return false
		}
		i += n
		before, _ := utf8.DecodeLastRune(text[:i])
		after, _ := utf8.DecodeRune(text[i+len(name):])
		if !unicode.IsLetter(before) && !unicode.IsNumber(before) && !unicode.IsLetter(after) {
			return true
		}
		// The next one stands behind something that is neither letter nor digit.
		for i < len(text) {
			r, size := utf8.DecodeRune(text[i:])
			i += size
			if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
				break
			}
		}
	}
	return false
}

var slash = []byte{'/'}

// hasName reports whether a column holds the name of a resource.
func hasName(c csvschema.Column) bool {
	switch c { //nolint:exhaustive // the other columns hold none
	case csvschema.Name, csvschema.ResourceId, csvschema.ComputeResourceId, csvschema.DiskBlobName, csvschema.LeasedByVmId:
		return true
	}
	return false
}

// A namer replaces names in due rows. It is of one goroutine.
type namer struct {
	hash     hash.Hash
	machines *machineNames
	decoder  identity.Finder

	// Of the row.
	lab    []byte // in normal form
	locals []localPart
	lease  bool // LeasedByVmId is to be renamed
	name   []byte
	text   []byte
	spans  []identity.Span
}

// set prepares the namer for a row; owner is nil for disks, and where it is gone.
func (n *namer) set(r row, owner *owner) {
	n.lab = identity.AppendNormal(n.lab[:0], r.cell(csvschema.LabUId))
	n.locals, n.lease = n.locals[:0], false
	if r.owner < 0 {
		if m, byLease := n.machines.ofDisk(r); m != nil {
			n.locals, n.lease = append(n.locals, m.locals...), byLease && !m.kept
		}
		return
	}
	if owner == nil || !owner.hasLocal {
		return
	}
	n.locals = append(n.locals, owner.local)
}

// renames reports whether the machine or computer with an ID of the row gets
// another name.
func (n *namer) renames(id []byte) bool { return n.find(csvschema.ResourceId, id) > 0 }

// isDerived sets n.name to the normal form of a name, and reports whether it is
// derived from one of the local parts.
func (n *namer) isDerived(name []byte) bool {
	n.text = n.decoder.AppendDecoded(n.text[:0], name)
	n.name = identity.AppendNormal(n.name[:0], n.text)
	for i := range n.locals {
		if n.locals[i].derives(n.name) {
			return true
		}
	}
	return false
}

// find returns how long the name is that goes as a whole from the end of a cell, and
// sets n.name to its normal form; 0 if there is none. Identifiers in it go with it.
// What is an identifier beyond it, as the x of /users/{x} is, is no name.
func (n *namer) find(c csvschema.Column, cell []byte) int {
	if !hasName(c) || len(n.locals) == 0 && !n.lease {
		return 0
	}
	name := cell
	if c != csvschema.Name {
		name = lastSegment(cell)
	}
	goes := len(name) > 0 && n.isDerived(name)
	if c == csvschema.LeasedByVmId {
		goes = n.lease && len(name) > 0 // with the name of its machine
	}
	if !goes {
		return 0
	}
	n.spans = n.decoder.Find(n.spans[:0], cell)
	for _, s := range n.spans {
		start := len(cell) - len(name)
		if s.End > start && (s.Start < start || s.Kind == identity.UserSpan) {
			return 0
		}
	}
	return len(name)
}

// append appends to dst what is left of a cell in front of the name that was found
// last, and a token for that. It returns how many names it replaced.
func (n *namer) append(dst []byte, c csvschema.Column, rest []byte) (_ []byte, count int) {
	count = 1
	if group := n.inGroup(c, rest); group >= 0 {
		dst = n.appendToken(append(dst, rest[:group]...), n.name)
		rest = rest[group+len(n.name):]
		count++
	}
	return n.appendToken(append(dst, rest...), n.name), count
}

// inGroup returns where n.name stands in the resource group of a computer, whose ID
// begins so; or -1.
func (n *namer) inGroup(c csvschema.Column, id []byte) int {
	const groups, computers = "/resourcegroups/", "/providers/microsoft.compute/"
	if c != csvschema.ComputeResourceId && c != csvschema.LeasedByVmId {
		return -1
	}
	lower := bytes.ToLower(id)
	start := bytes.Index(lower, []byte(groups))
	if start < 0 || len(lower) != len(id) || !bytes.Contains(lower, []byte(computers)) {
		return -1
	}
	start += len(groups)
	group, _, _ := bytes.Cut(lower[start:], slash)
	for i := 0; i+len(n.name) <= len(group); i++ {
		if !bytes.HasPrefix(group[i:], n.name) {
			continue
		}
		before, _ := utf8.DecodeLastRune(group[:i])
		after, _ := utf8.DecodeRune(group[i+len(n.name):])
		if !isWord(before) && !isWord(after) {
			return start + i
		}
	}
	return -1
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// lastSegment returns what stands behind the last slash.
func lastSegment(id []byte) []byte { return id[bytes.LastIndexByte(id, '/')+1:] }

// appendToken appends the token of a name in normal form: "t-" and 32 hexadecimal
// digits.
func (n *namer) appendToken(dst, name []byte) []byte {
	n.hash.Reset()
	_, _ = n.hash.Write(n.lab) // never fails, here and below
	_, _ = n.hash.Write([]byte{0})
	_, _ = n.hash.Write(name)
	var sum [32]byte
	n.hash.Sum(sum[:0])
	return hex.AppendEncode(append(dst, nameToken...), sum[:16])
}

const nameToken = "t-"
