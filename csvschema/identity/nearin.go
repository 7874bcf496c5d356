package identity

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
	"github.com/labdsr/labdsr/csvschema/internal/marks"
)

// NOTE: how identifiers are found beside other text.
//
// A search for each identifier in turn would take too long with thousands of them. So
// the text is cut into what may be identifiers, and each piece is looked up. Every at
// sign has one domain after it, the longest, and several places before it where the
// address may begin:
//
//	live.com#alice@contoso.com;x
//	^        ^    ^           ^
//	begins   or   at          ends
//
// A letter or digit goes on before alice in "malice@…", "j.alice@…" and "j-alice@…", so
// that these are other addresses. Nothing but marks is before it in ".alice@…".

// FindIn appends to dst the numbers of all identifiers that the text contains, alone or
// beside other text, and of all that are [Near] an address that it contains, in
// ascending order, each once, and returns the extended slice.
//
// An address is contained if it does not continue on either side: "ann@x.com" is in
// "SMTP:ann@x.com", "live.com#ann@x.com" and ".ann@x.com", but not in "joann@x.com",
// "max.ann@x.com" or "ann@x.com.au". It may come directly after a GUID, as in the name
// of a deleted account. An object ID is contained wherever its 32 digits are, and as
// the SID that encodes it. Both are also found percent-encoded, with the escapes of
// JSON, HTML, XML names and MIME, and where UTF-8 was read as Windows-1252. An address is
// also contained where question marks were written for its letters beyond ASCII, as
// PowerShell does: "jos?@x.com" for "josé@x.com". What is no address any more by
// compatibility (NFKC) and without what is not seen, such as "ann@⑴", is not contained.
//
// A replacement contains nobody.
func (index *NearIndex) FindIn(dst []int, text []byte) []int {
	if index.nearPointer == nil || len(index.entries) == 0 && len(index.objectIDs) == 0 || IsReplacement(text) {
		return dst
	}
	first := len(dst)
	var c canonicalText
	text = bytes.TrimLeftFunc(text, isBlank) // or else a blank and a mark after it become an accent
	for _, view := range escape.Spellings(text) {
		c.set(view, nil)
		if !c.isPlain || marks.Has(c.text) {
			c.text = marks.Plain(c.text)
		}
		dst = index.appendObjectIDs(dst, c.text)
		dst = index.appendAddresses(dst, c.text)
		dst = index.appendGuests(dst, c.text)
		dst = index.appendFolders(dst, c.text)
		if lost := marks.Lost(c.text); lost != nil {
			dst = index.appendAddresses(dst, lost)
		}
	}
	return sortNumbers(dst, first)
}

// appendObjectIDs appends the numbers of the object IDs in a canonical text, and of those
// whose SIDs are in it.
func (index *NearIndex) appendObjectIDs(dst []int, text []byte) []int {
	if len(index.objectIDs) == 0 {
		return dst
	}
	guids.Each(text, func(digits [guids.DigitCount]byte) bool {
		dst = append(dst, index.objectIDs[digits]...)
		return true
	})
	return dst
}

// appendAddresses appends the numbers of the addresses in a canonical text, and of those
// that are near them.
func (index *NearIndex) appendAddresses(dst []int, text []byte) []int {
	if len(index.entries) == 0 {
		return dst
	}
	longest := index.longest + len(encodedGuestSuffix) // of a local part
	for at := bytes.IndexByte(text, '@'); at >= 0; {
		if end := mailbox.HostEnd(text, at+1); end > at+1 {
			for i := at - 1; i >= max(0, at-longest); i-- {
				if utf8.RuneStart(text[i]) && index.prefixes.MayBegin(text[i:end]) && beginsAddress(text, i) {
					dst = index.appendNear(dst, string(text[i:end]))
				}
			}
		}
		next := bytes.IndexByte(text[at+1:], '@')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return dst
}

// appendGuests appends the numbers of the addresses from which guest accounts were made that
// are in a canonical text without their tenant.
func (index *NearIndex) appendGuests(dst []int, text []byte) []int {
	for at := 0; ; at += len(guestSuffix) {
		n := bytes.Index(text[at:], []byte(guestSuffix))
		if n < 0 {
			return dst
		}
		at += n
		for i := at - 1; i >= max(0, at-index.longest); i-- {
			if utf8.RuneStart(text[i]) && index.prefixes.MayBegin(text[i:at]) && beginsAddress(text, i) {
				dst = index.appendKey(dst, nearKey{nearGuest, string(text[i:at])})
			}
		}
	}
}

// appendFolders appends the numbers of the addresses after which a canonical text, or the
// personal folders in it, may be named.
func (index *NearIndex) appendFolders(dst []int, text []byte) []int {
	if bytes.IndexByte(text, '_') < 0 {
		return dst
	}
	if name := trimBlanks(text); isPersonalName(name) {
		dst = index.appendKey(dst, nearKey{nearFolder, folderName(string(name))})
	}
	for start, end := nextPersonal(text, 0); start >= 0; start, end = nextPersonal(text, end) {
		dst = index.appendKey(dst, nearKey{nearFolder, folderName(string(text[start:end]))})
	}
	return dst
}

// appendKey appends the numbers of the identifiers that have a key.
func (index *NearIndex) appendKey(dst []int, key nearKey) []int {
	for _, entry := range index.entries[key] {
		dst = append(dst, entry.number)
	}
	return dst
}

// appendNear appends the numbers of the identifiers that are equal to an address in
// canonical text, or near it.
func (index *NearIndex) appendNear(dst []int, address string) []int {
	form := nearFormOf(address)
	for _, key := range form.lookups() {
		dst = index.appendKey(dst, key)
	}
	return index.appendKey(dst, nearKey{nearLost, form.whole})
}

// maxMarks is how many marks before an address are looked at.
const maxMarks = 64

// beginsAddress reports whether an address may begin at text[i:]: no letter or digit is
// before it, even with marks between that a local part may hold, except those of a GUID.
func beginsAddress(text []byte, i int) bool {
	for j := i; i-j < maxMarks; {
		r, n := utf8.DecodeLastRune(text[:j])
		switch {
		case n == 0:
			return true
		case r == '.', r == '-', r == '_', r == '+', r == '\'':
			j -= n
		case isWordRune(r) || unicode.IsMark(r):
			return endsInGUID(text[:j])
		default:
			return true
		}
	}
	return false
}

// endsInGUID reports whether a text ends in a GUID that no letter or digit is before.
func endsInGUID(text []byte) bool {
	for _, n := range [...]int{guids.Length, guids.DigitCount} {
		start := len(text) - n
		if start < 0 || !guids.Is(text[start:]) {
			continue
		}
		if before, _ := utf8.DecodeLastRune(text[:start]); start == 0 || !isWordRune(before) {
			return true
		}
	}
	return false
}
