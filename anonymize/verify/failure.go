package verify

import (
	"strconv"

	"github.com/labdsr/labdsr/csvschema"
)

// A Failure is a place in an output that is not what it must be. It does not hold the
// text of that place.
type Failure struct {
	csvschema.FileID
	Line   int64            // physical line of the output, from 1
	Column csvschema.Column // documented column; 0 if it is not documented, or the failure belongs to no column
	Number int              // number of the column in the file, from 1; 0 if the failure belongs to no column
	Kind   FailureKind
}

// String returns the place and the kind in words.
func (f Failure) String() string {
	text := f.FileID.String() + ", line " + strconv.FormatInt(f.Line, 10)
	switch {
	case f.Column != 0:
		text += ", column " + f.Column.String()
	case f.Number > 0:
		text += ", column number " + strconv.Itoa(f.Number)
	}
	return text + ": " + f.Kind.String()
}

// A FailureKind says what is wrong with an output.
type FailureKind uint8

// The kinds of failure.
const (
	HeaderChanged    FailureKind = iota + 1 // the header, or what is before it
	RowMissing                              // the output ends before the input
	RowAdded                                // the input ends before the output
	RowChanged                              // nothing had to go from the row, and it is not the same
	CellChanged                             // a part of a cell differs that had to stay
	QuotesChanged                           // a cell has quotes, or has lost them
	LineEndChanged                          // another line end, or other empty lines
	IdentifierLeft                          // an identifier had to go, and is there
	NameLeft                                // a derived name had to go, and is there
	WrongReplacement                        // the replacement of an identifier or name is not the right one
	Unreadable                              // the output is no CSV from here on
)

var failureKinds = [...]struct{ code, words string }{
	HeaderChanged:    {"header-changed", "the header was changed"},
	RowMissing:       {"row-missing", "rows are missing"},
	RowAdded:         {"row-added", "rows were added"},
	RowChanged:       {"row-changed", "a row was changed from which nothing had to go"},
	CellChanged:      {"cell-changed", "a part of a cell was changed that had to stay"},
	QuotesChanged:    {"quotes-changed", "the quotes of a cell were changed"},
	LineEndChanged:   {"line-end-changed", "line ends or empty lines were changed"},
	IdentifierLeft:   {"identifier-left", "an identifier that had to go is there"},
	NameLeft:         {"name-left", "a name that had to go is there"},
	WrongReplacement: {"wrong-replacement", "a replacement is not the right one"},
	Unreadable:       {"unreadable", "the file cannot be read from here on"},
}

// String returns the kind in words, and "" for any other value.
func (k FailureKind) String() string {
	if int(k) >= len(failureKinds) {
		return ""
	}
	return failureKinds[k].words
}

// MarshalText returns the code of the kind, which does not change, such as
// "row-missing", and "" for any other value.
func (k FailureKind) MarshalText() ([]byte, error) {
	if int(k) >= len(failureKinds) {
		return nil, nil
	}
	return []byte(failureKinds[k].code), nil
}
