package redact

import (
	"slices"

	"github.com/labdsr/labdsr/csvschema"
)

// A Record is a record that the subject may get: [HiddenText] replaces what names
// others. It is valid as long as the [csvschema.Record] that it was made of.
type Record struct {
	// Hidden is what was hidden, in the order of the cells. It stays valid.
	Hidden []Hidden

	// Both are functions, so that fmt does not print what they return.
	record func() csvschema.Record
	edits  func() []csvschema.Edit // in the order of the cells
}

// Header returns the header of the file that the record is in.
func (r Record) Header() *csvschema.Header { return r.record().Header() }

// Cell returns the i-th cell, from 0, unquoted. The bytes must not be changed.
func (r Record) Cell(i int) []byte {
	edits := r.edits()
	at, found := slices.BinarySearchFunc(edits, i, func(e csvschema.Edit, i int) int { return e.Cell - i })
	if found {
		return edits[at].Text
	}
	return r.record().Cell(i)
}

// Value returns the cell of the documented column c, unquoted, or nil if the file
// has no such column. The bytes must not be changed.
func (r Record) Value(c csvschema.Column) []byte {
	if i := r.Header().Index(c); i >= 0 {
		return r.Cell(i)
	}
	return nil
}

// AppendTo appends the record to dst, as [csvschema.Record.AppendTo] does, and returns
// the result. A cell is quoted if it is quoted in the file.
func (r Record) AppendTo(dst []byte) []byte { return r.record().AppendTo(dst, r.edits()...) }
