package deadline

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
)

// Holidays are public holidays: the days designated as such in the Member State
// in which the action is to be taken (Article 2(1) of Regulation 1182/71), that
// is, where the controller answers. Which days these are, and whether those of a
// region count, is for the caller to know. The zero Holidays are none. They do
// not change and may be shared.
type Holidays struct {
	days  map[Date]struct{}
	years map[int]struct{} // that have at least one of the days
}

// NewHolidays returns the holidays on these days, in any order; repeated ones
// count once. A day that is not valid is [ErrDate].
func NewHolidays(days ...Date) (Holidays, error) {
	h := Holidays{days: map[Date]struct{}{}, years: map[int]struct{}{}}
	for _, d := range days {
		if !d.IsValid() {
			return Holidays{}, ErrDate
		}
		h.days[d] = struct{}{}
		h.years[d.Year] = struct{}{}
	}
	return h, nil
}

// ParseHolidays reads a list of holidays, UTF-8 text with one date in a line:
//
//	# Germany, all states
//	2026-12-25 Christmas Day
//	2026-12-26
//
// A name may stand after the date and a blank or tab; it is not kept. Empty
// lines and lines that begin with # are skipped; blanks around a line, a
// byte-order mark and CRLF are allowed.
//
// Anything else is an [Error] with the line and [ErrHoliday], and no holidays:
// also a second date in the line, as of a range, a carriage return inside it, and
// a line over 64 KiB. A list with a day missing would tell a deadline that is
// too early, one with a day too many a deadline that is too late.
func ParseHolidays(r io.Reader) (Holidays, error) {
	var days []Date
	var line int64
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line++
		text := lines.Text()
		if line == 1 {
			text = strings.TrimPrefix(text, "\uFEFF")
		}
		d, ok := parseHoliday(text)
		if !ok {
			// The scanner hands out what came before a failure as a line.
			return Holidays{}, &Error{Line: line, Err: cmp.Or(lines.Err(), ErrHoliday)}
		}
		if !d.IsZero() {
			days = append(days, d)
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return Holidays{}, &Error{Line: line + 1, Err: ErrHoliday}
	} else if err != nil {
		return Holidays{}, &Error{Line: line + 1, Err: err}
	}
	return NewHolidays(days...)
}

// parseHoliday reads a line; the date is zero if the line has none.
func parseHoliday(line string) (d Date, ok bool) {
	const blanks = " \t"
	if strings.Contains(line, "\r") { // lines of an old Mac would be one comment
		return Date{}, false
	}
	line = strings.Trim(line, blanks)
	if line == "" || line[0] == '#' {
		return Date{}, true
	}
	date, name := line, ""
	if end := strings.IndexAny(line, blanks); end >= 0 {
		date, name = line[:end], strings.TrimLeft(line[end:], blanks)
	}
	d, err := ParseDate(date)
	if err != nil {
		return Date{}, false
	}
	if strings.HasPrefix(name, "#") {
		return d, true
	}
	// "2026-12-24 - 2026-12-26" is meant to be more than the first of these days.
	second := slices.ContainsFunc(strings.Fields(name), func(word string) bool {
		_, err := ParseDate(word)
		return err == nil
	})
	return d, !second
}

// Len returns the number of days.
func (h Holidays) Len() int { return len(h.days) }

// Contains reports whether a day is one of the holidays.
func (h Holidays) Contains(d Date) bool {
	_, ok := h.days[d]
	return ok
}

// CoversYear reports whether any holiday of the year was given. Every Member
// State has some in each year, so a year without any was forgotten.
func (h Holidays) CoversYear(year int) bool {
	_, ok := h.years[year]
	return ok
}

// cause returns why a day is not a working day, or 0 if it is one: "all days
// other than public holidays, Sundays and Saturdays" (Article 2(2)).
func (h Holidays) cause(d Date) Cause {
	switch weekday := d.Weekday(); {
	case weekday == time.Saturday:
		return Saturday
	case weekday == time.Sunday:
		return Sunday
	case h.Contains(d):
		return PublicHoliday
	}
	return 0
}
