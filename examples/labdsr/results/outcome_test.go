package results_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/results"
)

func TestInstantsCanBeWritten(t *testing.T) {
	t.Parallel()
	east, west := time.FixedZone("", 14*60*60), time.FixedZone("", -12*60*60)
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	for _, test := range []struct{ instant, want time.Time }{
		{time.Time{}, time.Time{}},
		{time.Date(2026, 7, 1, 9, 0, 0, 1, east), time.Date(2026, 7, 1, 9, 0, 0, 1, east)},
		{last, last},
		{last.Add(1), last},
		{last.AddDate(0, 0, 30).In(west), last},
		{last.In(east), last},
		{last.In(west), last.In(west)},
	} {
		have := results.Instant(test.instant)
		assert.Equal(t, test.want, have)
		assert.Equal(t, test.instant.IsZero(), have.IsZero())
		_, err := json.Marshal(have)
		require.NoError(t, err)
		_, err = json.Marshal(results.DateOf(test.instant))
		require.NoError(t, err)
	}
	assert.Equal(t, "2026-07-02", results.DateOf(time.Date(2026, 7, 2, 1, 0, 0, 0, east)).String())
}
