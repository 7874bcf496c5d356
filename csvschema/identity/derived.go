package identity

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// NOTE: how names are found that were derived from an address.
//
// The portal proposes the local part of the owner's address and three digits as
// the name of a machine; names of disks, blobs and resource groups are made from
// that. People do alike. Names hold other separators than addresses, so that only
// letters and digits are compared. With the address pat.o'neil@example.com:
//
//	pat-oneil-web                patoneil042_OsDisk.vhd       DevLab-PATONEIL042-123456
//	^^^^^^^^^                    ^^^^^^^^^^^                         ^^^^^^^^^^^
//
// What is found begins where a word begins, does not go on with a letter, and
// takes in a number behind it. Of a long local part, a beginning of eight is
// enough, since Windows cuts names; it takes in the rest of the word. One of less
// than three stands in many names by chance, and counts with three digits only.

const (
	minLocalPart = 3 // letters and digits of a local part that is looked for without digits
	minCutName   = 8 // of a beginning of one
	portalDigits = 3 // that the portal proposes behind a local part
)

// LocalParts are the local parts of addresses, of which [Finder.Derived] finds the
// names that were derived. The zero LocalParts is empty and ready to use. It must
// not be changed while a search runs.
type LocalParts struct {
	byFirst map[rune][]localLetters
	finder  Finder
	canon   canonicalText
}

// A localLetters is the letters and digits of a local part, in canonical text.
type localLetters struct {
	text  []byte
	count int // of characters
}

// Len returns how many different local parts there are.
func (p *LocalParts) Len() int {
	n := 0
	for _, parts := range p.byFirst {
		n += len(parts)
	}
	return n
}

// Reset removes all local parts.
func (p *LocalParts) Reset() { clear(p.byFirst) }

// Add adds the local part of an address as it stands in a cell, perhaps
// percent-encoded: as a whole, in front of a plus sign, and of a guest account also
// that of the address which it stands for. What has no at sign is not added.
func (p *LocalParts) Add(address []byte) {
	p.canon.set(trimBlanks(p.finder.AppendDecoded(nil, address)), nil)
	text := p.canon.text
	at := bytes.LastIndexByte(text, '@')
	if at < 0 {
		return
	}
	local := text[:at]
	if stem, isGuest := bytes.CutSuffix(local, []byte(guestSuffix)); isGuest {
		p.add(stem)
		if i := bytes.LastIndexByte(stem, '_'); i >= 0 {
			local = stem[:i]
		}
	}
	p.add(local)
	if before, _, found := bytes.Cut(local, []byte{'+'}); found {
		p.add(before)
	}
	if before, _, found := bytes.Cut(local, []byte{'@'}); found { // of several addresses in a row
		p.add(before)
	}
}

// add adds a local part.
func (p *LocalParts) add(local []byte) {
	var letters localLetters
	for i := 0; i < len(local); {
		r, n := utf8.DecodeRune(local[i:])
		if isWordRune(r) {
			letters.text = append(letters.text, local[i:i+n]...)
			letters.count++
			if standsAlone(r) {
				letters.count++ // it is a word of its own
			}
		}
		i += n
	}
	if letters.count == 0 {
		return
	}
	first, _ := utf8.DecodeRune(letters.text)
	for _, other := range p.byFirst[first] {
		if bytes.Equal(other.text, letters.text) {
			return
		}
	}
	if p.byFirst == nil {
		p.byFirst = make(map[rune][]localLetters)
	}
	p.byFirst[first] = append(p.byFirst[first], letters)
}

// Derived appends to dst every name in the cell that was derived from one of the
// local parts, as far as can be told, as a [TextSpan], in order, and returns it.
// Letter case, percent-encoding and Unicode form are of no matter. Nothing is found
// in a GUID.
func (f *Finder) Derived(dst []Span, cell []byte, parts *LocalParts) []Span {
	if len(parts.byFirst) == 0 || len(cell) == 0 {
		return dst
	}
	first := len(dst)
	dst = f.appendDerived(dst, cell, nil, parts)
	if hasEscape(cell) {
		for round := range decodeRounds {
			dst = f.appendDerived(dst, f.decodeUpTo(cell, round+1), f.from, parts)
		}
	}
	return mergeOverlapping(dst, first)
}

// appendDerived appends the derived names in a view of the cell.
func (f *Finder) appendDerived(dst []Span, view []byte, from []int, parts *LocalParts) []Span {
	c := &f.canonical
	c.set(view, from)
	const guid = guidDigitCount + 4
	var before rune
	for i := 0; i < len(c.text); {
		r, n := utf8.DecodeRune(c.text[i:])
		if isWordRune(r) && !isOneWord(before, r) {
			if isHex(c.text[i]) && len(c.text) >= i+guid && isGUID(c.text[i:i+guid]) {
				i += guid
				before = '-' // the next word may begin here
				continue
			}
			end := 0
			for _, letters := range parts.byFirst[r] {
				end = max(end, letters.nameEnd(c.text, i))
			}
			if end > 0 {
				dst = append(dst, c.span(i, end, TextSpan))
				before, _ = utf8.DecodeLastRune(c.text[:end])
				i = end
				continue
			}
		}
		before = r
		i += n
	}
	return dst
}

// nameEnd returns where the name ends that begins at text[start:], where a word
// begins, and was derived from the local part; 0 if none does.
func (l localLetters) nameEnd(text []byte, start int) int {
	rest, count, end := l.text, 0, start
	for i := start; len(rest) > 0; {
		r, n := utf8.DecodeRune(text[i:])
		if n == 0 || endsName(r) {
			break
		}
		if isWordRune(r) {
			if !bytes.HasPrefix(rest, text[i:i+n]) {
				break
			}
			rest = rest[n:]
			count, end = count+1, i+n
		}
		i += n
	}
	last, _ := utf8.DecodeLastRune(text[:end])
	after, _ := utf8.DecodeRune(text[end:])
	goesOn := (unicode.IsLetter(after) || unicode.IsMark(after)) && !standsAlone(last) && !standsAlone(after)
	switch {
	case count >= minCutName && (len(rest) > 0 || goesOn):
		return wordEnd(text, end)
	case len(rest) > 0, goesOn:
		return 0
	case unicode.IsNumber(after):
		end = wordEnd(text, end)
	}
	if l.count < minLocalPart && !endsInPortalDigits(text[start:end], len(l.text)) {
		return 0
	}
	return end
}

// endsInPortalDigits reports whether a name goes on behind so many bytes with as
// many digits as the portal proposes, and nothing else.
func endsInPortalDigits(name []byte, local int) bool {
	if len(name) != local+portalDigits {
		return false
	}
	for _, c := range name[local:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// wordEnd returns where the word ends that goes on at text[i:].
func wordEnd(text []byte, i int) int {
	for i < len(text) {
		r, n := utf8.DecodeRune(text[i:])
		if !isWordRune(r) {
			break
		}
		i += n
	}
	return i
}

// isWordRune reports whether a character is one of those that are compared.
func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// endsName reports whether a character stands in no name: what is on both sides of
// it is not one.
func endsName(r rune) bool { return r == '/' || r == '\\' || r == '@' || unicode.IsControl(r) }
