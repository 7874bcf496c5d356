package csvschema

import (
	"time"

	"github.com/labdsr/labdsr/csvschema/internal/civil"
)

// A DateTime is a cell that holds a date, with or without a time of day, or nothing. It
// keeps the text that was read. The zero value is an empty cell.
//
// Most cells hold civil time: the export does not say in which zone, so that the caller
// of [DateTime.In] names one. Values with the same text are equal by ==; the same
// instant can be written in several ways.
type DateTime struct {
	cellText[DateTime]
	civil civil.Time // of the text
}

// ParseDateTime returns the cell with the given text, which is empty or has one
// of these forms. Seconds after a T or a blank in the last forms may have up to 7
// decimals:
//
//	1/3/2017 11:17:09 PM    1/3/2017 11:17 PM    1/3/2017 23:17:09    1/3/2017 23:17    1/3/2017
//	2017-01-03T23:17:09Z    2017-01-03T23:17:09.1234567+01:00
//	2017-01-03T23:17:09     2017-01-03 23:17:09.1234567     2017-01-03
//	2017-01-03 23:17:09Z    2017-01-03 23:17:09+01:00       2017-01-03 23:17:09 +01:00
//
// In 1/3/2017 the month comes first; the order is never guessed. The blank before AM or
// PM may be U+00A0 or U+202F. Anything else, a date that is not in the calendar, and one
// before 1900 is [ErrValue] with an empty cell. Only the first instant of year 1, in each
// of the forms, is read: .NET writes it for a date that was never set.
func ParseDateTime(cell string) (DateTime, error) {
	c, ok := civil.Parse(cell)
	if !ok {
		return DateTime{}, ErrValue
	}
	return DateTime{cellText[DateTime]{cell}, c}, nil
}

// DateTimeOf returns a cell with the instant, to 100 nanoseconds, in RFC 3339 and UTC, so
// that [DateTime.In] returns the same instant whatever the zone. The zero time is an empty
// cell. A time that no cell can hold is [ErrValue]: see [ParseDateTime].
func DateTimeOf(t time.Time) (DateTime, error) {
	if t.IsZero() {
		return DateTime{}, nil
	}
	return ParseDateTime(t.UTC().Format("2006-01-02T15:04:05.9999999Z"))
}

// ParseTime returns the instant of the text of a cell: the results of [ParseDateTime]
// and [DateTime.In] in one call. Empty reports whether the cell holds no date: it is
// empty, or it is the first instant of year 1, which .NET writes for a date that was
// never set. ParseTime does not allocate.
func ParseTime(cell []byte, loc *time.Location) (t time.Time, empty bool, err error) {
	if len(cell) == 0 {
		return time.Time{}, true, nil
	}
	if loc == nil || loc == time.UTC {
		if seconds, ok := civil.ParseCommon(cell); ok {
			return time.Unix(seconds, 0).UTC(), false, nil
		}
	}
	c, ok := civil.Parse(cell)
	if !ok {
		return time.Time{}, false, ErrValue
	}
	t = c.In(loc)
	return t, t.IsZero(), nil
}

// In returns the instant of the cell, with its civil time taken to be that of loc; nil
// means UTC. A cell with an offset keeps its own instant. In both cases the result is
// in loc. A time of day that the clocks of loc skipped or had twice is handled as by
// [time.Date]: it is correct in one of the two offsets, and which one is not specified.
// The result is the zero time if the cell is empty, or is the first instant of year 1,
// which .NET writes for a date that was never set.
func (d DateTime) In(loc *time.Location) time.Time { return d.civil.In(loc) }

// UnmarshalText sets the cell as [ParseDateTime] reads it.
func (d *DateTime) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDateTime(string(text))
	return err
}

// UnmarshalJSON sets the cell to a JSON string, as [DateTime.UnmarshalText] does. Anything
// else, null included, is [ErrValue], with an empty cell.
func (d *DateTime) UnmarshalJSON(data []byte) (err error) {
	*d, err = parseJSON(data, ParseDateTime)
	return err
}
