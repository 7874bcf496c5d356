package csvschematest

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// Options configures [New]. A nil *Options is the zero value: the [Real] dialect and
// LF. The rows and their truths depend only on the seed, UnreadableDates and
// Ordinary. The other options change how the files are written.
type Options struct {
	Dialect         Dialect // which cells are quoted; default Real
	CRLF            bool    // rows end with CR LF
	ByteOrderMark   bool    // files begin with the UTF-8 byte-order mark
	ShuffledColumns bool    // each file has its columns in another order
	ExtraColumns    bool    // files have two unknown columns, one with identifiers
	EmptyLines      bool    // there is an empty line before every seventh row
	NoFinalLineEnd  bool    // the last row of a file has no line end
	UnreadableDates bool    // some dates cannot be read, so that anonymizing fails
	Ordinary        int     // number of virtual machines without a trap; default 40; negative means none
}

// defaultOrdinary is small enough for a test to compare all pairs of rows.
const defaultOrdinary = 40

// New returns the exports of a seed. The same seed and options give the same bytes on
// every platform.
func New(seed uint64, o *Options) *Set {
	if o == nil {
		o = &Options{}
	}
	w := newWorld(seed)
	w.plantVirtualMachines()
	w.plantNearMatches()
	w.plantOwnersBesideText()
	w.plantDates()
	w.plantFreeText()
	w.plantReusedIDs()
	w.plantLeases()
	w.plantDisksWithoutLease()
	w.plantCopies()
	if o.UnreadableDates {
		w.plantUnreadableDates()
	}
	ordinary := o.Ordinary
	if ordinary == 0 {
		ordinary = defaultOrdinary
	}
	w.plantOrdinary(ordinary)
	return w.set(o)
}

// set writes the files.
func (w *world) set(o *Options) *Set {
	s := &Set{Now: instant, Retention: 30 * 24 * time.Hour, People: w.people}
	// The layout has its own random numbers, so that the rows do not depend on it.
	layout := random(w.seed, 2)
	for _, p := range places {
		var drafts []*draft
		for _, d := range w.drafts {
			if d.place == p {
				drafts = append(drafts, d)
			}
		}
		layout.Shuffle(len(drafts), func(i, j int) { drafts[i], drafts[j] = drafts[j], drafts[i] })
		columns := p.role.Columns()
		if o.ExtraColumns {
			columns = append(columns, notes, tag)
		}
		if o.ShuffledColumns {
			layout.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
		}
		s.Files = append(s.Files, newFile(p, columns, drafts, o))
	}
	return s
}

// newFile writes one file.
func newFile(p place, columns []csvschema.Column, drafts []*draft, o *Options) *File {
	f := &File{Export: p.export, Number: p.number, Role: p.role}
	end := lineEnd(o.CRLF)
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = columnName(c)
		f.columns = append(f.columns, documented(c))
	}
	if o.ByteOrderMark {
		f.Header = append(f.Header, "\uFEFF"...)
	}
	f.Header = appendRow(f.Header, names, make([]bool, len(names)), end)
	f.Data = append(f.Data, f.Header...)
	line := int64(2)
	for i, d := range drafts {
		if o.EmptyLines && i%7 == 6 {
			f.Data = append(f.Data, end...)
			line++
		}
		r := d.row(columns, o.Dialect)
		r.Number, r.Line, r.start, r.columns, r.lineEnd = i+1, line, len(f.Data), f.columns, end
		if o.NoFinalLineEnd && i == len(drafts)-1 {
			r.lineEnd = ""
		}
		r.Raw = appendRow(nil, r.Cells, r.quoted, r.lineEnd)
		for _, b := range r.Raw {
			if b == '\n' {
				line++
			}
		}
		f.Data = append(f.Data, r.Raw...)
		f.Rows = append(f.Rows, r)
	}
	return f
}

// row returns the row of the draft. The caller sets its place in the file.
func (d *draft) row(columns []csvschema.Column, dialect Dialect) *Row {
	r := &Row{
		Export: d.place.export, File: d.place.number, Role: d.place.role,
		Trap: d.trap, Dangling: d.dangling, Deleted: d.deletion, Unreadable: d.unreadable, truths: d.truths,
	}
	for i, c := range columns {
		cell, ids := unmark(d.cells[c])
		for _, id := range ids {
			id.Field, id.Column = i, documented(c)
			r.Identifiers = append(r.Identifiers, id)
		}
		r.Cells = append(r.Cells, cell)
		r.quoted = append(r.quoted, dialect.quotes(cell))
	}
	return r
}

// The two unknown columns have numbers that no documented column has.
const (
	notes csvschema.Column = 254 - iota
	tag
)

// columnName returns the name of a column in the header.
func columnName(c csvschema.Column) string {
	if c == notes {
		return "Notes"
	}
	if c == tag {
		return "CostCenter"
	}
	return c.String()
}

// documented returns c, or 0 for an unknown column.
func documented(c csvschema.Column) csvschema.Column {
	if c == notes || c == tag {
		return 0
	}
	return c
}
