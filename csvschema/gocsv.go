package csvschema

import (
	"io"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

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

// unquoted returns the text of a cell that may be in quotes.
func unquoted(cell string) string {
	if len(cell) == 0 || cell[0] != '"' {
		return cell
	}
	cell = cell[1 : len(cell)-1]
	if strings.IndexByte(cell, '"') >= 0 {
		cell = strings.ReplaceAll(cell, `""`, `"`)
	}
	return cell
}
