package deadline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/deadline"
)

// TestLastDays checks the counted day and the last day, for one month and for
// three. Where these two differ, a weekend or holiday is between them.
func TestLastDays(t *testing.T) {
	t.Parallel()
	const (
		easter26    = "2026-04-03 2026-04-06 2026-05-01 "
		christmas26 = "2026-12-25 2026-12-26 "
	)
	tests := []struct {
		name          string
		received      string
		counted, last string
		three, last3  string
		holidays      string
	}{
		// EDPB Guidelines 01/2022, section 5.3.
		{"EDPB 5 March", "2024-03-05", "2024-04-05", "2024-04-05", "2024-06-05", "2024-06-05", ""},
		{"EDPB 31 August", "2022-08-31", "2022-09-30", "2022-09-30", "2022-11-30", "2022-11-30", ""},
		{"EDPB weekend", "2023-08-31", "2023-09-30", "2023-10-02", "2023-11-30", "2023-11-30", ""},
		{"EDPB holiday", "2026-03-06", "2026-04-06", "2026-04-07", "2026-06-06", "2026-06-08", easter26},

		{"28 January", "2023-01-28", "2023-02-28", "2023-02-28", "2023-04-28", "2023-04-28", ""},
		{"29 January", "2023-01-29", "2023-02-28", "2023-02-28", "2023-04-29", "2023-05-01", ""},
		{"30 January", "2023-01-30", "2023-02-28", "2023-02-28", "2023-04-30", "2023-05-01", ""},
		{"31 January", "2023-01-31", "2023-02-28", "2023-02-28", "2023-04-30", "2023-05-01", ""},
		{"29 January of a leap year", "2024-01-29", "2024-02-29", "2024-02-29", "2024-04-29", "2024-04-29", ""},
		{"30 January of a leap year", "2024-01-30", "2024-02-29", "2024-02-29", "2024-04-30", "2024-04-30", ""},
		{"31 January of a leap year", "2024-01-31", "2024-02-29", "2024-02-29", "2024-04-30", "2024-04-30", ""},
		{"31 January 2028", "2028-01-31", "2028-02-29", "2028-02-29", "2028-04-30", "2028-05-01", ""},
		{"31 January 1900, no leap year", "1900-01-31", "1900-02-28", "1900-02-28", "1900-04-30", "1900-04-30", ""},
		{"31 January 2000, a leap year", "2000-01-31", "2000-02-29", "2000-02-29", "2000-04-30", "2000-05-01", ""},
		{"31 January 2100, no leap year", "2100-01-31", "2100-02-28", "2100-03-01", "2100-04-30", "2100-04-30", ""},
		{"28 February", "2025-02-28", "2025-03-28", "2025-03-28", "2025-05-28", "2025-05-28", ""},
		{"leap day", "2024-02-29", "2024-03-29", "2024-03-29", "2024-05-29", "2024-05-29", ""},
		{"last day of a short month", "2024-04-30", "2024-05-30", "2024-05-30", "2024-07-30", "2024-07-30", ""},
		{"leap day at the end of three months", "2023-11-30", "2023-12-30", "2024-01-01", "2024-02-29", "2024-02-29", ""},

		{"December", "2025-12-15", "2026-01-15", "2026-01-15", "2026-03-15", "2026-03-16", ""},
		{"New Year's Eve", "2025-12-31", "2026-01-31", "2026-02-02", "2026-03-31", "2026-03-31", ""},
		{"30 November", "2026-11-30", "2026-12-30", "2026-12-30", "2027-02-28", "2027-03-01", ""},
		{"30 November and no weekend", "2022-11-30", "2022-12-30", "2022-12-30", "2023-02-28", "2023-02-28", ""},
		{"over the year's end", "2022-10-31", "2022-11-30", "2022-11-30", "2023-01-31", "2023-01-31", ""},
		{"Saturday to Monday of another year", "2022-12-01", "2023-01-01", "2023-01-02", "2023-03-01", "2023-03-01", ""},
		{"the Monday is a holiday", "2022-12-01", "2023-01-01", "2023-01-03", "2023-03-01", "2023-03-01", "2023-01-02"},

		{"Saturday", "2026-07-01", "2026-08-01", "2026-08-03", "2026-10-01", "2026-10-01", ""},
		{"Sunday", "2026-07-02", "2026-08-02", "2026-08-03", "2026-10-02", "2026-10-02", ""},
		{"Monday", "2026-07-03", "2026-08-03", "2026-08-03", "2026-10-03", "2026-10-05", ""},
		{"received on a Saturday", "2024-05-04", "2024-06-04", "2024-06-04", "2024-08-04", "2024-08-05", ""},
		{"received on a holiday", "2024-05-01", "2024-06-01", "2024-06-03", "2024-08-01", "2024-08-01", "2024-05-01"},

		{"Good Friday", "2026-03-03", "2026-04-03", "2026-04-07", "2026-06-03", "2026-06-03", easter26},
		{"Good Friday, weekends only", "2026-03-03", "2026-04-03", "2026-04-03", "2026-06-03", "2026-06-03", ""},
		{"Easter Saturday", "2026-03-04", "2026-04-04", "2026-04-07", "2026-06-04", "2026-06-04", easter26},
		{"Easter Sunday", "2026-03-05", "2026-04-05", "2026-04-07", "2026-06-05", "2026-06-05", easter26},
		{"1 May is a Friday", "2026-04-01", "2026-05-01", "2026-05-04", "2026-07-01", "2026-07-01", easter26},
		{"Christmas on a Friday", "2026-11-25", "2026-12-25", "2026-12-28", "2027-02-25", "2027-02-25", christmas26},
		{"Christmas on a weekend", "2021-11-25", "2021-12-25", "2021-12-27", "2022-02-25", "2022-02-25", "2021-12-25 2021-12-26"},
		{"Christmas with days in lieu", "2021-11-25", "2021-12-25", "2021-12-29", "2022-02-25", "2022-02-25", "2021-12-25 2021-12-26 2021-12-27 2021-12-28"},
		{"three months to Christmas", "2026-09-25", "2026-10-25", "2026-10-26", "2026-12-25", "2026-12-28", christmas26},
		{"New Year's Day on a Friday", "2026-12-01", "2027-01-01", "2027-01-04", "2027-03-01", "2027-03-01", "2027-01-01"},
		{"holiday before the last day", "2026-03-07", "2026-04-07", "2026-04-07", "2026-06-07", "2026-06-08", easter26},
		{"last year", "9999-09-30", "9999-10-30", "9999-11-01", "9999-12-30", "9999-12-30", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := deadline.Request{Received: date(t, test.received), Holidays: holidays(t, test.holidays)}
			short, err := r.Deadlines()
			require.NoError(t, err)
			assert.Equal(t, test.counted, short.Answer.Counted.String())
			assert.Equal(t, test.last, short.Answer.Day.String())
			assert.Equal(t, 1, short.Answer.Months)
			assert.False(t, short.IsExtended())
			assert.Equal(t, short.Answer, short.Notice)
			assert.Equal(t, test.counted != test.last, isMoved(short.Answer))

			r.Extended = true
			long, err := r.Deadlines()
			require.NoError(t, err)
			assert.Equal(t, test.three, long.Answer.Counted.String())
			assert.Equal(t, test.last3, long.Answer.Day.String())
			assert.Equal(t, 3, long.Answer.Months)
			assert.True(t, long.IsExtended())
			assert.Equal(t, short.Notice, long.Notice, "an extension does not move the notice")
			assert.Equal(t, test.three != test.last3, isMoved(long.Answer))
		})
	}
}

// isMoved reports whether pauses, weekends or holidays moved the last day.
func isMoved(d deadline.Deadline) bool { return d.PausedDays > 0 || len(d.Passed) > 0 }

func TestPassedDaysSayWhy(t *testing.T) {
	t.Parallel()
	// No real list of public holidays leaves fewer than two working days in a month,
	// but Article 3(5) covers it.
	var shut []string
	for d := date(t, "2024-03-06"); d != date(t, "2024-04-05"); d = d.AddDays(1) {
		shut = append(shut, d.String())
	}
	oneWorkingDay := strings.Join(shut, " ")
	tests := []struct {
		name     string
		received string
		holidays string
		want     string
	}{
		{"nothing", "2024-03-05", "", ""},
		{"weekend", "2026-07-01", "", "2026-08-01 Saturday, 2026-08-02 Sunday"},
		{"Easter", "2026-03-03", "2026-04-03 2026-04-06", "2026-04-03 public holiday, 2026-04-04 Saturday, 2026-04-05 Sunday, 2026-04-06 public holiday"},
		{"holiday on a Saturday", "2026-11-26", "2026-12-26", "2026-12-26 Saturday, 2026-12-27 Sunday"},
		{"one working day", "2024-03-05", oneWorkingDay, "2024-04-05 fewer than two working days, 2024-04-06 Saturday, 2024-04-07 Sunday"},
		{
			"no working day", "2024-03-05", oneWorkingDay + " 2024-04-05",
			"2024-04-05 public holiday, 2024-04-06 Saturday, 2024-04-07 Sunday, 2024-04-08 fewer than two working days",
		},
		{"two working days", "2024-03-05", strings.Replace(oneWorkingDay, "2024-03-06", "", 1), ""},
		{"the day of receipt is none of them", "2024-03-04", "2024-03-05 " + strings.Replace(oneWorkingDay, "2024-04-04", "", 1), "2024-04-04 fewer than two working days"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := deadline.Request{Received: date(t, test.received), Holidays: holidays(t, test.holidays)}
			d, err := r.Deadlines()
			require.NoError(t, err)
			var got []string
			for _, p := range d.Answer.Passed {
				got = append(got, fmt.Sprint(p.Day, " ", p.Cause))
			}
			assert.Equal(t, test.want, strings.Join(got, ", "))
			assert.Equal(t, d.Answer.Counted.AddDays(len(got)), d.Answer.Day)
		})
	}
}

func TestPausesMoveTheEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		received string
		pauses   string
		notice   string
		answer   string // of the same request, extended
		days     int    // days by which pauses move the notice
	}{
		{"none", "2024-03-05", "", "2024-04-05", "2024-06-05", 0},
		// "asks for the information it needs … the latter replies only several days
		// later and the information … does not seem sufficient" (EDPB, section 5.3).
		{"EDPB identity", "2024-03-05", "2024-03-05..2024-03-12 2024-03-12..2024-03-15", "2024-04-15", "2024-06-17", 10},
		{"asked at once", "2024-03-05", "2024-03-05..2024-03-12", "2024-04-12", "2024-06-12", 7},
		{"asked later", "2024-03-05", "2024-03-07..2024-03-14", "2024-04-12", "2024-06-12", 7},
		{"answered on the same day", "2024-03-05", "2024-03-07..2024-03-07", "2024-04-05", "2024-06-05", 0},
		{"two", "2024-03-05", "2024-03-07..2024-03-10 2024-03-20..2024-03-24", "2024-04-12", "2024-06-12", 7},
		{"any order", "2024-03-05", "2024-03-20..2024-03-24 2024-03-07..2024-03-10", "2024-04-12", "2024-06-12", 7},
		{"three on a day", "2024-03-05", "2024-03-07..2024-03-10 2024-03-07..2024-03-07 2024-03-10..2024-03-10", "2024-04-08", "2024-06-10", 3},
		{"longer than a month", "2024-03-05", "2024-03-05..2024-06-05", "2024-07-08", "2024-09-05", 92},
		{"over a leap day", "2024-02-20", "2024-02-28..2024-03-01", "2024-03-22", "2024-05-22", 2},
		{"not over a leap day", "2023-02-20", "2023-02-28..2023-03-01", "2023-03-21", "2023-05-22", 1},

		// 6 April 2024 is a Saturday. The paused days are added to it, not to Monday 8 April.
		{"from the day that was counted", "2024-03-06", "2024-03-07..2024-03-08", "2024-04-08", "2024-06-07", 1},
		{"to a working day", "2024-03-06", "2024-03-07..2024-03-09", "2024-04-08", "2024-06-10", 2},
		{"moved once", "2024-03-06", "2024-03-07..2024-03-14", "2024-04-15", "2024-06-13", 7},

		{"day before the last", "2024-03-06", "2024-04-05..2024-04-10", "2024-04-11", "2024-06-11", 5},
		{"last day counted", "2024-03-06", "2024-04-06..2024-04-10", "2024-04-10", "2024-06-10", 4},
		{"Sunday after it", "2024-03-06", "2024-04-07..2024-04-10", "2024-04-10", "2024-06-10", 4},
		{"Monday after it", "2024-03-06", "2024-04-08..2024-04-10", "2024-04-10", "2024-06-10", 4},
		{"Monday to Saturday", "2024-03-06", "2024-04-08..2024-04-13", "2024-04-15", "2024-06-11", 7},
		{"Tuesday after it", "2024-03-06", "2024-04-09..2024-04-12", "2024-04-08", "2024-06-10", 0},
		{"second after the first moved the end", "2024-03-05", "2024-03-07..2024-03-14 2024-04-12..2024-04-17", "2024-04-17", "2024-06-17", 12},
		{"second after the end", "2024-03-05", "2024-03-07..2024-03-14 2024-04-13..2024-04-17", "2024-04-12", "2024-06-17", 7},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := deadline.Request{
				Received: date(t, test.received),
				Extended: true,
				Pauses:   pauses(t, strings.Fields(test.pauses)),
			}
			before := slices.Clone(r.Pauses)
			d, err := r.Deadlines()
			require.NoError(t, err)
			assert.Equal(t, before, r.Pauses, "the caller's pauses changed")
			assert.Equal(t, test.notice, d.Notice.Day.String())
			assert.Equal(t, test.days, d.Notice.PausedDays)
			assert.Equal(t, test.answer, d.Answer.Day.String())
			assert.Equal(t, test.days > 0 || test.received == "2024-03-06", isMoved(d.Notice))
			assert.Zero(t, d.Answer.PausedSince)

			r.Extended = false
			short, err := r.Deadlines()
			if strings.Contains(test.name, "Tuesday") || strings.Contains(test.name, "second after the end") {
				require.ErrorIs(t, err, deadline.ErrLatePause)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, d.Notice, short.Answer)
			assert.Equal(t, d.Notice, short.Notice)
		})
	}
}

func TestAnOpenPauseHasNoDeadline(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		extended      bool
		pauses        string
		notice, since string // day and PausedSince of the notice
		answer        string
		days          int // PausedDays of the answer
	}{
		{"one month", false, "2024-03-06..", "no date", "2024-03-06", "no date", 0},
		{"after one that ended", false, "2024-03-06..2024-03-09 2024-03-12..", "no date", "2024-03-12", "no date", 3},
		{"on the day that one ended", false, "2024-03-09.. 2024-03-06..2024-03-09", "no date", "2024-03-09", "no date", 3},
		{"after a moment", false, "2024-03-06.. 2024-03-06..2024-03-06", "no date", "2024-03-06", "no date", 0},
		{"on the last day", false, "2024-04-05..", "no date", "2024-04-05", "no date", 0},
		{"extended", true, "2024-03-06..", "no date", "2024-03-06", "no date", 0},
		{"after the first month", true, "2024-04-06..", "2024-04-05", "no date", "no date", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := deadline.Request{
				Received: date(t, "2024-03-05"),
				Extended: test.extended,
				Pauses:   pauses(t, strings.Fields(test.pauses)),
			}
			d, err := r.Deadlines()
			require.NoError(t, err)
			assert.Equal(t, test.notice, d.Notice.Day.String())
			assert.Equal(t, test.since, d.Notice.PausedSince.String())
			assert.Equal(t, test.answer, d.Answer.Day.String())
			assert.Equal(t, test.days, d.Answer.PausedDays)
			assert.False(t, d.Answer.WeekendsOnly)
			assert.Equal(t, r.Extended, d.IsExtended())
			state, err := d.Answer.State(date(t, "2030-01-01"))
			require.NoError(t, err)
			assert.Equal(t, deadline.State{Status: deadline.Paused}, state)
			assert.Contains(t, d.String(), "no deadline yet")
			assert.Contains(t, d.String(), "without undue delay")
		})
	}
}

func TestRequestsThatCannotBe(t *testing.T) {
	t.Parallel()
	bad := deadline.Date{Year: 2024, Month: 2, Day: 30}
	day := func(text string) deadline.Date { return date(t, text) }
	pause := func(from, until, reason string) []deadline.Pause {
		return []deadline.Pause{{From: day(from), Until: day(until), Reason: reason}}
	}
	tests := []struct {
		name    string
		request deadline.Request // without a date: received on 5 March 2024
		want    deadline.Error
	}{
		{"no such receipt", deadline.Request{Received: bad}, deadline.Error{Field: "Received", Err: deadline.ErrDate}},
		{"too late", deadline.Request{Received: day("9999-12-31")}, deadline.Error{Field: "Received", Err: deadline.ErrRange}},
		{"too late if extended", deadline.Request{Received: day("9999-10-05"), Extended: true}, deadline.Error{Field: "Received", Err: deadline.ErrRange}},
		{"too late after a holiday", deadline.Request{Received: day("9999-11-30"), Holidays: holidays(t, "9999-12-30 9999-12-31")}, deadline.Error{Field: "Received", Err: deadline.ErrRange}},
		{"too late after a pause", deadline.Request{Received: day("9999-09-05"), Pauses: pause("9999-09-06", "9999-12-30", "x")}, deadline.Error{Field: "Received", Err: deadline.ErrRange}},
		{"no such notice", deadline.Request{Extended: true, ExtensionNotice: bad}, deadline.Error{Field: "ExtensionNotice", Err: deadline.ErrDate}},
		{"notice before receipt", deadline.Request{Extended: true, ExtensionNotice: day("2024-03-04")}, deadline.Error{Field: "ExtensionNotice", Err: deadline.ErrNotice}},
		{"notice without an extension", deadline.Request{ExtensionNotice: day("2024-03-06")}, deadline.Error{Field: "ExtensionNotice", Err: deadline.ErrNotice}},
		{"late notice", deadline.Request{Extended: true, ExtensionNotice: day("2024-04-06")}, deadline.Error{Field: "ExtensionNotice", Err: deadline.ErrLateNotice}},
		{"pause without dates", deadline.Request{Pauses: pause("", "", "x")}, deadline.Error{Pause: 1, Field: "From", Err: deadline.ErrDate}},
		{"pause without a beginning", deadline.Request{Pauses: pause("", "2024-03-08", "x")}, deadline.Error{Pause: 1, Field: "From", Err: deadline.ErrDate}},
		{"no such end", deadline.Request{Pauses: []deadline.Pause{{From: day("2024-03-08"), Until: bad, Reason: "x"}}}, deadline.Error{Pause: 1, Field: "Until", Err: deadline.ErrDate}},
		{"no reason", deadline.Request{Pauses: pause("2024-03-08", "2024-03-09", "")}, deadline.Error{Pause: 1, Field: "Reason", Err: deadline.ErrReason}},
		{"blank reason", deadline.Request{Pauses: pause("2024-03-08", "", " \t\u00a0\n")}, deadline.Error{Pause: 1, Field: "Reason", Err: deadline.ErrReason}},
		{"reversed", deadline.Request{Pauses: pause("2024-03-08", "2024-03-07", "x")}, deadline.Error{Pause: 1, Field: "Until", Err: deadline.ErrPause}},
		{"before receipt", deadline.Request{Pauses: pause("2024-03-04", "2024-03-07", "x")}, deadline.Error{Pause: 1, Field: "From", Err: deadline.ErrPause}},
		{"after the end", deadline.Request{Pauses: pause("2024-04-06", "2024-04-07", "x")}, deadline.Error{Pause: 1, Field: "From", Err: deadline.ErrLatePause}},
		{"open after the end", deadline.Request{Pauses: pause("2024-04-06", "", "x")}, deadline.Error{Pause: 1, Field: "From", Err: deadline.ErrLatePause}},
		{
			"after the end, number",
			deadline.Request{Pauses: pauses(t, []string{"2024-04-20..", "2024-03-06..2024-03-08"})},
			deadline.Error{Pause: 1, Field: "From", Err: deadline.ErrLatePause},
		},
		{
			"after three months",
			deadline.Request{Extended: true, Pauses: pause("2024-06-06", "", "x")},
			deadline.Error{Pause: 1, Field: "From", Err: deadline.ErrLatePause},
		},
		{
			"overlapping",
			deadline.Request{Pauses: pauses(t, []string{"2024-03-06..2024-03-10", "2024-03-09..2024-03-12"})},
			deadline.Error{Pause: 2, Field: "From", Err: deadline.ErrOverlap},
		},
		{
			"overlapping, other order",
			deadline.Request{Pauses: pauses(t, []string{"2024-03-09..2024-03-12", "2024-03-06..2024-03-10"})},
			deadline.Error{Pause: 1, Field: "From", Err: deadline.ErrOverlap},
		},
		{
			"same twice",
			deadline.Request{Pauses: pauses(t, []string{"2024-03-06..2024-03-10", "2024-03-06..2024-03-10"})},
			deadline.Error{Pause: 2, Field: "From", Err: deadline.ErrOverlap},
		},
		{
			"inside of an open one",
			deadline.Request{Pauses: pauses(t, []string{"2024-03-06..", "2024-03-08..2024-03-10"})},
			deadline.Error{Pause: 2, Field: "From", Err: deadline.ErrOverlap},
		},
		{
			"two open ones",
			deadline.Request{Pauses: pauses(t, []string{"2024-03-08..", "2024-03-08.."})},
			deadline.Error{Pause: 2, Field: "From", Err: deadline.ErrOverlap},
		},
		{
			"open and longer on a day",
			deadline.Request{Pauses: pauses(t, []string{"2024-03-08..", "2024-03-08..2024-03-09"})},
			deadline.Error{Pause: 1, Field: "From", Err: deadline.ErrOverlap},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.request.Received.IsZero() {
				test.request.Received = date(t, "2024-03-05")
			}
			d, err := test.request.Deadlines()
			var e *deadline.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.want, *e)
			require.ErrorIs(t, err, test.want.Err)
			assert.Zero(t, d)
			assert.True(t, strings.HasPrefix(err.Error(), "labdsr: deadline: "), err)
		})
	}
}

func TestNoticesOfExtensionsAreDueByTheFirstDeadline(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ received, notice, pauses string }{
		"day of receipt":          {"2024-03-05", "2024-03-05", ""},
		"last day":                {"2024-03-05", "2024-04-05", ""},
		"Monday after a Saturday": {"2024-03-06", "2024-04-08", ""},
		"after a pause":           {"2024-03-05", "2024-04-12", "2024-03-07..2024-03-14"},
		"while a pause is open":   {"2024-03-05", "2024-08-12", "2024-03-07.."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := deadline.Request{
				Received: date(t, test.received), Extended: true,
				ExtensionNotice: date(t, test.notice), Pauses: pauses(t, strings.Fields(test.pauses)),
			}
			d, err := r.Deadlines()
			require.NoError(t, err)
			assert.Equal(t, test.notice, d.ExtensionNotice.String())
			assert.NotContains(t, d.String(), "notice")
			if !strings.HasSuffix(test.pauses, "..") && test.notice != test.received {
				r.ExtensionNotice = d.Notice.Day.AddDays(1)
				_, err = r.Deadlines()
				assert.ErrorIs(t, err, deadline.ErrLateNotice)
			}
		})
	}
}
