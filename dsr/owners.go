package dsr

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. A search asks for every row whether it is a subject's, and nearly always the
// answer is no. So it keeps two things:
//
//	subjectIndex   made once of the subjects, then only read, by all workers
//	worker         the buffers of one goroutine, and what it learned about values: a
//	               lab has few owners and many rows, so that most rows cost one
//	               comparison with a value that was met before
//
// A subject is given by its index in the request. Sets of subjects are sorted slices.

// A subjectIndex tells which subjects an identifier belongs to, and to which it is
// near.
type subjectIndex struct {
	normal map[string][]int // by normal form
	near   identity.NearIndex
}

func newSubjectIndex(subjects []Subject) *subjectIndex {
	x := &subjectIndex{normal: make(map[string][]int)}
	for number, s := range subjects {
		for _, id := range s.ids {
			normal := id.Reveal()
			x.normal[normal] = append(x.normal[normal], number)
			x.near.Add(id, number)
		}
	}
	return x
}

const (
	maxPeople      = 4 << 10 // people that a worker remembers
	maxPersonBytes = 320     // longest value that it remembers; an address is at most 254
)

// A person is what is known about a value that may name one: an owner cell, or the
// x of /users/{x}.
type person struct {
	value  string
	blank  bool
	theirs []int // subjects whose identifier it is
	near   []int // subjects whose identifier it nearly is, without theirs
}

// A worker decides about the rows of one chunk after the other. Only one goroutine
// may use it. What its methods return is valid until the next call.
type worker struct {
	*subjectIndex
	finder   identity.Finder
	normalBy []byte // buffer of norm
	segments [][]byte
	people   map[string]*person
	recent   [1 << recentBits]*person // those that were asked for last, by recentAt

	theirs, near, alias []int // buffers of machine and path

	labCell []byte // LabUId of the last row: most rows are of the same lab
	lab     []byte // its normal form
	labHash uint64 // of lab, if there are links
	labRows *int64 // where its rows are counted; nil at the beginning of a chunk

	links  *linkSet      // nil without a disks file
	hashes []uint64      // buffer of those of a chunk
	found  []link        // buffer of links
	byDisk []linksOfDisk // buffer of linksOfDisks
	warmed uint64        // see linkSet.warm
	key    []byte        // buffer of keyOf
}

// worker returns a worker for the next chunk, which may have worked before.
func (s *search) worker() *worker {
	w := s.workers.get()
	if w == nil {
		w = &worker{subjectIndex: s.index, people: make(map[string]*person)}
	}
	w.links, w.labRows = s.links, nil
	return w
}

// norm returns the normal form of a value.
func (w *worker) norm(value []byte) []byte {
	w.normalBy = identity.AppendNormal(w.normalBy[:0], value)
	return w.normalBy
}

// subjectsOf returns the subjects whose identifier the value is as a whole. The
// result is shared.
func (w *worker) subjectsOf(value []byte) []int { return w.normal[string(w.norm(value))] }

// appendNear appends the subjects that the value is nearly an identifier of.
func (w *worker) appendNear(dst []int, value []byte) []int {
	id, err := identity.Parse(string(value))
	if err != nil { // no identifier, or a replacement of ours: near to nobody
		return dst
	}
	return w.subjectIndex.near.Find(dst, id)
}

// person tells what is known about a value.
func (w *worker) person(value []byte) *person {
	if !w.subjectIndex.near.MayHold(value) {
		return &somebodyElse
	}
	at := &w.recent[recentAt(value)]
	if p := *at; p != nil && p.value == string(value) {
		return p
	}
	p, ok := w.people[string(value)]
	if !ok {
		normal := w.norm(value)
		p = &person{value: string(value), blank: len(normal) == 0, theirs: w.normal[string(normal)]}
		if !p.blank {
			p.near = without(w.appendNear(nil, value), p.theirs)
		}
		if len(value) > maxPersonBytes {
			return p
		}
		if len(w.people) == maxPeople {
			clear(w.people)
		}
		w.people[p.value] = p
	}
	*at = p
	return p
}

// somebodyElse is nobody's identifier, nor nearly one.
var somebodyElse person

const recentBits = 12

// recentAt returns where in worker.recent a value is looked for: by its length,
// beginning and end.
func recentAt(value []byte) uint64 {
	n := len(value)
	if n < 8 {
		return uint64(n)
	}
	hash := (binary.LittleEndian.Uint64(value) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(value[n-8:]), 23) ^ uint64(n)) * 0x9E3779B97F4A7C15
	return hash >> (64 - recentBits)
}

// A machineVerdict tells of a row of virtual machines to whom it means what.
type machineVerdict struct {
	theirs []int
	rule   Rule  // why, for all of them
	near   []int // not theirs, but nearly
	alias  []int // to whom the row suggests a further identifier
}

// machine decides about a row of virtual machines by its cells ResourceOwner and
// EnvironmentId.
func (w *worker) machine(owner, environment []byte) machineVerdict {
	o := w.person(owner)
	v := machineVerdict{theirs: o.theirs, rule: RuleOwner, near: o.near}
	if len(environment) == 0 {
		return v
	}
	w.segments = w.finder.UserSegments(w.segments[:0], environment)
	if len(w.segments) == 0 {
		return v
	}
	w.alias = w.alias[:0]
	if o.blank {
		v.rule = RuleEnvironment
		w.theirs, w.near = w.theirs[:0], w.near[:0]
		for _, x := range w.segments {
			user := w.person(x)
			w.theirs = append(w.theirs, user.theirs...)
			w.near = append(w.near, user.near...)
		}
		w.theirs = unique(w.theirs)
		w.near = without(unique(w.near), w.theirs)
		v.theirs, v.near = w.theirs, w.near
	} else {
		for _, x := range w.segments {
			w.alias = append(w.alias, w.person(x).theirs...)
		}
		w.alias = without(unique(w.alias), v.theirs)
	}
	if len(v.theirs) > 0 {
		for _, x := range w.segments {
			id, err := identity.Parse(string(x))
			if err == nil && id.IsObjectID() {
				w.alias = appendWithout(w.alias, v.theirs, w.normal[id.Reveal()])
			}
		}
		w.alias = unique(w.alias)
	}
	v.alias = w.alias
	return v
}

// A path is what the ResourceId of a disk tells about its user.
type path struct {
	theirs []int // subjects whose identifier it holds
	named  int   // how many of its segments name somebody; replacements of ours do not
}

// path reads the ResourceId of a disk. It does not say who is a third party
// (see [worker.namesOther]): that takes a lookup for each subject, and is asked
// rarely.
func (w *worker) path(resourceID []byte) path {
	w.segments = w.finder.UserSegments(w.segments[:0], resourceID)
	p := path{}
	w.theirs = w.theirs[:0]
	for _, x := range w.segments {
		if identity.IsReplacement(x) {
			continue
		}
		p.named++
		w.theirs = append(w.theirs, w.subjectsOf(x)...)
	}
	w.theirs = unique(w.theirs)
	p.theirs = w.theirs
	return p
}

// namesOther reports whether the path that was read last names somebody who is
// not the subject.
func (w *worker) namesOther(subject int) bool {
	for _, x := range w.segments {
		if !identity.IsReplacement(x) && !slices.Contains(w.subjectsOf(x), subject) {
			return true
		}
	}
	return false
}

// unique sorts numbers and drops those that are there already.
func unique(numbers []int) []int {
	if len(numbers) < 2 {
		return numbers
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// without drops from numbers those that are among others, in place.
func without(numbers, others []int) []int {
	if len(others) == 0 {
		return numbers
	}
	return slices.DeleteFunc(numbers, func(n int) bool { return slices.Contains(others, n) })
}

// appendWithout appends to dst those numbers that are not among others.
func appendWithout(dst, numbers, others []int) []int {
	for _, n := range numbers {
		if !slices.Contains(others, n) {
			dst = append(dst, n)
		}
	}
	return dst
}
