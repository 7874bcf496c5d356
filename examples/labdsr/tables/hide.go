package tables

import (
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
//	           of the row's own: it may be an object ID
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

// A hider finds out which cells hold an identifier. Only one goroutine may use it.
type hider struct {
	role     csvschema.Role
	columns  []csvschema.Column
	personal columnSet
	policy   anonymize.Policy
	finder   identity.Finder
	spans    []identity.Span
	guids    [][32]byte
}

func newHider(role csvschema.Role) *hider {
	return &hider{role: role, columns: role.Columns(), personal: personal(role)}
}

// ofNotDue returns the columns of a row that are null if it is not due.
func (h *hider) ofNotDue(cells [][]byte) (columnSet, error) {
	hidden, err := h.replaced(cells)
	hidden |= h.personal
	for i, c := range h.columns {
		if typeOf(c) == text && !isOwnID(c) && !hidden.has(i) && h.hasOtherGUID(cells, cells[i]) {
			hidden |= 1 << i
		}
	}
	return hidden, err
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
		if isOwnID(c) {
			for own := range h.finder.GUIDs(cells[i]) {
				if own == guid {
					return true
				}
			}
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

// hasIdentifier reports whether a cell holds an address or the user of a path.
func (h *hider) hasIdentifier(cell []byte) bool {
	h.spans = h.finder.Find(h.spans[:0], cell)
	return len(h.spans) > 0
}

// replaced returns the columns of a row in which anonymizing would replace something.
func (h *hider) replaced(cells [][]byte) (columnSet, error) {
	if h.role == csvschema.Disks {
		return replacedIn[csvschema.DiskRow](h, cells, func(rows []csvschema.DiskRow) error {
			_, err := h.policy.Rows(afterAll, nil, rows)
			return err
		})
	}
	return replacedIn[csvschema.VirtualMachineRow](h, cells, func(rows []csvschema.VirtualMachineRow) error {
		_, err := h.policy.Rows(afterAll, rows, nil)
		return err
	})
}

// longAgo is a DeletedDate of which every row is due at afterAll.
const longAgo = "1900-01-01"

var afterAll = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

func replacedIn[T csvschema.Row](h *hider, texts [][]byte, anonymize func([]T) error) (replaced columnSet, err error) {
	rows := make([]T, 1)
	cells := csvschema.CellsOf(&rows[0])
	for i, c := range h.columns {
		if typeOf(c) == text {
			if err := cells.SetCell(c, string(texts[i])); err != nil {
				return 0, err
			}
		}
	}
	if err := cells.SetCell(csvschema.DeletedDate, longAgo); err != nil {
		return 0, err
	}
	if err := anonymize(rows); err != nil {
		return 0, err
	}
	for i, c := range h.columns {
		if typeOf(c) == text && cells.Cell(c) != string(texts[i]) {
			replaced |= 1 << i
		}
	}
	return replaced, nil
}
