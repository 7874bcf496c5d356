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

// Holidays is a set of public holidays: the days designated as such in the Member
// State in which the action is to be taken (Article 2(1) of Regulation 1182/71),
// that is, where the controller answers. The caller decides which days these are,
// and whether regional holidays count. The zero Holidays is an empty set. A set
// never changes and is safe for concurrent use.
type Holidays struct {
	days  map[Date]struct{}
	years map[int]struct{} // the years with at least one day in the set
}

// NewHolidays returns the set of these days, in any order and with repetitions. If
// a day is not valid the error is [ErrDate].
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

// ParseHolidays reads a list of holidays: UTF-8 text with one date per line.
//
//	# Germany, all states
//	2026-12-25 Christmas Day
//	2026-12-26
//
// The date may be followed by a blank or tab and a name, which is not kept. Empty
// lines and lines that begin with # are skipped. A byte-order mark at the start,
// blanks and tabs around a line, and CRLF are allowed.
//
// Any other line is refused with an [Error] that has its number and [ErrHoliday].
// This includes a line with a second date, such as a range, a line with a carriage
// return inside it, and a line of 64 KiB or more. ParseHolidays skips no bad line: a
// missing holiday makes a deadline too early, and a surplus holiday makes it too
// late. An error of r is wrapped in an Error, too.
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
			// After a failed read, the scanner returns the text before it as a line.
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

// parseHoliday parses a line. The date is zero if the line is empty or a comment.
func parseHoliday(line string) (d Date, ok bool) {
	const blanks = " \t"
	if strings.Contains(line, "\r") { // a file with CR line ends would be one comment
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
	// "2026-12-24 - 2026-12-26" means more days than the first.
	second := slices.ContainsFunc(strings.Fields(name), func(word string) bool {
		_, err := ParseDate(word)
		return err == nil
	})
	return d, !second
}

// Contains reports whether the day is in the set.
func (h Holidays) Contains(d Date) bool {
	_, ok := h.days[d]
	return ok
}

// CoversYear reports whether the set has a day of the year. Every Member State has
// holidays in every year, so a year without any was left out of the list.
func (h Holidays) CoversYear(year int) bool {
	_, ok := h.years[year]
	return ok
}

// cause returns the reason why a day is not a working day, or 0 for a working day.
// Working days are "all days other than public holidays, Sundays and Saturdays"
// (Article 2(2) of Regulation 1182/71).
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
