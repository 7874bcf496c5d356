package dsr

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A period is the time from the earliest to the latest date of the cells that were
// added. The zero period is empty and ready to use.
type period struct {
	first, last time.Time // zero if no cell held a date
}

// addCell adds the date of a cell, which it reads as [csvschema.ParseTime] does. A cell
// without a date changes nothing.
func (p *period) addCell(cell []byte, loc *time.Location) error {
	if len(cell) == 0 {
		return nil
	}
	t, empty, err := csvschema.ParseTime(cell, loc)
	if err != nil || empty {
		return err
	}
	p.add(t)
	return nil
}

// merge adds another period.
func (p *period) merge(other period) {
	if !other.first.IsZero() {
		p.add(other.first)
		p.add(other.last)
	}
}

func (p *period) add(t time.Time) {
	if p.first.IsZero() || t.Before(p.first) {
		p.first = t
	}
	if p.last.IsZero() || t.After(p.last) {
		p.last = t
	}
}
