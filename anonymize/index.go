package anonymize

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A fact is what one row says about its resource.
type fact struct {
	key     csvschema.KeyHash
	deleted instant // of DeletedDate
	flags   flags
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

// flags say what rows say of a resource besides its DeletedDate.
type flags uint8

const (
	inactive         flags = 1 << iota // the newest copies say Inactive, without a date
	activeWithDate                     // a copy says Active, and when it was deleted
	differentDates                     // two copies have different dates
	unreadableDate                     // a copy has a date that cannot be read
	unreadableStatus                   // a copy is neither Active nor Inactive
	unknownMade                        // a copy is in an export of which nobody knows when it was made
)

// newFact returns what a record says. In a file without ResourceStatus it says nothing
// of its status.
func newFact(rec csvschema.Record, key csvschema.KeyHash, zone *time.Location) fact {
	f := fact{key: key, deleted: never}
	date, empty, err := csvschema.ParseTime(rec.Value(csvschema.DeletedDate), zone)
	isDated := err == nil && !empty && !date.IsZero()
	if err != nil {
		f.flags |= unreadableDate
	}
	if isDated {
		f.deleted = newInstant(date)
	}
	status := rec.Value(csvschema.ResourceStatus)
	switch {
	case len(bytes.TrimSpace(status)) == 0: // says nothing
	case equalFold(status, "active"):
		if isDated {
			f.flags |= activeWithDate
		}
	case !equalFold(status, "inactive"):
		f.flags |= unreadableStatus
	case !isDated && err == nil:
		f.flags |= inactive
	}
	return f
}

// equalFold reports whether a cell is a word in any letter case, blanks around it
// left out.
func equalFold(cell []byte, lower string) bool {
	return len(cell) == len(lower) && bytes.EqualFold(cell, []byte(lower)) || string(bytes.ToLower(bytes.TrimSpace(cell))) == lower
}

// isPlain reports whether the fact is that the resource exists.
func (f fact) isPlain() bool { return f.deleted == never && f.flags == 0 }

// An entry is what the rows seen so far say about a resource. The exports are
// read in the order in which they were made, those of which nobody knows when at
// the end, so that the newest has the last word.
type entry struct {
	deleted instant // the latest
	made    uint32  // number, from 1, of the instant at which the newest export was made, as in Plan.order; 0 if none is known
	flags   flags
}

// add adds what a row says. Made is that of its export, as in entry.
func (e *entry) add(f fact, made uint32) {
	if made == 0 {
		e.flags |= unknownMade
	}
	if made > e.made {
		e.made = made
		e.flags &^= inactive
	}
	e.flags |= f.flags
	if f.deleted == never {
		return
	}
	if e.deleted != never && e.deleted != f.deleted {
		e.flags |= differentDates
	}
	e.deleted = max(e.deleted, f.deleted)
}

// An index holds what is known about resources that may have been deleted: some 40
// to 60 bytes for each. It is a hash table in many parts. Each grows by a half, and
// seldom at the same time as others.
type index struct {
	parts [indexParts]indexPart

	undated int // entries without a DeletedDate, at most
}

// add adds what a row says in an export that was made then. A row that says nothing
// is added only where something is known, or if the export is old.
func (x *index) add(f fact, made uint32, isOld bool) {
	e := x.get(f.key)
	if e == nil {
		if f.isPlain() && !isOld {
			return
		}
		e = x.put(f.key)
		if f.deleted == never {
			x.undated++
		}
	}
	e.add(f, made)
}

const indexParts = 64

type indexPart struct {
	slots []slot // with the key zero if free
	count int
}

// A slot is 32 bytes.
type slot struct {
	key csvschema.KeyHash
	entry
}

// get returns the entry of a resource, or nil. It is valid until another is added.
func (x *index) get(key csvschema.KeyHash) *entry {
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
func (x *index) put(key csvschema.KeyHash) *entry {
	p := x.part(key)
	if p.count >= len(p.slots)/8*7 {
		p.grow()
	}
	s := p.find(key)
	if s.key != key {
		*s = slot{key, entry{deleted: never}}
		p.count++
	}
	return &s.entry
}

func (x *index) part(key csvschema.KeyHash) *indexPart { return &x.parts[key[0]%indexParts] }

// find returns the slot of a resource, or the free one where it is to be.
func (p *indexPart) find(key csvschema.KeyHash) *slot {
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

func (p *indexPart) grow() {
	old := p.slots
	p.slots = make([]slot, max(16, len(old)/2*3))
	for _, s := range old {
		if s.key != (csvschema.KeyHash{}) {
			*p.find(s.key) = s
		}
	}
}
