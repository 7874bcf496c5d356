package anonymize

import (
	"bytes"
	"encoding/hex"
	"hash"
	"slices"
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
// same for the same lab and name. In IDs it is the last segment. In the ID of a
// computer, in whatever column, it is also a part of the resource group,
// {lab}-{name}-{digits}. What becomes of an ID depends on the ID alone, so that it
// can still be joined.

// minLocalPart is how many letters and digits a local part has at least that is
// looked for in names: shorter ones are in many names by chance.
const minLocalPart = 3

// A localPart is the part before the at sign of an owner's address, from which names
// of machines are derived: the portal proposes it with three digits after it, and
// names can hold letters, digits and hyphens only.
type localPart struct {
	whole   []byte // in normal form
	letters []byte // its letters and digits
}

// localPartsOf returns the local parts of the addresses in an owner that are to be looked
// for, each once. An owner in which no address is found may still be one.
func localPartsOf(finder *identity.Finder, owner []byte) (locals []localPart) {
	if identity.IsReplacement(owner) {
		return nil
	}
	addresses := slices.DeleteFunc(finder.Find(nil, owner), func(s identity.Span) bool { return s.Kind != identity.AddressSpan })
	if len(addresses) == 0 {
		addresses = []identity.Span{{End: len(owner)}}
	}
	for _, s := range addresses {
		normal := identity.AppendNormal(nil, finder.AppendDecoded(nil, owner[s.Start:s.End]))
		at := bytes.LastIndexByte(normal, '@')
		if at < 0 || identity.IsReplacement(normal) {
			continue
		}
		l := localPart{normal[:at], identity.AppendLetters(nil, normal[:at])}
		if utf8.RuneCount(l.letters) >= minLocalPart {
			locals = appendLocalPart(locals, l)
		}
	}
	return locals
}

// appendLocalPart appends a local part, unless it is there.
func appendLocalPart(locals []localPart, l localPart) []localPart {
	if slices.ContainsFunc(locals, func(other localPart) bool { return bytes.Equal(other.whole, l.whole) }) {
		return locals
	}
	return append(locals, l)
}

// Letters and digits that a local part has at least: to be replaced in a name; of
// a beginning that resembles it.
const (
	minDerived  = 6
	minResemble = 8
)

// begins returns how many letters and digits of the local part a name begins with,
// whatever separates them, and where the name goes on after them. The name is in
// normal form.
func (l *localPart) begins(name []byte) (count, end int) {
	rest := l.letters
	for i := 0; i < len(name) && len(rest) > 0; {
		r, n := utf8.DecodeRune(name[i:])
		i += n
		if !isLetterOrDigit(r) {
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
// segment begins with much of it; or the cell has it after a separator, and after it
// the end, a digit or a separator, as alice042 and DevLab-alice042-496132 do, but not
// alicia or malice. The cell is in normal form.
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
// digits after it.
func holdsName(text, name []byte) bool {
	for i := 0; i < len(text); {
		n := bytes.Index(text[i:], name)
		if n < 0 {
			return false
		}
		i += n
		before, _ := utf8.DecodeLastRune(text[:i])
		after, _ := utf8.DecodeRune(text[i+len(name):])
		if !isLetterOrDigit(before) && !unicode.IsLetter(after) {
			return true
		}
		// The next one follows something that is neither letter nor digit.
		for i < len(text) {
			r, size := utf8.DecodeRune(text[i:])
			i += size
			if !isLetterOrDigit(r) {
				break
			}
		}
	}
	return false
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

var slash = []byte{'/'}

// hasName reports whether a column holds the name of a resource.
func hasName(c csvschema.Column) bool {
	switch c { //nolint:exhaustive // the other columns hold none
	case csvschema.Name, csvschema.ResourceId, csvschema.ComputeResourceId, csvschema.DiskBlobName, csvschema.LeasedByVmId:
		return true
	}
	return false
}

// A namer replaces names in due rows. Only one goroutine may use it.
type namer struct {
	hash     hash.Hash
	machines *machineNames
	key      csvschema.KeyHash // of the row
	decoder  identity.Finder

	lab, decoded, normal []byte // buffers
	spans                []identity.Span
}

// rowNames say which names go from a row. They are valid until the next row.
type rowNames struct {
	lab    []byte      // in normal form
	locals []localPart // names derived from these go
	lease  bool        // the name in LeasedByVmId goes
}

// namesOf returns which names go from a row. Owner is nil for disks, and may be for a
// machine whose owner does not go.
func (n *namer) namesOf(r row, owner *owner) rowNames {
	n.lab = identity.AppendNormal(n.lab[:0], r.cell(csvschema.LabUId))
	names := rowNames{lab: n.lab}
	if r.owner < 0 {
		if m, byLease := n.machines.ofDisk(r); m != nil {
			names.locals, names.lease = m.locals, byLease && !m.kept
		}
		return names
	}
	names.locals = n.machines.byKey[n.key] // of the owners of all copies
	if len(names.locals) == 0 && owner != nil {
		names.locals = owner.locals
	}
	return names
}

// A foundName is a name that goes as a whole from the end of a cell.
type foundName struct {
	length int    // in the cell; 0 if there is none
	normal []byte // its normal form; valid until the next is found
}

// find returns the name that goes from a cell. Identifiers in it go with it. What is an
// identifier beyond it, as the x of /users/{x} is, is no name.
func (n *namer) find(names rowNames, c csvschema.Column, cell []byte) foundName {
	if !hasName(c) || len(names.locals) == 0 && !names.lease {
		return foundName{}
	}
	name := cell
	if c != csvschema.Name {
		name = lastSegment(cell)
	}
	if len(name) == 0 {
		return foundName{}
	}
	n.decoded = n.decoder.AppendDecoded(n.decoded[:0], name)
	n.normal = identity.AppendNormal(n.normal[:0], n.decoded)
	goes := names.lease // with the name of its machine
	if c != csvschema.LeasedByVmId {
		goes = slices.ContainsFunc(names.locals, func(l localPart) bool { return l.derives(n.normal) })
	}
	if !goes {
		return foundName{}
	}
	n.spans = n.decoder.Find(n.spans[:0], cell)
	start := len(cell) - len(name)
	for _, s := range n.spans {
		if s.End > start && (s.Start < start || s.Kind == identity.UserSpan) {
			return foundName{}
		}
	}
	return foundName{len(name), n.normal}
}

// append appends to dst what is left of a cell before a name of a lab, and a token for
// the name. It returns how many names it replaced.
func (n *namer) append(dst, lab []byte, name foundName, c csvschema.Column, rest []byte) (_ []byte, count int) {
	count = 1
	if group := inGroup(c, rest, name.normal); group >= 0 {
		dst = n.appendToken(append(dst, rest[:group]...), lab, name.normal)
		rest = rest[group+len(name.normal):]
		count++
	}
	return n.appendToken(append(dst, rest...), lab, name.normal), count
}

// inGroup returns where a name in normal form is in the resource group of a computer,
// whose ID begins so; or -1.
func inGroup(c csvschema.Column, id, name []byte) int {
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
	for i := 0; i+len(name) <= len(group); i++ {
		if !bytes.HasPrefix(group[i:], name) {
			continue
		}
		before, _ := utf8.DecodeLastRune(group[:i])
		after, _ := utf8.DecodeRune(group[i+len(name):])
		if !isLetterOrDigit(before) && !isLetterOrDigit(after) {
			return start + i
		}
	}
	return -1
}

// lastSegment returns what is after the last slash.
func lastSegment(id []byte) []byte { return id[bytes.LastIndexByte(id, '/')+1:] }

// appendToken appends the token of a name of a lab, both in normal form: "t-" and 32
// hexadecimal digits.
func (n *namer) appendToken(dst, lab, name []byte) []byte {
	n.hash.Reset()
	_, _ = n.hash.Write(lab) // never fails, here and below
	_, _ = n.hash.Write([]byte{0})
	_, _ = n.hash.Write(name)
	var sum [32]byte
	n.hash.Sum(sum[:0])
	return hex.AppendEncode(append(dst, "t-"...), sum[:16])
}
