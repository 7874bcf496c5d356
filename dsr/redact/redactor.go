package redact

import (
	"fmt"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// A Redactor hides in rows of a subject what names somebody else, as Article 15(4)
// GDPR asks for, and counts it.
//
// It hides an owner who is not the subject, the x of every /users/{x} except "@me",
// every address, all further occurrences of these in the row, and names that were
// derived from such an address (see [identity.Finder.FindNames]), in every column, in
// any letter case, percent-encoding and Unicode form. [HiddenText] replaces what is
// hidden; everything else stays as it is.
//
// The subject's identifiers are never hidden, in any spelling of their normal form,
// nor are names that may be derived from the subject's own addresses. Replacements
// that anonymization left name nobody and stay, and so do GUIDs that nothing in the
// row says are somebody's. SubscriptionId, LabUId and ResourceUId stay, unless there
// is an address or a path of a user in them. Dates, numbers and booleans stay. In a
// row with more than 1000 identifiers only the subject's stay.
//
// [New] makes a Redactor. It holds buffers as large as the largest row, and the
// candidates of its summary. It is not safe for concurrent use.
type Redactor struct {
	// of returns what the Redactor knows. It is a function, because fmt prints for
	// some verbs what a pointer points to.
	of func() *redaction
}

func newRedactor(r *redaction) *Redactor { return &Redactor{func() *redaction { return r }} }

// A redaction is a Redactor at work.
type redaction struct {
	subject dsr.Subject
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

// New returns a redactor for rows of the subject, which hides everything but what is
// shown. For a zero subject the error is [ErrNoIdentifier].
func New(subject dsr.Subject, shown *Shown) (*Redactor, error) {
	if subject.IsZero() {
		return nil, fmt.Errorf("labdsr: %w", dsr.ErrNoIdentifier)
	}
	if shown == nil {
		shown = &Shown{}
	}
	r := &redaction{subject: subject, shown: make(map[shownCell][]string)}
	r.hider.known, r.hider.own = &identity.Set{}, &identity.LocalParts{}
	for _, id := range slices.Concat(subject.Identifiers(), shown.Identifiers) {
		r.hider.known.Add(id)
		if !id.IsObjectID() {
			r.hider.own.Add([]byte(id.Reveal()))
		}
	}
	for _, c := range shown.Cells {
		at := shownCell{c.Key, c.Column, c.Number}
		r.shown[at] = append(r.shown[at], c.Text.Reveal())
	}
	return newRedactor(r), nil
}

// fresh returns a redactor that hides the same, with a summary of its own.
func (r *Redactor) fresh() *Redactor {
	old := r.of()
	return newRedactor(&redaction{subject: old.subject, shown: old.shown, hider: hider{known: old.hider.known, own: old.hider.own}})
}

// Subject returns the subject whose rows are redacted.
func (r *Redactor) Subject() dsr.Subject { return r.of().subject }

// Summary returns what was hidden so far.
func (r *Redactor) Summary() *Summary {
	summary := r.of().tally.summary
	summary.Candidates = slices.Clone(summary.Candidates)
	return &summary
}

// Record returns a record as it may be handed out.
func (r *Redactor) Record(rec csvschema.Record) Record {
	hidden, changed := r.of().record(rec)
	return Record{hidden, func() csvschema.Record { return rec }, func() []csvschema.Edit { return changed }}
}

func (r *redaction) record(rec csvschema.Record) (hidden []Hidden, changed []csvschema.Edit) {
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

// redact returns what is hidden in r.row, and the new texts of its cells.
func (r *redaction) redact(keyOf func() csvschema.Key) (hidden []Hidden, changed []csvschema.Edit) {
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
		changed = append(changed, csvschema.Edit{Cell: i, Text: appendHidden(nil, cell, places)})
	}
	r.tally.add(hidden)
	return hidden, changed
}

// redactRow returns a typed row as it may be handed out: the same as the record of a file
// without other columns. The row that was given is not changed.
func redactRow[T csvschema.Row](r *redaction, row T) (T, error) {
	cells := csvschema.CellsOf(&row)
	columns := cells.Role().Columns()
	_, changed := r.typed(cells, columns)
	redacted := row
	for _, e := range changed {
		if err := csvschema.CellsOf(&redacted).SetCell(columns[e.Cell], string(e.Text)); err != nil {
			var none T
			return none, err
		}
	}
	return redacted, nil
}

func (r *redaction) typed(cells csvschema.Cells, columns []csvschema.Column) (hidden []Hidden, changed []csvschema.Edit) {
	r.header, r.row.columns, r.row.cells = nil, slices.Clone(columns), r.row.cells[:0]
	r.texts = cells.AppendCells(r.texts[:0])
	for _, text := range r.texts {
		r.row.cells = append(r.row.cells, []byte(text))
	}
	return r.redact(cells.Key)
}
