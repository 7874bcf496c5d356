package densetest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/densetest"
)

func TestTextsAreMadeOfFewParts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	all, lengths := map[string]bool{}, map[int]bool{}
	for range 1000 {
		few := densetest.Few(r, parts)
		assert.Len(t, few, 6)
		assert.Subset(t, parts, few)
		text := densetest.Text(r, few, 3)
		lengths[len(text)] = true
		for _, c := range text {
			assert.Contains(t, few, string(c))
			all[string(c)] = true
		}
	}
	assert.Len(t, all, len(parts))
	assert.Equal(t, map[int]bool{1: true, 2: true, 3: true}, lengths)
}
