// Package index holds what the rows of all exports say about their resources, in few bytes
// for each.
package index

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A Fact is what one row says about its resource.
type Fact struct {
	// Key and ID are those of the resource. They are set by the caller.
	Key csvschema.KeyHash
	ID  ID

	deleted instant // of DeletedDate
	flags   Flags
}

// An instant counts units of 100 nanoseconds, the smallest that a cell can say, since
// 1 January of year 1 in UTC. All years of four digits fit.
type instant int64

// never is the instant of an empty cell.
const never instant = math.MinInt64

const (
	ticksPerSecond = 10_000_000
	unixToYearOne  = 62_135_596_800 // seconds
)

func newInstant(t time.Time) instant {
	return instant((t.Unix()+unixToYearOne)*ticksPerSecond + int64(t.Nanosecond())/100)
}

// date returns the instant in UTC, and whether it is one.
func (i instant) date() (at time.Time, ok bool) {
	if i == never {
		return time.Time{}, false
	}
	seconds, ticks := int64(i)/ticksPerSecond, int64(i)%ticksPerSecond
	return time.Unix(seconds-unixToYearOne, 100*ticks).UTC(), true
}

// Flags say what rows say of a resource besides its DeletedDate.
type Flags uint8

// The flags of facts and entries; only an entry has DifferentDates or DifferentIDs.
const (
	Inactive         Flags = 1 << iota // the newest copies say Inactive, without a date
	ActiveWithDate                     // a copy says Active, and when it was deleted
	DifferentDates                     // two copies have different dates
	UnreadableDate                     // a copy has a date that cannot be read
	UnreadableStatus                   // a copy is neither Active nor Inactive
	DifferentIDs                       // two copies have different ResourceIds
	unknownMade                        // a copy is in an export of which nobody knows when it was made
	known                              // the resource may have been deleted, as far as the caller of Add knows
)

// NewFact returns what a record says, without its key. Times without a zone are in that
// zone. In a file without ResourceStatus the record says nothing of its status.
func NewFact(rec csvschema.Record, zone *time.Location) Fact {
	f := Fact{deleted: never}
	date, empty, err := csvschema.ParseTime(rec.Value(csvschema.DeletedDate), zone)
	isDated := err == nil && !empty && !date.IsZero()
	if err != nil {
		f.flags |= UnreadableDate
	}
	if isDated {
		f.deleted = newInstant(date)
	}
	switch status := rec.Value(csvschema.ResourceStatus); {
	case len(bytes.TrimSpace(status)) == 0: // says nothing
	case isWord(status, "Inactive"):
		if !isDated && err == nil {
			f.flags |= Inactive
		}
	case isWord(status, "Active"):
		if isDated {
			f.flags |= ActiveWithDate
		}
	default:
		f.flags |= UnreadableStatus
	}
	return f
}

// isWord reports whether a cell is a word, which nearly all cells are as it is written here,
// in any letter case, blanks around it left out.
func isWord(cell []byte, word string) bool {
	return string(cell) == word || string(bytes.ToLower(bytes.TrimSpace(cell))) == strings.ToLower(word)
}

// Deleted returns the DeletedDate, in UTC, and whether there is one that can be read.
func (f Fact) Deleted() (at time.Time, ok bool) { return f.deleted.date() }

// IsPlain reports whether the fact is only that the resource exists.
func (f Fact) IsPlain() bool { return f.deleted == never && f.flags == 0 }

// Has reports whether the row says that.
func (f Fact) Has(flag Flags) bool { return f.flags&flag != 0 }

// An Entry is what the rows seen so far say about a resource. The exports are
// read in the order in which they were made, those of which nobody knows when at
// the end, so that the newest has the last word.
type Entry struct {
	key     csvschema.KeyHash
	deleted instant // the latest
	made    uint32  // of the newest export, as in NewEntry; 0 if none is known
	flags   Flags
	id      ID // of the first copy that has one
}

// NewEntry returns what a single row says. The instants at which exports were made have
// numbers, from 1 and in their order; made is that of the export, 0 if nobody knows it.
func NewEntry(f Fact, made uint32) *Entry {
	e := Entry{deleted: never}
	e.add(f, made)
	return &e
}

// Deleted returns the latest DeletedDate, in UTC, and whether there is one.
func (e *Entry) Deleted() (at time.Time, ok bool) { return e.deleted.date() }

// Has reports whether the rows say that.
func (e *Entry) Has(flag Flags) bool { return e.flags&flag != 0 }

// Made returns the number of the instant at which the newest export was made that has
// the resource. It is 0 if nobody knows when one of them was made, which may be the
// newest.
func (e *Entry) Made() uint32 {
	if e.flags&unknownMade != 0 {
		return 0
	}
	return e.made
}

// Key returns the key of the resource.
func (e *Entry) Key() csvschema.KeyHash { return e.key }

// IsKnown reports whether the resource may have been deleted: a copy says more than that it
// exists, or was to be kept. [Index.Get] does not return other entries.
func (e *Entry) IsKnown() bool { return e.Has(known) }

// IsClear reports whether the rows say when the resource was deleted, and nothing of which a
// person should know.
func (e *Entry) IsClear() bool { return e.deleted != never && e.flags&^(known|unknownMade) == 0 }

// add adds what a row says in an export that was made then.
func (e *Entry) add(f Fact, made uint32) {
	if made == 0 {
		e.flags |= unknownMade
	}
	if made > e.made {
		e.made = made
		e.flags &^= Inactive
	}
	e.flags |= f.flags
	if e.id == (ID{}) {
		e.id = f.ID
	} else if f.ID != (ID{}) && f.ID != e.id {
		e.flags |= DifferentIDs
	}
	if f.deleted == never {
		return
	}
	if e.deleted != never && e.deleted != f.deleted {
		e.flags |= DifferentDates
	}
	e.deleted = max(e.deleted, f.deleted)
}

// NOTE. Entries stay where they are, in the order in which they were added, so that none is
// copied when the index grows, and the rows of a file find their entries one after the other.
// A hash table has their numbers:
//
//	table  [ . ][tag, 3][ . ][tag, 1][tag, 2] …
//	pages  [entry 1, entry 2, …] [entry 1025, …] …
//
// The tag is what is left of the word: bits of the key, so that the entry of another key is
// seldom looked at.

// An Index holds what is known about resources: some 40 to 50 bytes for each. The zero Index
// is empty. Several goroutines may get at the same time, but none while another adds.
type Index struct {
	table []uint32 // its length is a power of two; 0 is a free slot
	pages []*[pageSize]Entry
	count Number
}

const pageSize = 1024

// A Number is that of an entry, from 1. It has at most 30 bits. 0 is that of no entry.
type Number uint32

const maxNumber = 1<<30 - 1

// Add adds what a row says in an export that was made then, as in [NewEntry], and returns the
// number of its entry. Its key must not be zero. The resource is known from then on if the
// fact is not plain, or if keepPlain is true. Add panics if a billion resources are there.
func (x *Index) Add(f Fact, made uint32, keepPlain bool) Number {
	n := x.put(f.Key)
	e := x.At(n)
	if keepPlain || !f.IsPlain() {
		e.flags |= known
	}
	e.add(f, made)
	return n
}

// Fetch looks for the slots of facts that are added next, in a table that no cache holds, so
// that the processor waits for many of them at once and not for one after the other. What it
// returns says nothing.
//
//go:noinline
func (x *Index) Fetch(facts []Fact) (sum uint32) {
	if len(x.table) == 0 {
		return 0
	}
	for i := range facts {
		sum += x.table[binary.NativeEndian.Uint32(facts[i].Key[:])&x.last()]
	}
	return sum
}

// At returns the entry with that number, which Add returned.
func (x *Index) At(n Number) *Entry { return &x.pages[(n-1)/pageSize][(n-1)%pageSize] }

// Get returns the entry of a resource, or nil if it is not known.
func (x *Index) Get(key csvschema.KeyHash) *Entry {
	if x.count == 0 {
		return nil
	}
	slot := *x.find(key)
	if slot == 0 {
		return nil
	}
	if e := x.At(x.number(slot)); e.IsKnown() {
		return e
	}
	return nil
}

// put returns the number of the entry of a resource, which is new if there was none.
func (x *Index) put(key csvschema.KeyHash) Number {
	if int(x.count) >= len(x.table)/4*3 {
		x.grow()
	}
	slot := x.find(key)
	if *slot != 0 {
		return x.number(*slot)
	}
	if x.count == maxNumber {
		panic("labdsr: too many resources")
	}
	if x.count%pageSize == 0 {
		x.pages = append(x.pages, new([pageSize]Entry))
	}
	x.count++
	*slot = x.tag(key) | uint32(x.count)
	*x.At(x.count) = Entry{key: key, deleted: never}
	return x.count
}

// find returns the slot of a resource in the table, or the free one where it is to be.
func (x *Index) find(key csvschema.KeyHash) *uint32 {
	last, tag := x.last(), x.tag(key)
	for i := binary.NativeEndian.Uint32(key[:]) & last; ; i = (i + 1) & last {
		slot := &x.table[i]
		if *slot == 0 || *slot&^last == tag && x.At(x.number(*slot)).key == key {
			return slot
		}
	}
}

// last returns the number of the last slot: all bits that a number may have, because there are
// fewer entries than slots.
func (x *Index) last() uint32 { return uint32(len(x.table) - 1) } //nolint:gosec // see maxNumber

// number returns the number in a slot.
func (x *Index) number(slot uint32) Number { return Number(slot & x.last()) }

// tag returns bits of the key, none of which decides where its slot is.
func (x *Index) tag(key csvschema.KeyHash) uint32 {
	return binary.NativeEndian.Uint32(key[8:]) &^ x.last()
}

// grow makes the table twice as large.
func (x *Index) grow() {
	x.table = make([]uint32, max(1024, 2*len(x.table)))
	for n := Number(1); n <= x.count; n++ {
		key := x.At(n).key
		*x.find(key) = x.tag(key) | uint32(n)
	}
}
