package csvschema

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"

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

// Gocsv returns a reader of the header and the records of the file for gocsv, which can
// then fill structs of the caller with the columns that they name in their csv tags:
//
//	type machine struct {
//		Owner   csvschema.PersonalText `csv:"ResourceOwner"`
//		Deleted csvschema.DateTime     `csv:"DeletedDate"`
//	}
//	var machines []machine // nil: gocsv leaves the old rows in a longer slice
//	err := gocsv.UnmarshalCSV(csvschema.NewRecordReader(file, csvschema.VirtualMachines, nil).Gocsv(), &machines)
//
// Columns have the names of [Header.Name], whatever their order, letter case and blanks
// in the file. The reader returns the same errors as the RecordReader. It also refuses a
// cell that its documented column cannot hold ([ErrValue]) and a name that two unknown
// columns have ([ErrRepeatedColumn]).
//
// With its own reader gocsv refuses none of that. It reads virtual machines as disks, and
// leaves a field empty whose column is missing or spelled in another way. It takes the last
// of two columns with one name, and takes the header of a joined file for a row. It passes
// on NUL and invalid UTF-8.
//
// The rest is as in gocsv. A tag that names no column leaves its field empty, unless
// the program sets gocsv.FailIfUnmatchedStructTags. A field of type int reads 010 as 8,
// 1.9 as 1 and an empty cell as 0, and the errors of such types hold the cell: the cell
// types of this package do neither. UnmarshalCSV holds the whole file in memory.
func (rr *RecordReader) Gocsv() gocsv.CSVReader { return &gocsvRecords{records: rr} }

// A gocsvRecords hands the header of a file, and then its records, to gocsv.
type gocsvRecords struct {
	opaque

	records *RecordReader
	began   bool  // the header was handed out
	typed   []int // positions of the columns that do not hold any text
	err     error // of the header; sticky
}

// Read returns the header, then the cells of the next record. At the end of the file it
// returns a bare io.EOF.
func (r *gocsvRecords) Read() ([]string, error) {
	if !r.began {
		r.began = true
		return r.header()
	}
	if r.err != nil {
		return nil, r.err
	}
	rec, err := r.records.Read()
	if err != nil {
		return nil, err
	}
	for _, i := range r.typed {
		if c := rec.Header().Column(i); !c.Holds(rec.Cell(i)) {
			r.err = &Error{FileID: FileID{Role: rec.Header().Role()}, Line: rec.Line(), Column: c, Err: ErrValue}
			return nil, r.err
		}
	}
	text := string(rec.Raw())
	cells := make([]string, rec.Header().Len())
	for i := range cells {
		start, end := rec.rawCell(i)
		cells[i] = unquoted(text[start:end])
	}
	return cells, nil
}

// header returns the names of the columns.
func (r *gocsvRecords) header() ([]string, error) {
	header, err := r.records.Header()
	if err != nil {
		r.err = err
		return nil, err
	}
	names := make([]string, header.Len())
	for i := range names {
		names[i] = header.Name(i)
		switch header.Column(i) { //nolint:exhaustive // the other columns hold any text
		case CreatedTime, DeletedDate, ExpirationDate, Claimable, DiskSizeGB:
			r.typed = append(r.typed, i)
		case 0:
			// A field has a name, so that no field gets the cells of a column without one.
			if names[i] != "" && slices.Contains(names[:i], names[i]) {
				r.err = &Error{FileID: FileID{Role: header.Role()}, Line: header.line, Number: i + 1, Err: ErrRepeatedColumn}
				return nil, r.err
			}
		}
	}
	return names, nil
}

// ReadAll returns all that Read would return. With an error it returns nothing.
func (r *gocsvRecords) ReadAll() ([][]string, error) {
	var all [][]string
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, cells)
	}
}
