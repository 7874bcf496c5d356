package evidence

import (
	"cmp"
	"slices"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// A Flaw is a place where receipts are no chain.
type Flaw struct {
	Path string // of the receipt
	Kind results.FailureKind
	Seen string // path of the other receipt that the flaw is about; "" if it is about none
}

// Chain returns receipts in the order of their chain, in which each follows the one
// before it, or the flaws for which they are none. The order in which they are given does
// not matter.
func Chain(all []Confirmed) ([]Confirmed, []Flaw) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Confirmed) int { return cmp.Compare(a.Path, b.Path) })
	var flaws []Flaw
	heads, next := map[identity.Digest]string{}, map[identity.Digest]Confirmed{}
	for _, one := range all {
		if first, twice := heads[one.Head]; twice {
			flaws = append(flaws, Flaw{one.Path, results.ReceiptTwice, first})
			continue
		}
		heads[one.Head] = one.Path
		other, isFork := next[one.Previous]
		switch {
		case !isFork:
			next[one.Previous] = one
		case one.Previous == identity.Digest{}:
			flaws = append(flaws, Flaw{one.Path, results.TwoBeginnings, other.Path})
		default:
			flaws = append(flaws, Flaw{one.Path, results.Fork, other.Path})
		}
	}
	for _, one := range all {
		if _, ok := heads[one.Previous]; !ok && one.Previous != (identity.Digest{}) {
			flaws = append(flaws, Flaw{one.Path, results.PreviousMissing, ""})
		}
	}
	if len(flaws) > 0 {
		return nil, flaws
	}
	// Each receipt but the first follows another, and no two follow the same.
	chain := make([]Confirmed, 0, len(all))
	for one, ok := next[identity.Digest{}]; ok && len(chain) < len(all); one, ok = next[one.Head] {
		chain = append(chain, one)
	}
	if len(chain) < len(all) { // no digests are like that
		return nil, []Flaw{{all[0].Path, results.NoChain, ""}}
	}
	return chain, nil
}

// CheckHead returns the flaws of a chain that does not end with a head.
func CheckHead(chain []Confirmed, head identity.Digest) []Flaw {
	last := len(chain) - 1
	if last < 0 || chain[last].Head == head {
		return nil
	}
	at := slices.IndexFunc(chain, func(one Confirmed) bool { return one.Head == head })
	if at < 0 {
		return []Flaw{{chain[last].Path, results.EndMissing, ""}}
	}
	return []Flaw{{chain[at+1].Path, results.AfterHead, ""}}
}
