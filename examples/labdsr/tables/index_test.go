package tables_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// TestTheIndexTellsResourcesApart has hashes of which most bytes are the same.
func TestTheIndexTellsResourcesApart(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var hashes []csvschema.KeyHash
	for range 20_000 {
		var hash csvschema.KeyHash
		for i := range 3 {
			hash[4*i+r.IntN(4)] = byte(r.IntN(6))
		}
		hashes = append(hashes, hash)
	}
	first := map[csvschema.KeyHash]uint32{}
	isNew, rows := tables.PutInIndex(hashes)
	for i, hash := range hashes {
		_, known := first[hash]
		if !known {
			first[hash] = uint32(i)
		}
		if !assert.Equal(t, !known, isNew[i]) || !assert.Equal(t, first[hash], rows[i]) {
			return
		}
	}
	assert.Less(t, len(first), len(hashes)-1000)
	assert.Greater(t, len(first), 2000)
}
