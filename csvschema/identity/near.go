package identity

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// Near reports whether two addresses look like one person's although they are
// different accounts until somebody says otherwise:
//
//   - they agree under full case folding, by compatibility (NFKC), without
//     characters that are not seen, or without regard to the dot of an i:
//     ſ and s, ß and ss, full-width letters, ı, i and i with a dot;
//   - one is a guest account of the other, as in
//     "alice_contoso.com#EXT#@fabrikam.onmicrosoft.com" of "alice@contoso.com",
//     or both are guest accounts of one address;
//   - their local parts agree and one of them, or both, are at a domain
//     below onmicrosoft.com.
//
// Near is symmetric. It is false for equal identifiers, which are more than
// near, and for object IDs, which are near nothing. It is not transitive.
func Near(a, b Identifier) bool {
	if a == b || a.kind != Address || b.kind != Address {
		return false
	}
	x, y := newNearForm(a), newNearForm(b)
	return x.whole == y.whole || x.guest == y.guest || (x.isTenant || y.isTenant) && x.local == y.local
}

// A nearForm is what Near compares of an address.
type nearForm struct {
	whole    string
	local    string // the part before the last at sign
	guest    string // the local part of its guest accounts, or of itself if it is one, without #ext#
	isTenant bool   // its domain is below onmicrosoft.com
}

const (
	guestSuffix  = "#ext#"
	tenantSuffix = ".onmicrosoft.com"
)

func newNearForm(id Identifier) nearForm {
	form := nearForm{whole: id.Reveal()}
	if text := []byte(form.whole); !swar.IsASCII(text) {
		var c canonicalText
		c.set(text, nil)
		form.whole = string(c.text)
	}
	at := strings.LastIndexByte(form.whole, '@')
	form.local = form.whole[:max(at, 0)]
	domain := form.whole[at+1:]
	form.isTenant = strings.HasSuffix(domain, tenantSuffix)
	stem, isGuest := strings.CutSuffix(form.local, guestSuffix)
	if !isGuest {
		// A domain has no underscore, so this is the same for equal addresses only.
		stem += "_" + domain
	}
	form.guest = stem
	return form
}

// withoutDots makes the i of Turkish spelling, with or without a dot, an i.
var withoutDots = strings.NewReplacer("ı", "i", "i\u0307", "i")

// A NearIndex finds among many identifiers those that are [Near] one. The zero
// NearIndex is empty and ready to use. It may be read by several goroutines
// while none adds to it. It holds the identifiers and so must not be printed.
type NearIndex struct {
	entries  map[nearKey][]nearEntry
	prefixes [(prefixes + 63) / 64]uint64 // a bit for each beginning of a key, or of an object ID
}

// A nearKey is one way for identifiers to be near: two are, if one has a key
// that the other looks for. Two sets of keys are needed, not one, because
// two addresses of the same local part are both near to one of a tenant, but
// not to each other.
type nearKey struct {
	way  nearWay
	text string
}

type nearWay uint8

const (
	nearFolded nearWay = iota // all that agree
	nearGuest                 // all that agree
	nearTenant                // the local part of an address of a tenant
	nearOther                 // the local part of any other address
)

type nearEntry struct {
	id     Identifier
	number int
}

// keys returns under which keys an address is found.
func (form nearForm) keys() [3]nearKey {
	local := nearOther
	if form.isTenant {
		local = nearTenant
	}
	return [3]nearKey{{nearFolded, form.whole}, {nearGuest, form.guest}, {local, form.local}}
}

// lookups returns the keys of the addresses that it is near to.
func (form nearForm) lookups() []nearKey {
	keys := []nearKey{{nearFolded, form.whole}, {nearGuest, form.guest}, {nearTenant, form.local}}
	if form.isTenant {
		keys = append(keys, nearKey{nearOther, form.local})
	}
	return keys
}

// Add adds an identifier under a number of the caller's, which several
// identifiers may share. Object IDs and the zero Identifier are near nothing,
// and are not kept.
func (index *NearIndex) Add(id Identifier, number int) {
	if id.kind == ObjectID {
		index.addPrefix(id.Reveal())
	}
	if id.kind != Address {
		return
	}
	if index.entries == nil {
		index.entries = make(map[nearKey][]nearEntry)
	}
	for _, key := range newNearForm(id).keys() {
		index.entries[key] = append(index.entries[key], nearEntry{id, number})
		index.addPrefix(key.text)
	}
}

// MayHold reports, at little cost, whether a value as it stands in a cell may be
// one that was added, or near one. If it is false, it is neither.
//
// Only values are told apart that begin with three letters or digits of ASCII,
// and one more character that cannot combine with them: then the normal form, and
// all that Near compares, begins with these three in lower case.
func (index *NearIndex) MayHold(value []byte) bool {
	if len(value) <= prefixLen || value[prefixLen] >= utf8.RuneSelf {
		return true
	}
	n, ok := prefixOf(value[0], value[1], value[2])
	return !ok || index.prefixes[n/64]>>(n%64)&1 != 0
}

// addPrefix adds how a key begins. One that begins otherwise than MayHold tells
// apart is that of no value that it tells apart.
func (index *NearIndex) addPrefix(key string) {
	if len(key) < prefixLen {
		return
	}
	if n, ok := prefixOf(key[0], key[1], key[2]); ok {
		index.prefixes[n/64] |= 1 << (n % 64)
	}
}

const (
	prefixLen = 3
	alphabet  = 36 // letters and digits
	prefixes  = (alphabet + 1) * (alphabet + 1) * (alphabet + 1)
)

// prefixOf gives a number to three letters or digits in any case.
func prefixOf(a, b, c byte) (n uint, ok bool) {
	x, y, z := uint(ordinals[a]), uint(ordinals[b]), uint(ordinals[c])
	return (x*(alphabet+1)+y)*(alphabet+1) + z, x != 0 && y != 0 && z != 0
}

// ordinals are the numbers, from 1, of letters and digits; 0 is anything else.
var ordinals = func() (ordinals [256]uint8) {
	for i, c := range []byte("0123456789abcdefghijklmnopqrstuvwxyz") {
		ordinals[c] = uint8(i + 1)
		if c >= 'a' {
			ordinals[c-'a'+'A'] = ordinals[c]
		}
	}
	return ordinals
}()

// Append appends to dst the numbers of all identifiers that are [Near] the
// given one, in ascending order, each once, and returns it.
func (index *NearIndex) Append(dst []int, id Identifier) []int {
	if id.kind != Address || len(index.entries) == 0 {
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
	slices.Sort(dst[first:])
	return dst[:first+len(slices.Compact(dst[first:]))]
}
