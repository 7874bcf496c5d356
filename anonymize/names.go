package anonymize

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
)

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
	l.whole = csvschema.AppendNormal(l.whole[:0], owner)
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

// namesIn reports whether a name in the row begins with the local part, or goes
// on with it behind a separator, and ends there or goes on with a digit or
// separator: alice042, DevLab-alice042-496132, but not alicia or malice.
func (w *rewriter) namesIn(l *localPart, r row) bool {
	for i, c := range r.columns {
		switch c { //nolint:exhaustive // the other columns hold no name of a resource
		case csvschema.Name, csvschema.ResourceId, csvschema.ComputeResourceId:
			w.name = csvschema.AppendNormal(w.name[:0], r.cells[i])
			if holdsName(w.name, l.letters) || len(l.letters) < len(l.whole) && holdsName(w.name, l.whole) {
				return true
			}
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
