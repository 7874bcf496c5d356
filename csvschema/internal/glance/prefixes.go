package glance

import "unicode/utf8"

// Prefixes has a bit for each beginning that a text may have. The zero Prefixes has none.
type Prefixes [(prefixes + 63) / 64]uint64

// MayBegin reports whether a key that was added may begin the text. It is false only
// for a text that begins with three letters or digits of ASCII and another character of
// ASCII, which cannot combine with them.
func (t *Prefixes) MayBegin(text []byte) bool {
	if len(text) <= prefixLen || text[prefixLen] >= utf8.RuneSelf {
		return true
	}
	n, ok := prefixOf(text[0], text[1], text[2])
	return !ok || t[n/64]>>(n%64)&1 != 0
}

// Add sets the bit of a key. A key without a bit begins no text for which MayBegin could be
// false.
func (t *Prefixes) Add(key string) {
	if len(key) < prefixLen {
		return
	}
	if n, ok := prefixOf(key[0], key[1], key[2]); ok {
		t[n/64] |= 1 << (n % 64)
	}
}

const (
	prefixLen = 3
	alphabet  = 36 // letters and digits
	prefixes  = (alphabet + 1) * (alphabet + 1) * (alphabet + 1)
)

// prefixOf returns the number of three letters or digits, in any case.
func prefixOf(a, b, c byte) (n uint, ok bool) {
	x, y, z := uint(ordinals[a]), uint(ordinals[b]), uint(ordinals[c])
	return (x*(alphabet+1)+y)*(alphabet+1) + z, x != 0 && y != 0 && z != 0
}

// ordinals holds the numbers, from 1, of letters and digits; 0 for any other byte.
var ordinals = func() (ordinals [256]uint8) {
	for i, c := range []byte("0123456789abcdefghijklmnopqrstuvwxyz") {
		ordinals[c] = uint8(i + 1)
		if c >= 'a' {
			ordinals[c-'a'+'A'] = ordinals[c]
		}
	}
	return ordinals
}()
