package rawcsv_test

import (
	"hash/maphash"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// TestDigestsTellTextsApart changes each bit of texts of all lengths, and their ends.
func TestDigestsTellTextsApart(t *testing.T) {
	t.Parallel()
	seed, other := maphash.MakeSeed(), maphash.MakeSeed()
	seen := map[uint64]bool{}
	for n := range 400 {
		text := make([]byte, n)
		digest := rawcsv.Digest(seed, text)
		assert.False(t, seen[digest], "%d bytes", n)
		seen[digest] = true
		assert.Equal(t, digest, rawcsv.Digest(seed, make([]byte, n, n+8)))
		assert.NotEqual(t, digest, rawcsv.Digest(other, text))
		for i := range 8 * n {
			text[i/8] ^= 1 << (i % 8)
			assert.NotEqual(t, digest, rawcsv.Digest(seed, text))
			text[i/8] ^= 1 << (i % 8)
		}
	}
	assert.Equal(t, rawcsv.Digest(seed, nil), rawcsv.Digest(seed, []byte{}))
	assert.NotEqual(t, rawcsv.Digest(seed, []byte("ab")), rawcsv.Digest(seed, []byte("ba")))
}

func TestDigestAllocatesNothing(t *testing.T) {
	seed, text := maphash.MakeSeed(), make([]byte, 256<<10)
	assert.Zero(t, testing.AllocsPerRun(10, func() { rawcsv.Digest(seed, text) }))
}
