package dsr

import (
	"cmp"
	"slices"

	"github.com/labdsr/labdsr/dsr/internal/period"
)

// NOTE. A disk has no owner. It belongs to a person through the virtual machine that
// it belongs to. The export names that machine by an ID which Azure gives out again,
// so that the ID can mean several machines, one after the other. These machines are
// the candidates. Time excludes some of them:
//
//	machine 1   |-----------|                     created, deleted: its end is known
//	machine 2                      |---------…    its end is not known
//	disk              |-----------|               of machine 1 or of nobody: theirs
//	disk              |---------------------…     of machine 1 or 2: undetermined
//	disk                              |-----…     of machine 2: theirs
//
// The first two disks may have been machine 1's. The first cannot have been machine
// 2's, which was created after the disk was deleted. A DeletedDate often equals the
// CreatedTime although the machine was deleted later, so such an end is not known.

// A candidate is a row of a virtual machine that a disk may belong to.
type candidate struct {
	export int   // its number
	owners []int // subjects whose row it is, in ascending order; empty for somebody else's
	claims []int // subjects whose a person may decide that it is, in ascending order
	period.Lifetime
}

// appendSubjects appends the subjects whose candidates are or may be.
func appendSubjects(dst []int, candidates []candidate) []int {
	for _, c := range candidates {
		dst = append(append(dst, c.owners...), c.claims...)
	}
	return dst
}

// machineIDs are the hashes of the IDs of a row of a virtual machine; 0 for what is no ID.
type machineIDs struct{ uid, resource, compute uint64 }

// isNamed reports whether a ResourceId with that hash is the machine's, as far as its row
// can tell.
func (ids machineIDs) isNamed(resource uint64) bool {
	return ids.resource == 0 || ids.resource == resource || ids.compute == resource
}

// sortCandidates puts the candidates of a link in the order of their exports. It
// keeps one of those that are equal: more of them change no answer, and the same
// machine is often in several files.
func sortCandidates(candidates []candidate) []candidate {
	slices.SortFunc(candidates, func(a, b candidate) int {
		return cmp.Or(a.export-b.export, a.Compare(b.Lifetime), slices.Compare(a.owners, b.owners), slices.Compare(a.claims, b.claims))
	})
	return slices.CompactFunc(candidates, func(a, b candidate) bool {
		return a.export == b.export && a.Lifetime == b.Lifetime && slices.Equal(a.owners, b.owners) && slices.Equal(a.claims, b.claims)
	})
}

// ofExport returns the candidates of the disk's own export, or all if there is none.
// The candidates are in the order of their exports.
func ofExport(candidates []candidate, export int) []candidate {
	first := slices.IndexFunc(candidates, func(c candidate) bool { return c.export == export })
	if first < 0 {
		return candidates
	}
	last := first
	for last < len(candidates) && candidates[last].export == export {
		last++
	}
	return candidates[first:last]
}

// contradict reports whether machines of one ResourceUId have several ResourceIds. A
// program wrote one ResourceUId for several resources then, and a disk with it may be a
// stranger's.
func contradict(machines map[machineIDs]struct{}) bool {
	var resource uint64
	for ids := range machines {
		if resource == 0 {
			resource = ids.resource
		}
		if ids.resource != 0 && ids.resource != resource {
			return true
		}
	}
	return false
}

// areNamed reports whether the ResourceId of a disk is that of all machines, or of none: of
// the disk itself, for which resource is 0.
func areNamed(machines map[machineIDs]struct{}, resource uint64) bool {
	for ids := range machines {
		if resource != 0 && !ids.isNamed(resource) {
			return false
		}
	}
	return true
}

// attribute returns the subjects whose the disk is, and those whose it may be, both
// in ascending order. For all other subjects the disk is not theirs. There is at
// least one candidate. One that may be a subject's, if a person decides so, is neither
// theirs nor somebody else's.
func attribute(candidates []candidate, disk period.Lifetime) (theirs, undetermined []int) {
	unreadable := disk.Unreadable()
	remaining := 0                    // candidates that time does not exclude
	var remainingOwners, claims []int // of those; an owner as often as it owns one
	for _, c := range candidates {
		unreadable = unreadable || c.Unreadable()
		if !c.Excludes(disk) {
			remaining++
			remainingOwners = append(remainingOwners, c.owners...)
			claims = append(claims, c.claims...)
		}
	}
	for _, subject := range unique(appendSubjects(nil, candidates)) {
		owned := 0 // of the remaining candidates
		for _, n := range remainingOwners {
			if n == subject {
				owned++
			}
		}
		switch {
		case unreadable || remaining == 0 || 0 < owned && owned < remaining || slices.Contains(claims, subject):
			undetermined = append(undetermined, subject)
		case owned == remaining:
			theirs = append(theirs, subject)
		}
	}
	return theirs, undetermined
}
