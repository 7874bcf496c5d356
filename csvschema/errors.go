package csvschema

import (
	"errors"
	"strconv"
	"strings"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// The sentinels say what is wrong; an [Error] around them says where. None of
// them, nor anything else that this package returns, holds a cell of the input.
var (
	ErrNoHeader       = errors.New("no header row")
	ErrMissingColumn  = errors.New("missing column")
	ErrRepeatedColumn = errors.New("repeated column")
	ErrUnknownColumn  = errors.New("unknown column")
	ErrWrongRole      = errors.New("header of the other kind of export")
	ErrHeaderAgain    = errors.New("header row inside the file: were two files joined?")
	ErrFieldCount     = rawcsv.ErrFieldCount
	ErrBareQuote      = rawcsv.ErrBareQuote
	ErrQuote          = rawcsv.ErrQuote
	ErrNUL            = rawcsv.ErrNUL
	ErrUTF8           = rawcsv.ErrUTF8
	ErrUTF16          = rawcsv.ErrUTF16
	ErrRecordTooLarge = rawcsv.ErrRecordTooLarge
	ErrValue          = errors.New("unreadable value")
	ErrSourceChanged  = errors.New("source differs from an earlier pass over it")
)

// ErrInput says that the content of a file is at fault, and neither the program, nor the
// disk, the network or the context: a service answers it with HTTP status 422. It is no
// cause of its own. errors.Is finds it in each [Error] with a line whose cause is one of
// the sentinels above, except ErrSourceChanged. An Error without a line is about a cell of
// the caller's, such as a row for a [Writer].
var ErrInput = errors.New("invalid input")

// ErrNoFiles says that there is nothing to read: no export has a file, or a source has
// no Open function or opens nothing.
var ErrNoFiles = errors.New("no file to read")

// A FileID identifies a file of some exports. It is comparable. A file that is read by
// itself has no numbers.
type FileID struct {
	Export int  // number of the export in the request, from 1; 0 for a file by itself
	File   int  // number of the file among those of its role in the export, from 1; 0 for a file by itself
	Role   Role // kind of file
}

// String returns for instance "disks file 2 of export 1".
func (id FileID) String() string {
	text := id.Role.String()
	if id.File > 0 {
		text += " file " + strconv.Itoa(id.File)
	}
	if id.Export > 0 {
		text += " of export " + strconv.Itoa(id.Export)
	}
	return text
}

// An Error says where in the input something is wrong. Its text names the file by role
// and number, the line and the documented column. It never holds a cell. Err is a
// sentinel of this package, or an error of the caller's reader, writer or source.
type Error struct {
	FileID
	Line   int64  // physical line, from 1; 0 if the error belongs to no line
	Column Column // documented column; 0 if the error belongs to none
	Number int    // number of the column in the file, from 1, where Column is 0; 0 if unknown
	Hint   string // a likely cause, or ""
	Err    error
}

// newError returns the Error for err, which may be that of the reader of the file.
func newError(id FileID, line int64, err error) *Error {
	e := &Error{FileID: id, Line: line, Err: err}
	if cell, ok := err.(*cellError); ok { //nolint:errorlint // what the caller put around it stays
		e.Column, e.Err = cell.column, cell.err
	}
	return e
}

const prefix = "labdsr: "

// Error describes the place and the cause in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(prefix)
	b.WriteString(e.String()) // that of the FileID
	if e.Line > 0 {
		b.WriteString(", line ")
		b.WriteString(strconv.FormatInt(e.Line, 10))
	}
	switch {
	case e.Column != 0:
		b.WriteString(", column ")
		b.WriteString(e.Column.String())
	case e.Number > 0:
		b.WriteString(", column number ")
		b.WriteString(strconv.Itoa(e.Number))
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(strings.TrimPrefix(e.Err.Error(), prefix)) // Err may be an Error
	}
	if e.Hint != "" {
		b.WriteString(" (")
		b.WriteString(e.Hint)
		b.WriteString(")")
	}
	return b.String()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is [ErrInput] and the content of the file is at fault.
func (e *Error) Is(target error) bool {
	if target != ErrInput || e.Line == 0 {
		return false
	}
	switch e.Err {
	case ErrNoHeader, ErrMissingColumn, ErrRepeatedColumn, ErrUnknownColumn, ErrWrongRole, ErrHeaderAgain, ErrFieldCount,
		ErrBareQuote, ErrQuote, ErrNUL, ErrUTF8, ErrUTF16, ErrRecordTooLarge, ErrValue:
		return true
	}
	return false
}
