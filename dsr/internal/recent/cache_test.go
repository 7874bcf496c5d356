package recent_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/internal/recent"
)

// TestACacheHasOnlyWhatWasPut compares a cache with a map, for texts of which many have one place.
func TestACacheHasOnlyWhatWasPut(t *testing.T) {
	t.Parallel()
	var c recent.Cache[int]
	put := map[string]int{}
	r := rand.New(rand.NewPCG(1, 2))
	found := 0
	for i := range 100_000 {
		text := []byte(fmt.Sprint(r.IntN(3000)) + strings.Repeat("x", r.IntN(4)*r.IntN(10)))
		value, ok := c.Get(text)
		if ok {
			found++
			require.Equal(t, put[string(text)], value)
			require.Contains(t, put, string(text))
		}
		if r.IntN(2) == 0 {
			put[string(text)] = i
			c.Put(text, i)
			value, ok = c.Get(text)
			require.True(t, ok)
			require.Equal(t, i, value)
			text[0]++ // the cache has a copy
			if value, ok = c.Get(text); ok {
				require.Equal(t, put[string(text)], value)
			}
		}
	}
	assert.Greater(t, found, 1000)
}

func TestACacheIsEmptyAtFirstAndHasNoLongText(t *testing.T) {
	t.Parallel()
	var c recent.Cache[int]
	for _, text := range []string{"", "alice", strings.Repeat("x", 320)} {
		_, ok := c.Get([]byte(text))
		assert.False(t, ok)
		c.Put([]byte(text), 7)
		_, ok = c.Get([]byte(text))
		assert.True(t, ok)
	}
	long := []byte(strings.Repeat("x", 321))
	c.Put(long, 7)
	_, ok := c.Get(long)
	assert.False(t, ok)
}
