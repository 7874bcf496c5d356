// Package cells holds the cells of a row, whether it is a record of a file or a typed row. It
// knows no policy.
package cells

import (
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A Row is the cells of a row: a record, of which a cell is looked up when it is asked for,
// or the texts of a typed row. Only one goroutine may use it.
type Row struct {
	Columns []csvschema.Column // 0 for columns that are not documented
	Owner   int                // position of ResourceOwner, or -1
	Record  csvschema.Record
	Texts   [][]byte // of a typed row; nil for a record

	places [csvschema.LeasedByVmId + 1]int
}

// New returns a row with these columns, and without cells.
func New(columns []csvschema.Column) Row {
	r := Row{Columns: columns}
	for c := range r.places {
		r.places[c] = slices.Index(columns, csvschema.Column(c))
	}
	r.Owner = r.places[csvschema.ResourceOwner]
	return r
}

// Index returns the position of a documented column, or -1 if the row has no such column.
func (r *Row) Index(c csvschema.Column) int { return r.places[c] }

// At returns the i-th cell.
func (r *Row) At(i int) []byte {
	if r.Texts != nil {
		return r.Texts[i]
	}
	return r.Record.Cell(i)
}

// Cell returns the cell of a column, or nil if the row has no such column.
func (r *Row) Cell(c csvschema.Column) []byte {
	if i := r.places[c]; i >= 0 {
		return r.At(i)
	}
	return nil
}

// AppendLoud appends to dst, in order, the positions of the cells with a sign that they may
// hold an identifier; see [identity.NextSign]. A record is looked at as a whole: as a sign has
// neither a comma nor a quotation mark, it lies within a cell, also if that is quoted.
func (r *Row) AppendLoud(dst []int) []int {
	if r.Texts != nil {
		for i, text := range r.Texts {
			if identity.NextSign(text, 0) < len(text) {
				dst = append(dst, i)
			}
		}
		return dst
	}
	raw := r.Record.Raw()
	first, _ := r.Record.CellSpan(0)
	i, end := 0, first
	for at := identity.NextSign(raw, 0); at < len(raw); at = identity.NextSign(raw, end-first) {
		for ; first+at >= end; i++ {
			_, end = r.Record.CellSpan(i)
		}
		dst = append(dst, i-1)
	}
	return dst
}
