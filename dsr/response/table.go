package response

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
	"github.com/labdsr/labdsr/dsr/response/data"
)

// writeTables writes virtualmachines.csv and disks.csv for spreadsheets. They are UTF-8
// with a byte-order mark, by which spreadsheets recognise it. Lines end in CR LF, and
// formulas are neutralized. The documented columns come first, then the unknown columns
// of all files.
func writeTables(ctx context.Context, a *archive, s *survey) error {
	var role csvschema.Role
	var line []byte
	begin := func(next csvschema.Role) error {
		role = next
		if err := a.begin(role.String() + ".csv"); err != nil {
			return err
		}
		line = append(line[:0], "\uFEFF"...)
		for i, column := range role.Columns() {
			line = appendCell(line, i, column.String())
		}
		for i, name := range s.others[role] {
			line = appendCell(line, len(role.Columns())+i, name)
		}
		_, err := a.Write(append(line, "\r\n"...))
		return err
	}
	if err := begin(csvschema.VirtualMachines); err != nil {
		return err
	}
	var cells []string
	err := s.each(ctx, func(r *row) error {
		if r.layout.place.role != role {
			if err := begin(r.layout.place.role); err != nil {
				return err
			}
		}
		cells = s.tableCells(cells[:0], r)
		line = line[:0]
		for i, cell := range cells {
			line = appendCell(line, i, cell)
		}
		_, err := a.Write(append(line, "\r\n"...))
		return err
	})
	if err != nil || role == csvschema.Disks {
		return err
	}
	return begin(csvschema.Disks)
}

// tableCells appends the cells of a row in the order of the table.
func (s *survey) tableCells(dst []string, r *row) []string {
	role := r.layout.place.role
	for _, column := range role.Columns() {
		dst = append(dst, r.cell(column))
	}
	first := len(dst)
	dst = append(dst, make([]string, len(s.others[role]))...)
	for i, at := range s.othersAt[r.layout] {
		if at >= 0 {
			dst[first+at] = r.cells[i]
		}
	}
	return dst
}

// appendCell appends the i-th cell of a line.
func appendCell(dst []byte, i int, cell string) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return csvschema.AppendCell(dst, cell, &csvschema.WriterOptions{QuoteAll: true, NeutralizeFormulas: true})
}

// writeData writes data.json. It is an object whose last member, rows, has one line for
// each row.
func writeData(ctx context.Context, w io.Writer, p *printer, s *survey, o *Options) error {
	head, err := json.MarshalIndent(s.head(p, o), "", "  ")
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	_, _ = out.Write(head[:len(head)-len("\n}")]) // Flush returns the error
	_, _ = out.WriteString(",\n  \"rows\": [")
	comma := "\n    "
	var of *layout
	var cells []data.Cell
	err = s.each(ctx, func(r *row) error {
		if r.layout != of {
			of, cells = r.layout, r.layout.dataCells()
		}
		for i, cell := range r.cells {
			cells[i].Value = data.NewText(cell)
		}
		at := r.layout.place
		text, err := json.Marshal(data.Row{Kind: at.role, Export: at.export, File: at.file, Row: r.number, Why: r.rule, Cells: cells})
		if err != nil {
			return err
		}
		_, _ = out.WriteString(comma)
		comma = ",\n    "
		_, err = out.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	_, _ = out.WriteString("\n  ]\n}\n")
	return out.Flush()
}

// dataCells returns the cells of a row without their values.
func (l *layout) dataCells() []data.Cell {
	cells := make([]data.Cell, len(l.columns))
	for i, column := range l.columns {
		name := column.String()
		if name == "" {
			name = l.names[i]
		}
		cells[i].Column = data.NewText(name)
	}
	return cells
}

// head returns all of data.json but the rows.
func (s *survey) head(p *printer, o *Options) data.Head {
	scope := &s.report.Scope
	head := data.Head{
		Format: data.Format, Made: o.Made, Undecided: s.report.NeedsDecision(s.person), Hidden: s.hidden(),
		Searched: data.Scope{
			Exports: scope.Exports, Labs: []data.Lab{}, First: writable(scope.First), Last: writable(scope.Last), DanglingDisks: s.counts().Disks.Dangling,
		},
		Columns: data.Columns{VirtualMachines: meanings(p, csvschema.VirtualMachines), Disks: meanings(p, csvschema.Disks)},
	}
	for _, id := range s.subject().Identifiers() {
		head.Identifiers = append(head.Identifiers, data.NewText(id.Reveal()))
	}
	for _, f := range scope.Files {
		head.Searched.Files = append(head.Searched.Files, data.File{
			Export: f.Export, File: f.File, Kind: f.Role, Made: s.exports[f.Export-1].Made,
			Rows: f.Rows, Yours: s.files[place{f.Export, f.File, f.Role}],
		})
	}
	for _, lab := range scope.Labs {
		head.Searched.Labs = append(head.Searched.Labs, data.Lab{
			LabUId: data.NewText(s.labUId(lab.LabUId)), VirtualMachines: lab.VirtualMachines, Disks: lab.Disks, WithoutDisksFile: lab.WithoutDisksFile,
		})
	}
	for _, name := range o.NotRead {
		head.Searched.NotRead = append(head.Searched.NotRead, data.NewText(name))
	}
	return head
}

// writable returns an instant in a zone in which RFC 3339 can hold it. A cell of the last
// day of 9999 with an offset may be of the year 10000 in UTC.
func writable(t time.Time) time.Time {
	if t.Year() > 9999 {
		return t.In(time.FixedZone("", -23*60*60))
	}
	return t
}

func meanings(p *printer, role csvschema.Role) (all []data.Column) {
	for _, e := range dictionary.Of(role) {
		all = append(all, data.Column{Column: e.Column, Meaning: p.Column(role, e)})
	}
	return all
}

// othersOf returns, for each unknown column of a file, its index among the unknown
// columns of the table. For documented columns it returns -1. It adds names that the
// table does not have yet. A name that a file repeats gets a column for each repetition.
func (s *survey) othersOf(role csvschema.Role, l *layout) []int {
	columns := map[string][]int{} // of the table, by name
	for i, name := range s.others[role] {
		columns[name] = append(columns[name], i)
	}
	at := make([]int, len(l.columns))
	for i, column := range l.columns {
		at[i] = -1
		if column != 0 {
			continue
		}
		name := l.names[i]
		if free := columns[name]; len(free) > 0 {
			at[i], columns[name] = free[0], free[1:]
			continue
		}
		at[i] = len(s.others[role])
		s.others[role] = append(s.others[role], name)
	}
	return at
}
