// Package recent remembers what was found out about the texts that were met last. It knows no
// column.
package recent

import (
	"bytes"
	"encoding/binary"
)

const (
	bits     = 10  // of the number of texts that a Cache has room for
	maxBytes = 320 // of a text that it remembers; an address has at most 254 bytes
)

// A Cache has a place for each of many texts, which is chosen by a few of their bytes. A text
// takes the place of another one, so that a look at one place is enough. The zero Cache is empty
// and ready to use. Only one goroutine at a time may use it.
type Cache[V any] struct {
	places [1 << bits]place[V]
}

type place[V any] struct {
	text  []byte
	value V
	taken bool
}

// Get returns what was put for a text, if it is still there.
func (c *Cache[V]) Get(text []byte) (value V, ok bool) {
	if p := c.placeOf(text); p.taken && bytes.Equal(p.text, text) {
		return p.value, true
	}
	return value, false
}

// Put remembers a value for a copy of a text, unless the text is long.
func (c *Cache[V]) Put(text []byte, value V) {
	if len(text) <= maxBytes {
		p := c.placeOf(text)
		p.text, p.value, p.taken = append(p.text[:0], text...), value, true
	}
}

// placeOf returns the place of a text, by its first and last bytes and those in the middle.
func (c *Cache[V]) placeOf(text []byte) *place[V] {
	const size, factor = 8, 0x9E3779B97F4A7C15
	n := len(text)
	if n < size {
		return &c.places[0]
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(text[i:]) * factor }
	h := (word(0) ^ word(n-size)>>1 ^ word((n-size)*3/4)>>2) * factor
	return &c.places[h>>(64-bits)]
}
