package csvschema

import (
	"database/sql/driver"
	"errors"
	"strconv"
	"time"
)

// NOTE. A cell is scanned from NULL, which is an empty cell, and from whatever drivers
// return for a column of its type or of text. What cannot be a cell is ErrValue, because
// the errors of other packages hold the value. As arguments of a query the cells have the
// types of [dictionary.Entry]: the database then compares and sorts them rightly, and takes
// no 1/3/2017 for the first of March.
//
//	cell       argument of a query                       comes back from a column of its type as
//	Bool       bool                                      True, False, as in the exports
//	Integer    int64                                     its digits
//	DateTime   2017-01-03 23:17:09, sorts as text        1/3/2017 11:17:09 PM, as in the exports
//	           2017-01-03T23:17:09Z, if it has an offset
//
// Another spelling, such as 010 or TRUE, is lost in such a column. A column of text keeps
// each cell as it is if the argument is the String of the cell.

// Scan sets the cell to NULL, a string or bytes, as [PersonalText.UnmarshalText] does. Any
// other value is [ErrValue], and the cell stays as it was.
func (p *PersonalText) Scan(value any) error {
	text, ok := scannedText(value)
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
	text, ok := scannedText(value)
	switch v := value.(type) {
	case bool:
		text, ok = "False", true
		if v {
			text = "True"
		}
	case int64:
		text, ok = strconv.FormatInt(v, 10), true
	}
	switch {
	case !ok:
		*b = Bool{}
		return ErrValue
	case text == "0":
		text = "False"
	case text == "1":
		text = "True"
	}
	*b, err = parseBool(text)
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
	text, ok := scannedText(value)
	if v, isInt := value.(int64); isInt {
		text, ok = strconv.FormatInt(v, 10), true
	}
	if !ok {
		*i = Integer{}
		return ErrValue
	}
	*i, err = parseInteger(text)
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
	text, ok := scannedText(value)
	if t, isTime := value.(time.Time); isTime {
		zone, offset := t.Zone()
		switch {
		case offset != 0 || zone != "" && zone != "UTC" || t.IsZero():
			*d, err = DateTimeOf(t)
			return err
		case t.Nanosecond() == 0:
			text, ok = t.Format("1/2/2006 3:04:05 PM"), true
		default:
			text, ok = t.Format(sqlTimestamp), true
		}
	}
	if !ok {
		*d = DateTime{}
		return ErrValue
	}
	*d, err = ParseDateTime(text)
	return err
}

const sqlTimestamp = "2006-01-02 15:04:05.9999999"

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
		return t.Format("2006-01-02T15:04:05.9999999Z"), nil
	}
	return t.Format(sqlTimestamp), nil
}

// scannedText returns the text of NULL, a string or bytes.
func scannedText(value any) (text string, ok bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return "", false
}
