package deadline

import (
	"strconv"
	"strings"
)

// Deadlines are the last days of a request. Both are the latest ones that the law
// allows: what is to be done, is to be done without undue delay (Article 12(3)
// and (4) GDPR).
type Deadlines struct {
	// Answer is for the information on action taken on the request (Article 12(3)
	// GDPR).
	Answer Deadline

	// Notice is for telling the person of an extension and its reasons (Article
	// 12(3) GDPR), or that no action is taken, why, and where to complain (Article
	// 12(4) GDPR). It is a month after receipt whether the request was extended or
	// not, and without an extension it is the same as Answer. A pause in that month
	// moves both: Article 12(3) and (4) speak of one and the same month, and who asks
	// is not known before. A notice that is sent earlier is never wrong.
	Notice Deadline

	// ExtensionNotice is that of the request. It is not after Notice.
	ExtensionNotice Date
}

// A Deadline is the last day of a period of months.
type Deadline struct {
	// Months is the length of the period: 1, or 3 if it was extended.
	Months int

	// Counted is the day of that many months after receipt: the same date, or the
	// last day of a month that does not have it (Article 3(2)(c) of Regulation
	// 1182/71).
	Counted Date

	// PausedDays is by how many days pauses that have ended moved Counted.
	PausedDays int

	// Passed are the days from there to the day before Day, none of which may be the
	// last one.
	Passed []PassedDay

	// Day is the last day, until its last hour. It is zero while the clock stands
	// still: nobody can tell it until the person has answered.
	Day Date

	// PausedSince is the day since which the clock stands still; zero if it runs.
	PausedSince Date

	// WeekendsOnly says that no public holiday in the year of Day was given: nothing
	// but Saturdays and Sundays moved it. It is false if Day is zero.
	WeekendsOnly bool
}

// A PassedDay is a day that is not the last one, although the period could have
// ended with it.
type PassedDay struct {
	Day   Date
	Cause Cause
}

// A Cause is why a period does not end with a day. A holiday on a Saturday or
// Sunday is a Saturday or Sunday.
type Cause int

// The causes. The last one is Article 3(5) of Regulation 1182/71, the others are
// Article 3(4).
const (
	Saturday          Cause = iota + 1
	Sunday                  // day of the week
	PublicHoliday           // as given by the caller
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

// A State is how a deadline stands on some day.
type State struct {
	Status Status

	// Days is how many days are left after this one, or for how many days the
	// deadline has been over. It is 0 on the last day and while the clock stands
	// still.
	Days int
}

// A Status is one of four.
type Status int

// The statuses.
const (
	Running Status = iota + 1 // there are days left
	LastDay                   // today, until its last hour
	Overdue                   // it was yesterday or earlier
	Paused                    // the clock stands still; there is no deadline yet
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

// State returns how the deadline stands on a day, which [DateOf] makes of an
// instant and the controller's zone. It does not look at whether something was
// done. If now is not valid the error is [ErrDate].
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

// IsMoved reports whether the last day is later than the period was counted,
// because of a pause or because of days on which no period ends.
func (d Deadline) IsMoved() bool { return d.PausedDays > 0 || len(d.Passed) > 0 }

// IsExtended reports whether the answer has three months.
func (d Deadlines) IsExtended() bool { return d.Answer.Months == monthsIfExtended }

// WeekendsOnly reports whether one of the deadlines regards nothing but weekends,
// because no public holidays of its year were given.
func (d Deadlines) WeekendsOnly() bool { return d.Answer.WeekendsOnly || d.Notice.WeekendsOnly }

// String says in English until when to answer, on which conditions, and what the
// calculation did not regard.
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

// String says in English until when.
func (d Deadline) String() string {
	if d.Day.IsZero() {
		return "no deadline yet: the clock has stood still since " + d.PausedSince.String() + " (Article 12(6) GDPR)"
	}
	return "at the latest on " + d.Day.String()
}
