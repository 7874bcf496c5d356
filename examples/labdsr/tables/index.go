package tables

import (
	"encoding/binary"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. The first pass over the files of a role finds out which copy of each resource is taken:
//
//	index    resource ─► entry: its newest copy so far, as file and row, and what that says
//	taken    for each file one bit a row: is it the newest copy?
//
// The second pass makes rows of the records whose bit is set, and looks at no other. An entry has
// 48 bytes, and entries stay where they are when the index grows.

// An entry is the copy of a resource that is taken, as far as the files were read.
type entry struct {
	key  [12]byte // of its KeyHash: of a billion resources two have the same with a probability of 2^-36
	file uint32
	row  uint32 // in the file, from 0
	line uint32
	fact
}

// A fact is what a copy says of its resource.
type fact struct {
	deleted int64  // DeletedDate; never if there is none
	created uint32 // a hash of CreatedTime; 0 if there is none
	id      uint32 // a hash of what tells it apart besides its key; 0 if that cannot be compared
	content uint32 // a hash of all cells
}

const (
	pageSize   = 1024
	maxEntries = 1 << 30
)

// An index holds the entries. The zero index is empty.
type index struct {
	// Its length is a power of two. A slot has the number of an entry, from 1, in as many bits as
	// that may need, and in the others bits of the key, so that the entry of another key is seldom
	// looked at. 0 is a free slot.
	table []uint32
	pages []*[pageSize]entry
	count uint32
}

// put returns the entry of a resource, and whether it is new.
func (x *index) put(hash csvschema.KeyHash) (e *entry, isNew bool) {
	if int(x.count) >= len(x.table)/4*3 {
		x.grow()
	}
	key := [12]byte(hash[:])
	slot := x.find(key)
	if *slot != 0 {
		return x.at(*slot & x.last()), false
	}
	if x.count%pageSize == 0 {
		x.pages = append(x.pages, new([pageSize]entry))
	}
	x.count++
	*slot = x.tag(key) | x.count
	e = x.at(x.count)
	e.key = key
	return e, true
}

func (x *index) at(n uint32) *entry { return &x.pages[(n-1)/pageSize][(n-1)%pageSize] }

// find returns the slot of a key in the table, or the free one where it is to be.
func (x *index) find(key [12]byte) *uint32 {
	last, tag := x.last(), x.tag(key)
	for i := binary.NativeEndian.Uint32(key[:]) & last; ; i = (i + 1) & last {
		slot := &x.table[i]
		if *slot == 0 || *slot&^last == tag && x.at(*slot&last).key == key {
			return slot
		}
	}
}

// last returns the number of the last slot: all bits that the number of an entry may have,
// because there are fewer entries than slots.
func (x *index) last() uint32 { return uint32(len(x.table) - 1) }

// tag returns bits of the key, none of which decides where its slot is.
func (x *index) tag(key [12]byte) uint32 { return binary.NativeEndian.Uint32(key[8:]) &^ x.last() }

// grow makes the table twice as large.
func (x *index) grow() {
	if x.count > maxEntries {
		panic("labdsr: too many resources")
	}
	x.table = make([]uint32, max(1024, 2*len(x.table)))
	for n := uint32(1); n <= x.count; n++ {
		key := x.at(n).key
		*x.find(key) = x.tag(key) | n
	}
}

// A bitmap has one bit for each row of a file.
type bitmap []uint64

func (b *bitmap) set(i uint32) {
	for int(i/64) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bitmap) clear(i uint32) { b[i/64] &^= 1 << (i % 64) }

func (b bitmap) has(i uint32) bool { return int(i/64) < len(b) && b[i/64]&(1<<(i%64)) != 0 }

// hasAny reports whether a bit from the i-th up to the j-th is set.
func (b bitmap) hasAny(i, j uint32) bool {
	for ; i < j; i++ {
		if b.has(i) {
			return true
		}
	}
	return false
}
