package verify

import (
	"bytes"
	"hash"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify/internal/addresses"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Package anonymize looks for the identifiers of requests in each cell. Here it is
// the other way: each text in a cell that may be an address is looked up among the
// identifiers.

// A wholeFinder finds the identifiers of requests in cells. It holds them.
type wholeFinder struct {
	asked   map[string][]int          // requests by the normal form of the identifier
	owners  map[string][]int          // requests for a whole owner, by its normal form
	digests map[identity.Digest][]int // requests by digest
	digest  hash.Hash                 // of identifiers; nil if no request has a digest
	whole   hash.Hash                 // of whole owners; as digest
	unusual []string                  // of asked, those that have characters which no ordinary address has
	sets    map[string]*identity.Set  // of one identifier each, by its normal form
	search  identity.Finder
	members identity.Finder
}

func newWholeFinder(p *anonymize.Policy) wholeFinder {
	w := wholeFinder{
		asked: map[string][]int{}, owners: map[string][]int{}, digests: map[identity.Digest][]int{},
		sets: map[string]*identity.Set{},
	}
	for i, q := range p.Requests {
		if q.Identifier.IsZero() {
			w.digests[q.Digest] = append(w.digests[q.Digest], i)
			w.digest, w.whole = p.Key.Hash(requestDigests), p.Key.Hash(ownerDigests)
			continue
		}
		normal := q.Identifier.Reveal()
		if q.Identifier.IsVerbatim() {
			w.owners[normal] = append(w.owners[normal], i)
			continue
		}
		if len(w.asked[normal]) == 0 && strings.ContainsAny(normal, `"'[]\&%`) {
			w.unusual = append(w.unusual, normal)
		}
		w.asked[normal] = append(w.asked[normal], i)
	}
	return w
}

// requestsOf returns the requests whose identifier is a value in normal form.
func (w *wholeFinder) requestsOf(normal []byte) []int {
	requests := w.asked[string(normal)]
	if w.digest == nil {
		return requests
	}
	return slices.Concat(requests, w.digests[keyed(w.digest, normal)])
}

// requestsOfOwner returns the requests whose verbatim identifier is an owner in normal
// form.
func (w *wholeFinder) requestsOfOwner(normal []byte) []int {
	requests := w.owners[string(normal)]
	if w.whole == nil || len(normal) == 0 {
		return requests
	}
	return slices.Concat(requests, w.digests[keyed(w.whole, normal)])
}

// membersOf returns the spans in a cell of an identifier in normal form.
func (w *wholeFinder) membersOf(normal, cell []byte) []identity.Span {
	id, err := identity.Parse(string(normal))
	if err != nil {
		return nil
	}
	set := w.sets[string(normal)]
	if set == nil {
		set = &identity.Set{}
		set.Add(id)
		w.sets[string(normal)] = set
	}
	return w.members.FindMembers(nil, cell, set)
}

// eachWhole calls do with the normal form of each identifier of a request that is a
// whole one in the cell. Guids says that a GUID that is by itself may be one.
func (w *wholeFinder) eachWhole(cell []byte, guids bool, do func(normal []byte)) {
	ask := func(text []byte) {
		if normal := identity.AppendNormal(nil, text); len(w.requestsOf(normal)) > 0 {
			do(normal)
		}
	}
	if len(w.asked)+len(w.digests) == 0 {
		return
	}
	decoded := w.search.AppendDecoded(nil, cell)
	addresses.Each(decoded, ask)
	if !bytes.Equal(decoded, cell) {
		addresses.Each(cell, func(text []byte) {
			if !bytes.Equal(w.search.AppendDecoded(nil, text), text) { // or else it is one in the decoded cell, too
				ask(text)
			}
		})
	}
	for _, normal := range w.unusual {
		if len(w.membersOf([]byte(normal), cell)) > 0 {
			do([]byte(normal))
		}
	}
	if !guids {
		return
	}
	for digits := range w.search.GUIDs(cell) {
		ask(digits[:])
	}
}

// eachTaken is eachWhole without identifiers that are only a part of somebody else's address.
func (w *wholeFinder) eachTaken(cell []byte, column column, do func(normal []byte)) {
	w.eachWhole(cell, column.content != guid, func(normal []byte) {
		if len(w.takenOf(normal, cell, column)) > 0 {
			do(normal)
		}
	})
}

// takenOf returns the spans in a cell of an identifier in normal form that go. Where an owner
// or a user of a path is a valid address, it is one account: no part of it is another's address.
func (w *wholeFinder) takenOf(normal, cell []byte, column column) []identity.Span {
	accounts := []identity.Span{{End: len(cell)}}
	if column.content != owner {
		accounts = slices.DeleteFunc(w.search.Find(nil, cell), func(s identity.Span) bool { return s.Kind != identity.UserSpan })
	}
	return slices.DeleteFunc(w.membersOf(normal, cell), func(s identity.Span) bool {
		return s.Kind != identity.ObjectIDSpan && slices.ContainsFunc(accounts, func(a identity.Span) bool {
			if s.End <= a.Start || a.End <= s.Start || !w.isAccount(cell[a.Start:a.End]) {
				return false
			}
			rest := string(cell[a.Start:max(a.Start, s.Start)]) + string(cell[min(a.End, s.End):a.End])
			return identity.Normal(rest) != "" || !w.isWritten(normal, cell, a)
		})
	})
}

// isWritten reports whether an account in a cell is an identifier in normal form: by one of the
// escapes of the Finder, or as a string of OData, which alone doubles apostrophes.
func (w *wholeFinder) isWritten(normal, cell []byte, account identity.Span) bool {
	text := string(cell[account.Start:account.End])
	if before := w.search.AppendDecoded(nil, cell[:account.Start]); len(before) > 0 && before[len(before)-1] == '\'' {
		return true
	}
	return identity.Normal(text) == string(normal) || identity.Normal(string(w.search.AppendDecoded(nil, []byte(text)))) == string(normal)
}

// isAccount reports whether a text is an address, as it is or decoded.
func (w *wholeFinder) isAccount(text []byte) bool {
	isAddress := func(text []byte) bool {
		id, err := identity.Parse(string(text))
		return err == nil && !id.IsObjectID()
	}
	return isAddress(text) || isAddress(w.search.AppendDecoded(nil, text))
}
