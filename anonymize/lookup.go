package anonymize

import (
	"hash"
	"slices"

	"github.com/labdsr/labdsr/anonymize/internal/remember"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A lookup finds requests by whole values.
type lookup struct {
	named  map[string]*wanted // by normal form
	digest map[identity.Digest][]int
	parse  func(text string) (identity.Identifier, error)
	hash   hash.Hash               // of digests; nil if there are none
	known  remember.Texts[*wanted] // by normal form, where digests are compared
	normal []byte
}

func newLookup(s *requestSet, named map[string]*wanted, parse func(string) (identity.Identifier, error), purpose string) lookup {
	l := lookup{named: named, digest: s.byDigest, parse: parse}
	if len(s.byDigest) > 0 {
		l.hash = s.key.Hash(purpose)
	}
	return l
}

// find returns the identifier of requests that a decoded value is, or nil.
func (l *lookup) find(value []byte) *wanted {
	l.normal = identity.AppendNormal(l.normal[:0], value)
	named := l.named[string(l.normal)]
	if l.hash == nil {
		return named
	}
	if w, ok := l.known.Get(l.normal); ok {
		return w
	}
	w := named
	if digested := l.digest[sumOf(l.hash, l.normal)]; len(digested) > 0 {
		if id, err := l.parse(string(l.normal)); err == nil {
			w = newWanted(id)
			w.requests = digested
			if named != nil {
				w.requests = slices.Concat(named.requests, digested)
			}
		}
	}
	l.known.Put(l.normal, w)
	return w
}
