// Package glance tells at one look that a text is none of many identifiers, nor anything
// that is compared with them. It knows no identifier, only how the texts of most are made.
package glance

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// NOTE. Nearly all owners of an export are plain addresses, and nearly none is a subject's.
// An address that equals another one, or is near it, has its local part, so that a hash of
// the local part tells nearly all of them apart:
//
//	robert.baker@fabrikam.com     plain: hash of "robert.baker"
//	SMTP:robert.baker@x.com       not plain: it must be searched
//
// A plain address is one at sign and letters, digits, dots and hyphens of ASCII around it,
// and begins with a letter or digit. So it can hold no other address: before each later
// place where one could begin is a letter or digit, perhaps with dots and hyphens between.
// It has no room for a GUID: fewer than 32 bytes are on each side of the at sign. And it has
// fewer hyphens than a SID. A text in the form of a GUID is plain, too; the hash is that of
// the whole text.

// A Set holds hashes of texts. The zero Set is empty and ready to use.
type Set struct {
	hashes []uint64 // that were added, to make a larger table of
	table  []uint64 // a bit for each hash; its length is a power of two
}

const (
	minTable = 64
	wordBits = 64
)

// Add adds what identifies the plain texts that begin with a text and an at sign, or that
// are the text. Only plain texts are looked up, so that it may be any text.
func (s *Set) Add(text string) { s.add(hash([]byte(text))) }

func (s *Set) add(h uint64) {
	s.hashes = append(s.hashes, h)
	if len(s.hashes) <= len(s.table) {
		s.set(h)
		return
	}
	s.table = make([]uint64, max(minTable, 2*len(s.table)))
	for _, h := range s.hashes {
		s.set(h)
	}
}

// MayHold reports whether a text may hold, in any spelling, a text that was added, or an
// address of which the local part was added. It is false only for plain texts: addresses
// whose local part was not added, without regard to letter case, and texts in the form of a
// GUID that were not added. Of 64 such texts it may be true for one.
func (s *Set) MayHold(text []byte) bool {
	part := plainPart(text)
	return part == 0 || s.has(hash(text[:part]))
}

func (s *Set) has(h uint64) bool { return len(s.table) > 0 && s.table[s.word(h)]>>(h%wordBits)&1 != 0 }

func (s *Set) set(h uint64) { s.table[s.word(h)] |= 1 << (h % wordBits) }

// word returns the index in the table of the bit of a hash.
func (s *Set) word(h uint64) int { return int(h/wordBits) & (len(s.table) - 1) } //nolint:gosec // a hash

// The kinds of bytes, to be added up. No text with more than 127 bytes is plain.
const (
	hyphen   = 1
	dot      = 1 << 8
	at       = 1 << 16
	notPlain = 1 << 24
)

// kinds holds the kind of each byte; 0 for letters and digits.
var kinds = func() (kinds [256]uint32) {
	for c := range kinds {
		switch b := byte(c); {
		case b == '-':
			kinds[c] = hyphen
		case b == '.':
			kinds[c] = dot
		case b == '@':
			kinds[c] = at
		case '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z':
		default:
			kinds[c] = notPlain
		}
	}
	return kinds
}()

// plainPart returns the length of what is looked up of a plain text: the local part of an
// address, or all of a GUID. It returns 0 for any other text.
func plainPart(text []byte) int {
	const most = 2*guidDigits - 1 // bytes of an address without room for a GUID
	if len(text) == 0 || len(text) > most || kinds[text[0]] != 0 {
		return 0
	}
	sum := uint32(0)
	for _, c := range text {
		sum += kinds[c]
	}
	switch {
	case sum>>16 == 1: // one at sign
		i := bytes.IndexByte(text, '@')
		if sum&0xFF < sidHyphens && i < guidDigits && len(text)-1-i < guidDigits {
			return i
		}
	case sum == guidHyphens && len(text) == guidDigits+guidHyphens && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-':
		return len(text)
	}
	return 0
}

const (
	guidDigits  = 32
	guidHyphens = 4
	sidHyphens  = 7 // of an object ID: S-1-12-1-1943430372-1249052806-2496021943-3034400218
)

// hash returns the hash of a text without regard to the letter case of ASCII.
func hash(text []byte) uint64 {
	const (
		factor = 0x9E3779B97F4A7C15
		lower  = 0x2020202020202020 // sets the bit that tells lower from upper case
	)
	h := uint64(len(text))
	for ; len(text) >= 8; text = text[8:] {
		h = mix(h^(binary.LittleEndian.Uint64(text)|lower), factor)
	}
	if len(text) > 0 {
		var last [8]byte
		copy(last[:], text)
		h = mix(h^(binary.LittleEndian.Uint64(last[:])|lower), factor)
	}
	return h
}

// mix returns both halves of a product, each of which depends on all bits of a.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
