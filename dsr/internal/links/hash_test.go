package links_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/internal/links"
)

// TestHashesOfARMIDsAreThoseOfTheirForms gives a hasher IDs in turn that are often in one folder.
func TestHashesOfARMIDsAreThoseOfTheirForms(t *testing.T) {
	t.Parallel()
	ids := []string{
		"/subscriptions/s/labs/l/vm1", "/subscriptions/s/labs/l/vm2", "/subscriptions/S/labs/L/VM1", "/subscriptions/s/labs/l//vm1", "/subscriptions/s/labs/l/vm1/",
		"/subscriptions/s/labs/vm1", "/subscriptions/s/labs/l%2Fvm1", "/subscriptions/s/labs/l/vm%31", "https://management.azure.com/subscriptions/s/labs/l/vm1",
		"", "/", "vm1", "l/vm1", "/subscriptions/s", "/subscriptions/", "c02677f7-9c06-5740-afd8-0a213ad58e73",
	}
	r := rand.New(rand.NewPCG(1, 2))
	seeds, other := links.NewSeeds(), links.NewSeeds()
	hashes, inTurn := map[string]uint64{}, links.NewARMHasher()
	for range 2000 {
		id := []byte(ids[r.IntN(len(ids))])
		form, hash := inTurn.Append(seeds, []byte("x"), id)
		require.Equal(t, "x"+string(identity.AppendARM(nil, id)), string(form))
		if known, ok := hashes[string(form)]; ok {
			require.Equal(t, known, hash, "of %s", id)
		}
		hashes[string(form)] = hash
	}
	distinct := map[uint64]bool{}
	for form, hash := range hashes {
		distinct[hash] = true
		_, otherHash := links.NewARMHasher().Append(other, nil, []byte(form[1:]))
		assert.NotEqual(t, hash, otherHash)
	}
	assert.Len(t, distinct, len(hashes))
	assert.NotEqual(t, seeds.ID([]byte("l")), seeds.Lab([]byte("l")))
}
