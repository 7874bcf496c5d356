// Package index holds what the rows of all exports say about resources that may have
// been deleted, in few bytes for each.
package index

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A Fact is what one row says about its resource.
type Fact struct {
	// Key and ID are those of the resource. They are set by the caller: who needs no plain
	// facts does not have to compute theirs.
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

func (i instant) time() time.Time {
	seconds, ticks := int64(i)/ticksPerSecond, int64(i)%ticksPerSecond
	return time.Unix(seconds-unixToYearOne, 100*ticks).UTC()
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
	status := rec.Value(csvschema.ResourceStatus)
	switch {
	case len(bytes.TrimSpace(status)) == 0: // says nothing
	case equalFold(status, "active"):
		if isDated {
			f.flags |= ActiveWithDate
		}
	case !equalFold(status, "inactive"):
		f.flags |= UnreadableStatus
	case !isDated && err == nil:
		f.flags |= Inactive
	}
	return f
}

// equalFold reports whether a cell is a word in any letter case, blanks around it
// left out.
func equalFold(cell []byte, lower string) bool {
	return len(cell) == len(lower) && bytes.EqualFold(cell, []byte(lower)) || string(bytes.ToLower(bytes.TrimSpace(cell))) == lower
}

// IsPlain reports whether the fact is only that the resource exists.
func (f Fact) IsPlain() bool { return f.deleted == never && f.flags == 0 }

// Has reports whether the row says that.
func (f Fact) Has(flag Flags) bool { return f.flags&flag != 0 }

// An Entry is what the rows seen so far say about a resource. The exports are
// read in the order in which they were made, those of which nobody knows when at
// the end, so that the newest has the last word.
type Entry struct {
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
func (e *Entry) Deleted() (at time.Time, ok bool) {
	if e.deleted == never {
		return time.Time{}, false
	}
	return e.deleted.time(), true
}

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

// Differs reports whether a row with the ID is of another resource than the copies before,
// and the entry does not know yet.
func (e *Entry) Differs(id ID) bool {
	return id != (ID{}) && e.id != (ID{}) && id != e.id && !e.Has(DifferentIDs)
}

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
	if e.Differs(f.ID) {
		e.flags |= DifferentIDs
	}
	if e.id == (ID{}) {
		e.id = f.ID
	}
	if f.deleted == never {
		return
	}
	if e.deleted != never && e.deleted != f.deleted {
		e.flags |= DifferentDates
	}
	e.deleted = max(e.deleted, f.deleted)
}

// An Index holds what is known about resources that may have been deleted: some 40
// to 60 bytes for each. It is a hash table in many parts. Each grows by a half, and
// seldom at the same time as others. The zero Index is empty. Several goroutines may
// get at the same time, but none while another adds.
type Index struct {
	parts [partCount]part

	undated int // entries without a DeletedDate, at most
}

// Add adds what a row says in an export that was made then, as in [NewEntry]. Its key
// must not be zero. A plain fact is added only where something is known, or if
// keepPlain is true.
func (x *Index) Add(f Fact, made uint32, keepPlain bool) {
	e := x.Get(f.Key)
	if e == nil {
		if f.IsPlain() && !keepPlain {
			return
		}
		e = x.put(f.Key)
		if f.deleted == never {
			x.undated++
		}
	}
	e.add(f, made)
}

// MarkDifferent notes that rows of the resources, which are in the index, have different
// ResourceIds.
func (x *Index) MarkDifferent(keys []csvschema.KeyHash) {
	for _, key := range keys {
		x.Get(key).flags |= DifferentIDs
	}
}

// HasUndated reports whether a resource may be in the index that has no DeletedDate.
func (x *Index) HasUndated() bool { return x.undated > 0 }

const partCount = 64

type part struct {
	slots []slot // with the key zero if free
	count int
}

// A slot is 32 bytes.
type slot struct {
	key   csvschema.KeyHash
	entry Entry
}

// Get returns the entry of a resource, or nil. It is valid until another is added.
func (x *Index) Get(key csvschema.KeyHash) *Entry {
	p := x.part(key)
	if len(p.slots) == 0 {
		return nil
	}
	if s := p.find(key); s.key == key {
		return &s.entry
	}
	return nil
}

// put returns the entry of a resource, which is new if there was none.
func (x *Index) put(key csvschema.KeyHash) *Entry {
	p := x.part(key)
	if p.count >= len(p.slots)/8*7 {
		p.grow()
	}
	s := p.find(key)
	if s.key != key {
		*s = slot{key, Entry{deleted: never}}
		p.count++
	}
	return &s.entry
}

func (x *Index) part(key csvschema.KeyHash) *part { return &x.parts[key[0]%partCount] }

// find returns the slot of a resource, or the free one where it is to be.
func (p *part) find(key csvschema.KeyHash) *slot {
	n := uint64(len(p.slots))
	// The second half of the hash is spread evenly over the slots, whose number is
	// no power of two.
	i := (binary.NativeEndian.Uint64(key[8:]) >> 32) * n >> 32
	for p.slots[i].key != key && p.slots[i].key != (csvschema.KeyHash{}) {
		if i++; i == n {
			i = 0
		}
	}
	return &p.slots[i]
}

func (p *part) grow() {
	old := p.slots
	p.slots = make([]slot, max(16, len(old)/2*3))
	for _, s := range old {
		if s.key != (csvschema.KeyHash{}) {
			*p.find(s.key) = s
		}
	}
}
