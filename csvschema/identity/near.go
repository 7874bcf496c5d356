package identity

import (
	"slices"
	"strings"

	"github.com/labdsr/labdsr/csvschema/internal/glance"
	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/marks"
	"github.com/labdsr/labdsr/csvschema/internal/punycode"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// Near reports whether two addresses may belong to one person although they are
// different accounts. Only a person can decide that. Two addresses are near if at least
// one of these is true:
//
//   - They are equal under full case folding, by compatibility (NFKC), without
//     characters that are not seen, or without regard to the dot of an i and to the
//     form of apostrophes and hyphens: ſ and s, ß and ss, full-width letters, ı, i and
//     i with a dot, ’ or ´ or ` or ” and ', ‑ and -; and of domains as they are written in
//     ASCII, xn--bcher-kva.example and bücher.example.
//   - One is a guest account of the other, as
//     "alice_contoso.com#EXT#@fabrikam.onmicrosoft.com" is of "alice@contoso.com",
//     or both are guest accounts of one address. The number signs may be
//     percent-encoded, or underscores.
//   - Their local parts are equal, and at least one of their domains is that of a
//     tenant: below onmicrosoft.com, onmicrosoft.us or another onmicrosoft, or below
//     onmschina.cn.
//
// Near is symmetric and not transitive. It is false for equal identifiers, for
// object IDs and for the zero Identifier.
func Near(a, b Identifier) bool {
	if a == b || !a.isAddress() || !b.isAddress() {
		return false
	}
	x, y := newNearForm(a), newNearForm(b)
	return x.whole == y.whole || x.guest == y.guest || (x.isTenant || y.isTenant) && x.local == y.local
}

// A nearForm holds the parts of an address that Near compares.
type nearForm struct {
	whole    string // its canonical text
	local    string // the part before the last at sign
	guest    string // the local part, without #ext#, of its guest accounts, or of itself if it is one
	isTenant bool   // its domain is that of a tenant
}

const (
	guestSuffix        = "#ext#"
	plainGuestSuffix   = "_ext_" // where number signs are not allowed
	encodedGuestSuffix = "%23ext%23"
)

func newNearForm(id Identifier) nearForm {
	whole := id.Reveal()
	if text := []byte(whole); !swar.IsASCII(text) || marks.Has(text) {
		var c canonicalText
		c.set(text, nil)
		whole = string(marks.Plain(c.text))
	}
	return nearFormOf(whole)
}

// nearFormOf returns the form of an address in canonical text with plain marks.
func nearFormOf(whole string) nearForm {
	at := strings.LastIndexByte(whole, '@')
	domain := whole[at+1:]
	if decoded := punycode.Domain(domain); decoded != domain {
		var c canonicalText
		c.set([]byte(decoded), nil)
		domain = string(c.text)
		whole = whole[:at+1] + domain
	}
	form := nearForm{whole: whole, local: whole[:max(at, 0)]}
	form.isTenant = isTenant(domain)
	stem, isGuest := strings.CutSuffix(form.local, guestSuffix)
	for _, suffix := range [...]string{encodedGuestSuffix, plainGuestSuffix} {
		if !isGuest {
			stem, isGuest = strings.CutSuffix(form.local, suffix)
		}
	}
	if !isGuest {
		// A domain has no underscore, so only equal addresses have equal stems.
		stem += "_" + domain
	}
	form.guest = stem
	return form
}

// isTenant reports whether a domain is one that Entra gives to tenants, in any of its
// clouds.
func isTenant(domain string) bool {
	return strings.Contains(domain, ".onmicrosoft.") || strings.HasSuffix(domain, ".onmschina.cn")
}

// A NearIndex finds, among many identifiers, those that are [Near] a given one, and those
// that a text contains. The zero NearIndex is empty and ready to use. Several goroutines
// may read it while none adds to it. It redacts itself, as an [Identifier] does.
type NearIndex struct {
	redacted
	*nearPointer
}

type nearPointer struct{ *nearData }

type nearData struct {
	entries   map[nearKey][]nearEntry
	objectIDs map[[guids.DigitCount]byte][]int // numbers
	prefixes  glance.Prefixes                  // of the texts of all keys
	plain     glance.Set                       // of what the plain texts have that are equal or near
	tails     glance.Tails                     // of what is before an at sign, underscore or number sign
	longest   int                              // length of the longest text of a key
}

// A nearKey is one way in which addresses are near: two are if one has a key that the
// other looks up. The two lists of keys differ, because two addresses with the same
// local part are both near to one of a tenant, but not to each other.
type nearKey struct {
	way  nearWay
	text string
}

type nearWay uint8

const (
	nearFolded nearWay = iota // nearForm.whole
	nearGuest                 // nearForm.guest
	nearTenant                // nearForm.local of an address with isTenant
	nearOther                 // nearForm.local of any other address
	nearFolder                // the name of the personal folder of nearForm.whole or of nearForm.guest
	nearLost                  // the address after its letters beyond ASCII were lost
)

type nearEntry struct {
	id     Identifier
	number int
}

// keys returns the keys that an address has.
func (form nearForm) keys() []nearKey {
	local := nearOther
	if form.isTenant {
		local = nearTenant
	}
	folder, ofGuest := folderName(form.whole), folderName(form.guest)
	keys := []nearKey{{nearFolded, form.whole}, {nearGuest, form.guest}, {local, form.local}, {nearFolder, folder}}
	if ofGuest != folder {
		keys = append(keys, nearKey{nearFolder, ofGuest})
	}
	return keys
}

// lookups returns the keys that near addresses have.
func (form nearForm) lookups() []nearKey {
	keys := []nearKey{{nearFolded, form.whole}, {nearGuest, form.guest}, {nearTenant, form.local}}
	if form.isTenant {
		keys = append(keys, nearKey{nearOther, form.local})
	}
	return keys
}

// Add adds an identifier under a number that the caller chooses. Several identifiers
// may have the same number. Find never returns an object ID or the zero Identifier.
// FindIn returns object IDs, too, except the nil GUID. Neither returns a [Verbatim] one,
// but MayHold is true for its text.
func (index *NearIndex) Add(id Identifier, number int) {
	if index.nearPointer == nil {
		index.nearPointer = &nearPointer{new(nearData)}
	}
	if !id.isAddress() {
		index.addObjectID(id, number)
		return
	}
	if index.entries == nil {
		index.entries = make(map[nearKey][]nearEntry)
	}
	form := newNearForm(id)
	// The local part of a plain address has no underscore, so that it is the beginning of
	// the guest account of that address, too.
	local, _, _ := strings.Cut(form.guest, "_")
	index.plain.Add(local)
	index.tails.Add(form.local)
	index.tails.AddParts(form.guest)
	if len(form.guest) < len(form.local) { // a guest account
		index.tails.Add(form.guest)
	}
	keys := form.keys()
	if lost := marks.Lose(id.Reveal()); lost != "" {
		keys = append(keys, nearKey{nearLost, lost})
	}
	for _, key := range keys {
		index.entries[key] = append(index.entries[key], nearEntry{id, number})
		index.prefixes.Add(key.text)
		index.longest = max(index.longest, len(key.text))
	}
}

// addObjectID adds an identifier that is no address.
func (index *NearIndex) addObjectID(id Identifier, number int) {
	text := []byte(id.Reveal())
	local, _, isBeside := strings.Cut(id.Reveal(), "@") // of a verbatim one
	if index.plain.Add(local); isBeside {
		index.tails.Add(local)
	}
	digits, ok := guids.Digits(text)
	if !ok || !id.IsObjectID() || guids.IsNil(digits) {
		return
	}
	if index.objectIDs == nil {
		index.objectIDs = make(map[[guids.DigitCount]byte][]int)
	}
	key := [guids.DigitCount]byte(digits)
	index.objectIDs[key] = append(index.objectIDs[key], number)
}

// Find appends to dst the numbers of all identifiers that are [Near] the given one, in
// ascending order, each once, and returns the extended slice.
func (index *NearIndex) Find(dst []int, id Identifier) []int {
	if !id.isAddress() || index.nearPointer == nil {
		return dst
	}
	first := len(dst)
	for _, key := range newNearForm(id).lookups() {
		for _, entry := range index.entries[key] {
			if entry.id != id {
				dst = append(dst, entry.number)
			}
		}
	}
	return sortNumbers(dst, first)
}

// sortNumbers sorts dst[first:] and keeps each number once.
func sortNumbers(dst []int, first int) []int {
	slices.Sort(dst[first:])
	return dst[:first+len(slices.Compact(dst[first:]))]
}
