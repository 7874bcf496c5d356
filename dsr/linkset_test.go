package dsr_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr"
)

func TestALinkSetKnowsWhatAMapKnows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		n      int
		hashes func(r *rand.Rand) uint64
	}{
		{"empty", 0, (*rand.Rand).Uint64},
		{"one", 1, (*rand.Rand).Uint64},
		{"few", 2000, (*rand.Rand).Uint64},
		{"a block", 1 << 10, func(r *rand.Rand) uint64 { return r.Uint64() >> 6 }},
		{"a block and one", 1<<10 + 1, func(r *rand.Rand) uint64 { return r.Uint64() >> 6 }},
		{"many", 100_000, (*rand.Rand).Uint64},
		{"repeated", 30_000, func(r *rand.Rand) uint64 { return r.Uint64N(1000) * 0x9E3779B97F4A7C15 }},
		{"all the same", 20_000, func(*rand.Rand) uint64 { return 7 }},
		{"zero and all bits", 20_000, func(r *rand.Rand) uint64 { return -r.Uint64N(2) }},
		{"in few buckets", 20_000, func(r *rand.Rand) uint64 { return r.Uint64N(3)<<62 | r.Uint64N(5000) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, uint64(c.n)))
			set, known := dsr.NewLinkSet(), map[uint64]uint64{}
			var hashes []uint64
			for range c.n {
				hashes = append(hashes, c.hashes(r))
				known[hashes[len(hashes)-1]] = 0
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
			require.Equal(t, c.n, set.Hashes())

			numbers := map[int]bool{}
			for hash := range known {
				number := set.Find(hash)
				require.GreaterOrEqual(t, number, 0)
				require.Less(t, number, c.n)
				require.False(t, numbers[number], "a number of its own")
				numbers[number] = true
				assert.Zero(t, set.Marked(number))
				known[hash] = r.Uint64N(4)
			}
			var marking sync.WaitGroup
			for _, mark := range []uint64{dsr.OfSubjects, dsr.OfOthers} {
				for range 2 {
					marking.Go(func() {
						for hash, marks := range known {
							if marks&mark != 0 {
								set.Mark(set.Find(hash), mark)
							}
						}
					})
				}
			}
			marking.Wait()
			for hash, marks := range known {
				require.Equal(t, marks, set.Marked(set.Find(hash)))
			}
			for range 1000 {
				hash := c.hashes(r) ^ r.Uint64N(3)<<r.UintN(64)
				if _, ok := known[hash]; !ok {
					require.Equal(t, -1, set.Find(hash))
				}
			}
			assert.Zero(t, set.Marked(-1))
		})
	}
}
