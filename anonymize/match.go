package anonymize

import (
	"hash"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A requestSet finds requests by identifiers. It is read-only.
type requestSet struct {
	byNormal  map[string][]int // by the normal form of the identifier
	byDigest  map[identity.Digest][]int
	objectIDs bool // one of them may be an object ID
	key       identity.SecretKey
}

// newRequestSet returns the requests of a policy, or nil if it has none.
func newRequestSet(p *Policy) *requestSet {
	if len(p.Requests) == 0 {
		return nil
	}
	s := &requestSet{byNormal: map[string][]int{}, byDigest: map[identity.Digest][]int{}, key: p.Key}
	for i, q := range p.Requests {
		if q.Identifier.IsZero() {
			s.byDigest[q.Digest] = append(s.byDigest[q.Digest], i)
			s.objectIDs = true
			continue
		}
		normal := q.Identifier.Reveal()
		s.byNormal[normal] = append(s.byNormal[normal], i)
		s.objectIDs = s.objectIDs || q.Identifier.IsObjectID()
	}
	return s
}

// A matcher finds the requests whose identifiers a row holds. Only one goroutine may
// use it.
type matcher struct {
	set    *requestSet
	finder identity.Finder
	hash   hash.Hash
	known  map[string][]int // the requests of normal forms, where digests are compared
	quiet  [][]byte         // for each column the last cell in which nothing was found
	spans  []identity.Span
	users  [][]byte
	text   []byte
	normal []byte

	found []requestMatch
}

// A requestMatch is a request whose identifier a row holds.
type requestMatch struct {
	request int
	whole   bool   // the row is the person's
	value   []byte // the identifier as it is in the cell; shares nothing with the row
}

// maxKnown is how many normal forms a matcher remembers at most.
const maxKnown = 4 << 10

// match returns the requests whose identifiers the row holds, each once, in order.
// They are valid until the next call.
func (m *matcher) match(r row, ownerless bool) []requestMatch {
	m.found = m.found[:0]
	for len(m.quiet) < len(r.cells) {
		m.quiet = append(m.quiet, nil)
	}
	for i, cell := range r.cells {
		if len(cell) == 0 || m.quiet[i] != nil && string(m.quiet[i]) == string(cell) {
			continue
		}
		n := len(m.found)
		switch column := r.columns[i]; column { //nolint:exhaustive // the other columns do not differ
		case csvschema.ResourceOwner:
			m.lookUp(cell, true)
			m.matchCell(cell, false, true)
		case csvschema.SubscriptionId, csvschema.LabUId, csvschema.ResourceUId:
			m.matchCell(cell, false, false) // their own GUIDs are nobody's
		case csvschema.EnvironmentId:
			m.matchCell(cell, ownerless, true)
		case csvschema.ResourceId:
			m.matchCell(cell, r.owner < 0, true)
		default:
			m.matchCell(cell, false, true)
		}
		if len(m.found) == n {
			m.quiet[i] = append(m.quiet[i][:0], cell...)
		}
	}
	slices.SortStableFunc(m.found, func(a, b requestMatch) int { return a.request - b.request })
	kept := m.found[:0]
	for _, f := range m.found {
		if n := len(kept); n > 0 && kept[n-1].request == f.request {
			kept[n-1].whole = kept[n-1].whole || f.whole
			continue
		}
		kept = append(kept, f)
	}
	m.found = kept
	return m.found
}

// matchCell looks up what is in a cell. Theirs says that the row is wholly the
// person's who is the x of a /users/{x} in the cell; guids, that a GUID that is by
// itself may be a person's.
func (m *matcher) matchCell(cell []byte, theirs, guids bool) {
	m.spans = m.finder.Find(m.spans[:0], cell)
	hasUser := false
	for _, s := range m.spans {
		hasUser = hasUser || s.Kind == identity.UserSpan
		m.text = m.finder.AppendDecoded(m.text[:0], cell[s.Start:s.End])
		m.lookUp(m.text, theirs && s.Kind == identity.UserSpan)
	}
	if hasUser {
		m.users = m.finder.UserSegments(m.users[:0], cell)
		for _, x := range m.users {
			m.lookUp(x, theirs)
		}
	}
	if !guids || !m.set.objectIDs {
		return
	}
	for digits := range m.finder.GUIDs(cell) {
		m.lookUp(digits[:], false)
	}
}

// lookUp adds the requests of a value.
func (m *matcher) lookUp(value []byte, whole bool) {
	m.normal = identity.AppendNormal(m.normal[:0], value)
	requests := m.set.byNormal[string(m.normal)]
	if len(m.set.byDigest) > 0 {
		requests = m.withDigests(requests)
	}
	for _, q := range requests {
		m.found = append(m.found, requestMatch{q, whole, slices.Clone(m.normal)})
	}
}

// withDigests returns the requests and those that have the digest of m.normal.
func (m *matcher) withDigests(requests []int) []int {
	if all, ok := m.known[string(m.normal)]; ok {
		return all
	}
	if m.hash == nil {
		m.hash, m.known = m.set.key.Hash(digestPurpose), map[string][]int{}
	}
	if len(m.known) == maxKnown {
		clear(m.known)
	}
	all := slices.Concat(requests, m.set.byDigest[sumOf(m.hash, m.normal)])
	if len(m.normal) <= maxOwnerBytes {
		m.known[string(m.normal)] = all
	}
	return all
}
