package tables

import (
	"bytes"
	"slices"

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
	if r.replaced.has(r.at[csvschema.PricingTier]) {
		g.tier = ""
	}
	if r.replaced.has(r.at[csvschema.ResourceStatus]) {
		g.status = ""
	}
	return g
}

// hasWords reports whether what identifies somebody in the record of a machine may be any word,
// so that its size or status may be the same: an owner or the user of a path that is neither an
// address nor a GUID.
func (r *rowMaker) hasWords(rec csvschema.Record) bool {
	if r.file.Role != csvschema.VirtualMachines {
		return false
	}
	if r.isWord(rec.Value(csvschema.ResourceOwner)) {
		return true
	}
	for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.EnvironmentId} {
		cell := rec.Value(c)
		if identity.NextSign(cell, 0) == len(cell) {
			continue
		}
		r.segments = r.hider.finder.UserSegments(r.segments[:0], cell)
		if slices.ContainsFunc(r.segments, r.isWord) {
			return true
		}
	}
	return false
}

func (r *rowMaker) isWord(text []byte) bool {
	if len(text) == 0 || bytes.IndexByte(text, '@') >= 0 {
		return false
	}
	r.word = identity.AppendNormal(r.word[:0], text)
	return !csvschema.Identifies(csvschema.ResourceUId, r.word)
}
