package period_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/internal/period"
)

// TestPeriodIsThatOfAllDates compares with the least and the greatest of what
// ParseTime returns, in zones with clocks that are changed.
func TestPeriodIsThatOfAllDates(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	layouts := []string{"1/2/2006 3:04:05 PM", "1/2/2006 3:04:05 PM", time.RFC3339, time.DateTime, time.DateOnly, "1/2/2006", "1/2/2006 15:04"}
	for round := range 300 {
		loc := []*time.Location{nil, time.UTC, berlin}[round%3]
		var first, last time.Time
		var got, merged period.Period
		for range random.IntN(40) {
			// Around the hour that is skipped, and the one that comes twice.
			base := []time.Time{time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC), time.Date(2024, 10, 27, 0, 0, 0, 0, time.UTC)}[round/3%2]
			cell := base.Add(time.Duration(random.IntN(6*3600)) * time.Second).Format(layouts[random.IntN(len(layouts))])
			switch random.IntN(10) {
			case 0:
				cell = []string{"", "1/1/0001 12:00:00 AM", "0001-01-01"}[random.IntN(3)]
			case 1:
				cell = []string{"x", "13/1/2017 11:17:09 PM", " "}[random.IntN(3)]
			}
			at, empty, err := csvschema.ParseTime([]byte(cell), loc)
			require.Equal(t, err, got.Add([]byte(cell), loc), cell)
			if err == nil && !empty {
				if first.IsZero() || at.Before(first) {
					first = at
				}
				if last.IsZero() || at.After(last) {
					last = at
				}
			}
			if random.IntN(5) == 0 {
				merged.Merge(got)
			}
		}
		merged.Merge(got)
		assert.Equal(t, fmt.Sprint(first, last), fmt.Sprint(got.First, got.Last))
		assert.Equal(t, fmt.Sprint(first, last), fmt.Sprint(merged.First, merged.Last))
	}
}

func TestPeriodDoesNotAllocate(t *testing.T) {
	var p period.Period
	cells := [][]byte{[]byte("1/3/2017 11:17:09 PM"), []byte("1/4/2017 11:17:09 PM"), []byte("2017-01-03"), []byte("x"), nil}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for _, cell := range cells {
			_ = p.Add(cell, nil)
		}
	}))
}
