package csvschema

import (
	"database/sql/driver"
	"errors"
	"time"

	"github.com/labdsr/labdsr/csvschema/internal/sqltext"
)

// Scan sets the cell to NULL, a string or bytes, as [PersonalText.UnmarshalText] does. Any
// other value is [ErrValue], and the cell stays as it was.
func (p *PersonalText) Scan(value any) error {
	text, ok := sqltext.Text(value)
	if !ok {
		return ErrValue
	}
	return p.UnmarshalText([]byte(text))
}

var errPersonalArgument = errors.New("labdsr: a personal cell is no argument of a query: pass the result of Reveal")

// Value returns an error, so that no driver writes "[redacted]" to a database. Pass the
// result of [PersonalText.Reveal].
func (PersonalText) Value() (driver.Value, error) { return nil, errPersonalArgument }

// Scan sets the cell to NULL, a bool, an integer that is 0 or 1, or text that is one of
// these or a cell. Any other value is [ErrValue], with an empty cell.
func (b *Bool) Scan(value any) (err error) {
	*b, err = scanned(parseBool, sqltext.Bool, value)
	return err
}

// Value returns the value as a bool, and nil for an empty cell.
func (b Bool) Value() (driver.Value, error) {
	if value, ok := b.Bool(); ok {
		return value, nil
	}
	return nil, nil //nolint:nilnil // NULL
}

// Scan sets the cell to NULL, an integer that is not negative, or text that is a cell. Any
// other value is [ErrValue], with an empty cell.
func (i *Integer) Scan(value any) (err error) {
	*i, err = scanned(parseInteger, sqltext.Integer, value)
	return err
}

// Value returns the value as an int64, and nil for an empty cell.
func (i Integer) Value() (driver.Value, error) {
	if value, ok := i.Int64(); ok {
		return value, nil
	}
	return nil, nil //nolint:nilnil // NULL
}

// Scan sets the cell to NULL, a time, or text that is a cell. A time in UTC becomes a civil
// time, spelled as in the exports: drivers return one for a column of type TIMESTAMP, which
// has no zone. A time in any other zone, London in winter included, is from a column with a
// zone: it keeps its instant, as by [DateTimeOf]. Any other value is [ErrValue], with an
// empty cell.
func (d *DateTime) Scan(value any) (err error) {
	if t, isTime := value.(time.Time); isTime {
		text, isCivil := sqltext.Civil(t)
		if !isCivil {
			*d, err = DateTimeOf(t)
			return err
		}
		value = text
	}
	*d, err = scanned(ParseDateTime, sqltext.Text, value)
	return err
}

// Value returns the civil time as a timestamp of SQL, such as "2017-01-03 23:17:09.5", and
// nil for a cell without a date: see [DateTime.In]. The instant of a cell with an offset is
// in UTC and RFC 3339, "2017-01-03T22:17:09Z". A column of type TIMESTAMP drops the Z, so that a
// caller whose zone is not UTC has to pass the result of In to it.
func (d DateTime) Value() (driver.Value, error) {
	t := d.In(time.UTC)
	switch {
	case t.IsZero():
		return nil, nil //nolint:nilnil // NULL
	case d.civil.HasOffset():
		return t.Format(sqltext.Instant), nil
	}
	return t.Format(sqltext.Timestamp), nil
}

// scanned returns the cell of a value of a database.
func scanned[C any](parse func(string) (C, error), textOf func(any) (string, bool), value any) (cell C, err error) {
	text, ok := textOf(value)
	if !ok {
		return cell, ErrValue // the errors of other packages hold the value
	}
	return parse(text)
}
