package csvschema

import (
	"errors"
	"strconv"
	"strings"
)

// The sentinels say what is wrong; an [Error] around them says where. None of
// them, nor anything else that this package returns, holds a cell of the input.
var (
	ErrNoHeader       = errors.New("no header row")
	ErrMissingColumn  = errors.New("missing column")
	ErrRepeatedColumn = errors.New("repeated column")
	ErrUnknownColumn  = errors.New("unknown column")
	ErrWrongRole      = errors.New("header of the other kind of export")
	ErrFieldCount     = errors.New("wrong number of fields")
	ErrBareQuote      = errors.New(`quote (") inside an unquoted field`)
	ErrQuote          = errors.New(`quoted field not closed, or text after its closing quote (")`)
	ErrNUL            = errors.New("NUL byte")
	ErrUTF8           = errors.New("invalid UTF-8")
	ErrUTF16          = errors.New("invalid UTF-16")
	ErrRecordTooLarge = errors.New("record over the size limit")
	ErrValue          = errors.New("unreadable value")
	ErrSourceChanged  = errors.New("source differs from an earlier pass over it")
)

// An Error says where in the input something is wrong. Its text gives the file
// by role and number, the line and the documented column, never what stands
// there. Err is a sentinel of this package, or an error of the caller's own
// reader, writer or callback.
type Error struct {
	Export int    // number of the export in the request, from 1; 0 if there is only one
	File   int    // number of the file of this role in its export, from 1; 0 if there is only one
	Role   Role   // kind of file
	Line   int64  // physical line, from 1; 0 if the error belongs to no line
	Column Column // documented column; 0 if the error belongs to none
	Number int    // number of the column in the file, from 1, where Column is 0; 0 if unknown
	Hint   string // what the cause may be; "" if nothing is likely
	Err    error
}

// Error describes the place and the cause in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("labdsr: ")
	b.WriteString(e.Role.String())
	number := func(label string, n int64) {
		if n > 0 {
			b.WriteString(label)
			b.WriteString(strconv.FormatInt(n, 10))
		}
	}
	number(" file ", int64(e.File))
	number(" of export ", int64(e.Export))
	number(", line ", e.Line)
	if e.Column != 0 {
		b.WriteString(", column ")
		b.WriteString(e.Column.String())
	} else {
		number(", column number ", int64(e.Number))
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	if e.Hint != "" {
		b.WriteString(" (")
		b.WriteString(e.Hint)
		b.WriteString(")")
	}
	return b.String()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }
