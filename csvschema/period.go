package csvschema

import "time"

// A Period is used by package dsr, for its report: the time from the earliest to the
// latest date of the cells that were added. The zero Period is empty and ready to use.
type Period struct {
	// First and Last are zero if no cell held a date.
	First, Last time.Time

	// The least and the greatest of the cells that were added with UTC and in the common
	// form. In UTC a greater civil time is a later instant, so that a cell between the
	// two changes nothing.
	after, before commonTime
}

// Add adds the date of a cell, which it reads as [ParseTime] does. A cell without a date
// changes nothing. Add does not allocate.
func (p *Period) Add(cell []byte, loc *time.Location) error {
	if len(cell) == 0 {
		return nil
	}
	isUTC := loc == nil || loc == time.UTC
	c, isCommon := parseCommon(cell)
	if isCommon && isUTC && p.after < c && c < p.before {
		return nil
	}
	t, empty, err := ParseTime(cell, loc)
	if err != nil || empty {
		return err
	}
	p.add(t)
	if isCommon && isUTC {
		if p.after == 0 || c < p.after {
			p.after = c
		}
		p.before = max(p.before, c)
	}
	return nil
}

// Merge adds another Period.
func (p *Period) Merge(other Period) {
	if !other.First.IsZero() {
		p.add(other.First)
		p.add(other.Last)
	}
}

func (p *Period) add(t time.Time) {
	if p.First.IsZero() || t.Before(p.First) {
		p.First = t
	}
	if p.Last.IsZero() || t.After(p.Last) {
		p.Last = t
	}
}
