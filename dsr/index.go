package dsr

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Whose a row is, is asked for every row of every file, and nearly always
// the answer is "nobody's". So the work is laid out like this:
//
//	index     made once of the subjects, then only read; shared by all workers
//	scanner   the buffers of one worker, and what it learnt about values: a lab
//	          has few owners and many rows, so that a row costs a look at the
//	          place where a value like its owner stood last, or a map lookup
//
// Subjects are known by their position in the request, in sorted slices.

// An index knows which subjects an identifier belongs to, and to which it is
// near.
type index struct {
	normal map[string][]int // by normal form
	near   identity.NearIndex
}

func newIndex(subjects []Subject) *index {
	x := &index{normal: make(map[string][]int)}
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
	maxPeople      = 4 << 10 // people that a scanner remembers
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

// A scanner decides about the rows of one chunk after the other. It is for one
// goroutine. What its methods return is valid until the next call.
type scanner struct {
	*index
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

	links  *linkSet // nil without a disks file
	hashes []uint64 // buffer of those of a chunk
	found  []link   // buffer of links
	linked []linked // buffer of linksOfDisks
	warmed uint64   // see linkSet.warm
	key    []byte   // buffer of keyOf
}

func newScanner(x *index, links *linkSet) *scanner {
	return &scanner{index: x, links: links, people: make(map[string]*person)}
}

// An idleList holds what is used again and again, while nobody uses it. It is no
// sync.Pool: what a scanner learnt about owners should not be collected.
type idleList[T any] struct {
	mu   sync.Mutex
	idle []*T
}

// get returns one that is idle, or nil if none is.
func (l *idleList[T]) get() *T {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.idle)
	if n == 0 {
		return nil
	}
	x := l.idle[n-1]
	l.idle = l.idle[:n-1]
	return x
}

func (l *idleList[T]) put(x *T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = append(l.idle, x)
}

// norm returns the normal form of a value.
func (s *scanner) norm(value []byte) []byte {
	s.normalBy = identity.AppendNormal(s.normalBy[:0], value)
	return s.normalBy
}

// subjectsOf returns the subjects whose identifier the value is as a whole. The
// result is shared.
func (s *scanner) subjectsOf(value []byte) []int { return s.normal[string(s.norm(value))] }

// appendNear appends the subjects that the value is nearly an identifier of.
func (s *scanner) appendNear(dst []int, value []byte) []int {
	id, err := identity.Parse(string(value))
	if err != nil { // no identifier, or a replacement of ours: near to nobody
		return dst
	}
	return s.index.near.Append(dst, id)
}

// person tells what is known about a value.
func (s *scanner) person(value []byte) *person {
	if !s.index.near.MayHold(value) {
		return &somebodyElse
	}
	at := &s.recent[recentAt(value)]
	if p := *at; p != nil && p.value == string(value) {
		return p
	}
	p, ok := s.people[string(value)]
	if !ok {
		normal := s.norm(value)
		p = &person{value: string(value), blank: len(normal) == 0, theirs: s.normal[string(normal)]}
		if !p.blank {
			p.near = without(s.appendNear(nil, value), p.theirs)
		}
		if len(value) > maxPersonBytes {
			return p
		}
		if len(s.people) == maxPeople {
			clear(s.people)
		}
		s.people[p.value] = p
	}
	*at = p
	return p
}

// somebodyElse is nobody's identifier, nor nearly one.
var somebodyElse person

const recentBits = 12

// recentAt returns where in scanner.recent a value is looked for: by its length,
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
func (s *scanner) machine(owner, environment []byte) machineVerdict {
	o := s.person(owner)
	v := machineVerdict{theirs: o.theirs, rule: RuleOwner, near: o.near}
	if len(environment) == 0 {
		return v
	}
	s.segments = s.finder.UserSegments(s.segments[:0], environment)
	if len(s.segments) == 0 {
		return v
	}
	s.alias = s.alias[:0]
	if o.blank {
		v.rule = RuleEnvironment
		s.theirs, s.near = s.theirs[:0], s.near[:0]
		for _, x := range s.segments {
			user := s.person(x)
			s.theirs = append(s.theirs, user.theirs...)
			s.near = append(s.near, user.near...)
		}
		s.theirs = unique(s.theirs)
		s.near = without(unique(s.near), s.theirs)
		v.theirs, v.near = s.theirs, s.near
	} else {
		for _, x := range s.segments {
			s.alias = append(s.alias, s.person(x).theirs...)
		}
		s.alias = without(unique(s.alias), v.theirs)
	}
	if len(v.theirs) > 0 {
		for _, x := range s.segments {
			id, err := identity.Parse(string(x))
			if err == nil && id.Kind() == identity.ObjectID {
				s.alias = appendWithout(s.alias, v.theirs, s.normal[id.Reveal()])
			}
		}
		s.alias = unique(s.alias)
	}
	v.alias = s.alias
	return v
}

// A path is what the ResourceId of a disk tells about its user.
type path struct {
	theirs []int // subjects whose identifier it holds
	named  int   // how many of its segments name somebody; replacements of ours do not
}

// path reads the ResourceId of a disk. It does not say who is a third party
// (see [scanner.namesOther]): that takes a lookup for each subject, and is asked
// rarely.
func (s *scanner) path(resourceID []byte) path {
	s.segments = s.finder.UserSegments(s.segments[:0], resourceID)
	p := path{}
	s.theirs = s.theirs[:0]
	for _, x := range s.segments {
		if identity.IsReplacement(x) {
			continue
		}
		p.named++
		s.theirs = append(s.theirs, s.subjectsOf(x)...)
	}
	s.theirs = unique(s.theirs)
	p.theirs = s.theirs
	return p
}

// namesOther reports whether the path that was read last names somebody who is
// not the subject.
func (s *scanner) namesOther(subject int) bool {
	for _, x := range s.segments {
		if !identity.IsReplacement(x) && !slices.Contains(s.subjectsOf(x), subject) {
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
