package csvschema

import (
	"encoding/csv"
	"errors"
	"io"

	"github.com/gocarina/gocsv"
)

// NOTE. Only this file imports gocsv, which sets the fields of a struct to cells, and
// the reverse, by the csv tags of the row types. The rest of the package need not know
// three things about gocsv:
//
//   - Its settings are globals of the whole program. We change none of them. A program
//     that changes one must get an error, not rows with cells in the wrong place, so
//     the first row of each batch is compared with its record.
//   - Matching a header to the fields takes as long as decoding many rows, and makes
//     each cell slower. So gocsv is asked for its columns once, and then reads cells in
//     that order without a header.
//   - Its errors hold the cell. Only the place is taken out of them.

// errGocsv is returned in a program that changed the settings of gocsv so that it no
// longer uses the tags of the row types.
var errGocsv = errors.New("gocsv does not see the documented columns: did the program change its settings?")

// gocsvColumns returns the columns of T in the order of gocsv.
func gocsvColumns[T Row]() ([]Column, error) {
	documented := roleOf[T]().Columns()
	columns := make([]Column, 0, len(documented))
	err := gocsv.MarshalCSV([]T(nil), gocsvWriter(func(names []string) error {
		for _, name := range names {
			columns = append(columns, columnOf([]byte(name)))
		}
		return nil
	}))
	if err != nil || len(columns) != len(documented) {
		return nil, errGocsv
	}
	var seen [columnCount + 1]bool
	for _, c := range columns {
		if c == 0 || seen[c] {
			return nil, errGocsv
		}
		seen[c] = true
	}
	return columns, nil
}

// gocsvDecode decodes records, whose cells are in the order of gocsv, to rows. An error
// is a sentinel. It comes with the rows before the one at fault and the position of the
// cell at fault, or -1.
func gocsvDecode[T Row](records [][]string) (rows []T, cell int, err error) {
	if len(records) == 0 {
		return nil, -1, nil
	}
	err = gocsv.UnmarshalCSVWithoutHeaders(gocsvReader(records), &rows)
	if err != nil {
		place, ok := errors.AsType[*csv.ParseError](err)
		if !ok || !errors.Is(err, ErrValue) || place.Line < 1 || place.Line > len(rows) {
			return nil, -1, errGocsv
		}
		return rows[:place.Line-1], place.Column - 1, ErrValue
	}
	return rows, -1, nil
}

// gocsvEncode calls write with the cells of each row in the order of gocsv. The slice
// is used again for the next row. An error is that of write, or a sentinel.
func gocsvEncode[T Row](rows []T, write func(cells []string) error) error {
	var failed error
	err := gocsv.MarshalCSVWithoutHeaders(rows, gocsvWriter(func(cells []string) error {
		failed = write(cells)
		return failed
	}))
	if err != nil && failed == nil {
		return errGocsv
	}
	return failed
}

// A gocsvReader hands the records of one batch to gocsv.
type gocsvReader [][]string

func (r gocsvReader) ReadAll() ([][]string, error) { return r, nil }

// Read is not called when a batch is decoded.
func (gocsvReader) Read() ([]string, error) { return nil, io.EOF }

// A gocsvWriter is called with the records that gocsv writes.
type gocsvWriter func([]string) error

func (w gocsvWriter) Write(record []string) error { return w(record) }
func (gocsvWriter) Flush()                        {}
func (gocsvWriter) Error() error                  { return nil }
