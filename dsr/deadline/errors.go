package deadline

import (
	"errors"
	"strconv"
	"strings"
)

// The sentinels say what is wrong. An [Error] that wraps one says where. They hold
// no text and no date of the input.
var (
	ErrDate       = errors.New("not a date such as 2026-08-03")
	ErrHoliday    = errors.New("not a single date such as 2026-12-25, optionally followed by a blank and a name")
	ErrReason     = errors.New("pause without a reason")
	ErrPause      = errors.New("pause begins before receipt or ends before it begins")
	ErrOverlap    = errors.New("pause begins before an earlier one has ended")
	ErrLatePause  = errors.New("pause begins after the last day")
	ErrNotice     = errors.New("notice of an extension before receipt or without an extension")
	ErrLateNotice = errors.New("notice of an extension after the last day for it")
	ErrCause      = errors.New("not a code of a cause")
	ErrRange      = errors.New("deadline after the year 9999")
)

// An Error says where something is wrong: in a line of a list of holidays, or in a
// field of a request.
type Error struct {
	Line  int64  // physical line of the list, from 1; 0 if no line is at fault
	Pause int    // number of the pause in Request.Pauses, from 1; 0 if no pause is at fault
	Field string // name of the field of [Request] or [Pause]; "" if no field is at fault
	Err   error  // a sentinel of this package, or an error of the caller's reader
}

// Error returns the place and the cause in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("labdsr: deadline")
	if e.Line > 0 {
		b.WriteString(": holidays, line ")
		b.WriteString(strconv.FormatInt(e.Line, 10))
	}
	if e.Pause > 0 {
		b.WriteString(": pause ")
		b.WriteString(strconv.Itoa(e.Pause))
	}
	if e.Field != "" {
		b.WriteString(": ")
		b.WriteString(e.Field)
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }
