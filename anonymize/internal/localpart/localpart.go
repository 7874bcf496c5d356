// Package localpart holds the local parts of addresses, and tells which names of machines
// were derived from them.
package localpart

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/anonymize/internal/objectid"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// minLetters is how many letters and digits a local part has at least that is
// looked for in names: shorter ones are in many names by chance.
const minLetters = 3

// A Part is the part before the at sign of an owner's address, from which names
// of machines are derived: the portal proposes it with three digits after it, and
// names can hold letters, digits and hyphens only.
type Part struct {
	whole   []byte // in normal form
	letters []byte // its letters and digits
}

// A Finder finds local parts in owners. The zero Finder is ready to use. Only one goroutine
// may use it.
type Finder struct {
	finder                   identity.Finder
	spans                    []identity.Span
	decoded, normal, letters []byte
}

// Of returns the local parts of the addresses in an owner that are to be looked
// for, each once, as they are and without what programs put around them. An owner in which no
// address is found may still be one.
func (f *Finder) Of(owner []byte) (locals []Part) {
	f.spans = slices.DeleteFunc(f.finder.Find(f.spans[:0], owner), func(s identity.Span) bool { return s.Kind != identity.AddressSpan })
	if len(f.spans) == 0 {
		f.spans = append(f.spans, identity.Span{End: len(owner)})
	}
	for _, s := range f.spans {
		f.decoded = f.finder.AppendDecoded(f.decoded[:0], owner[s.Start:s.End])
		f.normal = identity.AppendNormal(f.normal[:0], f.decoded)
		at := bytes.LastIndexByte(f.normal, '@')
		if at < 0 && bytes.HasSuffix(f.normal, guestSuffix) {
			at = len(f.normal) // without the tenant
		}
		if at < 0 || identity.IsReplacement(f.normal) {
			continue
		}
		for _, local := range within(f.normal[:at]) {
			if has(locals, local) {
				continue
			}
			f.letters = identity.AppendLetters(f.letters[:0], local)
			if utf8.RuneCount(f.letters) >= minLetters {
				text := append(append(make([]byte, 0, len(local)+len(f.letters)), local...), f.letters...)
				locals = append(locals, Part{text[:len(local):len(local)], text[len(local):]})
			}
		}
	}
	return locals
}

// guestSuffix ends the local part of a guest account.
var guestSuffix = []byte("#ext#")

// within returns a local part and those that programs put other text around:
//
//	live.com#bob.baker   {object ID}bob.baker   bob.baker_fabrikam.com#ext#   bob.baker+lab
func within(local []byte) (all [3][]byte) {
	all[0] = local
	for _, n := range [...]int{38, 36, 34, 32} { // of a GUID, with and without braces and hyphens
		if len(local) > n && objectid.Is(identity.AppendNormal(nil, local[:n])) {
			local = local[n:]
			break
		}
	}
	if stem, isGuest := bytes.CutSuffix(local, guestSuffix); isGuest {
		local = stem
		if i := bytes.LastIndexByte(stem, '_'); i >= 0 {
			local = stem[:i]
		}
	}
	local = local[bytes.LastIndexByte(local, '#')+1:]
	before, _, _ := bytes.Cut(local, []byte{'+'})
	all[1], all[2] = local, before
	return all
}

// Append appends a local part, unless it is there.
func Append(locals []Part, l Part) []Part {
	if has(locals, l.whole) {
		return locals
	}
	return append(locals, l)
}

// has reports whether a local part in normal form is among others.
func has(locals []Part, whole []byte) bool {
	return slices.ContainsFunc(locals, func(other Part) bool { return bytes.Equal(other.whole, whole) })
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
func (l *Part) begins(name []byte) (count, end int) {
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

// Derives reports whether a name in normal form is derived from the local part: it
// begins with all of it and does not go on with a letter.
func (l *Part) Derives(name []byte) bool {
	count, end := l.begins(name)
	if count < minDerived || count < utf8.RuneCount(l.letters) {
		return false
	}
	after, _ := utf8.DecodeRune(name[end:])
	return !unicode.IsLetter(after) && !unicode.IsMark(after)
}

// Resembles reports whether a cell that holds a name resembles the local part: a
// segment begins with much of it; or the cell has it after a separator, and after it
// the end, a digit or a separator, as alice042 and DevLab-alice042-496132 do, but not
// alicia or malice. The cell is in normal form.
func (l *Part) Resembles(cell []byte) bool {
	if holdsName(cell, l.letters) || len(l.letters) < len(l.whole) && holdsName(cell, l.whole) {
		return true
	}
	if utf8.RuneCount(l.letters) < minResemble {
		return false
	}
	for segment := range bytes.SplitSeq(cell, []byte{'/'}) {
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

// isLetterOrDigit reports whether a character is one of a local part that matters in names.
func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// InGroup returns where a name in normal form is in the resource group of a computer,
// whose ID begins so; or -1.
func InGroup(id, name []byte) int {
	const groups, computers = "/resourcegroups/", "/providers/microsoft.compute/"
	lower := bytes.ToLower(id)
	start := bytes.Index(lower, []byte(groups))
	if start < 0 || len(lower) != len(id) || !bytes.Contains(lower, []byte(computers)) {
		return -1
	}
	start += len(groups)
	group, _, _ := bytes.Cut(lower[start:], []byte{'/'})
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
