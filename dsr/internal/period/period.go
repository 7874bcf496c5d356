// Package period tells from when to when the dates of exports are, and when resources existed.
// It knows no column.
package period

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A Period is the time from the earliest to the latest date of the cells that were
// added. The zero Period is empty and ready to use.
type Period struct {
	First, Last time.Time // zero if no cell held a date
}

// Add adds the date of a cell, which it reads as [csvschema.ParseTime] does. A cell
// without a date changes nothing.
func (p *Period) Add(cell []byte, loc *time.Location) error {
	if len(cell) == 0 {
		return nil
	}
	t, empty, err := csvschema.ParseTime(cell, loc)
	if err != nil || empty {
		return err
	}
	p.include(t)
	return nil
}

// Merge adds another period.
func (p *Period) Merge(other Period) {
	if !other.First.IsZero() {
		p.include(other.First)
		p.include(other.Last)
	}
}

func (p *Period) include(t time.Time) {
	switch {
	case p.First.IsZero():
		p.First, p.Last = t, t
	case t.Before(p.First):
		p.First = t
	case t.After(p.Last):
		p.Last = t
	}
}
