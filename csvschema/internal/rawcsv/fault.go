package rawcsv

import "errors"

// The sentinels say what is wrong with the text of a file. Package csvschema exports
// them.
var (
	ErrFieldCount     = errors.New("wrong number of fields")
	ErrBareQuote      = errors.New(`quote (") inside an unquoted field`)
	ErrQuote          = errors.New(`quoted field not closed, or text after its closing quote (")`)
	ErrNUL            = errors.New("NUL byte")
	ErrUTF8           = errors.New("invalid UTF-8")
	ErrUTF16          = errors.New("invalid UTF-16")
	ErrRecordTooLarge = errors.New("record over the size limit")
)

// A Fault says what is wrong with a chunk, and where.
type Fault struct {
	Err    error // one of the sentinels of this package, or an error of the text's reader
	Line   int64 // lines of the chunk before the one at fault
	Cell   int   // index of the cell at fault; -1 if the fault belongs to none
	Fields int   // number of fields of the record, with ErrFieldCount
	Offset int   // in the chunk, of the byte that shows the fault
	Cut    bool  // the part ends within the record, and nothing else is wrong with it
}
