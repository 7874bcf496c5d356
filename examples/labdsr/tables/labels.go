package tables

import (
	"bytes"
	"slices"
	"strings"

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

// of returns the label of a cell: its text, or "" if that holds something. Blanks around the text
// are no part of it: SQL Server takes texts that differ in blanks at the end for the same key.
func (l labels) of(cell []byte, holds func([]byte) bool) string {
	if label, ok := l[string(cell)]; ok {
		return label
	}
	label := string(bytes.TrimSpace(cell))
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
		lab:    r.labs.of(r.lab, r.hider.isNoLab),
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

// hasWords reports whether anonymizing may find something in the size or status of the cells that
// [hider.isIdentifying] does not, because another cell says that it identifies somebody: an owner or
// the user of a path. If that is no address and no GUID, it may be any word; otherwise it is found
// where it stands as it is.
func (r *rowMaker) hasWords() bool {
	if r.file.Role != csvschema.VirtualMachines {
		return false
	}
	if !isPlain(r.cells[r.at[csvschema.PricingTier]]) || !isPlain(r.cells[r.at[csvschema.ResourceStatus]]) || r.isWord(r.cells[r.at[csvschema.ResourceOwner]]) {
		return true
	}
	for i, cell := range r.cells {
		if r.columns[1+i].kind != text || hasNoPath(cell) || r.quiet[i].is(cell) || bytes.Equal(cell, r.wordless[i]) {
			continue
		}
		r.segments = r.hider.finder.UserSegments(r.segments[:0], cell)
		if slices.ContainsFunc(r.segments, r.isWord) {
			return true
		}
		r.wordless[i] = append(r.wordless[i][:0], cell...)
	}
	return false
}

// isPlain reports whether a cell has no at sign, path or escape, and nothing beyond ASCII.
func isPlain(cell []byte) bool { return bytes.IndexByte(cell, '@') < 0 && hasNoPath(cell) }

// hasNoPath reports whether a cell has no slash, nothing of which an escape may make one, and nothing
// beyond ASCII.
func hasNoPath(cell []byte) bool {
	for i, b := range cell {
		if pathBytes[b] && (b != '_' || i+1 < len(cell) && cell[i+1]|0x20 == 'x') {
			return false
		}
	}
	return true
}

// pathBytes are those of paths, of escapes of URLs, JSON, HTML, MIME and XML, and beyond ASCII.
var pathBytes = func() (is [256]bool) {
	for b := range is {
		is[b] = b >= 0x80 || strings.IndexByte(`/(%&\=_`, byte(b)) >= 0
	}
	return is
}()

func (r *rowMaker) isWord(text []byte) bool {
	if len(text) == 0 || bytes.IndexByte(text, '@') >= 0 {
		return false
	}
	r.word = identity.AppendNormal(r.word[:0], text)
	return !csvschema.Identifies(csvschema.ResourceUId, r.word)
}
