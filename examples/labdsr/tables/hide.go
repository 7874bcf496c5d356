package tables

import (
	"bytes"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. A table outlives the 30 days, and nobody cleans it. So without [Options.WithOwners] it
// has no identifier of a row that is not due, either:
//
//	not due    null are the columns that name people, or often do, every cell in which
//	           anonymizing would replace something, and every cell with a GUID that is none
//	           of the row's own, or with one in a longer ID: it may be an object ID
//	due        null is what anonymizing would replace: nothing, as the exports were anonymized,
//	           but for pseudonyms, which are personal data (Article 4(5) GDPR)
//
// What anonymizing would replace, package anonymize says: a copy of the row, as if it were
// deleted long ago, is anonymized, and a cell that changed is one.

// A columnSet is columns of a role, as bits by their index in [csvschema.Role.Columns].
type columnSet uint32

func (s columnSet) has(i int) bool { return s&(1<<i) != 0 }

// personal returns the columns that name people or often do.
func personal(role csvschema.Role) (s columnSet) {
	for i, e := range dictionary.Of(role) {
		if e.Class == dictionary.Direct || e.Class == dictionary.Embeds {
			s |= 1 << i
		}
	}
	return s
}

// A hider finds out which cells of rows hold an identifier. Only one goroutine may use it.
type hider struct {
	columns  []csvschema.Column
	personal columnSet
	replaced replaced
	finder   identity.Finder
	spans    []identity.Span
	guids    [][32]byte
	normal   []byte
}

// replaced are rows, in which of their columns anonymizing would replace something.
type replaced interface {
	// reset removes all rows.
	reset()
	// add adds a row.
	add(cells [][]byte) error
	// find finds out about all rows. If it fails, row is the one at fault.
	find() (row int, err error)
	// in returns the columns of a row, after find.
	in(row int) columnSet
}

func newHider(role csvschema.Role) *hider {
	h := &hider{columns: role.Columns(), personal: personal(role)}
	var policy anonymize.Policy
	if role == csvschema.Disks {
		h.replaced = newReplacedIn(h.columns, func(rows []csvschema.DiskRow) error {
			_, err := policy.Rows(afterAll, nil, rows)
			return err
		})
	} else {
		h.replaced = newReplacedIn(h.columns, func(rows []csvschema.VirtualMachineRow) error {
			_, err := policy.Rows(afterAll, rows, nil)
			return err
		})
	}
	return h
}

// ofNotDue returns the columns of a row that are null if it is not due. In those of replaced
// anonymizing would replace something.
func (h *hider) ofNotDue(cells [][]byte, replaced columnSet) columnSet {
	hidden := replaced | h.personal
	for i, c := range h.columns {
		switch {
		case typeOf(c) != text || hidden.has(i):
		case isOwnID(c) && h.hasPartOfGUIDs(cells[i]), !isOwnID(c) && h.hasOtherGUID(cells, cells[i]):
			hidden |= 1 << i
		}
	}
	return hidden
}

// isOwnID reports whether a column holds an ID of the row, and of no person.
func isOwnID(c csvschema.Column) bool {
	return c == csvschema.SubscriptionId || c == csvschema.LabUId || c == csvschema.ResourceUId
}

// hasOtherGUID reports whether a cell holds a GUID that is no ID of the row.
func (h *hider) hasOtherGUID(cells [][]byte, cell []byte) bool {
	h.guids = h.guids[:0]
	for guid := range h.finder.GUIDs(cell) {
		h.guids = append(h.guids, guid)
	}
	for _, guid := range h.guids {
		if !h.isOwn(cells, guid) {
			return true
		}
	}
	return false
}

func (h *hider) isOwn(cells [][]byte, guid [32]byte) bool {
	for i, c := range h.columns {
		if isOwnID(c) && h.isGUID(cells[i], guid) {
			return true
		}
	}
	return false
}

// isIdentifying reports whether a cell of a column that names nobody holds an identifier, or what
// replaces one.
func (h *hider) isIdentifying(cell []byte) bool {
	for range h.finder.GUIDs(cell) {
		return true
	}
	return h.hasIdentifier(cell)
}

// isNoLab reports whether the normal form of a LabUId holds an identifier, or what replaces one.
func (h *hider) isNoLab(lab []byte) bool { return h.hasPartOfGUIDs(lab) || h.hasIdentifier(lab) }

// hasPartOfGUIDs reports whether a cell holds a GUID and something else: it is no ID of a resource.
func (h *hider) hasPartOfGUIDs(cell []byte) bool {
	for guid := range h.finder.GUIDs(cell) {
		return !h.isGUID(cell, guid)
	}
	return false
}

// isGUID reports whether a cell is a GUID, and nothing else.
func (h *hider) isGUID(cell []byte, guid [32]byte) bool {
	h.normal = identity.AppendNormal(h.normal[:0], cell)
	return len(h.normal) == 36 && bytes.Equal(bytes.ReplaceAll(h.normal, []byte("-"), nil), guid[:])
}

// hasIdentifier reports whether a cell holds an address or the user of a path.
func (h *hider) hasIdentifier(cell []byte) bool {
	h.spans = h.finder.Find(h.spans[:0], cell)
	return len(h.spans) > 0
}

// longAgo is a DeletedDate of which every row is due at afterAll.
const longAgo = "1900-01-01"

var afterAll = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// A replacedIn implements replaced for rows of a role.
type replacedIn[T csvschema.Row] struct {
	columns   []csvschema.Column
	anonymize func([]T) error
	rows      []T
	texts     [][]string // of the rows, by column
	found     []columnSet
}

func newReplacedIn[T csvschema.Row](columns []csvschema.Column, anonymize func([]T) error) *replacedIn[T] {
	return &replacedIn[T]{columns: columns, anonymize: anonymize, texts: make([][]string, len(columns))}
}

func (r *replacedIn[T]) reset() {
	clear(r.rows) // which hold texts
	r.rows, r.found = r.rows[:0], r.found[:0]
	for i := range r.texts {
		r.texts[i] = r.texts[i][:0]
	}
}

func (r *replacedIn[T]) in(row int) columnSet { return r.found[row] }

func (r *replacedIn[T]) add(row [][]byte) error {
	r.rows = append(r.rows, *new(T))
	cells := csvschema.CellsOf(&r.rows[len(r.rows)-1])
	for i, c := range r.columns {
		if typeOf(c) != text {
			continue
		}
		texts := r.texts[i]
		if n := len(texts); n > 0 && texts[n-1] == string(row[i]) { // as most, but for the names
			texts = append(texts, texts[n-1])
		} else {
			texts = append(texts, string(row[i]))
		}
		r.texts[i] = texts
		if err := cells.SetCell(c, texts[len(texts)-1]); err != nil {
			return err
		}
	}
	return cells.SetCell(csvschema.DeletedDate, longAgo)
}

func (r *replacedIn[T]) find() (row int, err error) {
	if err := r.anonymize(r.rows); err != nil {
		for i := range r.rows {
			if err := r.anonymize(r.rows[i : i+1]); err != nil {
				return i, err
			}
		}
		return 0, err
	}
	for i := range r.rows {
		cells, found := csvschema.CellsOf(&r.rows[i]), columnSet(0)
		for j, c := range r.columns {
			if typeOf(c) == text && cells.Cell(c) != r.texts[j][i] {
				found |= 1 << j
			}
		}
		r.found = append(r.found, found)
	}
	return 0, nil
}
