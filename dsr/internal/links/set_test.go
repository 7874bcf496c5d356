package links_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/internal/links"
)

func TestASetKnowsWhatAMapKnows(t *testing.T) {
	t.Parallel()
	const dropped = 0x7E // the bits of a hash that are not kept
	// Bits 46 to 53 only choose the line, of which there may be one.
	bits := []int{7, 8, 20, 44, 45, 54, 55, 62, 63}
	for _, c := range []struct {
		name   string
		n      int
		hashes func(r *rand.Rand) uint64
	}{
		{"empty", 0, (*rand.Rand).Uint64},
		{"one", 1, (*rand.Rand).Uint64},
		{"few", 2000, (*rand.Rand).Uint64},
		{"a block", 1 << 8, func(r *rand.Rand) uint64 { return r.Uint64() >> 10 }},
		{"a block and one", 1<<8 + 1, func(r *rand.Rand) uint64 { return r.Uint64() >> 10 }},
		{"many", 50_000, (*rand.Rand).Uint64},
		{"repeated", 30_000, func(r *rand.Rand) uint64 { return r.Uint64N(1000) * 0x9E3779B97F4A7C15 }},
		{"all the same", 20_000, func(*rand.Rand) uint64 { return 7 }},
		{"zero and all bits", 20_000, func(r *rand.Rand) uint64 { return -r.Uint64N(2) }},
		{"in few lines", 3_000, func(r *rand.Rand) uint64 { return r.Uint64N(3)<<62 | r.Uint64N(500)<<7 | r.Uint64N(2) }},
		{"a full line and one", 13, func(r *rand.Rand) uint64 { return r.Uint64() >> 20 }},
		{"full lines at the end", 1000, func(r *rand.Rand) uint64 { return r.Uint64() | 0xFFFF<<48 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, uint64(c.n)))
			var set links.Set
			known, tagged := map[uint64]bool{}, map[uint64]bool{}
			var hashes []uint64
			for range c.n {
				hash := c.hashes(r)
				hashes = append(hashes, hash)
				known[hash&^(dropped|links.Tag)] = true
				if hash&links.Tag != 0 {
					tagged[hash&^(dropped|links.Tag)] = true
				}
			}
			var adding sync.WaitGroup
			for part := range slices.Chunk(hashes, 1+c.n/7) {
				adding.Go(func() {
					for some := range slices.Chunk(part, 613) {
						set.Add(some)
					}
				})
			}
			adding.Wait()
			set.Freeze(r.IntN(3))
			require.Equal(t, c.n, set.Len())
			check := func(hash uint64) {
				if id := hash &^ (dropped | links.Tag); set.Has(hash) != known[id] || set.HasTagged(hash) != tagged[id] {
					t.Fatalf("%x: %v, %v", hash, set.Has(hash), set.HasTagged(hash))
				}
			}
			for _, hash := range hashes {
				check(hash)
				check(hash ^ links.Tag)
			}
			for _, bit := range bits {
				for _, hash := range hashes[:min(c.n, 100)] {
					check(hash ^ 1<<bit)
				}
			}
			for range 1000 {
				check(c.hashes(r))
			}
		})
	}
}
