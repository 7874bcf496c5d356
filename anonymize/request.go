package anonymize

import (
	"fmt"
	"hash"
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A Request is a person's wish, or the end of their account: an identifier goes
// from the rows before, or although, the resource is not deleted. Requests are
// given at every run, so that old exports which are imported again are cleaned
// again. A list of them is personal data itself; one of digests, too, for whoever
// has the key.
//
// A row whose owner is the identifier, or without an owner, whose EnvironmentId
// holds it as the x of /users/{x}, is wholly the person's, and so is a disk whose
// ResourceId does: all identifiers in it go. From any other row goes every
// occurrence of the identifier, and nothing else; from a row that is due it goes with
// all others, even before its own time.
//
// Identifiers are compared as whole values (see [identity.Identifier]): a person
// who has several is several requests.
type Request struct {
	Kind RequestKind
	// Identifier, or else Digest, is whom the request is about.
	Identifier identity.Identifier
	Digest     identity.Digest
	// At is the instant of what Kind says. It must not be zero.
	At time.Time
	// Existing extends an Erase to rows of resources that exist.
	Existing bool
}

// A RequestKind says why an identifier goes.
type RequestKind uint8

// The kinds of request.
const (
	// Removed says that the person's address was removed at an instant: the second
	// trigger that Microsoft documents. It goes from every row when the retention
	// after that is over.
	Removed RequestKind = iota + 1
	// Erase says that the person asked for erasure (Article 17 GDPR) which was
	// granted at an instant: from then on, without the retention, from the rows of
	// resources that were deleted; with Existing, from all.
	Erase
)

// String returns "removed", "erase", and "" for any other value.
func (k RequestKind) String() string {
	switch k {
	case Removed:
		return "removed"
	case Erase:
		return "erase"
	}
	return ""
}

// NewDigest returns the digest that stands for an identifier in a [Request], in a
// list that is to hold none. It panics if there is no key.
func NewDigest(key identity.SecretKey, id identity.Identifier) identity.Digest {
	return sumOf(key.Hash(digestPurpose), []byte(id.Reveal()))
}

const digestPurpose = "request"

// sumOf returns what h makes of a text.
func sumOf(h hash.Hash, text []byte) (sum [32]byte) {
	h.Reset()
	_, _ = h.Write(text) // never fails
	h.Sum(sum[:0])
	return sum
}

// activeAt returns the instant from which on a request is carried out.
func (q *Request) activeAt(p *Policy) time.Time {
	if q.Kind == Removed {
		return q.At.Add(p.retention())
	}
	return q.At
}

// A requestSet finds requests by identifiers. It is read-only.
type requestSet struct {
	list      []Request
	byNormal  map[string][]int // by the normal form of the identifier
	byDigest  map[identity.Digest][]int
	objectIDs bool // one of them may be an object ID
	key       identity.SecretKey
}

func newRequestSet(p *Policy) (*requestSet, error) {
	if len(p.Requests) == 0 {
		return nil, nil //nolint:nilnil // no requests are a set that matches nothing
	}
	s := &requestSet{list: p.Requests, byNormal: map[string][]int{}, byDigest: map[identity.Digest][]int{}, key: p.Key}
	for i, q := range p.Requests {
		switch {
		case q.Kind != Removed && q.Kind != Erase:
			return nil, fmt.Errorf("labdsr: request %d is of no kind: %w", i+1, ErrPolicy)
		case q.At.IsZero():
			return nil, fmt.Errorf("labdsr: request %d has no instant: %w", i+1, ErrPolicy)
		case q.Identifier.IsZero() == (q.Digest == identity.Digest{}):
			return nil, fmt.Errorf("labdsr: request %d needs an identifier or a digest: %w", i+1, ErrPolicy)
		case q.Kind == Removed && q.Existing:
			return nil, fmt.Errorf("labdsr: request %d extends no erasure: %w", i+1, ErrPolicy)
		case !q.Identifier.IsZero():
			normal := q.Identifier.Reveal()
			s.byNormal[normal] = append(s.byNormal[normal], i)
			s.objectIDs = s.objectIDs || q.Identifier.IsObjectID()
		case p.Key.IsZero():
			return nil, fmt.Errorf("labdsr: request %d has a digest, and the policy no key: %w", i+1, ErrPolicy)
		default:
			s.byDigest[q.Digest] = append(s.byDigest[q.Digest], i)
			s.objectIDs = true
		}
	}
	return s, nil
}

// A matcher finds the requests that a row is about. It is of one goroutine.
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

// A requestMatch is a request that a row is about.
type requestMatch struct {
	request int
	whole   bool   // the row is the person's
	value   []byte // the identifier as it stands; shares nothing with the row
}

// maxKnown is how many normal forms a matcher remembers at most.
const maxKnown = 4 << 10

// match returns the requests that the row is about, each once, in order. They are
// valid until the next call.
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
		switch column := r.columns[i]; column { //nolint:exhaustive // all others are alike
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

// matchCell looks up what is in a cell. Theirs tells whose x of /users/{x} it is,
// is the person whose row it is.
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

// lookUp adds the requests about a value.
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
