// Package facts remembers what was said of each of many keys, in 16 to 24 bytes. Keys and what
// is said are hashes.
package facts

import "math/bits"

// A Table has one fact for each key. It consists of many small hash tables, the parts: they
// grow one after the other, by a half, and while one does it is in the cache of the
// processor. A built-in map takes several times as long, in one goroutine for all workers,
// and as much memory.
//
// Of what is said it knows 32 bits. Two different things are taken for the same with the
// probability 2⁻³².
type Table struct{ parts [1 << partBits]part }

// partBits is how many bits of a key tell its part.
const partBits = 6

// A part has the facts of some keys. A quarter at least of its slots is free.
type part struct {
	slots []fact
	count int
}

// A fact is what was said of a key, which is never 0. A key of 0 means that the slot is free.
type fact struct {
	high, low uint32 // of the key
	says      uint32
}

// Add adds what is said of a key. It returns false if another thing was said of it.
func (t *Table) Add(key, says uint64) bool {
	key = max(key, 1)
	p := &t.parts[key%(1<<partBits)]
	if 4*p.count >= 3*len(p.slots) {
		old := p.slots
		p.slots = make([]fact, max(16, len(old)+len(old)/2))
		for _, f := range old {
			if f.high|f.low != 0 {
				*p.slot(f.high, f.low) = f
			}
		}
	}
	f := fact{uint32(key >> 32), uint32(key), uint32(says >> 32)} //nolint:gosec // the parts of hashes
	slot := p.slot(f.high, f.low)
	if slot.high|slot.low == 0 {
		*slot = f
		p.count++
	}
	return slot.says == f.says
}

// Fetch looks for the slot of a key that is added soon. Called for many keys, it lets the
// processor wait for many parts of its memory at once. What it returns says nothing.
//
//go:noinline
func (t *Table) Fetch(key uint64) uint32 {
	p := &t.parts[key%(1<<partBits)]
	if len(p.slots) == 0 {
		return 0
	}
	product, _ := bits.Mul32(uint32(key>>32), uint32(len(p.slots))) //nolint:gosec // a part is small
	return p.slots[product].says
}

// slot returns the slot of a key, or the free one where it belongs.
func (p *part) slot(high, low uint32) *fact {
	product, _ := bits.Mul32(high, uint32(len(p.slots))) //nolint:gosec // a part is small
	for i := int(product); ; i++ {
		if i == len(p.slots) {
			i = 0
		}
		if s := &p.slots[i]; s.high|s.low == 0 || s.high == high && s.low == low {
			return s
		}
	}
}
