package csvschema

import "strings"

// A decoder makes rows of records, a bounded batch at a time.
type decoder[T Row] struct {
	columns []Column // of T, in the order of gocsv; nil before the first record
	cells   []string // of all records of the batch
	records [][]string
	lines   []int64
	size    int // bytes of the records of the batch
}

// The size of a batch: whichever is reached first.
const (
	maxBatchRecords = 128
	maxBatchBytes   = 1 << 20
)

func (d *decoder[T]) full() bool {
	return len(d.records) >= maxBatchRecords || d.size >= maxBatchBytes
}

// add takes the record into the batch. The text of a record becomes one string,
// which its cells share: a row that is kept keeps one record, not its chunk.
func (d *decoder[T]) add(rec Record) (err error) {
	if d.columns == nil {
		if d.columns, err = gocsvColumns[T](); err != nil {
			return &Error{FileID: FileID{Role: RoleOf[T]()}, Err: err}
		}
	}
	text := string(rec.Raw())
	header := rec.Header()
	first := len(d.cells)
	for _, c := range d.columns {
		cell := ""
		if i := header.Index(c); i >= 0 {
			start, end := rec.RawCell(i)
			cell = text[start:end]
		}
		if len(cell) > 0 && cell[0] == '"' {
			cell = cell[1 : len(cell)-1]
			if strings.IndexByte(cell, '"') >= 0 {
				cell = strings.ReplaceAll(cell, `""`, `"`)
			}
		}
		d.cells = append(d.cells, cell)
	}
	d.records = append(d.records, d.cells[first:len(d.cells):len(d.cells)])
	d.lines = append(d.lines, rec.Line())
	d.size += len(text)
	return nil
}

// decode returns the rows of the batch, and begins the next. An error comes
// with the rows before the one at fault.
func (d *decoder[T]) decode() ([]T, error) {
	rows, cell, err := gocsvDecode[T](d.records)
	if len(rows) > 0 {
		cells := CellsOf(&rows[0])
		for i, c := range d.columns {
			if cells.Cell(c) != d.records[0][i] {
				rows, cell, err = nil, -1, errGocsv
				break
			}
		}
	}
	if err != nil {
		e := &Error{FileID: FileID{Role: RoleOf[T]()}, Err: err}
		if cell >= 0 {
			e.Line, e.Column = d.lines[len(rows)], d.columns[cell]
		}
		err = e
	}
	d.cells, d.records, d.lines, d.size = d.cells[:0], d.records[:0], d.lines[:0], 0
	return rows, err
}

// DecodeRecord returns the row of a record that was chosen. Columns that the
// file does not have are empty cells, others that it has are left out. A cell
// that its column cannot hold is an [Error] with [ErrValue], a record of the
// other kind of file one with [ErrWrongRole]; the row beside it is zero. The
// row stays valid when the record is not.
func DecodeRecord[T Row](rec Record) (T, error) {
	var none T
	if rec.Header().Role() != RoleOf[T]() {
		return none, &Error{FileID: FileID{Role: RoleOf[T]()}, Line: rec.Line(), Err: ErrWrongRole}
	}
	var d decoder[T]
	if err := d.add(rec); err != nil {
		return none, err
	}
	rows, err := d.decode()
	if err != nil {
		return none, err
	}
	return rows[0], nil
}
