package deadline

// NOTE: How the last day is found, for a request received on Friday 30 January
// 2026, whose sender was asked to prove their identity on Tuesday 3 February and
// did so on Wednesday the 4th:
//
//	Received    30 January    the day of the event is not counted     3(1)
//	Counted     28 February   no 30th, so the last day of the month    3(2)(c)
//	PausedDays  1: 1 March    from the 3rd to the 4th                  12(6) GDPR
//	Passed      1 March       a Sunday                                 3(4)
//	Day         2 March       until its last hour                      3(2)(c)
//
// (3 is Article 3 of Regulation 1182/71.) Saturdays, Sundays and holidays inside
// of the period are days like others (3(3)), and so is the day of receipt: nothing
// but the end moves, and it moves once, when all else is counted. The three months
// of an extended request are counted from receipt, too: 30 April, not two months
// from 28 February or from 2 March.

import (
	"cmp"
	"slices"
	"strings"
)

const (
	monthsToAnswer   = 1 // Article 12(3) GDPR, first sentence
	monthsIfExtended = 3 // and "two further months", second sentence
)

// A Request is what the deadline of a data subject's request depends on.
type Request struct {
	// Received is the day on which the request reached the controller, by any
	// channel that data subjects may use, working day or not, read or not (EDPB
	// Guidelines 01/2022, section 5.3).
	Received Date

	// Extended says that the controller takes two further months, which has to be
	// necessary because of the complexity and number of the requests (Article
	// 12(3) GDPR). It holds only if the person is told, with the reasons, by
	// [Deadlines.Notice].
	Extended bool

	// ExtensionNotice is the day on which the person was told of the extension, if
	// it is known.
	ExtensionNotice Date

	// Pauses are the times in which the controller waited for the person, in any
	// order.
	Pauses []Pause

	// Holidays are those of the controller. Without them only Saturdays and Sundays
	// move a last day, and [Deadline.WeekendsOnly] says so.
	Holidays Holidays
}

// A Pause is a time in which the clock stands still, because the controller has
// reasonable doubts about who is asking and needs information to confirm the
// identity (Article 12(6) GDPR). The controller has to ask without undue delay,
// or there is no pause (EDPB Guidelines 01/2022, section 5.3). The same section
// knows a pause for a request that has to be specified (Recital 63); it counts
// the same way.
//
// The days from asking to the sufficient answer, Until - From, are added to the
// end of the period. That is this package's reading, as no law tells how to count
// a pause. The clock stops at some hour of one day and goes on at some hour of
// another, and hours do not count in periods of months. The period does not begin
// again, and the day of asking is not added: both would often be later.
type Pause struct {
	From   Date   // day on which the person was asked, not before receipt
	Until  Date   // day on which the sufficient answer came; zero if it is awaited
	Reason string // for the controller's own record; not empty, and in no output
}

// Deadlines returns the last days of a request. It is a pure function. An error
// is an [Error] that names the field.
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
	if used < len(pauses) { // a period that has ended does not stand still
		return Deadlines{}, &Error{Pause: pauses[used].number, Field: "From", Err: ErrLatePause}
	}
	if !notice.Day.IsZero() && r.ExtensionNotice.Compare(notice.Day) > 0 {
		return Deadlines{}, &Error{Field: "ExtensionNotice", Err: ErrLateNotice}
	}
	return Deadlines{Answer: answer, Notice: notice, ExtensionNotice: r.ExtensionNotice}, nil
}

// A numberedPause keeps its place in the request.
type numberedPause struct {
	Pause
	number int // from 1
}

// checked returns the pauses by date. They do not overlap, and only the last of
// them may be open.
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
		if a.Until.IsZero() || b.Until.IsZero() { // an open one ends last
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

// checkPause checks what a pause says alone.
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

// period returns the deadline of a period of months from receipt, and how many
// of the pauses began inside of it.
func (r Request) period(months int, pauses []numberedPause) (d Deadline, used int, err error) {
	// Article 3(1) does not count the day of receipt, and 3(2)(c) ends the period
	// with the day of the same date: 5 March to 5 April, not to 4 April (Case
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
		// A pause that begins after the end, on one of the days that 3(4) adds, could
		// outlast what is added to the end.
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

// lastDay returns the end of the period or, if that is no working day, the next
// one that is (Article 3(4); it excepts only periods that are counted backwards),
// and the days before it.
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

// hasTwoWorkingDays reports whether a period that ends with this day includes
// two working days at least, as Article 3(5) demands. A month does, unless the
// list of holidays is a strange one.
func (r Request) hasTwoWorkingDays(last Date) bool {
	n := 0
	for d := last; d.Compare(r.Received) > 0 && n < 2; d = d.AddDays(-1) {
		if r.Holidays.cause(d) == 0 {
			n++
		}
	}
	return n == 2
}
