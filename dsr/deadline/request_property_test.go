package deadline_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/deadline"
)

// publicHolidays returns days off in much of Europe. It computes Easter with the
// algorithm of Meeus, Jones and Butcher.
func publicHolidays(tb testing.TB, from, to int) (deadline.Holidays, map[time.Time]bool) {
	tb.Helper()
	var days []deadline.Date
	set := map[time.Time]bool{}
	for y := from; y <= to; y++ {
		a, b, c := y%19, y/100, y%100
		h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
		l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
		m := (a + 11*h + 22*l) / 451
		n := h + l - 7*m + 114
		at := func(month, day int) { set[time.Date(y, time.Month(month), day, 0, 0, 0, 0, time.UTC)] = true }
		for _, afterEaster := range []int{-2, 1, 39, 50} {
			at(n/31, n%31+1+afterEaster)
		}
		for _, fixed := range [][2]int{{1, 1}, {5, 1}, {12, 25}, {12, 26}} {
			at(fixed[0], fixed[1])
		}
	}
	for t := range set {
		days = append(days, deadline.DateOf(t, nil))
	}
	holidays, err := deadline.NewHolidays(days...)
	require.NoError(tb, err)
	return holidays, set
}

// naive computes a deadline with time.Time only.
func naive(received time.Time, months int, holidays map[time.Time]bool) (counted, last time.Time) {
	counted = received.AddDate(0, months, 0)
	if counted.Day() != received.Day() { // AddDate overflowed into the next month
		counted = counted.AddDate(0, 0, -counted.Day())
	}
	last = counted
	for last.Weekday() == time.Saturday || last.Weekday() == time.Sunday || holidays[last] {
		last = last.AddDate(0, 0, 1)
	}
	return counted, last
}

// TestAllDaysOfTheCalendarCycle compares the deadlines with a naive computation for
// every day of 400 years, after which the calendar repeats.
func TestAllDaysOfTheCalendarCycle(t *testing.T) {
	t.Parallel()
	withHolidays, set := publicHolidays(t, 1899, 2302)
	for name, test := range map[string]struct {
		holidays deadline.Holidays
		set      map[time.Time]bool
	}{"weekends": {}, "holidays": {withHolidays, set}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// assert takes more time than the calculation.
			fail := func(received time.Time, claim string) {
				t.Fatalf("%s: not %s", received.Format(time.DateOnly), claim)
			}
			utc := func(d deadline.Date) time.Time {
				return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
			}
			var before deadline.Deadlines
			end := time.Date(2301, 1, 1, 0, 0, 0, 0, time.UTC)
			for at := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end); at = at.AddDate(0, 0, 1) {
				received := deadline.DateOf(at, nil)
				short, err := deadline.Request{Received: received, Holidays: test.holidays}.Deadlines()
				require.NoError(t, err)
				long, err := deadline.Request{Received: received, Holidays: test.holidays, Extended: true}.Deadlines()
				require.NoError(t, err)

				for _, d := range []deadline.Deadline{short.Answer, long.Answer} {
					counted, last := naive(at, d.Months, test.set)
					if utc(d.Counted) != counted || utc(d.Day) != last {
						fail(at, "the result of the naive computation")
					}
					if day := d.Day.Weekday(); day == time.Saturday || day == time.Sunday || test.holidays.Contains(d.Day) {
						fail(at, "a working day")
					}
					if d.Counted.DaysUntil(d.Day) != len(d.Passed) || len(d.Passed) > 5 || d.PausedDays != 0 {
						fail(at, "moved by the passed days")
					}
					if d.WeekendsOnly != (test.set == nil) {
						fail(at, "right about WeekendsOnly")
					}
				}
				switch days := received.DaysUntil(short.Answer.Day); {
				case days < 28 || days > 31+5:
					fail(at, "about a month")
				case received.DaysUntil(long.Answer.Day) < 89: // 1 December to 28 February
					fail(at, "about three months")
				case long.Answer.Day.Compare(short.Answer.Day) <= 0:
					fail(at, "later when extended")
				case short.Notice.Day != short.Answer.Day || long.Notice.Day != short.Answer.Day:
					fail(at, "a notice by the first deadline")
				case before.Answer.Day.Compare(short.Answer.Day) > 0 || before.Notice.Day.Compare(long.Answer.Day) > 0:
					fail(at, "later when received later")
				}
				before = deadline.Deadlines{Answer: short.Answer, Notice: long.Answer}
			}
		})
	}
}

// running finds the end of a period day by day, for pauses that begin before that
// end. A paused day does not count. The paused days are those after the day of
// asking, up to and including the day of the answer.
func running(received deadline.Date, days int, pauses []deadline.Pause) deadline.Date {
	d := received
	for days > 0 {
		d = d.AddDays(1)
		paused := slices.ContainsFunc(pauses, func(p deadline.Pause) bool {
			return p.From.Compare(d) < 0 && d.Compare(p.Until) <= 0
		})
		if !paused {
			days--
		}
	}
	return d
}

func TestPausesOfAllKinds(t *testing.T) {
	t.Parallel()
	holidays, _ := publicHolidays(t, 2020, 2040)
	random := rand.New(rand.NewPCG(3, 4))
	received := func() deadline.Date { return date(t, "2021-01-01").AddDays(random.IntN(5000)) }
	for range 20_000 {
		r := deadline.Request{Received: received(), Extended: random.IntN(2) == 0, Holidays: holidays}
		without, err := r.Deadlines()
		require.NoError(t, err)
		// All pauses begin within the first 28 days that are not paused.
		at, left := r.Received, 27
		for range random.IntN(4) {
			gap := random.IntN(left + 1)
			left -= gap
			p := deadline.Pause{From: at.AddDays(gap), Reason: "x"}
			p.Until = p.From.AddDays(random.IntN(30))
			at = p.Until
			r.Pauses = append(r.Pauses, p)
		}
		random.Shuffle(len(r.Pauses), func(i, j int) { r.Pauses[i], r.Pauses[j] = r.Pauses[j], r.Pauses[i] })
		with, err := r.Deadlines()
		require.NoError(t, err)
		for _, d := range []deadline.Deadline{with.Answer, with.Notice} {
			end := running(r.Received, r.Received.DaysUntil(d.Counted), r.Pauses)
			require.Equal(t, end, d.Counted.AddDays(d.PausedDays), "%+v", r)
			require.Equal(t, end.AddDays(len(d.Passed)), d.Day)
			for _, p := range r.Pauses {
				require.GreaterOrEqual(t, d.Day.Compare(p.Until), 0)
			}
		}
		require.GreaterOrEqual(t, with.Notice.Day.Compare(without.Notice.Day), 0)
		require.GreaterOrEqual(t, with.Answer.Day.Compare(with.Notice.Day), 0)
	}
}

// TestLaterPausesHelpNobody asks the person on each day until the last one, and the
// answer comes on a fixed day. Asking later gives the controller no more time. Two
// pauses, one after the other, count as the whole.
func TestLaterPausesHelpNobody(t *testing.T) {
	t.Parallel()
	holidays, _ := publicHolidays(t, 2020, 2040)
	for received := date(t, "2025-11-01"); received.Year < 2028; received = received.AddDays(1) {
		r := deadline.Request{Received: received, Holidays: holidays}
		without, err := r.Deadlines()
		require.NoError(t, err)
		last := without.Answer.Day
		for _, wait := range []int{0, 1, 2, 5, 9} {
			until := last.AddDays(wait)
			before := deadline.Date{}
			for from := received; from.Compare(last) <= 0; from = from.AddDays(1) {
				r.Pauses = []deadline.Pause{{From: from, Until: until, Reason: "x"}}
				whole, err := r.Deadlines()
				require.NoError(t, err)
				require.GreaterOrEqual(t, whole.Answer.Day.Compare(until), 0, "the deadline is before the person's answer")
				if !before.IsZero() {
					require.LessOrEqual(t, whole.Answer.Day.Compare(before), 0)
				}
				before = whole.Answer.Day

				middle := from.AddDays(from.DaysUntil(until) / 2)
				r.Pauses = []deadline.Pause{{From: middle, Until: until, Reason: "x"}, {From: from, Until: middle, Reason: "y"}}
				halves, err := r.Deadlines()
				require.NoError(t, err)
				assert.Equal(t, whole, halves)
			}
		}
	}
}
