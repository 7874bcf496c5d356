package deadline

// NOTE: An example of how the last day is computed. A request was received on
// Friday 30 January 2026. On Tuesday 3 February its sender was asked to prove
// their identity, and did so on Wednesday 4 February.
//
//	Received    30 January    the day of the event is not counted     3(1)
//	Counted     28 February   no 30th, so the last day of the month    3(2)(c)
//	PausedDays  1, to 1 March from 3 to 4 February                     12(6) GDPR
//	Passed      1 March       a Sunday                                 3(4)
//	Day         2 March       until its last hour                      3(2)(c)
//
// The right column gives the paragraphs of Article 3 of Regulation 1182/71.
// Weekends and holidays within the period count as days (3(3)), and the day of
// receipt may be one. Only the end of the period moves, and it moves once, after
// the months and the pauses are counted.
//
// The three months of an extended request are also counted from receipt. In the
// example they end on 30 April. They are not two months after 28 February or 2
// March.

import (
	"cmp"
	"slices"
	"strings"
)

const (
	monthsToAnswer   = 1 // Article 12(3) GDPR, first sentence
	monthsIfExtended = 3 // with the "two further months" of the second sentence
)

// A Request describes a data subject's request, as far as its deadlines depend on
// it.
type Request struct {
	// Received is the day on which the request reached the controller through any
	// channel that data subjects may use. It does not matter whether that is a working
	// day, or when the request is read (EDPB Guidelines 01/2022, section 5.3).
	Received Date

	// Extended says that the controller takes two further months. The extension must
	// be necessary because of the complexity and number of the requests (Article
	// 12(3) GDPR). It is valid only if the person is told, with the reasons, no later
	// than [Deadlines.Notice].
	Extended bool

	// ExtensionNotice is the day on which the person was told of the extension; zero
	// if it is unknown.
	ExtensionNotice Date

	// Pauses lists the periods in which the controller waited for the person, in any
	// order.
	Pauses []Pause

	// Holidays is the set of public holidays of the controller. Without it only
	// Saturdays and Sundays move a last day, and [Deadline.WeekendsOnly] says so.
	Holidays Holidays
}

// A Pause suspends the period while the controller waits for the person. The
// controller has reasonable doubts about the identity of the person and needs more
// information to confirm it (Article 12(6) GDPR). There is no pause unless the
// controller asks without undue delay (EDPB Guidelines 01/2022, section 5.3).
// Section 5.3 also allows a pause until the person specifies the request (Recital
// 63). Both are counted in the same way.
//
// A pause moves the end of the period by Until - From days. This is the package's
// reading: no law says how to count a pause. A pause begins at some hour of one day
// and ends at some hour of another, and a period of months does not count hours.
// The period does not start again, and the day of asking is not added. Either would
// often give a later day.
type Pause struct {
	From   Date   // day on which the person was asked; not before receipt
	Until  Date   // day of the sufficient answer; zero if there is none yet
	Reason string // for the controller's records; not empty; in no result and no error
}

// Deadlines returns the last days of the request. The result depends on r alone.
// An error is an [Error] that names the field.
func (r Request) Deadlines() (Deadlines, error) {
	pauses, err := r.checked()
	if err != nil {
		return Deadlines{}, err
	}
	notice, used, err := r.period(monthsToAnswer, pauses)
	if err != nil {
		return Deadlines{}, err
	}
	answer := notice
	if r.Extended {
		if answer, used, err = r.period(monthsIfExtended, pauses); err != nil {
			return Deadlines{}, err
		}
	}
	if used < len(pauses) { // a period that has ended cannot be paused
		return Deadlines{}, &Error{Pause: pauses[used].number, Field: "From", Err: ErrLatePause}
	}
	if !notice.Day.IsZero() && r.ExtensionNotice.Compare(notice.Day) > 0 {
		return Deadlines{}, &Error{Field: "ExtensionNotice", Err: ErrLateNotice}
	}
	return Deadlines{Answer: answer, Notice: notice, ExtensionNotice: r.ExtensionNotice}, nil
}

// A numberedPause is a pause with its number in Request.Pauses.
type numberedPause struct {
	Pause
	number int // from 1
}

// checked checks the fields of r and returns the pauses in order of their dates.
// They do not overlap, and only the last one may be open.
func (r Request) checked() ([]numberedPause, error) {
	if !r.Received.IsValid() {
		return nil, &Error{Field: "Received", Err: ErrDate}
	}
	if !r.ExtensionNotice.IsZero() {
		switch {
		case !r.ExtensionNotice.IsValid():
			return nil, &Error{Field: "ExtensionNotice", Err: ErrDate}
		case !r.Extended || r.ExtensionNotice.Compare(r.Received) < 0:
			return nil, &Error{Field: "ExtensionNotice", Err: ErrNotice}
		}
	}
	var pauses []numberedPause
	for i, p := range r.Pauses {
		if err := r.checkPause(p); err != nil {
			err.Pause = i + 1
			return nil, err
		}
		pauses = append(pauses, numberedPause{p, i + 1})
	}
	slices.SortStableFunc(pauses, func(a, b numberedPause) int {
		if c := a.From.Compare(b.From); c != 0 || a.Until == b.Until {
			return c
		}
		if a.Until.IsZero() || b.Until.IsZero() { // an open pause comes last
			return cmp.Compare(b.Until.Year, a.Until.Year)
		}
		return a.Until.Compare(b.Until)
	})
	for i := 1; i < len(pauses); i++ {
		before := pauses[i-1].Until
		if before.IsZero() || pauses[i].From.Compare(before) < 0 {
			return nil, &Error{Pause: pauses[i].number, Field: "From", Err: ErrOverlap}
		}
	}
	return pauses, nil
}

// checkPause checks one pause without the others.
func (r Request) checkPause(p Pause) *Error {
	switch {
	case !p.From.IsValid():
		return &Error{Field: "From", Err: ErrDate}
	case !p.Until.IsZero() && !p.Until.IsValid():
		return &Error{Field: "Until", Err: ErrDate}
	case p.From.Compare(r.Received) < 0:
		return &Error{Field: "From", Err: ErrPause}
	case !p.Until.IsZero() && p.Until.Compare(p.From) < 0:
		return &Error{Field: "Until", Err: ErrPause}
	case strings.TrimSpace(p.Reason) == "":
		return &Error{Field: "Reason", Err: ErrReason}
	}
	return nil
}

// period returns the deadline of a period of months from receipt, and the number of
// pauses that began within it.
func (r Request) period(months int, pauses []numberedPause) (d Deadline, used int, err error) {
	// Article 3(1) does not count the day of receipt. Article 3(2)(c) ends the period
	// on the same day of the month: from 5 March to 5 April, not to 4 April (Case
	// C-171/03, Toeters and Verberk, paragraphs 33 and 36).
	d = Deadline{Months: months, Counted: r.Received.addMonths(months)}
	end := d.Counted
	for _, p := range pauses {
		day, _, err := r.lastDay(end)
		if err != nil {
			return Deadline{}, 0, err
		}
		if p.From.Compare(day) > 0 {
			break
		}
		used++
		if p.Until.IsZero() {
			d.PausedDays, d.PausedSince = d.Counted.DaysUntil(end), p.From
			return d, used, nil
		}
		end = end.AddDays(p.From.DaysUntil(p.Until))
		// A pause can begin on a day that Article 3(4) adds after the end. Such a pause
		// may end later than the moved end.
		if end.IsValid() && end.Compare(p.Until) < 0 {
			end = p.Until
		}
	}
	if d.Day, d.Passed, err = r.lastDay(end); err != nil {
		return Deadline{}, 0, err
	}
	d.PausedDays = d.Counted.DaysUntil(end)
	d.WeekendsOnly = !r.Holidays.CoversYear(d.Day.Year)
	return d, used, nil
}

// lastDay returns the end of the period or, if the period cannot end on that day,
// the next working day (Article 3(4)). It also returns the days that it skipped.
// Article 3(4) excepts only periods that are counted backwards.
func (r Request) lastDay(end Date) (Date, []PassedDay, error) {
	var passed []PassedDay
	for d := end; d.IsValid(); d = d.AddDays(1) {
		cause := r.Holidays.cause(d)
		if cause == 0 && !r.hasTwoWorkingDays(d) {
			cause = TooFewWorkingDays
		}
		if cause == 0 {
			return d, passed, nil
		}
		passed = append(passed, PassedDay{d, cause})
	}
	return Date{}, nil, &Error{Field: "Received", Err: ErrRange}
}

// hasTwoWorkingDays reports whether a period that ends on this day includes at
// least two working days, as Article 3(5) requires. A month lacks them only if the
// list of holidays is unusual.
func (r Request) hasTwoWorkingDays(last Date) bool {
	n := 0
	for d := last; d.Compare(r.Received) > 0 && n < 2; d = d.AddDays(-1) {
		if r.Holidays.cause(d) == 0 {
			n++
		}
	}
	return n == 2
}
