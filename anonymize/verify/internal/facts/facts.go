// Package facts remembers what was said of each of many keys, in 16 bytes. Keys and what is
// said are hashes.
package facts

// A Table has one fact for each key. It is a hash table whose size is a power of two, and of which a
// quarter at least is free. A built-in map takes five times as long, in one goroutine for all
// workers.
type Table struct {
	slots []fact // a key of 0 means that the slot is free
	count int
}

// Add adds what is said of a key. It returns false if another thing was said of it.
func (t *Table) Add(key, says uint64) bool {
	if 4*t.count >= 3*len(t.slots) {
		old := t.slots
		t.slots, t.count = make([]fact, max(1<<10, 2*len(old))), 0
		for _, f := range old {
			if f.key != 0 {
				t.Add(f.key, f.says)
			}
		}
	}
	key = max(key, 1)
	for i := key; ; i++ {
		slot := &t.slots[i&uint64(len(t.slots)-1)] //nolint:gosec // a length is not negative
		if slot.key == 0 {
			*slot = fact{key, says}
			t.count++
			return true
		}
		if slot.key == key {
			return slot.says == says
		}
	}
}

// A fact is what was said of a key.
type fact struct{ key, says uint64 }
