package deadline

import (
	"cmp"
	"time"
)

// A Date is a day of the calendar, without an hour and without a zone. Dates are
// comparable. The zero Date is no day; it stands for a date that is not known or
// was not given. Years are 1 to 9999 of the Gregorian calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int // of the month, from 1
}

// dateLength is the length of a date in its only form, 2006-01-02.
const dateLength = len(time.DateOnly)

// ParseDate reads a date such as 2026-08-03 (ISO 8601, with hyphens): ten
// characters, nothing around them. Anything else, and a day that the month does
// not have, is [ErrDate].
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

// DateOf returns the day that an instant falls on in a zone; UTC if loc is nil.
// A controller's day is that of the place where it acts: a request that arrives
// on 5 March at 23:30 UTC is received in Berlin on 6 March.
func DateOf(t time.Time, loc *time.Location) Date {
	if loc == nil {
		loc = time.UTC
	}
	year, month, day := t.In(loc).Date()
	return Date{Year: year, Month: month, Day: day}
}

// IsZero reports whether d is the zero Date, which is no day.
func (d Date) IsZero() bool { return d == Date{} }

// IsValid reports whether the calendar has this day. The zero Date is not valid.
func (d Date) IsValid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d.Month >= time.January && d.Month <= time.December &&
		d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

// Compare returns -1 if d is earlier than other, 1 if it is later, else 0.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Weekday returns the day of the week of a valid date.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

// AddDays returns the day n days later, or earlier if n is negative. If d is not
// valid, or the years 1 to 9999 do not have that day, it returns the zero Date.
func (d Date) AddDays(n int) Date {
	const allDays = 3_652_059 // of the years 1 to 9999; more could overflow below
	if !d.IsValid() || n <= -allDays || n >= allDays {
		return Date{}
	}
	sum := DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC), time.UTC)
	if !sum.IsValid() {
		return Date{}
	}
	return sum
}

// DaysUntil returns the number of days from one valid date to another: 1 from
// any day to the next one.
func (d Date) DaysUntil(other Date) int {
	// Not Time.Sub, whose result ends at 292 years.
	const day = 24 * 60 * 60
	return int((other.midnight().Unix() - d.midnight().Unix()) / day)
}

// String returns the date as 2006-01-02, "no date" for the zero Date, and
// "invalid date" for what the calendar does not have.
func (d Date) String() string {
	switch {
	case d.IsZero():
		return "no date"
	case !d.IsValid():
		return "invalid date"
	}
	return d.midnight().Format(time.DateOnly)
}

// MarshalText returns the date as 2006-01-02, an empty text for the zero Date,
// and [ErrDate] for what the calendar does not have.
func (d Date) MarshalText() ([]byte, error) {
	switch {
	case d.IsZero():
		return []byte{}, nil
	case !d.IsValid():
		return nil, ErrDate
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes. After an error, d is as it was.
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

// addMonths returns the day with the same date n months later or, if that month
// does not have it, the last day of that month: Article 3(2)(c). It is not
// time.AddDate, to which 31 January and a month are 3 March. The year may be
// later than 9999, and the result not valid.
func (d Date) addMonths(n int) Date {
	months := int(d.Month) - 1 + n
	year, month := d.Year+months/12, time.Month(months%12+1)
	return Date{Year: year, Month: month, Day: min(d.Day, daysIn(year, month))}
}

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
