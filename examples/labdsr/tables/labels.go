package tables

import (
	"bytes"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. The table of months names nobody, and is the same before and after anonymizing. So a
// size or status that holds an identifier, or what replaces one, is none there, also with
// owners.

// labels are texts of sizes, statuses and labs, by the cells that they are made of.
type labels map[string]string

// maxLabels bounds them: real exports have a few dozen.
const maxLabels = 10_000

// of returns the label of a cell: its text, or "" if that holds something.
func (l labels) of(cell []byte, holds func([]byte) bool) string {
	if label, ok := l[string(cell)]; ok {
		return label
	}
	label := string(cell)
	if holds(cell) {
		label = ""
	}
	if len(l) < maxLabels {
		l[string(cell)] = label
	}
	return label
}

// groupOf returns what the machine of the row is added up with.
func (r *rowMaker) groupOf() group {
	g := group{
		lab:    r.labs.of(r.lab, r.hider.hasIdentifier),
		tier:   r.labels.of(r.cells[r.at[csvschema.PricingTier]], r.hider.isIdentifying),
		status: r.labels.of(r.cells[r.at[csvschema.ResourceStatus]], r.hider.isIdentifying),
	}
	// An owner without an at sign may be any word, and a size the same.
	owner := r.cells[r.at[csvschema.ResourceOwner]]
	if len(owner) == 0 || bytes.IndexByte(owner, '@') >= 0 {
		return g
	}
	if r.owner = identity.AppendNormal(r.owner[:0], owner); csvschema.Identifies(csvschema.ResourceUId, r.owner) {
		return g // a GUID
	}
	replaced, err := r.hider.replaced(r.cells)
	if err != nil || replaced.has(r.at[csvschema.PricingTier]) {
		g.tier = ""
	}
	if err != nil || replaced.has(r.at[csvschema.ResourceStatus]) {
		g.status = ""
	}
	return g
}
