package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheNextMonthIsWhatWasCleanedUpAndATenthOfNewRows counts what is due there.
func TestTheNextMonthIsWhatWasCleanedUpAndATenthOfNewRows(t *testing.T) {
	t.Parallel()
	i := 0
	for !tasks[i].next {
		i++
	}
	s, err := newDataset(t.Context(), t.TempDir(), 4<<20, shapes[0], tasks[i:i+1])
	require.NoError(t, err)
	cleaned, err := os.ReadFile(s.cleaned.name)
	require.NoError(t, err)
	next, err := os.ReadFile(s.next.name)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(next), string(cleaned)))
	assert.Equal(t, 1, strings.Count(string(next), "SubscriptionId"), "one header")
	assert.EqualValues(t, strings.Count(string(next), "\n")-1, s.next.rows)
	assert.Len(t, next, int(s.next.bytes))
	assert.InDelta(t, 1.1, float64(s.next.rows)/float64(s.machines.rows), 0.01)
	assert.InDelta(t, 0.81, float64(s.machines.due)/float64(s.machines.rows), 0.03)
	assert.InDelta(t, 0.09, float64(s.next.changed)/float64(s.machines.rows), 0.03)
	assert.Equal(t, s.machines.due+s.next.changed, s.next.due)
}

func TestDigestDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	digest := func(uids ...string) string {
		var a answer
		for _, uid := range uids {
			a.hit(uid)
		}
		return a.digest()
	}
	assert.Equal(t, digest("a", "b", "c"), digest("C", "a", "B"))
	assert.NotEqual(t, digest("a", "b"), digest("a", "b", "b"))
	assert.NotEqual(t, digest("a", "b"), digest("a", "c"))
}
