package redact

import (
	"fmt"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// A Redactor hides in the rows of a subject what names somebody else, as Article 15(4)
// GDPR requires, and counts it.
//
// It hides an owner who is not the subject, the x of every /users/{x} except "@me",
// every address, all further occurrences of these in the row, and names that were
// derived from such an address (see [identity.Finder.FindNames]). It does so in every
// column, and in any letter case, percent-encoding and Unicode form. The owners of other
// copies of the same machine, and names that were derived from them, are hidden in the same
// way. [HiddenText] replaces what is hidden. Everything else stays as it is.
//
// The subject's identifiers are never hidden, in any spelling of their normal form,
// nor are names that may be derived from the subject's own addresses. Replacements
// that anonymization left name nobody and stay. So do GUIDs, unless the row says that
// one is somebody's. SubscriptionId, LabUId and ResourceUId stay, except for an address
// or a path of a user in them. Dates, numbers and booleans stay. In a row with more
// than 100 identifiers of others, only the subject's identifiers stay.
//
// [New] makes a Redactor. It holds buffers as large as the largest row, and the
// candidates of its summary. It is not safe for concurrent use, except by [Records] and
// [Rows].
type Redactor struct {
	// state returns what the Redactor holds. It is a function, because fmt prints for
	// some verbs what a pointer points to.
	state func() *state
}

// newRedactor returns a Redactor that holds this.
func newRedactor(s *state) *Redactor { return &Redactor{func() *state { return s }} }

// A state is what a Redactor holds.
type state struct {
	subject dsr.Subject
	people  people
	shown   map[cellKey][]string // texts of the cells that are shown
	tally   tally
	*room
}

// A room is where a row is redacted. Redactors that are used one after the other share one.
type room struct {
	hider     hider
	row       row               // that is redacted now
	header    *csvschema.Header // of the record in row; nil for a typed row
	positions []int             // of all cells of such a record
	texts     []string          // of the cells of a typed row
}

// A cellKey identifies a cell; see Cell.
type cellKey struct {
	key    csvschema.Key
	column csvschema.Column
	number int
}

// New returns a redactor for the rows of a subject. It hides all third parties except
// what is shown. For a zero subject the error is [dsr.ErrNoIdentifier].
func New(subject dsr.Subject, shown *Shown) (*Redactor, error) {
	if subject.IsZero() {
		return nil, fmt.Errorf("labdsr: %w", dsr.ErrNoIdentifier)
	}
	if shown == nil {
		shown = &Shown{}
	}
	s := &state{
		subject: subject, shown: make(map[cellKey][]string), room: &room{},
		people: people{&identity.Set{}, &identity.LocalParts{}, make(map[string]struct{})},
	}
	for _, id := range slices.Concat(subject.Identifiers(), shown.Identifiers) {
		s.people.visible.Add(id)
		if id.IsVerbatim() || id.IsObjectID() { // as a SID, too
			s.people.owners[id.Reveal()] = struct{}{}
		} else {
			s.people.visibleNames.Add([]byte(id.Reveal()))
		}
	}
	for _, c := range shown.Cells {
		at := cellKey{c.Key, c.Column, c.Number}
		s.shown[at] = append(s.shown[at], c.Text.Reveal())
	}
	return newRedactor(s), nil
}

// clone returns a redactor that hides the same, in that room. Its summary is empty.
func (r *Redactor) clone(in *room) *Redactor {
	old := r.state()
	return newRedactor(&state{subject: old.subject, people: old.people, shown: old.shown, room: in})
}

// Subject returns the subject whose rows are redacted.
func (r *Redactor) Subject() dsr.Subject { return r.state().subject }

// Summary returns what was hidden so far. The caller may change it.
func (r *Redactor) Summary() *Summary {
	summary := r.state().tally.summary
	summary.Candidates = slices.Clone(summary.Candidates)
	return &summary
}

// Record returns a record as the subject may get it. Owners are those of all copies of its
// resource: see [dsr.Match.CopyOwners].
func (r *Redactor) Record(rec csvschema.Record, owners ...csvschema.PersonalText) Record {
	hidden, edits := r.state().record(rec, owners)
	return Record{hidden, func() csvschema.Record { return rec }, func() []csvschema.Edit { return edits }}
}

// record returns what is hidden in a record, and the new texts of its cells.
func (s *state) record(rec csvschema.Record, owners []csvschema.PersonalText) (hidden []Hidden, edits []csvschema.Edit) {
	if header := rec.Header(); s.header != header {
		s.header = header
		s.row.columns, s.positions = s.row.columns[:0], s.positions[:0]
		for i := range header.Len() {
			s.row.columns, s.positions = append(s.row.columns, header.Column(i)), append(s.positions, i)
		}
		s.row.cells = make([][]byte, header.Len())
	}
	rec.Cells(s.row.cells, s.positions)
	return s.redact(rec.Key, owners)
}

// redactRow returns a typed row as the subject may get it: the same as the record of a
// file without other columns. The row that was given does not change.
func redactRow[T csvschema.Row](s *state, row T, owners []csvschema.PersonalText) (T, error) {
	cells := csvschema.CellsOf(&row)
	columns := cells.Role().Columns()
	edits := s.cells(cells, columns, owners)
	redacted := row
	for _, e := range edits {
		if err := csvschema.CellsOf(&redacted).SetCell(columns[e.Cell], string(e.Text)); err != nil {
			var none T
			return none, err
		}
	}
	return redacted, nil
}

// cells returns the new texts of the cells of a typed row.
func (s *state) cells(cells csvschema.Cells, columns []csvschema.Column, owners []csvschema.PersonalText) []csvschema.Edit {
	s.header, s.row.columns, s.row.cells = nil, slices.Clone(columns), s.row.cells[:0]
	s.texts = cells.AppendCells(s.texts[:0])
	for _, text := range s.texts {
		s.row.cells = append(s.row.cells, []byte(text))
	}
	_, edits := s.redact(cells.Key, owners)
	return edits
}

// redact returns what is hidden in s.row, and the new texts of its cells. It adds what
// is hidden to the summary. KeyOf returns the key of the row; most rows do not need it.
func (s *state) redact(keyOf func() csvschema.Key, owners []csvschema.PersonalText) (hidden []Hidden, edits []csvschema.Edit) {
	h := &s.hider
	h.people = s.people
	var key csvschema.Key
	hasKey := false
	cellAt := func(i int) cellKey {
		if !hasKey {
			key, hasKey = keyOf(), true
		}
		at := cellKey{key: key, column: s.row.columns[i]}
		if at.column == 0 {
			at.number = i + 1
		}
		return at
	}
	h.hide(s.row, owners, func(i int) bool {
		return len(s.shown) > 0 && slices.Contains(s.shown[cellAt(i)], string(s.row.cells[i]))
	})
	for i, cell := range s.row.cells {
		places := h.verdicts[i].places
		if len(places) == 0 {
			continue
		}
		at := cellAt(i)
		in := Cell{at.key, at.column, at.number, csvschema.NewPersonalText(string(cell))}
		for _, p := range places {
			value := string(h.partFinder.AppendDecoded(nil, cell[p.start:p.end]))
			id, _ := identity.Parse(value) // zero if it is none
			hidden = append(hidden, Hidden{p.reason, in, csvschema.NewPersonalText(value), id})
		}
		edits = append(edits, csvschema.Edit{Cell: i, Text: appendHidden(nil, cell, places)})
	}
	s.tally.add(hidden)
	return hidden, edits
}
