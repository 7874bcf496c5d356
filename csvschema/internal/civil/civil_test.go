package civil_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/civil"
)

// The tests of csvschema.DateTime read many more cells.
var readable = []struct {
	name   string
	cell   string
	want   time.Time // in UTC
	common bool      // whether ParseCommon reads it
}{
	{"American", "1/3/2017 11:17:09 PM", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC), true},
	{"two digits", "12/31/2017 12:17:09 AM", time.Date(2017, 12, 31, 0, 17, 9, 0, time.UTC), true},
	{"no second", "1/3/2017 11:17 PM", time.Date(2017, 1, 3, 23, 17, 0, 0, time.UTC), false},
	{"24 hours", "1/3/2017 23:17:09", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC), false},
	{"date", "1/3/2017", time.Date(2017, 1, 3, 0, 0, 0, 0, time.UTC), false},
	{"narrow blank", "1/3/2017 11:17:09\u202FPM", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC), false},
	{"Z", "2017-01-03T23:17:09Z", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC), false},
	{"offset", "2017-01-03T23:17:09.1234567+01:00", time.Date(2017, 1, 3, 22, 17, 9, 123_456_700, time.UTC), false},
	{"no zone", "2017-01-03T23:17:09", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC), false},
	{"year first", "2017-01-03", time.Date(2017, 1, 3, 0, 0, 0, 0, time.UTC), false},
	{"empty", "", time.Time{}, false},
	{"never set", "1/1/0001 12:00:00 AM", time.Time{}, false},
	{"never set with an offset", "0001-01-01T01:00:00+01:00", time.Time{}, false},
}

func TestParseReadsEachForm(t *testing.T) {
	t.Parallel()
	for _, test := range readable {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, ok := civil.Parse(test.cell)
			require.True(t, ok)
			assert.Equal(t, test.want, got.In(nil))
			assert.Equal(t, test.want, got.In(time.UTC))

			ofBytes, ok := civil.Parse([]byte(test.cell))
			require.True(t, ok)
			assert.Equal(t, got, ofBytes)

			seconds, ok := civil.ParseCommon([]byte(test.cell))
			assert.Equal(t, test.common, ok)
			if ok {
				assert.Equal(t, test.want.Unix(), seconds)
			}
		})
	}
}

func TestParseRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{
		" ", "x", "25/12/2017", "2/29/2017", "1/3/2017 0:17:09 PM", "1/3/2017 11:17:09 XM", "1/3/2017 11:17:60 PM", "1/3/2017 11:17:09  PM",
		"2017-01-03T23:17", "2017-01-03T23:17:09.12345678Z", "2017-01-03T23:17:09+24:00", "12/31/1899 11:59:59 PM", "1/1/0001 12:00:01 AM",
	} {
		got, ok := civil.Parse(cell)
		assert.False(t, ok, "%q", cell)
		assert.Equal(t, civil.Time{}, got, "%q", cell)
		got, ok = civil.Parse([]byte(cell))
		assert.False(t, ok, "%q", cell)
		assert.Equal(t, civil.Time{}, got, "%q", cell)
		seconds, ok := civil.ParseCommon([]byte(cell))
		assert.False(t, ok, "%q", cell)
		assert.Zero(t, seconds, "%q", cell)
	}
}

func TestInKeepsTheInstantOfAnOffset(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("", 2*3600)
	for cell, want := range map[string]time.Time{
		"1/3/2017 11:17:09 PM":      time.Date(2017, 1, 3, 23, 17, 9, 0, east),
		"2017-01-03T23:17:09Z":      time.Date(2017, 1, 4, 1, 17, 9, 0, east),
		"2017-01-03T23:17:09-01:00": time.Date(2017, 1, 4, 2, 17, 9, 0, east),
		"0001-01-01T00:00:00":       {},
	} {
		got, ok := civil.Parse(cell)
		require.True(t, ok, cell)
		assert.Equal(t, want, got.In(east), cell)
	}
}

// TestEveryDayIsThatOfPackageTime reads each day in both forms, and numbers that
// are out of range.
func TestEveryDayIsThatOfPackageTime(t *testing.T) {
	t.Parallel()
	for _, years := range [][2]int{{1, 5}, {96, 104}, {396, 401}, {1599, 1605}, {1895, 1905}, {1968, 2032}, {2099, 2101}, {9998, 9999}} {
		for year := years[0]; year <= years[1]; year++ {
			for month := range 14 {
				for day := range 33 {
					// The rest of the cell goes through all of its values, too.
					n := 40*month + day + year
					hour, minute, second := n%14, n%61, (n/3)%61
					clock := fmt.Sprintf("%d:%02d:%02d %cM", hour, minute, second, "AP"[n%2])
					if n%3 == 0 {
						clock = fmt.Sprintf("%02d:%02d:%02d %cM", hour, minute, second, "AP"[n%2])
					}
					cell := fmt.Sprintf("%d/%d/%04d %s", month, day, year, clock)
					if n%5 == 0 {
						cell = fmt.Sprintf("%02d/%02d/%04d %s", month, day, year, clock)
					}
					want, wantErr := time.Parse("1/2/2006 3:04:05 PM", cell)
					wantOK := wantErr == nil && hour > 0 && (year >= 1900 || want.IsZero())
					if !wantOK {
						want = time.Time{}
					}
					got, ok := civil.Parse(cell)
					require.Equal(t, wantOK, ok, cell)
					require.Equal(t, want, got.In(nil), cell)
					seconds, ok := civil.ParseCommon([]byte(cell))
					require.Equal(t, !want.IsZero(), ok, cell)
					if ok {
						require.Equal(t, want.Unix(), seconds, cell)
					}
				}
			}
		}
	}
}
