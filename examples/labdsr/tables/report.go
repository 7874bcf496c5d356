package tables

import "github.com/labdsr/labdsr/csvschema"

// A Report says what tables were made of, in counts and places. It holds no cell of a file. Keys
// are linkable by whoever holds the exports.
type Report struct {
	Machines, Disks Resources
	Months          int64 // rows of the table of months

	// NoMonth is how many machines are in no month, because nobody knows when they were created,
	// and NotYet how many were created at [Options.At] or later, and are in none, either.
	NoMonth, NotYet int64
	// UntilAt is how many machines exist in an export of which nobody knows when it was made: they
	// count until [Options.At], though they may be long gone.
	UntilAt int64

	// Contradictions are those between copies of a resource, by role and in the order in which
	// they were found, up to [Options.MaxContradictions]. Found counts all of each kind.
	Contradictions []Contradiction
	Found          map[ContradictionKind]int64
}

// Resources count what a table of machines or disks was made of.
type Resources struct {
	Files int
	Read  int64 // rows of the exports
	Rows  int64 // of the table

	NoResource int64 // of Rows, those whose key identifies nothing: each of them may be a copy of another
	Hidden     int64 // cells that are null because they hold an identifier, or may
	Unreadable int64 // dates that are null because they cannot be read
	Cut        int64 // instants that lost a decimal, or were after the year 9999 and are its end now
}

// Copies returns how many rows are not in the table, because another copy of their resource is.
func (r *Resources) Copies() int64 { return r.Read - r.Rows }

func (r *Resources) add(other *Resources) {
	r.Rows += other.Rows
	r.NoResource += other.NoResource
	r.Hidden += other.Hidden
	r.Unreadable += other.Unreadable
	r.Cut += other.Cut
}

// A Contradiction is two copies of a resource that say different things of what does not
// change.
type Contradiction struct {
	Kind         ContradictionKind
	Key          csvschema.Key
	Taken, Other Place // which copy is in the table, as far as the exports were read, and which is not
}

// A Place is a row of a file.
type Place struct {
	csvschema.FileID
	Line int64 // physical line on which it begins, from 1
}

// A ContradictionKind says in what copies of a resource differ.
type ContradictionKind uint8

const (
	// ExistsAgain is a copy that has a DeletedDate, where a copy of a later date has none.
	ExistsAgain ContradictionKind = iota + 1
	// DifferentDates is two copies with different DeletedDates.
	DifferentDates
	// DifferentCreation is two copies with different CreatedTimes.
	DifferentCreation
	// DifferentIDs is two copies with different ResourceIds or, of a disk, names.
	DifferentIDs
	// DifferentCopies is two copies of which no date says which is the newer, and of which a
	// cell differs.
	DifferentCopies
)

// ContradictionKinds are all kinds. Those that package anonymize knows, too, have its words.
var ContradictionKinds = [...]ContradictionKind{ExistsAgain, DifferentDates, DifferentCreation, DifferentIDs, DifferentCopies}

var contradictionKinds = [...]struct{ code, words string }{
	ExistsAgain:       {"exists-again", "deleted in an older copy, and not in a newer one"},
	DifferentDates:    {"different-dates", "different dates of deletion"},
	DifferentCreation: {"different-creation", "different dates of creation"},
	DifferentIDs:      {"different-ids", "different ResourceIds"},
	DifferentCopies:   {"different-copies", "copies that differ, and no date says which is the newer"},
}

// String returns the kind in words, and "" for any other value.
func (k ContradictionKind) String() string {
	if int(k) >= len(contradictionKinds) {
		return ""
	}
	return contradictionKinds[k].words
}

// MarshalText returns the code of the kind, which does not change, and "" for any other value.
func (k ContradictionKind) MarshalText() ([]byte, error) {
	if int(k) >= len(contradictionKinds) {
		return nil, nil
	}
	return []byte(contradictionKinds[k].code), nil
}
