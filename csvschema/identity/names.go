package identity

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// NOTE: how derived names are found.
//
// As the name of a machine, the portal proposes the local part of the owner's address
// and three digits. Names of disks, blobs and resource groups are made from that name,
// and people choose similar ones. Names hold other separators than addresses, so only
// letters and digits are compared. With the address pat.o'neil@example.com:
//
//	pat-oneil-web                patoneil042_OsDisk.vhd       DevLab-PATONEIL042-123456
//	^^^^^^^^^                    ^^^^^^^^^^^                         ^^^^^^^^^^^
//
// A derived name begins where a word begins, does not continue with a letter, and
// includes a number after it. Windows cuts names, so the first eight letters and digits
// of a longer local part are enough; the name then includes the rest of the word. A local
// part of fewer than three is in many names by chance, and counts only with three digits.

const (
	minLocalPart = 3 // letters and digits of a local part that counts without a number
	minCutName   = 8 // letters and digits of a local part that was cut
	portalDigits = 3 // digits that the portal proposes after a local part
)

// LocalParts is a set of local parts of addresses, for [Finder.FindNames]. The zero
// LocalParts is empty and ready to use. It must not change during a search. It redacts
// itself, as an [Identifier] does.
type LocalParts struct {
	redacted
	*localPartsPointer
}

type localPartsPointer struct{ *localPartsData }

type localPartsData struct {
	byFirst map[rune][]localLetters // by their first letter or digit

	// Buffers of Add.
	finder    Finder
	canonical canonicalText
}

// localLetters holds the letters and digits of a local part, in canonical text.
type localLetters struct {
	text  []byte
	count int // characters; one of a script without spaces counts twice
}

// Reset removes all local parts.
func (p *LocalParts) Reset() {
	if p.localPartsPointer != nil {
		clear(p.byFirst)
	}
}

// Add adds the local part of an address as it is in a cell, perhaps escaped.
// It also adds the part before a plus sign, the part after an object ID or a number sign
// (live.com#bob@…) and, for a guest account, even without its tenant, the local part of the
// address that the account was made from. It does not add any other text without an at sign.
func (p *LocalParts) Add(address []byte) {
	if p.localPartsPointer == nil {
		p.localPartsPointer = &localPartsPointer{new(localPartsData)}
	}
	p.canonical.set(trimBlanks(p.finder.AppendDecoded(nil, address)), nil)
	text := p.canonical.text
	at := bytes.LastIndexByte(text, '@')
	if at < 0 && bytes.HasSuffix(text, []byte(guestSuffix)) {
		at = len(text)
	}
	if at < 0 {
		return
	}
	local := text[:at]
	if guid, rest := guids.Cut(local); guid != nil { // of a deleted account
		p.add(local)
		local = rest
	}
	if stem, isGuest := bytes.CutSuffix(local, []byte(guestSuffix)); isGuest {
		p.add(stem)
		if i := bytes.LastIndexByte(stem, '_'); i >= 0 {
			local = stem[:i]
		}
	}
	p.add(local)
	if i := bytes.LastIndexByte(local, '#'); i >= 0 {
		local = local[i+1:]
		p.add(local)
	}
	if before, _, found := bytes.Cut(local, []byte{'+'}); found {
		p.add(before)
	}
	if before, _, found := bytes.Cut(local, []byte{'@'}); found { // of several addresses in a row
		p.add(before)
	}
}

// add adds a local part.
func (p *LocalParts) add(local []byte) {
	letters := localLetters{text: AppendLetters(nil, local)}
	for _, r := range string(letters.text) {
		letters.count++
		if isUnspaced(r) {
			letters.count++
		}
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

// FindNames appends to dst, in order, the spans of all names in the cell that seem to
// be derived from one of the local parts, and returns the extended slice. Their kind is
// [TextSpan]. Letter case, escaping and form of Unicode do not matter. FindNames
// finds nothing inside a GUID with hyphens.
func (f *Finder) FindNames(dst []Span, cell []byte, parts *LocalParts) []Span {
	if parts.localPartsPointer == nil || len(parts.byFirst) == 0 || len(cell) == 0 {
		return dst
	}
	f.ready()
	first := len(dst)
	for view, from := range f.decoder.Views(cell) {
		f.canonical.set(view, from)
		dst = f.canonical.appendNames(dst, parts)
	}
	return mergeOverlapping(dst, first)
}

// appendNames appends the spans of the derived names.
func (c *canonicalText) appendNames(dst []Span, parts *LocalParts) []Span {
	var before rune
	for i := 0; i < len(c.text); {
		r, n := utf8.DecodeRune(c.text[i:])
		if isWordRune(r) && !isOneWord(before, r) {
			if swar.IsHex(c.text[i]) && len(c.text) >= i+guids.Length && guids.Is(c.text[i:i+guids.Length]) {
				i += guids.Length
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

// nameEnd returns the end of the name that was derived from the local part and begins
// at text[start:], where a word begins; 0 if there is none.
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
	continues := (unicode.IsLetter(after) || unicode.IsMark(after)) && !isUnspaced(last) && !isUnspaced(after)
	switch {
	case count >= minCutName && (len(rest) > 0 || continues):
		return wordEnd(text, end)
	case len(rest) > 0, continues:
		return 0
	case unicode.IsNumber(after):
		end = wordEnd(text, end)
	}
	if l.count < minLocalPart && !endsInPortalDigits(text[start:end], len(l.text)) {
		return 0
	}
	return end
}

// endsInPortalDigits reports whether a name is a local part of the given number of
// bytes and as many digits as the portal proposes.
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

// wordEnd returns the end of the word that continues at text[i:].
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

// endsName reports whether a character is in no name, so that the texts on both sides
// of it are not one name.
func endsName(r rune) bool { return r == '/' || r == '\\' || r == '@' || unicode.IsControl(r) }
