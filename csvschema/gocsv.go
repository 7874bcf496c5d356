package csvschema

import (
	"encoding/csv"
	"errors"
	"io"

	"github.com/gocarina/gocsv"
)

// NOTE. This file alone imports gocsv, which turns cells into the fields of a
// struct and back, by the csv tags of the row types. Three things about it are
// kept in here:
//
//   - Its settings are globals of the whole program. None is changed, and what
//     it makes of a batch is checked, so that a program that changed one gets
//     an error and not rows with their cells in the wrong place.
//   - It matches a header to the fields anew for each batch, at the price of
//     many rows, and is slower by cell where it does. So it is asked once for
//     its columns, and then reads cells in that order, without a header.
//   - Its errors hold the cell. Only the place is taken out of them.

// errGocsv is the error of a program that changed the settings of gocsv so that
// the tags of the row types no longer count.
var errGocsv = errors.New("gocsv does not see the documented columns: did the program change its settings?")

// gocsvColumns returns the columns of T in the order of gocsv.
func gocsvColumns[T Row]() ([]Column, error) {
	documented := RoleOf[T]().Columns()
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

// gocsvDecode makes rows of records, whose cells are in the order of gocsv. An
// error is a sentinel; it comes with the rows before the one at fault, and the
// position of its cell, or -1.
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

// gocsvEncode calls write with the cells of each row in the order of gocsv, in
// a slice that is used again. An error is that of write or a sentinel.
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

// A gocsvReader gives gocsv the records of one batch.
type gocsvReader [][]string

func (r gocsvReader) ReadAll() ([][]string, error) { return r, nil }

// Read is not called when a batch is decoded.
func (gocsvReader) Read() ([]string, error) { return nil, io.EOF }

// A gocsvWriter takes records from gocsv.
type gocsvWriter func([]string) error

func (w gocsvWriter) Write(record []string) error { return w(record) }
func (gocsvWriter) Flush()                        {}
func (gocsvWriter) Error() error                  { return nil }
