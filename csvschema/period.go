package csvschema

import "time"

// A Period reaches from the earliest to the latest date of the cells that were
// added. The zero Period is empty and ready to use.
type Period struct {
	// First and Last are zero if no cell held a date.
	First, Last time.Time

	// What lies between these changes nothing. Both are cells that were added with
	// UTC, where a greater civil time is a later instant.
	after, before commonTime
}

// Add adds the date of a cell, read as [ParseTime] reads it. A cell without a date
// changes nothing. It does not allocate.
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

// Merge adds what another Period reaches over.
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
