package facts_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify/internal/facts"
)

// TestTableIsAMap compares a table with a built-in map, with keys that are near to each
// other and to both ends, and all in one part.
func TestTableIsAMap(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var table facts.Table
	said := map[uint64]uint64{}
	for range 20_000 {
		key, says := 1+random.Uint64N(5000), random.Uint64N(3)<<40
		switch random.IntN(3) {
		case 0:
			key = -key
		case 1:
			key <<= 32 // from here on, other bits tell the place
		}
		table.Fetch(key) // changes nothing
		known, met := said[key]
		if !met {
			said[key] = says
		}
		assert.Equal(t, !met || known == says, table.Add(key, says))
	}
}

// TestKeysOfZeroAreKeys adds the key that marks a free place.
func TestKeysOfZeroAreKeys(t *testing.T) {
	t.Parallel()
	var table facts.Table
	assert.True(t, table.Add(0, 1<<32))
	assert.False(t, table.Add(0, 2<<32))
	assert.True(t, table.Add(0, 1<<32))
}

// BenchmarkTable adds facts of a million keys.
func BenchmarkTable(b *testing.B) {
	const keys = 1 << 20
	b.ReportAllocs()
	for b.Loop() {
		var table facts.Table
		random := rand.New(rand.NewPCG(1, 2))
		for range keys {
			if key := random.Uint64(); !table.Add(key, key) {
				b.Fatal("a fact was there")
			}
		}
	}
}
