// Package cells holds the cells of a row, whether it is a record of a file or a typed row. It
// knows no policy.
package cells

import (
	"bytes"
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

	head     []byte // the first cells of a record, up to a comma, with which others begin
	headLoud []int  // the loud ones among them
	headEnd  int    // how many they are
	last     []byte // a record that does not begin so
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
// neither a comma nor a quotation mark, it lies within a cell, also if that is quoted. Nearly
// all records begin as another one of their lab does; of that head it is known which cells are
// loud.
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
	if len(r.head) > 0 && bytes.HasPrefix(raw, r.head) {
		return r.appendLoud(append(dst, r.headLoud...), raw, r.headEnd, len(r.head))
	}
	n := len(dst)
	dst = r.appendLoud(dst, raw, 0, 0)
	r.learnHead(raw, dst[n:])
	return dst
}

// appendLoud does what AppendLoud does for the cells of a record from the i-th on, which
// begins at raw[at].
func (r *Row) appendLoud(dst []int, raw []byte, i, at int) []int {
	first, _ := r.Record.CellSpan(0)
	end := first + at
	for at = identity.NextSign(raw, at); at < len(raw); at = identity.NextSign(raw, end-first) {
		for ; first+at >= end; i++ {
			_, end = r.Record.CellSpan(i)
		}
		dst = append(dst, i-1)
	}
	return dst
}

// learnHead sets the head to the first cells that a record has in common with the last one
// that did not begin with the head.
func (r *Row) learnHead(raw []byte, loud []int) {
	same := 0
	for same < min(len(raw), len(r.last)) && raw[same] == r.last[same] {
		same++
	}
	r.last = append(r.last[:0], raw...)
	size := 0
	r.headLoud, r.headEnd = r.headLoud[:0], 0
	first, _ := r.Record.CellSpan(0)
	for i := range len(r.Columns) - 1 {
		_, end := r.Record.CellSpan(i)
		if end-first >= same {
			break
		}
		size, r.headEnd = end-first+1, i+1
	}
	r.head = append(r.head[:0], raw[:size]...)
	for _, i := range loud {
		if i < r.headEnd {
			r.headLoud = append(r.headLoud, i)
		}
	}
}
