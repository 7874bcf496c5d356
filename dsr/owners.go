package dsr

import (
	"slices"
	"sync"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/internal/recent"
)

// NOTE. A search asks of every row whether it is a subject's. The answer is nearly
// always no. Two types keep the question cheap:
//
//	subjectIndex   finds subjects by identifier; made once, then only read, by all
//	               workers
//	worker         holds the buffers of one goroutine, and remembers which values it
//	               has met last: a lab has few owners and many rows, so that most
//	               rows cost one comparison
//
// A subject is given by its index in the request. A set of subjects is a slice in
// ascending order.

// A subjectIndex finds the subjects who have an identifier, and those who have one
// that is near it or beside other text.
type subjectIndex struct {
	normal map[string][]int // subjects by normal form of an identifier
	owners map[string][]int // subjects by normal form of an owner: also verbatim identifiers
	near   identity.NearIndex
	ids    [256]bool // first bytes that an object ID of a subject may have in a cell
	hasIDs bool      // a subject has an object ID
	names  names
}

// newSubjectIndex returns the index of the subjects.
func newSubjectIndex(subjects []Subject) *subjectIndex {
	x := &subjectIndex{
		normal: make(map[string][]int, len(subjects)), owners: make(map[string][]int, len(subjects)),
		names: names{make([]identity.LocalParts, len(subjects)), make(map[string][]int, len(subjects))},
	}
	var parts sync.WaitGroup // they take a while with thousands of subjects
	for _, add := range [...]func(int, identity.Identifier){x.add, x.addNear, x.names.add} {
		parts.Go(func() {
			for number, s := range subjects {
				for _, id := range s.ids {
					add(number, id)
				}
			}
		})
	}
	parts.Wait()
	return x
}

// add adds an identifier as it is compared with whole values.
func (x *subjectIndex) add(subject int, id identity.Identifier) {
	normal := id.Reveal()
	if !id.IsVerbatim() {
		x.normal[normal] = append(x.normal[normal], subject)
	}
	if owners := x.owners[normal]; len(owners) == 0 || owners[len(owners)-1] != subject {
		x.owners[normal] = append(owners, subject)
	}
	if id.IsObjectID() && !id.IsVerbatim() {
		x.addID(normal[0])
	}
}

func (x *subjectIndex) addNear(subject int, id identity.Identifier) { x.near.Add(id, subject) }

// addID adds an object ID by its first digit. All bytes that are no digit may come before
// it in a cell.
func (x *subjectIndex) addID(digit byte) {
	x.hasIDs = true
	for c := range x.ids {
		lower := byte(c) | 0x20
		isDigit := lower >= 'a' && lower <= 'f' || c >= '0' && c <= '9'
		x.ids[c] = x.ids[c] || !isDigit || byte(c) == digit || lower == digit && digit >= 'a'
	}
}

// A person is what is known about a value that may name somebody: the cell
// ResourceOwner, or the x of /users/{x}.
type person struct {
	blank  bool
	theirs []int // subjects who have this identifier
	owned  []int // subjects whose owner this is: theirs, and those with the verbatim text
	near   []int // other subjects, of whom it holds an identifier or one near it
}

// A worker decides about the rows of one chunk after another. Only one goroutine at
// a time may use it. What its methods return is valid until the next call.
type worker struct {
	index    *subjectIndex
	finder   identity.Finder
	normal   []byte          // buffer of norm
	segments [][]byte        // the x of each /users/{x} in the cell that was read last
	spans    []identity.Span // buffer of namesakes
	decoded  []byte          // the same
	letters  []byte          // the same
	people   recent.Cache[*person]
	others   recent.Cache[struct{}] // EnvironmentIds whose users are no subjects and near none

	theirs, near, alias []int // buffers of machine and userPath

	linker
	chunk   int64  // number of the chunk, among those that this worker gets
	labRows *int64 // counter of the rows of the lab; nil before the first row of a chunk
}

// getWorker returns a worker for one chunk. It may have worked before.
func (s *search) getWorker() *worker {
	w, ok := s.workers.Get().(*worker)
	if !ok {
		w = &worker{index: s.index, linker: linker{seeds: s.seeds}}
	}
	w.chunk++
	w.labRows = nil
	return w
}

// norm returns the normal form of a value.
func (w *worker) norm(value []byte) []byte {
	w.normal = identity.AppendNormal(w.normal[:0], value)
	return w.normal
}

// subjectsOf returns the subjects who have an identifier that equals the whole value.
// The result must not be changed.
func (w *worker) subjectsOf(value []byte) []int { return w.index.normal[string(w.norm(value))] }

// person returns what is known about a value.
func (w *worker) person(value []byte) *person {
	p, ok := w.people.Get(value)
	if !ok {
		p = w.newPerson(value)
		w.people.Put(value, p)
	}
	return p
}

// newPerson finds out about a value.
func (w *worker) newPerson(value []byte) *person {
	if !w.index.near.MayHold(value) {
		return &somebodyElse
	}
	normal := w.norm(value)
	p := &person{blank: len(normal) == 0, theirs: w.index.normal[string(normal)], owned: w.index.owners[string(normal)]}
	if !p.blank {
		p.near = without(w.index.near.FindIn(nil, value), p.theirs)
	}
	return p
}

// somebodyElse is a person who is no subject and near none.
var somebodyElse person

// A machineVerdict says to which subjects a row of virtual machines belongs, and
// what else it tells about them.
type machineVerdict struct {
	theirs []int
	rule   Rule  // of all of theirs
	near   []int // subjects whom the row nearly names
	alias  []int // subjects of whom the row may show a further identifier
}

// machine decides about a row of virtual machines by its cells ResourceOwner, of which o is
// known, and EnvironmentId; see Rule and FindingKind.
func (w *worker) machine(o *person, row *cells) machineVerdict {
	v := machineVerdict{theirs: o.owned, rule: RuleOwner, near: o.near}
	if len(o.owned) > len(o.theirs) && len(o.near) > 0 {
		w.near = appendWithout(w.near[:0], o.near, o.owned)
		v.near = w.near
	}
	if len(row.environment) == 0 {
		return v
	}
	w.segments = w.finder.UserSegments(w.segments[:0], row.environment)
	if len(w.segments) == 0 {
		if w.namesNobody(row.owner) {
			v.near = without(w.alsoNear(nil, row.environment), v.theirs)
		}
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
		w.near = append(w.near[:0], v.near...)
		isOthers := true
		for _, x := range w.segments {
			user := w.person(x)
			isOthers = isOthers && user == &somebodyElse
			w.alias = append(w.alias, user.theirs...)
			w.near = append(w.near, user.near...)
		}
		if isOthers {
			w.others.Put(row.environment, struct{}{})
		}
		w.alias = without(unique(w.alias), v.theirs)
		v.near = without(unique(w.near), v.theirs)
	}
	if len(v.theirs) > 0 {
		for _, x := range w.segments {
			id, err := identity.Parse(string(x))
			if err == nil && id.IsObjectID() && !isNilObjectID(id) {
				w.alias = appendWithout(w.alias, v.theirs, w.index.normal[id.Reveal()])
			}
		}
		w.alias = unique(w.alias)
	}
	v.alias = w.alias
	return v
}

// userPath returns the subjects who are users in the ResourceId of a disk, and
// whether it names a user at all, whoever it is.
func (w *worker) userPath(resourceID []byte) (theirs []int, namesSomebody bool) {
	w.segments = w.finder.UserSegments(w.segments[:0], resourceID)
	w.theirs = w.theirs[:0]
	for _, x := range w.segments {
		if w.isNobody(x) {
			continue
		}
		namesSomebody = true
		w.theirs = append(w.theirs, w.subjectsOf(x)...)
	}
	w.theirs = unique(w.theirs)
	return w.theirs, namesSomebody
}

// isNobody reports whether a user is a replacement of ours or the nil GUID.
func (w *worker) isNobody(x []byte) bool {
	return identity.IsReplacement(x) || string(w.norm(x)) == identity.NilObjectID
}

// nearPath returns the subjects who are not users in the ResourceId that userPath read
// last, but nearly so.
func (w *worker) nearPath() []int {
	w.near = w.near[:0]
	for _, x := range w.segments {
		w.near = append(w.near, w.person(x).near...)
	}
	w.near = without(unique(w.near), w.theirs)
	return w.near
}

// alsoNear returns the subjects, and those whom a path without users names in another way.
func (w *worker) alsoNear(subjects []int, path []byte) []int {
	user := w.person(path)
	w.near = append(append(append(w.near[:0], subjects...), user.theirs...), user.near...)
	return unique(w.near)
}

// pathNamesOther reports whether the ResourceId that userPath read last names a user
// who is not the subject.
func (w *worker) pathNamesOther(subject int) bool {
	for _, x := range w.segments {
		if !w.isNobody(x) && !slices.Contains(w.subjectsOf(x), subject) {
			return true
		}
	}
	return false
}

// unique sorts numbers and keeps each once, in place.
func unique(numbers []int) []int {
	if len(numbers) < 2 {
		return numbers
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// without removes from numbers those that are among others, in place.
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
