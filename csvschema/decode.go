package csvschema

import "strings"

// A decoder decodes records to rows, in batches of bounded size.
type decoder[T Row] struct {
	columns []Column   // of T, in the order of gocsv; nil before the first record
	cells   []string   // of all records of the batch
	records [][]string // slices of cells
	lines   []int64    // of the records
	size    int        // bytes of the records
}

// A batch is full when it reaches either of these sizes.
const (
	maxBatchRecords = 128
	maxBatchBytes   = 1 << 20
)

func (d *decoder[T]) full() bool {
	return len(d.records) >= maxBatchRecords || d.size >= maxBatchBytes
}

// add adds the record to the batch. The text of the record becomes one string, which
// its cells share, so that a row which is kept keeps one record and not its chunk.
func (d *decoder[T]) add(rec Record) (err error) {
	if d.columns == nil {
		if d.columns, err = gocsvColumns[T](); err != nil {
			return &Error{FileID: FileID{Role: roleOf[T]()}, Err: err}
		}
	}
	text := string(rec.Raw())
	header := rec.Header()
	first := len(d.cells)
	for _, c := range d.columns {
		cell := ""
		if i := header.Index(c); i >= 0 {
			start, end := rec.rawCell(i)
			cell = unquoted(text[start:end])
		}
		d.cells = append(d.cells, cell)
	}
	d.records = append(d.records, d.cells[first:len(d.cells):len(d.cells)])
	d.lines = append(d.lines, rec.Line())
	d.size += len(text)
	return nil
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

// decode returns the rows of the batch and empties it. With an error it returns the rows
// before the one at fault.
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
		e := &Error{FileID: FileID{Role: roleOf[T]()}, Err: err}
		if cell >= 0 {
			e.Line, e.Column = d.lines[len(rows)], d.columns[cell]
		}
		err = e
	}
	d.cells, d.records, d.lines, d.size = d.cells[:0], d.records[:0], d.lines[:0], 0
	return rows, err
}

// DecodeRecord returns the row of a record. A documented column that the file does not
// have is an empty cell; columns that are not documented are left out. A cell that its
// column cannot hold is an [Error] with [ErrValue], and a record of the other kind of
// file an Error with [ErrWrongRole]; with an error the row is zero. The row stays valid
// after the record.
func DecodeRecord[T Row](rec Record) (T, error) {
	var none T
	if rec.Header().Role() != roleOf[T]() {
		return none, &Error{FileID: FileID{Role: roleOf[T]()}, Line: rec.Line(), Err: ErrWrongRole}
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
