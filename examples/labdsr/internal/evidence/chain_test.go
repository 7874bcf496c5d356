package evidence_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// link returns a receipt with that head, after another. A zero is before the first.
func link(path string, previous, head byte) evidence.Confirmed {
	return evidence.Confirmed{Receipt: receipt.Receipt{Previous: identity.Digest{previous}}, Path: path, Head: identity.Digest{head}}
}

func TestChain(t *testing.T) {
	t.Parallel()
	one, two, three := link("c", 0, 1), link("a", 1, 2), link("b", 2, 3)
	for _, test := range []struct {
		name  string
		all   []evidence.Confirmed
		chain []evidence.Confirmed
		flaws []evidence.Flaw
	}{
		{"none", nil, []evidence.Confirmed{}, nil},
		{"one", []evidence.Confirmed{one}, []evidence.Confirmed{one}, nil},
		{"three", []evidence.Confirmed{three, one, two}, []evidence.Confirmed{one, two, three}, nil},
		{"gap", []evidence.Confirmed{three, one}, nil, []evidence.Flaw{{"b", results.PreviousMissing, ""}}},
		{"no beginning", []evidence.Confirmed{three, two}, nil, []evidence.Flaw{{"a", results.PreviousMissing, ""}}},
		{"fork", []evidence.Confirmed{one, two, link("x", 1, 9)}, nil, []evidence.Flaw{{"x", results.Fork, "a"}}},
		{"two chains", []evidence.Confirmed{one, link("x", 0, 9)}, nil, []evidence.Flaw{{"x", results.TwoBeginnings, "c"}}},
		{"twice", []evidence.Confirmed{one, two, link("x", 1, 2)}, nil, []evidence.Flaw{{"x", results.ReceiptTwice, "a"}}},
		{"of another chain", []evidence.Confirmed{one, link("x", 8, 9)}, nil, []evidence.Flaw{{"x", results.PreviousMissing, ""}}},
		{"follows itself", []evidence.Confirmed{one, link("x", 9, 9)}, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				all := slices.Clone(test.all)
				rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				chain, flaws := evidence.Chain(all)
				if test.name == "follows itself" { // a digest cannot, but nobody may rely on that
					assert.NotEmpty(t, flaws)
					continue
				}
				assert.Equal(t, test.chain, chain)
				assert.Equal(t, test.flaws, flaws)
			}
		})
	}
}

func TestHeadIsThatOfTheLastReceipt(t *testing.T) {
	t.Parallel()
	chain := []evidence.Confirmed{link("a", 0, 1), link("b", 1, 2), link("c", 2, 3)}
	assert.Empty(t, evidence.CheckHead(chain, identity.Digest{3}))
	assert.Empty(t, evidence.CheckHead(nil, identity.Digest{3}))
	for head, path := range map[byte]string{0: "c", 1: "b", 2: "c", 9: "c"} {
		flaws := evidence.CheckHead(chain, identity.Digest{head})
		assert.Len(t, flaws, 1)
		assert.Equal(t, path, flaws[0].Path)
	}
}
