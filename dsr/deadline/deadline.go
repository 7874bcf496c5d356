package deadline

import (
	"strconv"
	"strings"
)

// Deadlines holds the last days of a request. Both are the latest days that the
// law allows. The law asks for action without undue delay (Article 12(3) and (4)
// GDPR).
type Deadlines struct {
	// Answer is the deadline for the information on action taken on the request
	// (Article 12(3) GDPR).
	Answer Deadline

	// Notice is the deadline for telling the person about an extension and its
	// reasons (Article 12(3) GDPR). It is also the deadline for telling the person
	// that no action is taken, why, and where to complain (Article 12(4) GDPR).
	//
	// It is one month after receipt, with or without an extension. Without an
	// extension it equals Answer. A pause in that month moves both: Article 12(3) and
	// (4) name the same month, and the controller does not know before the pause ends
	// who is asking. An earlier notice is always in time.
	Notice Deadline

	// ExtensionNotice is a copy of the request's field. It is not after Notice.
	ExtensionNotice Date
}

// A Deadline is the last day of a period of months.
type Deadline struct {
	// Months is the length of the period: 1, or 3 if it was extended.
	Months int

	// Counted is the same day of the month as receipt, Months later. If that month
	// does not have the day, Counted is its last day (Article 3(2)(c) of Regulation
	// 1182/71).
	Counted Date

	// PausedDays is the number of days by which closed pauses moved Counted.
	PausedDays int

	// Passed lists the days that were skipped before Day because the period cannot
	// end on them.
	Passed []PassedDay

	// Day is the last day. The period ends with its last hour. Day is zero while a
	// pause is open: the deadline is unknown until the person has answered.
	Day Date

	// PausedSince is the first day of the open pause; zero if no pause is open.
	PausedSince Date

	// WeekendsOnly says that the request has no public holidays for the year of Day,
	// so that only Saturdays and Sundays moved the day. It is false if Day is zero.
	WeekendsOnly bool
}

// A PassedDay is a day on which the period could have ended, but did not.
type PassedDay struct {
	Day   Date
	Cause Cause
}

// A Cause is the reason why a period does not end on a day. A holiday that falls on
// a Saturday or Sunday has the cause Saturday or Sunday.
type Cause int

// The causes. TooFewWorkingDays is from Article 3(5) of Regulation 1182/71, the
// others are from Article 3(4).
const (
	Saturday          Cause = iota + 1
	Sunday                  // day of the week
	PublicHoliday           // one of the caller's holidays
	TooFewWorkingDays       // the period would include fewer than two working days
)

// String returns the cause in English.
func (c Cause) String() string {
	switch c {
	case Saturday:
		return "Saturday"
	case Sunday:
		return "Sunday"
	case PublicHoliday:
		return "public holiday"
	case TooFewWorkingDays:
		return "fewer than two working days"
	}
	return "unknown cause"
}

// MarshalText returns a stable code: "saturday", "sunday", "public-holiday" or
// "too-few-working-days". It returns an empty text for any other value.
func (c Cause) MarshalText() ([]byte, error) {
	switch c {
	case Saturday:
		return []byte("saturday"), nil
	case Sunday:
		return []byte("sunday"), nil
	case PublicHoliday:
		return []byte("public-holiday"), nil
	case TooFewWorkingDays:
		return []byte("too-few-working-days"), nil
	}
	return []byte{}, nil
}

// UnmarshalText reads the output of MarshalText. Any other text is [ErrCause], and c stays
// as it was.
func (c *Cause) UnmarshalText(text []byte) error {
	for cause := range TooFewWorkingDays + 1 {
		if code, _ := cause.MarshalText(); string(code) == string(text) {
			*c = cause
			return nil
		}
	}
	return ErrCause
}

// A State is the state of a deadline on some day.
type State struct {
	Status Status

	// Days is the number of days left after this day or, if the deadline is overdue,
	// the number of days since it. It is 0 on the last day and while a pause is open.
	Days int
}

// A Status says whether a deadline is still ahead.
type Status int

// The statuses.
const (
	Running Status = iota + 1 // there are days left
	LastDay                   // this is the last day
	Overdue                   // the last day is over
	Paused                    // a pause is open; there is no deadline yet
)

// String returns the status in English.
func (s Status) String() string {
	switch s {
	case Running:
		return "running"
	case LastDay:
		return "last day"
	case Overdue:
		return "overdue"
	case Paused:
		return "paused"
	}
	return "unknown status"
}

// MarshalText returns a stable code: "running", "last-day", "overdue" or "paused".
// It returns an empty text for any other value.
func (s Status) MarshalText() ([]byte, error) {
	switch s {
	case Running:
		return []byte("running"), nil
	case LastDay:
		return []byte("last-day"), nil
	case Overdue:
		return []byte("overdue"), nil
	case Paused:
		return []byte("paused"), nil
	}
	return []byte{}, nil
}

// State returns the state of the deadline on a day. Use [DateOf] to get the day of
// an instant in the controller's zone. State does not know whether the request was
// answered. If now is not valid the error is [ErrDate].
func (d Deadline) State(now Date) (State, error) {
	if !now.IsValid() {
		return State{}, ErrDate
	}
	if d.Day.IsZero() {
		return State{Status: Paused}, nil
	}
	switch left := now.DaysUntil(d.Day); {
	case left > 0:
		return State{Running, left}, nil
	case left < 0:
		return State{Overdue, -left}, nil
	default:
		return State{Status: LastDay}, nil
	}
}

// IsExtended reports whether the period for the answer is three months.
func (d Deadlines) IsExtended() bool { return d.Answer.Months == monthsIfExtended }

// WeekendsOnly reports whether WeekendsOnly is true for one of the deadlines.
func (d Deadlines) WeekendsOnly() bool { return d.Answer.WeekendsOnly || d.Notice.WeekendsOnly }

// String returns in English the last day for the answer, its conditions, and the
// years whose public holidays were not given.
func (d Deadlines) String() string {
	parts := []string{d.Answer.String()}
	if d.IsExtended() && d.ExtensionNotice.IsZero() {
		parts = append(parts, "notice of the extension with its reasons "+d.Notice.String())
	}
	parts = append(parts, "without undue delay (Article 12(3) GDPR)")
	var years []string
	if d.IsExtended() && d.Notice.WeekendsOnly {
		years = append(years, strconv.Itoa(d.Notice.Day.Year))
	}
	if d.Answer.WeekendsOnly && (years == nil || d.Answer.Day.Year != d.Notice.Day.Year) {
		years = append(years, strconv.Itoa(d.Answer.Day.Year))
	}
	if years != nil {
		parts = append(parts, "weekends only: no public holidays were given for "+strings.Join(years, " and "))
	}
	return strings.Join(parts, "; ")
}

// String returns the last day in English.
func (d Deadline) String() string {
	if d.Day.IsZero() {
		return "no deadline yet: paused since " + d.PausedSince.String() + " (Article 12(6) GDPR)"
	}
	return "at the latest on " + d.Day.String()
}
