package deadline_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/deadline"
)

var dateTests = []struct {
	name string
	text string
	want deadline.Date // zero if the text is not a date
}{
	{"common", "2026-08-03", deadline.Date{Year: 2026, Month: time.August, Day: 3}},
	{"first", "0001-01-01", deadline.Date{Year: 1, Month: time.January, Day: 1}},
	{"last", "9999-12-31", deadline.Date{Year: 9999, Month: time.December, Day: 31}},
	{"leap day", "2024-02-29", deadline.Date{Year: 2024, Month: time.February, Day: 29}},
	{"leap day of a century", "2000-02-29", deadline.Date{Year: 2000, Month: time.February, Day: 29}},
	{"no leap day", "2023-02-29", deadline.Date{}},
	{"no leap day of a century", "2100-02-29", deadline.Date{}},
	{"30 February", "2024-02-30", deadline.Date{}},
	{"31 April", "2026-04-31", deadline.Date{}},
	{"day 0", "2026-04-00", deadline.Date{}},
	{"day 32", "2026-01-32", deadline.Date{}},
	{"month 0", "2026-00-10", deadline.Date{}},
	{"month 13", "2026-13-01", deadline.Date{}},
	{"year 0", "0000-01-01", deadline.Date{}},
	{"empty", "", deadline.Date{}},
	{"short month", "2026-8-03", deadline.Date{}},
	{"short day", "2026-08-3", deadline.Date{}},
	{"long year", "12026-08-03", deadline.Date{}},
	{"negative year", "-026-08-03", deadline.Date{}},
	{"slashes", "2026/08/03", deadline.Date{}},
	{"second separator", "2026-08/03", deadline.Date{}},
	{"day first", "03-08-2026", deadline.Date{}},
	{"American", "08/03/2026", deadline.Date{}},
	{"basic format", "20260803", deadline.Date{}},
	{"with time", "2026-08-03T00:00:00Z", deadline.Date{}},
	{"blank before", " 2026-08-03", deadline.Date{}},
	{"blank after", "2026-08-03 ", deadline.Date{}},
	{"blank inside", "2026-08- 3", deadline.Date{}},
	{"sign inside", "2026-08-+3", deadline.Date{}},
	{"other digits", "2026-0\u0668-3", deadline.Date{}},
	{"en dashes", "2026\u201308\u201303", deadline.Date{}},
}

func TestParseDateReadsOneFormOnly(t *testing.T) {
	t.Parallel()
	for _, test := range dateTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, err := deadline.ParseDate(test.text)
			assert.Equal(t, test.want, d)
			if test.want.IsZero() {
				assert.ErrorIs(t, err, deadline.ErrDate)
				return
			}
			require.NoError(t, err)
			assert.True(t, d.IsValid())
			assert.Equal(t, test.text, d.String())
		})
	}
}

func FuzzParseDate(f *testing.F) {
	for _, test := range dateTests {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := deadline.ParseDate(text)
		want, wantErr := time.Parse(time.DateOnly, text)
		if wantErr == nil && want.Year() > 0 {
			require.NoError(t, err)
			require.Equal(t, deadline.DateOf(want, nil), d)
			require.Equal(t, text, d.String())
			require.Equal(t, want.Weekday(), d.Weekday())
			return
		}
		require.Equal(t, deadline.ErrDate, err)
		require.Zero(t, d)
	})
}

func TestDateSurvivesMarshalling(t *testing.T) {
	t.Parallel()
	type dates struct{ A, B deadline.Date }
	want := dates{A: date(t, "2024-02-29")}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	assert.JSONEq(t, `{"A":"2024-02-29","B":""}`, string(text))
	got := dates{B: date(t, "2026-01-01")}
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, want, got)

	_, err = json.Marshal(deadline.Date{Year: 2023, Month: time.February, Day: 29})
	require.ErrorIs(t, err, deadline.ErrDate)
	d := date(t, "2026-01-01")
	require.ErrorIs(t, d.UnmarshalText([]byte("2023-02-29")), deadline.ErrDate)
	assert.Equal(t, date(t, "2026-01-01"), d, "an error changed the date")
}

func TestInvalidDatesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "no date", deadline.Date{}.String())
	for _, d := range []deadline.Date{
		{Year: 2026, Month: 2, Day: 29},
		{Year: 2026, Month: 13, Day: 1},
		{Year: 2026, Month: -1, Day: 1},
		{Year: 2026, Month: 1},
		{Year: 10_000, Month: 1, Day: 1},
		{Year: -1, Month: 1, Day: 1},
		{Month: 1, Day: 1},
	} {
		assert.False(t, d.IsValid())
		assert.Equal(t, "invalid date", d.String())
		assert.Zero(t, d.AddDays(0))
	}
}

func TestDaysAreCountedOverAllYears(t *testing.T) {
	t.Parallel()
	first, last := date(t, "0001-01-01"), date(t, "9999-12-31")
	const days = 3_652_058 // 25 cycles of 146,097 days (400 years), minus a leap year and a day
	tests := []struct {
		name     string
		from, to string
		days     int
	}{
		{"same day", "2026-03-01", "2026-03-01", 0},
		{"month end", "2026-01-31", "2026-02-01", 1},
		{"leap day", "2024-02-28", "2024-03-01", 2},
		{"no leap day", "2023-02-28", "2023-03-01", 1},
		{"year end", "2025-12-31", "2026-01-01", 1},
		{"clocks go forward", "2026-03-28", "2026-03-30", 2},
		{"before 1970", "1969-12-31", "1970-01-01", 1},
		{"all years", "0001-01-01", "9999-12-31", days},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			from, to := date(t, test.from), date(t, test.to)
			assert.Equal(t, test.days, from.DaysUntil(to))
			assert.Equal(t, -test.days, to.DaysUntil(from))
			assert.Equal(t, to, from.AddDays(test.days))
			assert.Equal(t, from, to.AddDays(-test.days))
		})
	}
	for _, n := range []int{1, days + 1, 2 * days, math.MaxInt32, math.MaxInt64} {
		assert.Zero(t, last.AddDays(n), "%d", n)
		assert.Zero(t, first.AddDays(-n), "%d", -n)
	}
	assert.Zero(t, first.AddDays(math.MinInt64))
}

func TestCompareOrdersDates(t *testing.T) {
	t.Parallel()
	sorted := []string{"2025-12-31", "2026-01-01", "2026-01-02", "2026-02-01", "2027-01-01"}
	for i, a := range sorted {
		for j, b := range sorted {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			assert.Equal(t, want, date(t, a).Compare(date(t, b)), "%s %s", a, b)
		}
	}
}

func TestDateOfDependsOnTheZone(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	at := time.Date(2026, 3, 5, 23, 30, 0, 0, time.UTC)
	assert.Equal(t, date(t, "2026-03-05"), deadline.DateOf(at, nil))
	assert.Equal(t, date(t, "2026-03-05"), deadline.DateOf(at.In(berlin), nil), "nil means UTC, not the zone of the instant")
	assert.Equal(t, date(t, "2026-03-06"), deadline.DateOf(at, berlin))
}
