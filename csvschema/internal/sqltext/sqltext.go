// Package sqltext says which text a value of a database is in a cell. It knows no cell.
package sqltext

import (
	"strconv"
	"time"
)

// NOTE. A cell is scanned from NULL, which is an empty cell, and from whatever drivers
// return for a column of its type or of text. As arguments of a query the cells have the
// types of dictionary.Entry: the database then compares and sorts them rightly, and takes
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

// These are layouts of a civil time and of an instant in UTC, as arguments of a query.
const (
	Timestamp = "2006-01-02 15:04:05.9999999"
	Instant   = "2006-01-02T15:04:05.9999999Z"
)

// Text returns the text of NULL, a string or bytes. Ok is false for any other value.
func Text(value any) (text string, ok bool) {
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

// Bool returns the text of a bool or of an integer, or what [Text] returns, with False
// for 0 and True for 1.
func Bool(value any) (text string, ok bool) {
	text, ok = Integer(value)
	if v, isBool := value.(bool); isBool {
		text, ok = "0", true
		if v {
			text = "1"
		}
	}
	switch text {
	case "0":
		text = "False"
	case "1":
		text = "True"
	}
	return text, ok
}

// Integer returns the digits of an integer, or what [Text] returns.
func Integer(value any) (text string, ok bool) {
	if v, isInt := value.(int64); isInt {
		return strconv.FormatInt(v, 10), true
	}
	return Text(value)
}

// Civil returns the civil time of a column without a zone, for which drivers return UTC,
// spelled as in the exports. Ok is false for the zero time and for a time in any other
// zone, London in winter included: it is an instant.
func Civil(t time.Time) (text string, ok bool) {
	zone, offset := t.Zone()
	switch {
	case offset != 0 || zone != "" && zone != "UTC" || t.IsZero():
		return "", false
	case t.Nanosecond() == 0:
		return t.Format("1/2/2006 3:04:05 PM"), true
	}
	return t.Format(Timestamp), true
}
