package deadline

import (
	"cmp"
	"time"
)

// A Date is a day of the Gregorian calendar, without a time and without a zone.
// Years are 1 to 9999. Dates are comparable. The zero Date is not a day; it means
// that a date is unknown or was not given.
type Date struct {
	Year  int
	Month time.Month
	Day   int // of the month, from 1
}

// dateLength is the length of a date in the form 2006-01-02.
const dateLength = len(time.DateOnly)

// ParseDate parses a date such as 2026-08-03 (ISO 8601, with hyphens). The text
// must be exactly these ten characters. For any other text, and for a day that the
// month does not have, the error is [ErrDate].
func ParseDate(text string) (Date, error) {
	if len(text) != dateLength || text[4] != '-' || text[7] != '-' {
		return Date{}, ErrDate
	}
	var numbers [3]int
	for i, digits := range [...]string{text[:4], text[5:7], text[8:]} {
		for _, c := range []byte(digits) {
			if c < '0' || c > '9' {
				return Date{}, ErrDate
			}
			numbers[i] = numbers[i]*10 + int(c-'0')
		}
	}
	d := Date{Year: numbers[0], Month: time.Month(numbers[1]), Day: numbers[2]}
	if !d.IsValid() {
		return Date{}, ErrDate
	}
	return d, nil
}

// DateOf returns the day of an instant in a zone. A nil loc means UTC. Use the zone
// of the place where the controller acts: a request that arrives on 5 March at
// 23:30 UTC is received in Berlin on 6 March.
func DateOf(t time.Time, loc *time.Location) Date {
	if loc == nil {
		loc = time.UTC
	}
	year, month, day := t.In(loc).Date()
	return Date{Year: year, Month: month, Day: day}
}

// IsZero reports whether d is the zero Date, which is not a day.
func (d Date) IsZero() bool { return d == Date{} }

// IsValid reports whether the calendar has this day. The zero Date is not valid.
func (d Date) IsValid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d.Month >= time.January && d.Month <= time.December &&
		d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

// Compare returns -1 if d is earlier than other, 1 if d is later, and 0 if they
// are equal.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Weekday returns the day of the week of a valid date.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

// AddDays returns the day n days after d, or before d if n is negative. It returns
// the zero Date if d is not valid or if the result is outside the years 1 to 9999.
func (d Date) AddDays(n int) Date {
	const allDays = 3_652_059 // in the years 1 to 9999; a larger n could overflow below
	if !d.IsValid() || n <= -allDays || n >= allDays {
		return Date{}
	}
	sum := DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC), time.UTC)
	if !sum.IsValid() {
		return Date{}
	}
	return sum
}

// DaysUntil returns the number of days from d to other, which must both be valid.
// It is 1 from a day to the next one, and negative if other is earlier.
func (d Date) DaysUntil(other Date) int {
	// Time.Sub is limited to 292 years.
	const day = 24 * 60 * 60
	return int((other.midnight().Unix() - d.midnight().Unix()) / day)
}

// String returns the date in the form 2006-01-02. It returns "no date" for the zero
// Date and "invalid date" for any other date that is not valid.
func (d Date) String() string {
	switch {
	case d.IsZero():
		return "no date"
	case !d.IsValid():
		return "invalid date"
	}
	return d.midnight().Format(time.DateOnly)
}

// MarshalText returns the date in the form 2006-01-02, and an empty text for the
// zero Date. For any other date that is not valid, the error is [ErrDate].
func (d Date) MarshalText() ([]byte, error) {
	switch {
	case d.IsZero():
		return []byte{}, nil
	case !d.IsValid():
		return nil, ErrDate
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads the output of MarshalText. If it returns an error, it leaves
// d unchanged.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// addMonths returns the same day of the month n months later. If that month does
// not have the day, it returns the last day of that month (Article 3(2)(c) of
// Regulation 1182/71). [time.Time.AddDate] would turn 31 January plus one month
// into 3 March. The result is not valid if its year is after 9999.
func (d Date) addMonths(n int) Date {
	months := int(d.Month) - 1 + n
	year, month := d.Year+months/12, time.Month(months%12+1)
	return Date{Year: year, Month: month, Day: min(d.Day, daysIn(year, month))}
}

// midnight returns the first instant of the day in UTC.
func (d Date) midnight() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// daysIn returns the number of days of a month.
func daysIn(year int, month time.Month) int {
	if month == time.February && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}
