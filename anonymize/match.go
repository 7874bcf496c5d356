package anonymize

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/anonymize/internal/beside"
	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/remember"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. What a request takes is what [identity.Finder.FindMembers] finds, and nothing
// else. That search takes time in proportion to the identifiers, so a cell is searched
// only for those that an index proposes: by the end of the local part before each at
// sign, by the digits of each GUID, or by the digest of each address. The index may
// propose too much. What it proposes and FindMembers does not find is at most near.

// A wanted is an identifier that requests name. It is read-only.
type wanted struct {
	set           identity.Set // of the identifier alone
	normal        string
	isObjectID    bool
	local, domain string // around the at sign of an address
	requests      []int
}

// A requestSet finds requests by identifiers. It is read-only.
type requestSet struct {
	byNormal map[string]*wanted // by the normal form of the identifier
	verbatim map[string]*wanted // by the normal form of a whole owner, which is found nowhere else
	byDigest map[identity.Digest][]int
	key      identity.SecretKey

	byTail       map[string][]*wanted // addresses by the end of their local parts
	tails        [maxTail + 1]bool    // the lengths of these ends
	others       []*wanted            // which no index finds
	near         identity.NearIndex
	hasAddress   bool
	hasObjectIDs bool // one of them may be an object ID
}

// maxTail is how many bytes before the at sign are an address's key at most.
const maxTail = 8

// newRequestSet returns the requests of a policy, or nil if it has none.
func newRequestSet(p *Policy) *requestSet {
	if len(p.Requests) == 0 {
		return nil
	}
	s := &requestSet{
		byNormal: map[string]*wanted{}, verbatim: map[string]*wanted{}, byDigest: map[identity.Digest][]int{},
		key: p.Key, byTail: map[string][]*wanted{},
	}
	for i, q := range p.Requests {
		if q.Identifier.IsZero() {
			s.byDigest[q.Digest] = append(s.byDigest[q.Digest], i)
			s.hasObjectIDs = true
			continue
		}
		table := s.byNormal
		if q.Identifier.IsVerbatim() {
			table = s.verbatim
		}
		w := table[q.Identifier.Reveal()]
		if w == nil {
			w = newWanted(q.Identifier)
			table[w.normal] = w
			s.addToIndex(q.Identifier, w)
		}
		w.requests = append(w.requests, i)
	}
	return s
}

func newWanted(id identity.Identifier) *wanted {
	w := &wanted{normal: id.Reveal(), isObjectID: id.IsObjectID()}
	w.set.Add(id)
	if at := strings.LastIndexByte(w.normal, '@'); at > 0 && !w.isObjectID {
		w.local, w.domain = w.normal[:at], w.normal[at+1:]
	}
	return w
}

// addToIndex adds an identifier to the index by which it is found.
func (s *requestSet) addToIndex(id identity.Identifier, w *wanted) {
	if id.IsVerbatim() {
		return
	}
	s.near.Add(id, 0)
	if w.isObjectID {
		s.hasObjectIDs = true
		return
	}
	s.hasAddress = true
	// What a decoded cell may have in another spelling is not in the index.
	if w.local == "" || strings.ContainsAny(w.normal, `%&\"['`) {
		s.others = append(s.others, w)
		return
	}
	tail := w.local[max(0, len(w.local)-maxTail):]
	s.byTail[tail] = append(s.byTail[tail], w)
	s.tails[len(tail)] = true
}

// A matcher finds the requests whose identifiers a row holds. Only one goroutine may
// use it.
type matcher struct {
	set     *requestSet
	finder  identity.Finder
	members identity.Finder      // of confirm, while the finder iterates
	people  lookup               // by identifiers
	owners  lookup               // by whole owners
	nearTo  remember.Texts[bool] // whether addresses are near one of a request
	quiet   [][]byte             // for each column the last cell in which nothing was found
	spans   []identity.Span
	inner   []identity.Span
	placed  []identity.Span
	users   [][]byte
	closed  []identity.Span
	text    []byte
	decoded []byte

	isOwner bool // the cell is an owner
	numbers []int
	found   []requestMatch
	near    bool // the row holds what is only near an identifier of a request
}

func newMatcher(set *requestSet) *matcher {
	return &matcher{
		set:    set,
		people: newLookup(set, set.byNormal, identity.Parse, digestPurpose),
		owners: newLookup(set, set.verbatim, identity.Verbatim, verbatimPurpose),
	}
}

// A requestMatch is a request whose identifier a row holds.
type requestMatch struct {
	request int
	whole   bool // the row is the person's
	wanted  *wanted
}

// isKeyColumn reports whether a column holds the GUID of a subscription, lab or
// resource, which is nobody's object ID.
func isKeyColumn(c csvschema.Column) bool {
	return c == csvschema.SubscriptionId || c == csvschema.LabUId || c == csvschema.ResourceUId
}

// match returns the requests whose identifiers the row holds, each once, in order, and
// sets near. They are valid until the next call.
func (m *matcher) match(r *cells.Row, ownerless bool) []requestMatch {
	m.found, m.near = m.found[:0], false
	for len(m.quiet) < len(r.Columns) {
		m.quiet = append(m.quiet, nil)
	}
	for i, column := range r.Columns {
		cell := r.At(i)
		if len(cell) == 0 || m.quiet[i] != nil && string(m.quiet[i]) == string(cell) {
			continue
		}
		n, wasNear := len(m.found), m.near
		m.near = false
		m.isOwner = column == csvschema.ResourceOwner
		switch {
		case m.isOwner:
			m.lookUp(cell)
			m.add(m.owners.find(cell), true)
		case column == csvschema.EnvironmentId && ownerless, column == csvschema.ResourceId && r.Owner < 0:
			m.users = m.finder.UserSegments(m.users[:0], cell)
			for _, x := range m.users {
				if !m.lookUp(x) {
					m.near = m.near || m.isNear(x)
				}
			}
		}
		if !column.Holds(cell) {
			whole := len(m.found) > n
			m.matchCell(cell, !isKeyColumn(column))
			if m.isOwner && !whole {
				m.near = m.near || len(m.found) > n || m.isNear(cell)
			}
		}
		if len(m.found) == n && !m.near && (column != csvschema.EnvironmentId || ownerless) { // else another row may be theirs by it
			m.quiet[i] = append(m.quiet[i][:0], cell...)
		}
		m.near = m.near || wasNear
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

// lookUp adds the requests of a value whose row is wholly the person's, and reports whether
// there are any.
func (m *matcher) lookUp(value []byte) bool {
	w := m.people.find(value)
	m.add(w, true)
	return w != nil
}

// isNear reports whether an owner or x, which is of no request as a whole, contains an
// identifier of a request or what is near one.
func (m *matcher) isNear(value []byte) bool {
	if !m.set.near.MayHold(value) {
		return false
	}
	m.numbers = m.set.near.FindIn(m.numbers[:0], value)
	return len(m.numbers) > 0
}

// add adds the requests of what was found; nil is nothing.
func (m *matcher) add(w *wanted, whole bool) {
	if w == nil {
		return
	}
	for _, q := range w.requests {
		m.found = append(m.found, requestMatch{q, whole, w})
	}
}

// confirm adds the requests of an identifier if it is in the cell, and reports whether
// it is.
func (m *matcher) confirm(w *wanted, cell []byte) bool {
	m.placed = m.membersOf(m.placed[:0], cell, w, m.isOwner)
	if len(m.placed) > 0 {
		m.add(w, false)
	}
	return len(m.placed) > 0
}

// membersOf appends the spans of an identifier in a cell, but not those of an address that are
// a part of an owner or x which as a whole is one address: that is another's, such as
// "r&d@x.com" for "d@x.com", or "o'brien@x.com" with the apostrophe doubled. An object ID is
// one person's wherever it is.
func (m *matcher) membersOf(dst []identity.Span, cell []byte, w *wanted, isOwner bool) []identity.Span {
	n := len(dst)
	if dst = m.members.FindMembers(dst, cell, &w.set); len(dst) == n || w.isObjectID {
		return dst
	}
	m.closed = append(m.closed[:0], identity.Span{End: len(cell), Kind: identity.UserSpan})
	if !isOwner {
		m.closed = m.members.Find(m.closed[:0], cell)
	}
	for _, c := range m.closed {
		if c.Kind != identity.UserSpan || !m.isOneAddress(cell[c.Start:c.End]) {
			continue
		}
		kept := dst[:n]
		for _, s := range dst[n:] {
			before, after := cell[c.Start:max(c.Start, s.Start)], cell[min(c.End, s.End):c.End]
			isWhole := len(identity.AppendNormal(identity.AppendNormal(nil, before), after)) == 0 && m.isSame(cell, c, w)
			if s.End <= c.Start || s.Start >= c.End || isWhole {
				kept = append(kept, s)
			}
		}
		dst = kept
	}
	return dst
}

// isSame reports whether an owner or x of a cell is the identifier, as it is, decoded, or with
// the apostrophes of OData.
func (m *matcher) isSame(cell []byte, c identity.Span, w *wanted) bool {
	value := cell[c.Start:c.End]
	decoded := m.members.AppendDecoded(nil, value)
	return string(identity.AppendNormal(nil, value)) == w.normal || string(identity.AppendNormal(nil, decoded)) == w.normal ||
		bytes.HasSuffix(m.members.AppendDecoded(nil, cell[:c.Start]), []byte{'\''})
}

// matchCell adds the requests whose identifiers are in a cell. Guids says that a GUID
// that is by itself may be a person's.
func (m *matcher) matchCell(cell []byte, guids bool) {
	var plain bool
	m.spans, plain = m.finder.FindPlain(m.spans[:0], cell)
	if m.set.hasAddress && (!plain || bytes.IndexByte(cell, '@') >= 0) {
		m.text = identity.AppendNormal(m.text[:0], cell)
		m.matchAddresses(m.text, cell)
		if !plain {
			m.decoded = m.finder.AppendDecoded(m.decoded[:0], cell)
			if !bytes.Equal(m.decoded, cell) {
				m.text = identity.AppendNormal(m.text[:0], m.decoded)
				m.matchAddresses(m.text, cell)
			}
		}
	}
	for _, w := range m.set.others {
		if !m.confirm(w, cell) && !m.near && (!plain || bytes.IndexByte(cell, '@') >= 0) {
			m.decoded = m.finder.AppendDecoded(m.decoded[:0], cell)
			m.text = identity.AppendNormal(m.text[:0], m.decoded)
			i := bytes.Index(m.text, []byte(w.normal))
			m.near = i >= 0 && beside.Is(m.text[:i], m.text[i+len(w.normal):])
		}
	}
	if len(m.set.byDigest) > 0 && (!plain || bytes.IndexByte(cell, '@') >= 0) {
		m.matchDigests(cell, cell) // what looks like an escape may be in the identifier
		m.decoded = m.finder.AppendDecoded(m.decoded[:0], cell)
		m.matchDigests(m.decoded, cell)
	}
	for _, s := range m.spans {
		if !m.set.hasAddress || m.near {
			break
		}
		m.decoded = m.finder.AppendDecoded(m.decoded[:0], cell[s.Start:s.End])
		m.matchNear(m.decoded, s.Kind == identity.UserSpan)
	}
	if !guids || !m.set.hasObjectIDs {
		return
	}
	for digits := range m.finder.GUIDs(cell) {
		if w := m.people.find(digits[:]); w != nil {
			m.confirm(w, cell)
		}
	}
}

// matchAddresses adds the requests of addresses in a cell, of which text is the normal
// form. One that is there and is not found as a whole identifier may be near.
func (m *matcher) matchAddresses(text, cell []byte) {
	for at := 0; ; at++ {
		n := bytes.IndexByte(text[at:], '@')
		if n < 0 {
			return
		}
		at += n
		for size := 1; size <= min(at, maxTail); size++ {
			if !m.set.tails[size] {
				continue
			}
			for _, w := range m.set.byTail[string(text[at-size:at])] {
				if !bytes.HasSuffix(text[:at], []byte(w.local)) || !bytes.HasPrefix(text[at+1:], []byte(w.domain)) {
					continue
				}
				if !m.confirm(w, cell) && beside.Is(text[:at-len(w.local)], text[at+1+len(w.domain):]) {
					m.near = true
				}
			}
		}
	}
}

// matchDigests adds the requests that have the digest of an address in a text, which is the
// cell or the decoded cell.
func (m *matcher) matchDigests(text, cell []byte) {
	beside.Each(text, func(address []byte) {
		if w := m.people.find(address); w != nil && m.set.byNormal[w.normal] != w {
			m.confirm(w, cell)
		}
	})
}

// matchNear finds out whether an address in the decoded text of a span is near one of a request.
func (m *matcher) matchNear(text []byte, isUser bool) {
	for at := beside.IndexAt(text); at >= 0; {
		_, size := utf8.DecodeRune(text[at:])
		next := beside.IndexAt(text[at+size:])
		end := len(text)
		if next >= 0 {
			next += at + size
			end = next
		}
		if next >= 0 || isUser { // then the domain may end before
			m.inner = m.members.Find(m.inner[:0], text[:end])
			end = 0
			if n := len(m.inner); n > 0 {
				end = m.inner[n-1].End
			}
		}
		for quote := at - 1; quote > max(0, at-beside.MaxPart) && end > at && text[at-1] == '"'; { // a quoted local part, which may hold blanks
			if quote = bytes.LastIndexByte(text[:quote], '"'); quote >= 0 {
				m.matchAddress(text[quote:end])
			}
		}
		for start := at; start > 0 && end > at; {
			r, n := rune(text[start-1]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeLastRune(text[:start])
			}
			if unicode.IsSpace(r) || beside.IsAt(r) {
				break
			}
			start -= n
			if beside.IsEdge(text[:start]) {
				m.matchAddress(text[start:end])
			}
		}
		at = next
	}
}

// matchAddress finds out whether an address is near.
func (m *matcher) matchAddress(address []byte) {
	if !m.set.near.MayHold(address) {
		return
	}
	near, known := m.nearTo.Get(address)
	if !known {
		if id, err := identity.Parse(string(address)); err == nil && m.set.byNormal[id.Reveal()] == nil {
			near = len(m.set.near.Find(nil, id)) > 0
		}
		m.nearTo.Put(address, near)
	}
	m.near = m.near || near
}
