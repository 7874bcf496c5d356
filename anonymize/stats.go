package anonymize

import (
	"iter"
	"time"
)

// Stats say what a run read and did, in counts. Rows is the sum of Due, NotYetDue,
// NotDeleted, Unreadable, Undecided and Held.
type Stats struct {
	Rows       int64 // rows that were read
	Due        int64 // rows whose identifiers have to be gone
	NotYetDue  int64 // rows that will be due: their resource was deleted, or a request asks for it
	NotDeleted int64 // rows of resources that exist, as far as is known
	Unreadable int64 // rows that stayed because DeletedDate is no date
	Undecided  int64 // rows that stayed because the exports contradict themselves; a plan only
	Held       int64 // rows that stayed because of a hold

	Changed int64 // rows in which something was replaced
	Parts   int64 // of these, rows that are not due and lost only identifiers of requests

	// What was replaced in them. Findings that overlap count as one.
	Owners       int64 // whole ResourceOwner cells
	Addresses    int64 // e-mail addresses in other cells, further occurrences included
	UserSegments int64 // x of /users/{x}
	Occurrences  int64 // further occurrences of owners, object IDs and other x
	// Anonymous is how many owners, addresses and x of /users/{x} in the rows due were
	// anonymous already and stayed.
	Anonymous int64
	// Names is how many names were replaced. DerivedNames is how many of the rows due
	// still have a name that seems to be derived from the local part of the owner's
	// address.
	Names, DerivedNames int64

	// NextDue is the earliest instant at which another of these rows will be
	// due, in UTC. It is zero if there is none.
	NextDue time.Time

	// UnreadableLines are the physical lines of the rows in Unreadable.
	// UnknownColumns are the numbers, from 1, of the columns that are not
	// documented. Both belong to one file and have no meaning in a sum.
	UnreadableLines []int64
	UnknownColumns  []int
}

// All returns the counts, for metrics and logs: each of them in order, by the name of its
// field with a small first letter, such as "notYetDue". The names do not change.
func (s Stats) All() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		_ = yield("rows", s.Rows) && yield("due", s.Due) && yield("notYetDue", s.NotYetDue) && yield("notDeleted", s.NotDeleted) &&
			yield("unreadable", s.Unreadable) && yield("undecided", s.Undecided) && yield("held", s.Held) && yield("changed", s.Changed) &&
			yield("parts", s.Parts) && yield("owners", s.Owners) && yield("addresses", s.Addresses) && yield("userSegments", s.UserSegments) &&
			yield("occurrences", s.Occurrences) && yield("anonymous", s.Anonymous) && yield("names", s.Names) && yield("derivedNames", s.DerivedNames)
	}
}

// Add adds the counts of another run, of another file for instance, and takes
// the earlier NextDue. It drops the lists, which belong to one file.
func (s *Stats) Add(other Stats) {
	s.add(&other)
	s.UnreadableLines, s.UnknownColumns = nil, nil
}

// add is Add without dropping the lists.
func (s *Stats) add(other *Stats) {
	s.Rows += other.Rows
	s.Due += other.Due
	s.NotYetDue += other.NotYetDue
	s.NotDeleted += other.NotDeleted
	s.Unreadable += other.Unreadable
	s.Undecided += other.Undecided
	s.Held += other.Held
	s.Changed += other.Changed
	s.Parts += other.Parts
	s.Owners += other.Owners
	s.Addresses += other.Addresses
	s.UserSegments += other.UserSegments
	s.Occurrences += other.Occurrences
	s.Anonymous += other.Anonymous
	s.Names += other.Names
	s.DerivedNames += other.DerivedNames
	s.UnreadableLines = append(s.UnreadableLines, other.UnreadableLines...)
	s.addNext(other.NextDue)
}

// addNext takes an instant at which a row will be due; zero means none.
func (s *Stats) addNext(due time.Time) {
	if s.NextDue.IsZero() || !due.IsZero() && due.Before(s.NextDue) {
		s.NextDue = due.UTC()
	}
}
