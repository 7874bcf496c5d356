package dsr

import (
	"bytes"
	"context"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A Redactor hides in rows of a subject what names somebody else, as Article 15(4)
// GDPR asks for, and keeps count of it.
//
// Hidden are an owner who is not the subject, the x of every /users/{x} ("@me"
// excepted), every address, all further occurrences of these in the row, and names
// that were derived from such an address (see [identity.Finder.Derived]). This is
// so in every column, in any letter case, percent-encoding and Unicode form. In
// its place stands [HiddenText]; all else stays as it is.
//
// What the subject was given with is never hidden, in any spelling of its normal
// form, nor are names that may be derived from the subject's own addresses. Nor are
// replacements that anonymization left, because they name nobody, and GUIDs that
// nothing in the row says are somebody's. SubscriptionId, LabUId and ResourceUId
// stay, unless there is an address or a path of a user in them; so do dates,
// numbers and booleans. Of a row with more than 1000 identifiers nothing else stays.
//
// [NewRedactor] makes one. It holds buffers as large as the largest row, and the
// candidates of its report. It is not safe for concurrent use.
type Redactor struct {
	// What it knows is behind a function: of a pointer, fmt prints for some verbs
	// what it points to.
	of func() *redaction
}

func newRedactor(r *redaction) *Redactor { return &Redactor{func() *redaction { return r }} }

// A redaction is a Redactor at work.
type redaction struct {
	subject Subject
	shown   map[shownCell][]string // the texts
	hider   hider
	tally   tally

	row       row
	header    *csvschema.Header // that row.columns are of
	positions []int
	texts     []string
}

type shownCell struct {
	key    csvschema.Key
	column csvschema.Column
	number int
}

// NewRedactor returns a redactor for rows of the subject, which hides all but what
// is shown. For a zero subject the error is [ErrNoIdentifier].
func NewRedactor(subject Subject, shown *Shown) (*Redactor, error) {
	if subject.IsZero() {
		return nil, prefixed(ErrNoIdentifier)
	}
	if shown == nil {
		shown = &Shown{}
	}
	r := &redaction{subject: subject, shown: make(map[shownCell][]string)}
	r.hider.known, r.hider.own = &identity.Known{}, &identity.LocalParts{}
	for _, id := range slices.Concat(subject.ids, shown.Identifiers) {
		r.hider.known.Add(id)
		if id.Kind() == identity.Address {
			r.hider.own.Add([]byte(id.Reveal()))
		}
	}
	for _, c := range shown.Cells {
		at := shownCell{c.Key, c.Column, c.Number}
		r.shown[at] = append(r.shown[at], c.Text.Reveal())
	}
	return newRedactor(r), nil
}

// fresh returns a redactor that hides the same, with a report of its own.
func (r *Redactor) fresh() *Redactor {
	old := r.of()
	return newRedactor(&redaction{subject: old.subject, shown: old.shown, hider: hider{known: old.hider.known, own: old.hider.own}})
}

// Subject returns the subject whose rows are redacted.
func (r *Redactor) Subject() Subject { return r.of().subject }

// Report returns what was hidden so far.
func (r *Redactor) Report() *HiddenReport {
	report := r.of().tally.report
	report.Candidates = slices.Clone(report.Candidates)
	return &report
}

// A RedactedRecord is a record as it may be handed out. It is valid as long as the
// record is.
type RedactedRecord struct {
	// Hidden is what was hidden, in the order of the cells. It stays valid.
	Hidden []Hidden

	// Both are behind functions for the same reason as what a Redactor knows.
	record func() csvschema.Record
	edits  func() []edit // in the order of the cells
}

// An edit is the new text of a cell.
type edit struct {
	cell int
	text []byte
}

// Record redacts a record.
func (r *Redactor) Record(rec csvschema.Record) RedactedRecord {
	hidden, changed := r.of().record(rec)
	return RedactedRecord{hidden, func() csvschema.Record { return rec }, func() []edit { return changed }}
}

func (r *redaction) record(rec csvschema.Record) (hidden []Hidden, changed []edit) {
	if header := rec.Header(); r.header != header {
		r.header = header
		r.row.columns, r.positions = r.row.columns[:0], r.positions[:0]
		for i := range header.Len() {
			r.row.columns, r.positions = append(r.row.columns, header.Column(i)), append(r.positions, i)
		}
		r.row.cells = make([][]byte, header.Len())
	}
	rec.Cells(r.row.cells, r.positions)
	return r.redact(rec.Key)
}

// redact redacts r.row.
func (r *redaction) redact(keyOf func() csvschema.Key) (hidden []Hidden, changed []edit) {
	h := &r.hider
	var key csvschema.Key
	hasKey := false
	cellOf := func(i int) shownCell {
		if !hasKey {
			key, hasKey = keyOf(), true
		}
		at := shownCell{key: key, column: r.row.columns[i]}
		if at.column == 0 {
			at.number = i + 1
		}
		return at
	}
	h.hide(r.row, func(i int) bool {
		return len(r.shown) > 0 && slices.Contains(r.shown[cellOf(i)], string(r.row.cells[i]))
	})
	for i, cell := range r.row.cells {
		places := h.judged[i].places
		if len(places) == 0 {
			continue
		}
		at := cellOf(i)
		in := Cell{at.key, at.column, at.number, csvschema.NewPersonalText(string(cell))}
		for _, p := range places {
			value := string(h.inner.AppendDecoded(nil, cell[p.start:p.end]))
			id, _ := identity.Parse(value) // zero if it is none
			hidden = append(hidden, Hidden{p.reason, in, csvschema.NewPersonalText(value), id})
		}
		changed = append(changed, edit{i, appendHidden(nil, cell, places)})
	}
	r.tally.add(hidden)
	return hidden, changed
}

// Header returns the header of the file that the record stands in.
func (r RedactedRecord) Header() *csvschema.Header { return r.record().Header() }

// Cell returns the i-th cell, from 0, unquoted. The bytes are not to be changed.
func (r RedactedRecord) Cell(i int) []byte {
	for _, e := range r.edits() {
		if e.cell == i {
			return e.text
		}
	}
	return r.record().Cell(i)
}

// Value returns the cell of the documented column c, unquoted, or nil if the file
// has no such column. The bytes are not to be changed.
func (r RedactedRecord) Value(c csvschema.Column) []byte {
	if i := r.Header().Index(c); i >= 0 {
		return r.Cell(i)
	}
	return nil
}

// AppendTo appends the record to dst, as [csvschema.Record.AppendTo] does, and
// returns the result. Cells that are quoted in the file are quoted.
func (r RedactedRecord) AppendTo(dst []byte) []byte {
	start := len(dst)
	dst = r.record().AppendTo(dst)
	if len(r.edits()) == 0 {
		return dst
	}
	whole := slices.Clone(dst[start:])
	dst = dst[:start]
	copied := 0
	for _, e := range r.edits() {
		from, to := r.record().RawCell(e.cell)
		dst = append(dst, whole[copied:from]...)
		if whole[from] == '"' {
			dst = append(append(append(dst, '"'), bytes.ReplaceAll(e.text, []byte{'"'}, []byte(`""`))...), '"')
		} else {
			dst = append(dst, e.text...)
		}
		copied = to
	}
	return append(dst, whole[copied:]...)
}

// RedactRow returns a typed row as it may be handed out, and what was hidden, in
// the order of the cells: the same as in the record of a file without other columns.
// The row that was given is not changed. The error is always nil for a row that
// was read.
func RedactRow[T csvschema.Row](r *Redactor, row T) (T, []Hidden, error) {
	cells := csvschema.CellsOf(&row)
	columns := cells.Role().Columns()
	hidden, changed := r.of().typed(cells, columns)
	var none T
	redacted := row
	for _, e := range changed {
		if err := csvschema.CellsOf(&redacted).SetCell(columns[e.cell], string(e.text)); err != nil {
			return none, nil, err
		}
	}
	return redacted, hidden, nil
}

func (r *redaction) typed(cells csvschema.Cells, columns []csvschema.Column) (hidden []Hidden, changed []edit) {
	r.header, r.row.columns, r.row.cells = nil, slices.Clone(columns), r.row.cells[:0]
	r.texts = cells.AppendCells(r.texts[:0])
	for _, text := range r.texts {
		r.row.cells = append(r.row.cells, []byte(text))
	}
	return r.redact(cells.Key)
}

// Rows returns the rows of [Collect], [FilterRows] or [FilterSeq] as they may be
// handed out. The report says in [SubjectReport.Hidden] what was hidden of these.
// What was given is not changed.
func (r *Redactor) Rows(rows *Rows) (*Rows, error) {
	own := r.fresh()
	redacted := *rows
	var err error
	if redacted.VirtualMachines, err = redactRows(own, rows.VirtualMachines); err != nil {
		return nil, err
	}
	if redacted.Disks, err = redactRows(own, rows.Disks); err != nil {
		return nil, err
	}
	if rows.Report != nil && len(rows.Report.Subjects) > 0 {
		report := *rows.Report
		report.Subjects = slices.Clone(report.Subjects)
		report.Subjects[0].Hidden = own.Report()
		redacted.Report = &report
	}
	return &redacted, nil
}

func redactRows[T csvschema.Row](r *Redactor, rows []T) ([]T, error) {
	redacted := slices.Clone(rows)
	for i, row := range rows {
		var err error
		if redacted[i], _, err = RedactRow(r, row); err != nil {
			return nil, err
		}
	}
	return redacted, nil
}

// A Redacted is a row that is a subject's, as it may be handed out.
type Redacted struct {
	Subject int           // index of the redactor in the request
	Export  int           // number of the export in the request, from 1
	File    int           // number of the file of this role in its export, from 1
	Row     int64         // number of the row in its file, from 1; the header is none
	Rule    Rule          // why the row is the subject's
	Key     csvschema.Key // the resource; its role is that of the file
	Record  RedactedRecord
}

// Redact is [Filter] for what is handed out to the subjects: those of the redactors,
// one for each. Third parties are hidden, and [SubjectReport.Hidden] says what was.
// Emit is called for the same rows in the same order; what it gets is valid until
// it returns. The reports of the redactors that were given do not change.
func Redact(ctx context.Context, exports []csvschema.Export, redactors []*Redactor, emit func(Redacted) error, o *Options) (*Report, error) {
	subjects, own := make([]Subject, len(redactors)), make([]*Redactor, len(redactors))
	for i, r := range redactors {
		if r == nil || r.of == nil {
			return nil, prefixed(ErrNoIdentifier)
		}
		subjects[i], own[i] = r.Subject(), r.fresh()
	}
	report, err := Filter(ctx, exports, subjects, func(m Match) error {
		return emit(Redacted{m.Subject, m.Export, m.File, m.Row, m.Rule, m.Key, own[m.Subject].Record(m.Record)})
	}, o)
	if err != nil {
		return nil, err
	}
	for i, r := range own {
		report.Subjects[i].Hidden = r.Report()
	}
	return report, nil
}
