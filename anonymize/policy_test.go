package anonymize_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

// TestRowIsDueAtTheNanosecond asks the policy, a stream, typed rows and a plan about
// the nanosecond before a row is due, and that at which it is.
func TestRowIsDueAtTheNanosecond(t *testing.T) {
	t.Parallel()
	zone := func(name string) *time.Location {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		return loc
	}
	berlin, kiritimati, west := zone("Europe/Berlin"), zone("Pacific/Kiritimati"), zone("Etc/GMT+12")
	utc := func(year int, month time.Month, day, hour, minute, sec, nsec int) time.Time {
		return time.Date(year, month, day, hour, minute, sec, nsec, time.UTC)
	}
	for _, test := range []struct {
		name, cell string
		zone       *time.Location
		retention  time.Duration
		due        time.Time // zero: never
	}{
		{"as exports write it", "1/3/2017 11:17:09 PM", nil, 0, utc(2017, 2, 2, 23, 17, 9, 0)},
		{"noon", "1/3/2017 12:00:00 PM", nil, 0, utc(2017, 2, 2, 12, 0, 0, 0)},
		{"midnight", "1/3/2017 12:00:00 AM", nil, 0, utc(2017, 2, 2, 0, 0, 0, 0)},
		{"without seconds", "1/3/2017 11:17 PM", nil, 0, utc(2017, 2, 2, 23, 17, 0, 0)},
		{"24 hours", "1/3/2017 23:17:09", nil, 0, utc(2017, 2, 2, 23, 17, 9, 0)},
		{"month first", "2/3/2017", nil, 0, utc(2017, 3, 5, 0, 0, 0, 0)},
		{"date only", "2017-01-03", nil, 0, utc(2017, 2, 2, 0, 0, 0, 0)},
		{"blank between", "2017-01-03 23:17:09", nil, 0, utc(2017, 2, 2, 23, 17, 9, 0)},
		{"seven decimals", "2017-01-03T23:17:09.1234567Z", nil, 0, utc(2017, 2, 2, 23, 17, 9, 123456700)},
		{"offset of its own", "2017-01-03T23:17:09+05:30", berlin, 0, utc(2017, 2, 2, 17, 47, 9, 0)},
		{"leap day deleted", "2/29/2024", nil, 0, utc(2024, 3, 30, 0, 0, 0, 0)},
		{"over a leap day", "2/1/2024", nil, 0, utc(2024, 3, 2, 0, 0, 0, 0)},
		{"over a February without one", "2/1/2023", nil, 0, utc(2023, 3, 3, 0, 0, 0, 0)},
		{"leap year of a century", "2/1/2000", nil, 0, utc(2000, 3, 2, 0, 0, 0, 0)},
		{"century without a leap day", "2/1/1900", nil, 0, utc(1900, 3, 3, 0, 0, 0, 0)},
		{"over the year", "12/15/2016", nil, 0, utc(2017, 1, 14, 0, 0, 0, 0)},
		{"zone in winter", "1/3/2017 11:17:09 PM", berlin, 0, utc(2017, 2, 2, 22, 17, 9, 0)},
		{"elapsed time over the change to summer", "3/20/2017 12:00:00 PM", berlin, 0, utc(2017, 4, 19, 11, 0, 0, 0)},
		{"elapsed time over the change to winter", "10/20/2017 12:00:00 PM", berlin, 0, utc(2017, 11, 19, 10, 0, 0, 0)},
		{"fourteen hours east", "1/3/2017", kiritimati, 0, utc(2017, 2, 1, 10, 0, 0, 0)},
		{"twelve hours west", "1/3/2017", west, 0, utc(2017, 2, 2, 12, 0, 0, 0)},
		{"an hour and a nanosecond", "1/3/2017", nil, time.Hour + 1, utc(2017, 1, 3, 1, 0, 0, 1)},
		{"ninety days", "1/3/2017", nil, 90 * 24 * time.Hour, utc(2017, 4, 3, 0, 0, 0, 0)},
		{"the last second", "12/31/9999 11:59:59 PM", nil, 0, utc(10000, 1, 30, 23, 59, 59, 0)},
		{".NET null", "1/1/0001 12:00:00 AM", nil, 0, time.Time{}},
		{".NET null as a date", "0001-01-01", nil, 0, time.Time{}},
		{".NET null in RFC 3339", "0001-01-01T00:00:00Z", nil, 0, time.Time{}},
		{"empty", "", nil, 0, time.Time{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &anonymize.Policy{Zone: test.zone, Retention: test.retention}
			file := []byte(vm(test.cell, "alice@contoso.com", nil))
			ask := func(now time.Time) (due int64) {
				out, stats := copyOf(t, p, now, csvschema.VirtualMachines, file)
				plan, after := planOf(t, p, now, exportOf(csvschema.VirtualMachines, file))
				assert.Equal(t, stats, plan.Report().Files[0].Stats)
				assert.Equal(t, string(out), string(textOf(t, after[0].VirtualMachines[0])))
				deleted, err := csvschema.ParseDateTime(test.cell)
				require.NoError(t, err)
				rows := []csvschema.VirtualMachineRow{{DeletedDate: deleted, ResourceOwner: csvschema.NewPersonalText("alice@contoso.com")}}
				typed, err := p.Rows(now, rows, nil)
				require.NoError(t, err)
				assert.Equal(t, stats.Due, typed.Due)
				assert.Equal(t, stats.Due == 1, p.Due(deleted.In(test.zone), now))
				return stats.Due
			}
			if test.due.IsZero() {
				assert.Zero(t, ask(later))
				assert.Zero(t, ask(utc(9999, 12, 31, 23, 59, 59, 999999999)))
				return
			}
			assert.Zero(t, ask(test.due.Add(-1)), "a nanosecond before")
			assert.Equal(t, int64(1), ask(test.due), "at that instant")
			assert.Equal(t, int64(1), ask(test.due.In(kiritimati)), "whatever the zone of now")
			assert.Equal(t, int64(1), ask(test.due.Add(1)))
		})
	}
}
