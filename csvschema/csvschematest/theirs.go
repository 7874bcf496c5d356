package csvschematest

import (
	"fmt"
	"iter"
	"testing"

	"github.com/labdsr/labdsr/csvschema"
)

// A Place is a row of a file in some exports.
type Place struct {
	csvschema.FileID
	Row int64 // number of the data row in its file, from 1
}

// Theirs returns the rows that belong to the person with that name, in order.
func (s *Set) Theirs(person string) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		for r := range s.Rows() {
			at := Place{csvschema.FileID{Export: r.Export, File: r.File, Role: r.Role}, int64(r.Number)}
			if r.Truth(person).Verdict == Theirs && !yield(at) {
				return
			}
		}
	}
}

// Theirs returns the rows of the subject with that name, in order, for a request with
// [Large.Export] alone.
func (l *Large) Theirs(person string) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		for _, role := range [...]csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			for _, h := range l.hits {
				at := Place{csvschema.FileID{Export: 1, File: 1, Role: role}, h.Row}
				if l.subjects[h.Subject].Name == person && !yield(at) {
					return
				}
			}
		}
	}
}

// AssertTheirs asserts that a program found the rows of a person, each once, and no
// others. Want are those of [Set.Theirs] or [Large.Theirs]; the order of found does not
// matter. A program that makes places of the matches of package dsr writes:
//
//	found = append(found, csvschematest.Place{FileID: m.FileID, Row: m.Row})
//
// Reports give places and hold nothing of the files.
func AssertTheirs(tb testing.TB, want iter.Seq[Place], found []Place) {
	tb.Helper()
	times := map[Place]int{}
	for _, at := range found {
		times[at]++
	}
	places := reporter{tb: tb}
	isTheirs := map[Place]bool{}
	for at := range want {
		isTheirs[at] = true
		if times[at] == 0 {
			places.add("%v is theirs and was not found", at)
		}
	}
	for _, at := range found {
		n := times[at]
		switch delete(times, at); {
		case n == 0: // reported before
		case !isTheirs[at]:
			places.add("%v is not theirs", at)
		case n > 1:
			places.add("%v was found %d times", at, n)
		}
	}
	places.done()
}

// String returns for instance "disks file 2 of export 1, row 7".
func (p Place) String() string { return fmt.Sprintf("%v, row %d", p.FileID, p.Row) }
