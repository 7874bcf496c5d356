package deadline_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/deadline"
)

func TestStateCountsDays(t *testing.T) {
	t.Parallel()
	d, err := deadline.Request{Received: date(t, "2026-07-01")}.Deadlines() // to Monday, 3 August
	require.NoError(t, err)
	for now, want := range map[string]deadline.State{
		"2026-06-30": {Status: deadline.Running, Days: 34},
		"2026-07-01": {Status: deadline.Running, Days: 33},
		"2026-08-01": {Status: deadline.Running, Days: 2},
		"2026-08-02": {Status: deadline.Running, Days: 1},
		"2026-08-03": {Status: deadline.LastDay},
		"2026-08-04": {Status: deadline.Overdue, Days: 1},
		"2027-08-03": {Status: deadline.Overdue, Days: 365},
	} {
		state, err := d.Answer.State(date(t, now))
		require.NoError(t, err)
		assert.Equal(t, want, state, now)
	}
	for _, now := range []deadline.Date{{}, {Year: 2026, Month: 2, Day: 29}} {
		state, err := d.Answer.State(now)
		require.ErrorIs(t, err, deadline.ErrDate)
		assert.Zero(t, state)
	}
}

func TestWeekendsOnlyIsSaidOfTheYearOfTheLastDay(t *testing.T) {
	t.Parallel()
	const of = "weekends only: no public holidays were given for "
	tests := []struct {
		name         string
		received     string
		holidays     string
		short, long  bool
		short2, say3 string // the text for one month, and for three
	}{
		{"none", "2026-07-01", "", true, true, of + "2026", of + "2026"},
		{"of the year", "2026-07-01", "2026-01-01", false, false, "", ""},
		{"of another year", "2026-07-01", "2025-01-01", true, true, of + "2026", of + "2026"},
		{"of the year of receipt", "2026-12-05", "2026-12-25", true, true, of + "2027", of + "2027"},
		{"of the next year", "2026-12-05", "2027-01-01", false, false, "", ""},
		{"moved to the next year", "2023-11-30", "2023-12-25", true, true, of + "2024", of + "2024"},
		{"two years", "2026-11-05", "", true, true, of + "2026", of + "2026 and 2027"},
		{"of the first", "2026-11-05", "2026-12-25", false, true, "", of + "2027"},
		{"of the second", "2026-11-05", "2027-01-01", true, true, of + "2026", of + "2026"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := deadline.Request{Received: date(t, test.received), Holidays: holidays(t, test.holidays)}
			said := func(d deadline.Deadlines) string {
				parts := strings.Split(d.String(), "; ")
				if last := parts[len(parts)-1]; strings.HasPrefix(last, "weekends") {
					return last
				}
				return ""
			}
			d, err := r.Deadlines()
			require.NoError(t, err)
			assert.Equal(t, test.short, d.WeekendsOnly())
			assert.Equal(t, test.short2, said(d))
			r.Extended = true
			d, err = r.Deadlines()
			require.NoError(t, err)
			assert.Equal(t, test.long, d.WeekendsOnly())
			assert.Equal(t, test.say3, said(d))
		})
	}
}

func TestStringSaysWhatTheLawSays(t *testing.T) {
	t.Parallel()
	year := "2026-01-01 2027-01-01"
	const soon = "without undue delay (Article 12(3) GDPR)"
	for name, test := range map[string]struct {
		request deadline.Request
		want    string
	}{
		"one month": {deadline.Request{}, "at the latest on 2026-08-03; " + soon},
		"extended": {
			deadline.Request{Extended: true},
			"at the latest on 2026-10-01; notice of the extension with its reasons at the latest on 2026-08-03; " + soon,
		},
		"told": {
			deadline.Request{Extended: true, ExtensionNotice: date(t, "2026-07-30")},
			"at the latest on 2026-10-01; " + soon,
		},
		"paused": {
			deadline.Request{Pauses: pauses(t, []string{"2026-07-02.."})},
			"no deadline yet: paused since 2026-07-02 (Article 12(6) GDPR); " + soon,
		},
		"paused after the first month": {
			deadline.Request{Extended: true, Pauses: pauses(t, []string{"2026-08-05.."})},
			"no deadline yet: paused since 2026-08-05 (Article 12(6) GDPR); " +
				"notice of the extension with its reasons at the latest on 2026-08-03; " + soon,
		},
	} {
		test.request.Received, test.request.Holidays = date(t, "2026-07-01"), holidays(t, year)
		d, err := test.request.Deadlines()
		require.NoError(t, err)
		assert.Equal(t, test.want, d.String(), name)
	}
}

func TestCausesAndStatusesHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range []deadline.Cause{deadline.Saturday, deadline.Sunday, deadline.PublicHoliday, deadline.TooFewWorkingDays, 0} {
		seen[c.String()] = true
	}
	for _, s := range []deadline.Status{deadline.Running, deadline.LastDay, deadline.Overdue, deadline.Paused, 0} {
		seen[s.String()] = true
	}
	assert.Len(t, seen, 10)
	assert.NotContains(t, seen, "")
}

func TestCausesAndStatusesMarshalToStableCodes(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal([]any{
		deadline.Saturday, deadline.Sunday, deadline.PublicHoliday, deadline.TooFewWorkingDays, deadline.Cause(0),
		deadline.Running, deadline.LastDay, deadline.Overdue, deadline.Paused, deadline.Status(5),
	})
	require.NoError(t, err)
	assert.JSONEq(t, `["saturday", "sunday", "public-holiday", "too-few-working-days", "", "running", "last-day", "overdue", "paused", ""]`, string(text))
}
