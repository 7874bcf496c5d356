package dsr

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. A disk has no owner; it is a person's through the virtual machine that
// it belongs to. The export names that machine by an ID which Azure gives out
// again, so that several machines, one after the other, can be meant. These are
// the candidates, and time excludes some of them:
//
//	machine 1   |-----------|                     created, deleted: its end is known
//	machine 2                      |---------…    its end is not known
//	disk              |-----------|               machine 1 or nobody: theirs
//	disk              |---------------------…     machine 1 or 2: undetermined
//	disk                              |-----…     machine 2: theirs
//
// The first two disks may have been machine 1's; only the first cannot have been
// machine 2's, which was created when the disk was gone. A DeletedDate often
// equals CreatedTime where the truth is later, so such an end is not known.

// An instant is what a date cell says.
type instant struct {
	known      bool // a date
	unreadable bool // neither a date nor empty
	nanosecond int32
	second     int64 // since 1970
}

// newInstant returns what a cell says.
func newInstant(cell []byte, zone *time.Location) instant {
	t, empty, err := csvschema.ParseTime(cell, zone)
	switch {
	case err != nil:
		return instant{unreadable: true}
	case empty:
		return instant{}
	}
	return instant{known: true, second: t.Unix(), nanosecond: int32(t.Nanosecond())} //nolint:gosec // less than a second
}

// notBefore reports whether both are known and i is at or after j.
func (i instant) notBefore(j instant) bool {
	return i.known && j.known && (i.second > j.second || i.second == j.second && i.nanosecond >= j.nanosecond)
}

// A lifetime is when a resource was created and deleted.
type lifetime struct{ created, deleted instant }

func (l lifetime) unreadable() bool { return l.created.unreadable || l.deleted.unreadable }

// end returns when a virtual machine ended, if that is known.
func (l lifetime) end() instant {
	if l.created.known && !l.created.notBefore(l.deleted) {
		return l.deleted
	}
	return instant{}
}

// excludes reports whether a disk cannot have belonged to a virtual machine, by
// their lifetimes.
func excludes(machine, disk lifetime) bool {
	return machine.created.notBefore(disk.deleted) || disk.created.notBefore(machine.end())
}

// A candidate is a row of a virtual machine that a disk may belong to. Rows that
// agree in all of this count as one: more of them change no answer.
type candidate struct {
	export int
	owners int // set of the subjects whose row it is; see sets
	lifetime
}

// ofExport returns the candidates of the disk's own export, and those of the
// others only if there is none.
func ofExport(candidates []candidate, export int) []candidate {
	first := slices.IndexFunc(candidates, func(c candidate) bool { return c.export == export })
	if first < 0 {
		return candidates
	}
	// Candidates are in the order of their export.
	last := first
	for last < len(candidates) && candidates[last].export == export {
		last++
	}
	return candidates[first:last]
}

// A share is what the candidates of a disk say about one subject.
type share struct {
	subject int
	theirs  bool // otherwise undetermined
}

// shares appends to dst what the candidates, of which there is at least one, say
// about each subject to whom they mean something: in ascending order. For all
// other subjects the disk is not theirs.
func shares(dst []share, candidates []candidate, disk lifetime, sets *sets) []share {
	unreadable := disk.unreadable()
	remaining := 0
	var owners []int // of all candidates
	var left []int   // of those that remain, each as often as it owns one
	for _, c := range candidates {
		unreadable = unreadable || c.unreadable()
		owners = append(owners, sets.list[c.owners]...)
		if !excludes(c.lifetime, disk) {
			remaining++
			left = append(left, sets.list[c.owners]...)
		}
	}
	for _, subject := range unique(owners) {
		own := 0
		for _, n := range left {
			if n == subject {
				own++
			}
		}
		switch {
		case unreadable || remaining == 0:
			dst = append(dst, share{subject, false})
		case own > 0:
			dst = append(dst, share{subject, own == remaining})
		}
	}
	return dst
}

// sets gives a number to each set of subjects that owns a row, so that a
// candidate is small and comparable. Number 0 is the empty set.
type sets struct {
	list   [][]int
	number map[string]int
}

func newSets() *sets {
	s := &sets{number: make(map[string]int)}
	s.add(nil)
	return s
}

// add returns the number of the set, which is sorted. It is not kept.
func (s *sets) add(set []int) int {
	key := make([]byte, 0, 64)
	for _, n := range set {
		key = binary.AppendVarint(key, int64(n))
	}
	number, ok := s.number[string(key)]
	if !ok {
		number = len(s.list)
		s.list = append(s.list, slices.Clone(set))
		s.number[string(key)] = number
	}
	return number
}
