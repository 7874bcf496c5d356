package csvschema_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones for the tests, wherever they run

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

var readableDates = []struct {
	cell string
	want time.Time // in UTC
}{
	{"1/3/2017 11:17:09 PM", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)},
	{"1/3/2017 11:17:09 AM", time.Date(2017, 1, 3, 11, 17, 9, 0, time.UTC)},
	{"1/3/2017 12:17:09 AM", time.Date(2017, 1, 3, 0, 17, 9, 0, time.UTC)},
	{"1/3/2017 12:17:09 PM", time.Date(2017, 1, 3, 12, 17, 9, 0, time.UTC)},
	{"1/3/2017 11:17 PM", time.Date(2017, 1, 3, 23, 17, 0, 0, time.UTC)},
	{"01/03/2017 01:07:09 AM", time.Date(2017, 1, 3, 1, 7, 9, 0, time.UTC)},
	{"12/31/2017 1:07 AM", time.Date(2017, 12, 31, 1, 7, 0, 0, time.UTC)},
	{"1/3/2017", time.Date(2017, 1, 3, 0, 0, 0, 0, time.UTC)},
	{"1/3/2017 23:17", time.Date(2017, 1, 3, 23, 17, 0, 0, time.UTC)},
	{"1/3/2017 23:17:09", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)},
	{"1/3/2017 0:00", time.Date(2017, 1, 3, 0, 0, 0, 0, time.UTC)},
	{"1/3/2017 5:06:07", time.Date(2017, 1, 3, 5, 6, 7, 0, time.UTC)},
	{"2/29/2020", time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC)},
	{"2/29/2000", time.Date(2000, 2, 29, 0, 0, 0, 0, time.UTC)},
	{"2017-01-03T23:17:09Z", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)},
	{"2017-01-03T23:17:09.1Z", time.Date(2017, 1, 3, 23, 17, 9, 100_000_000, time.UTC)},
	{"2017-01-03T23:17:09.1234567Z", time.Date(2017, 1, 3, 23, 17, 9, 123_456_700, time.UTC)},
	{"2017-01-03T23:17:09.0000001+01:30", time.Date(2017, 1, 3, 21, 47, 9, 100, time.UTC)},
	{"2017-01-03T23:17:09-08:00", time.Date(2017, 1, 4, 7, 17, 9, 0, time.UTC)},
	{"2017-01-03T23:17:09+23:59", time.Date(2017, 1, 2, 23, 18, 9, 0, time.UTC)},
	{"2017-01-03T23:17:09-00:00", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)},
	{"2017-01-03 23:17:09", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)},
	{"2017-01-03", time.Date(2017, 1, 3, 0, 0, 0, 0, time.UTC)},
	{"2026-03-05T09:15:00", time.Date(2026, 3, 5, 9, 15, 0, 0, time.UTC)},
	{"2026-03-05T09:15:00.1234567", time.Date(2026, 3, 5, 9, 15, 0, 123_456_700, time.UTC)},
	{"2026-03-05T09:15:00.5", time.Date(2026, 3, 5, 9, 15, 0, 500_000_000, time.UTC)},
	{"2026-03-05 09:15:00.0000000", time.Date(2026, 3, 5, 9, 15, 0, 0, time.UTC)},
	{"2026-03-05 09:15:00.1234567", time.Date(2026, 3, 5, 9, 15, 0, 123_456_700, time.UTC)},
	{"2026-03-05 09:15:00.25", time.Date(2026, 3, 5, 9, 15, 0, 250_000_000, time.UTC)},
	{"2026-03-05 00:00:00.000", time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)},
	{"2026-03-05 09:15:00Z", time.Date(2026, 3, 5, 9, 15, 0, 0, time.UTC)},
	{"2026-03-05 09:15:00.5Z", time.Date(2026, 3, 5, 9, 15, 0, 500_000_000, time.UTC)},
	{"2026-03-05 09:15:00+01:00", time.Date(2026, 3, 5, 8, 15, 0, 0, time.UTC)},
	{"2026-03-05 09:15:00.1234567-05:30", time.Date(2026, 3, 5, 14, 45, 0, 123_456_700, time.UTC)},
	{"2026-03-05 09:15:00.0000000 +00:00", time.Date(2026, 3, 5, 9, 15, 0, 0, time.UTC)},
	{"2026-03-05 09:15:00 -08:00", time.Date(2026, 3, 5, 17, 15, 0, 0, time.UTC)},
	{"1/3/2017 11:17:09\u00A0PM", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)},
	{"1/3/2017 11:17:09\u202FPM", time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)},
	{"1/3/2017 12:17:09\u202FAM", time.Date(2017, 1, 3, 0, 17, 9, 0, time.UTC)},
	{"1/3/2017 11:17\u00A0AM", time.Date(2017, 1, 3, 11, 17, 0, 0, time.UTC)},
	{"01/03/2017 01:07\u202FPM", time.Date(2017, 1, 3, 13, 7, 0, 0, time.UTC)},
	{"2026-03-05 09:15:00.0000000", time.Date(2026, 3, 5, 9, 15, 0, 0, time.UTC)},
	{"2026-03-05 09:15:00.5", time.Date(2026, 3, 5, 9, 15, 0, 500_000_000, time.UTC)},
	{"2026-03-05T09:15:00.0000000", time.Date(2026, 3, 5, 9, 15, 0, 0, time.UTC)},
	{"2026-03-05T09:15:00.120", time.Date(2026, 3, 5, 9, 15, 0, 120_000_000, time.UTC)},
	{"2026-03-05T00:00:00+00:00", time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)},
	{"2026-03-05T09:15:00.0000000-00:00", time.Date(2026, 3, 5, 9, 15, 0, 0, time.UTC)},
	{"2026-12-31T23:59:59.9999999-23:59", time.Date(2027, 1, 1, 23, 58, 59, 999_999_900, time.UTC)},
	{"3/5/2026 9:15:00\u202FAM", time.Date(2026, 3, 5, 9, 15, 0, 0, time.UTC)},
	{"03/05/2026 09:15:00\u00A0PM", time.Date(2026, 3, 5, 21, 15, 0, 0, time.UTC)},
	{"12/5/2026 12:00\u202FAM", time.Date(2026, 12, 5, 0, 0, 0, 0, time.UTC)},
	{"2/29/2024 12:00:00\u00A0PM", time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)},
	{"12/31/9999 11:59:59\u202FPM", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
	{"1900-01-01 00:00:00.0000000", time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)},
	{"1/1/1900", time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)},
	{"1/1/1900 12:00:00 AM", time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)},
	{"1900-01-01T00:00:00", time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)},
	{"1900-01-01T00:00:00+14:00", time.Date(1899, 12, 31, 10, 0, 0, 0, time.UTC)},
	{"9999-12-31T23:59:59.9999999Z", time.Date(9999, 12, 31, 23, 59, 59, 999_999_900, time.UTC)},
}

var noDates = []string{
	"", "0001-01-01", "1/1/0001", "01/01/0001", "1/1/0001 12:00:00 AM", "1/1/0001 12:00 AM", "1/1/0001 0:00", "1/1/0001 00:00:00",
	"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z", "0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00-08:00", "0001-01-01 00:00:00",
	"0001-01-01 00:00:00.0", "0001-01-01 00:00:00Z", "0001-01-01 00:00:00.0000000 +00:00", "0001-01-01T00:00:00.0Z", "01/01/0001 00:00", "1/1/0001 12:00:00\u00A0AM", "1/1/0001 12:00\u202FAM", "0001-01-01T14:00:00.0000000+14:00", "0001-01-01T00:00:00+14:00",
	"0001-01-01T01:00:00+01:00", "0001-01-01T23:59:00+23:59", "0001-01-01T00:00:00", "0001-01-01T00:00:00.0000000", "0001-01-01 00:00:00.0000000", "0001-01-01T00:00:00.000+01:00", "1/1/0001 12:00:00\u202FAM", "1/1/0001 12:00\u00A0AM",
}

var unreadableDates = []string{
	" ", "x", "null", "-", "0", "1", "2017", "1/3", "1/3/", "1/3/17", "1/3/20170", "1//2017", "/3/2017", "1/3/2017 ", " 1/3/2017", "\t1/3/2017",
	"13/1/2017", "25/12/2017", "0/3/2017", "1/0/2017", "1/32/2017", "4/31/2017", "2/29/2017", "2/29/1900", "2/30/2020", "001/3/2017", "1/003/2017",
	"1/3/0000", "0000-01-01", "1-3-2017", "1.3.2017", "2017/01/03", "2017-1-3", "2017-13-01", "2017-04-31", "20170103", "+017-01-03", "-017-01-03",
	"1/3/2017 11", "1/3/2017 11 PM", "1/3/2017 11:1 PM", "1/3/2017 11:17:9 PM", "1/3/2017 11:17:09 pm", "1/3/2017 11:17:09PM", "1/3/2017 11:17:09 P",
	"1/3/2017 11:17:09  PM", "1/3/2017  11:17:09 PM", "1/3/2017 11:17:09 PM ", "1/3/2017 11:17:09 XM", "1/3/2017 0:17 AM", "1/3/2017 13:17 PM", "1/3/2017 00:17:09 PM",
	"1/3/2017 24:00", "1/3/2017 23:60", "1/3/2017 23:59:60", "1/3/2017 111:17", "1/3/2017 23:17:09.5", "1/3/2017T23:17:09", "1/3/2017 23:17:09Z",
	"2017-01-03T23:17Z", "2017-01-03T23:17", "2017-01-03T23:17:09.", "2017-01-03 23:17:09.", "2017-01-03T23:17:09 ", "2017-01-03T23:17:09.12345678", "2017-01-03 23:17:09.12345678",
	"2017-01-03 23:17:09 Z", "2017-01-03\u00A023:17:09", "2017-01-03T23:17:09,5", "2017-01-03 23:17:09,5",
	"0001-01-02", "1/1/0001 12:05:00 AM", "1/1/0001 1:00", "2/1/0001", "0002-01-01", "0001-01-01T01:00:00-01:00", "0001-01-01T01:00:00Z", "0001-01-01 01:00:00", "0001-00-32T00:00:00", "1/1/0001 12:00:01 AM", "0001-01-01T00:00:00.0000001Z", "0001-01-01 00:00:00.0000001",
	"3/5/0026", "3/5/0026 9:15:00 AM", "0026-03-05", "0026-03-05T09:15:00Z", "0026-03-05 09:15:00", "12/30/1899", "12/31/1899 11:59:59 PM", "1899-12-31T23:59:59.9999999", "1753-01-01", "1601-01-01T00:00:00Z", "2017-01-03t23:17:09Z", "2017-01-03T23:17:09z", "2017-01-03T3:17:09Z",
	"2017-01-03T23:17:09.Z", "2017-01-03T23:17:09.12345678Z", "2017-01-03T23:17:09,5Z", "2017-01-03T24:00:00Z", "2017-01-03T23:17:60Z",
	"2017-01-03T23:17:09+24:00", "2017-01-03T23:17:09+01:60", "2017-01-03T23:17:09+1:00", "2017-01-03T23:17:09+0100", "2017-01-03T23:17:09+01", "2017-01-03T23:17:09ZZ", "2017-01-03T23:17:09Z+01:00",
	"2026-03-05 09:15:00.00000000", "2026-03-05 09:15:00.0000000  +00:00", "2026-03-05 09:15:00 +0000", "2026-03-05 09:15:00 +00:00 ", "2026-03-05 09:15:00 ", "2026-03-05 +00:00", "2026-03-05T09:15:00 +00:00", "2026-03-05 09:15:00 +24:00", "2026-03-05 09:15:00.0000000 AM", "2026-03-05T09:15:00.0000000 Z", "2026-03-05T09:15:00.000+0000",
	"2026-02-29 00:00:00.0000000", "2026-03-05T09:15:00,0000000", "2026-03-05 09:15", "2026-03-05\u202F09:15:00", "2026-03-05 09:15:60.0000000", "2026-03-05  09:15:00.0000000", "2026-3-5 9:15:00",
	"3/5/2026 9:15:00\u202Fam", "3/5/2026 9:15:00\u202F", "3/5/2026 9:15:00\u202FAM\u202F", "3/5/2026\u202F9:15:00\u202FAM", "3/5/2026 9:15:00.0000000\u202FAM", "3/5/2026 9:15:00 AM +00:00", "3/5/2026 9:15:00 A.M.",
	"3/5/2026 13:15:00\u202FPM", "3/5/2026 0:15\u00A0AM", "\uFEFF3/5/2026", "3/5/2026\uFEFF", "46086.3854166667", "1772702100", "/Date(1772702100000)/", "Thu, 05 Mar 2026 09:15:00 GMT", "2026-W10-4", "2026-064",
	"3/5/0226 9:15:00\u202FAM", "0226-03-05T09:15:00", "0226-03-05 09:15:00.0000000", "12/31/1899", "1/1/1899 12:00:00\u00A0AM", "1899-12-31 23:59:59.9999999", "1899-12-31T00:00:00-23:59", "0001-01-01 00:00:01", "0001-01-01T00:00:00.0000001+14:00",
	"2017-01-03 23:17", "2017-01-03 3:17:09", "2017-01-03  23:17:09", "2017-01-03 ", "2017-01-03T", "2017-01-0", "2017-01",
	"１/3/2017", "1/3/2017\u00A011:17:09 PM", "1/3/2017\u202F11:17:09 PM", "1/3/2017\u00A011:17", "1/3/2017 11:17:09\u2009PM", "1/3/2017 11:17:09\u202F\u202FPM", "1/3/2017 11:17:09 \u00A0PM",
	"1/3/2017 11:17:09\xA0PM", "1/3/2017 11:17:09\xC2PM", "1/3/2017 11:17:09\xE2\x80PM", "1/3/2017 11:17:09\u200BPM", "1/3/2017 11:17:09\u3000PM", "1/3/2017\x00", "1/3/201\xff",
}

func TestDateTimeReadsTheFormatsOfExports(t *testing.T) {
	t.Parallel()
	for _, test := range readableDates {
		d, err := csvschema.ParseDateTime(test.cell)
		require.NoError(t, err, test.cell)
		assert.False(t, d.In(nil).IsZero(), test.cell)
		assert.Equal(t, test.want, d.In(nil), test.cell)
		assert.Equal(t, test.want, d.In(time.UTC), test.cell)
		assertKeepsText(t, test.cell, d)

		at, empty, err := csvschema.ParseTime([]byte(test.cell), nil)
		require.NoError(t, err, test.cell)
		assert.False(t, empty, test.cell)
		assert.Equal(t, test.want, at, test.cell)
	}
}

func TestDateTimeOfDotNetNullIsEmpty(t *testing.T) {
	t.Parallel()
	for _, cell := range noDates {
		d, err := csvschema.ParseDateTime(cell)
		require.NoError(t, err, cell)
		assert.True(t, d.In(nil).IsZero(), cell)
		assert.Equal(t, time.Time{}, d.In(time.FixedZone("", 3600)), cell)
		assertKeepsText(t, cell, d)

		at, empty, err := csvschema.ParseTime([]byte(cell), nil)
		require.NoError(t, err, cell)
		assert.True(t, empty, cell)
		assert.Equal(t, time.Time{}, at, cell)
	}
}

func TestDateTimeRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, cell := range unreadableDates {
		d, err := csvschema.ParseDateTime(cell)
		assert.Equal(t, csvschema.ErrValue, err, "%q", cell)
		assert.Equal(t, csvschema.DateTime{}, d, "%q", cell)
		at, empty, err := csvschema.ParseTime([]byte(cell), nil)
		assert.Equal(t, csvschema.ErrValue, err, "%q", cell)
		assert.False(t, empty, "%q", cell)
		assert.Equal(t, time.Time{}, at, "%q", cell)

		d, _ = csvschema.ParseDateTime("1/3/2017")
		assert.Equal(t, csvschema.ErrValue, d.UnmarshalText([]byte(cell)), "%q", cell)
		assert.Equal(t, csvschema.DateTime{}, d, "%q", cell)
	}
}

func TestDateTimeInTakesCivilTimeForThatOfTheZone(t *testing.T) {
	t.Parallel()
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	in := func(cell string) time.Time {
		d, err := csvschema.ParseDateTime(cell)
		require.NoError(t, err)
		at, _, err := csvschema.ParseTime([]byte(cell), newYork)
		require.NoError(t, err)
		assert.Equal(t, d.In(newYork), at)
		assert.Equal(t, newYork, at.Location())
		return at.UTC()
	}
	assert.Equal(t, time.Date(2017, 1, 4, 4, 17, 9, 0, time.UTC), in("1/3/2017 11:17:09 PM"), "winter")
	assert.Equal(t, time.Date(2017, 7, 4, 3, 17, 9, 0, time.UTC), in("7/3/2017 11:17:09 PM"), "summer")
	assert.Equal(t, time.Date(2017, 1, 3, 22, 17, 9, 0, time.UTC), in("2017-01-03T23:17:09+01:00"), "an offset keeps the instant")
	assert.Equal(t, time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC), in("2017-01-03T23:17:09Z"), "Z keeps the instant")
	skipped := in("3/12/2017 2:30:00 AM")
	assert.Contains(t, []time.Time{time.Date(2017, 3, 12, 6, 30, 0, 0, time.UTC), time.Date(2017, 3, 12, 7, 30, 0, 0, time.UTC)}, skipped)
	twice := in("11/5/2017 1:30:00 AM")
	assert.Contains(t, []time.Time{time.Date(2017, 11, 5, 5, 30, 0, 0, time.UTC), time.Date(2017, 11, 5, 6, 30, 0, 0, time.UTC)}, twice)
}

func TestDateTimeMarshalsItsText(t *testing.T) {
	t.Parallel()
	d, err := csvschema.ParseDateTime("1/3/2017 11:17:09 PM")
	require.NoError(t, err)
	data, err := json.Marshal(d)
	require.NoError(t, err)
	assert.Equal(t, `"1/3/2017 11:17:09 PM"`, string(data))
	var back csvschema.DateTime
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, map[csvschema.DateTime]int{d: 1}, map[csvschema.DateTime]int{back: 1}, "== of the same text")
}

func TestParseTimeDoesNotAllocate(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	cells := [][]byte{[]byte("1/3/2017 11:17:09 PM"), []byte("2017-01-03T23:17:09.1234567+01:00"), []byte("2017-01-03"), []byte("1/3/2017 25:00"), nil}
	for _, loc := range []*time.Location{nil, time.UTC, newYork} {
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			for _, cell := range cells {
				_, _, _ = csvschema.ParseTime(cell, loc)
			}
		}))
	}
}

// What package time reads with these layouts is read, except for what the
// pattern below says; and nothing else is.
var (
	layouts = []string{
		"1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1/2/2006", "1/2/2006 15:04", "1/2/2006 15:04:05",
		time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly,
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -07:00",
		"1/2/2006 3:04:05\u00A0PM", "1/2/2006 3:04\u00A0PM", "1/2/2006 3:04:05\u202FPM", "1/2/2006 3:04\u202FPM",
	}
	readByTimeAlone = regexp.MustCompile(strings.Join([]string{
		` {2}| $|^[^T]*\d[AP]M$`, // blanks: too many, or none before PM
		`^1?\d?\d/.* 00?:.*M$`,   // hour 0 of twelve
		`/.*[.,]`, `,`,           // decimals after seconds of the American forms, or after a comma
		`\.\d{8}`,                 // more than 7 decimals
		`[+-](24:|..:60)`,         // offsets that are none
		`^\d{4}-\d\d-\d\d[T ]\d:`, // hours of one digit in the forms that begin with the year
	}, "|"))
)

// requireDateTime compares the date of a cell with what package time reads.
func requireDateTime(t *testing.T, cell string) {
	t.Helper()
	d, err := csvschema.ParseDateTime(cell)
	at, empty, timeErr := csvschema.ParseTime([]byte(cell), nil)
	require.Equal(t, err, timeErr)
	if err != nil {
		require.Equal(t, csvschema.ErrValue, err)
		require.Equal(t, csvschema.DateTime{}, d)
	} else {
		require.Equal(t, cell, d.String())
	}
	require.Equal(t, err == nil && d.In(nil).IsZero(), empty)
	require.Equal(t, d.In(nil), at)
	if cell == "" {
		return
	}
	var want time.Time
	read := false
	for _, layout := range layouts {
		if parsed, err := time.Parse(layout, cell); err == nil {
			require.False(t, read && !want.Equal(parsed), "two layouts, two instants: %q", cell)
			want, read = parsed.UTC(), true
		}
	}
	switch {
	case err == nil && !read:
		t.Fatalf("read %q, which is in no layout", cell)
	case read && want.Year() < 1899: // the zone may make it another year
		require.Equal(t, empty, err == nil, "read %q", cell)
	case err != nil && read && !readByTimeAlone.MatchString(cell) && want.Year() > 1900:
		t.Fatalf("did not read %q", cell)
	case err == nil && readByTimeAlone.MatchString(cell):
		t.Fatalf("read %q, a listed exception", cell)
	case err == nil && !empty:
		require.Equal(t, want, at, "%q", cell)
	case err == nil:
		require.True(t, want.Format("2006-01-02T15:04:05.999999999") == "0001-01-01T00:00:00" || want.IsZero() || strings.HasPrefix(cell, "0001-01-01T00:00:00"), "%q", cell)
	}
}

func FuzzDateTimeReadsWhatPackageTimeReads(f *testing.F) {
	for _, test := range readableDates {
		f.Add(test.cell)
	}
	for _, cell := range append(noDates, unreadableDates...) {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) { requireDateTime(t, cell) })
}
