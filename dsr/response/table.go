package response

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
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

// The parts of data.json.
type (
	dataHead struct {
		Format      string            `json:"format"`
		Made        string            `json:"made,omitempty"`
		Identifiers []string          `json:"identifiers"`
		Searched    dataScope         `json:"searched"`
		Undecided   bool              `json:"undecided"` // a person must decide about further rows
		Hidden      int64             `json:"hidden"`    // number of places where text that names others is hidden
		Columns     map[string][]data `json:"columns"`
	}
	dataScope struct {
		Exports       int        `json:"exports"`
		Files         []dataFile `json:"files"`
		Labs          []dataLab  `json:"labs"`
		First         string     `json:"first,omitempty"` // earliest and latest date
		Last          string     `json:"last,omitempty"`
		DanglingDisks int64      `json:"danglingDisks"`
		NotRead       []string   `json:"notRead,omitempty"` // may be exports
	}
	dataFile struct {
		Export int    `json:"export"`
		File   int    `json:"file"`
		Kind   string `json:"kind"`
		Made   string `json:"made,omitempty"`
		Rows   int64  `json:"rows"`
		Yours  int64  `json:"yours"`
	}
	dataLab struct {
		LabUId           string `json:"labUId"`
		VirtualMachines  int64  `json:"virtualMachines"`
		Disks            int64  `json:"disks"`
		WithoutDisksFile bool   `json:"withoutDisksFile,omitempty"`
	}
	dataRow struct {
		Kind   string `json:"kind"`
		Export int    `json:"export"`
		File   int    `json:"file"`
		Row    int64  `json:"row"`
		Why    string `json:"why"`
		Cells  []data `json:"cells"`
	}
	// A data is a cell, or a column and its meaning. A list of them can repeat the name of
	// a column, which the names of an object cannot.
	data struct {
		Column  string `json:"column"`
		Value   string `json:"value,omitempty"`
		Meaning string `json:"meaning,omitempty"`
	}
)

// dataFormat is the name of the format of data.json.
const dataFormat = "labdsr-access-1"

// writeData writes data.json. It is an object whose last member, rows, has one line for
// each row.
func writeData(ctx context.Context, w io.Writer, p *printer, s *survey, o *Options) error {
	head, err := json.MarshalIndent(s.dataHead(p, o), "", "  ")
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	_, _ = out.Write(head[:len(head)-len("\n}")]) // Flush returns the error
	_, _ = out.WriteString(",\n  \"rows\": [")
	comma := "\n    "
	err = s.each(ctx, func(r *row) error {
		d := dataRow{Kind: r.layout.place.role.String(), Export: r.layout.place.export, File: r.layout.place.file, Row: r.number, Why: r.rule.String()}
		for i, cell := range r.cells {
			name := r.layout.columns[i].String()
			if name == "" {
				name = r.layout.names[i]
			}
			d.Cells = append(d.Cells, data{Column: name, Value: cell})
		}
		text, err := json.Marshal(d)
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

func (s *survey) dataHead(p *printer, o *Options) dataHead {
	scope := &s.report.Scope
	head := dataHead{
		Format: dataFormat, Made: instant(o.Made), Undecided: s.report.NeedsDecision(s.person), Hidden: s.hidden(),
		Searched: dataScope{
			Exports: scope.Exports, First: instant(scope.First), Last: instant(scope.Last), DanglingDisks: s.counts().Disks.Dangling,
			NotRead: o.NotRead,
		},
		Columns: map[string][]data{},
	}
	for _, id := range s.subject().Identifiers() {
		head.Identifiers = append(head.Identifiers, id.Reveal())
	}
	for _, f := range scope.Files {
		head.Searched.Files = append(head.Searched.Files, dataFile{
			Export: f.Export, File: f.File, Kind: f.Role.String(), Made: instant(s.exports[f.Export-1].Made),
			Rows: f.Rows, Yours: s.files[place{f.Export, f.File, f.Role}],
		})
	}
	for _, lab := range scope.Labs {
		lab.LabUId = s.labUId(lab.LabUId)
		head.Searched.Labs = append(head.Searched.Labs, dataLab(lab))
	}
	for _, role := range roles {
		for _, info := range dictionary.Of(role) {
			head.Columns[role.String()] = append(head.Columns[role.String()], data{Column: info.Column.String(), Meaning: p.Column(role, info)})
		}
	}
	return head
}

// instant returns an instant in RFC 3339, and "" for the zero time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
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
