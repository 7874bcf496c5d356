package anonymize

import (
	"bytes"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. A due row is read twice. The first time tells who is in it: the owner
// as a whole, and in all cells what the finder finds. The second time, what
// is known by then is looked for everywhere, because one cell may hold in another
// spelling what another cell gave away:
//
//	ResourceOwner   Zoe@contoso.com                     → removed@anonymized.invalid
//	Name            zoe%40contoso.com-box (1st: found)  → removed@anonymized.invalid
//	EnvironmentId   …/users/7c9e6679-…/environments/e   → …/users/616e6f6e-…/environments/e
//	CustomImageId   …/7C9E6679742540DE944BE07FC1F90AE7  → …/616e6f6e-… (2nd: known by then)

// A rewriter works on the rows of one goroutine. It holds buffers as large as
// the largest row.
type rewriter struct {
	policy *Policy
	finder csvschema.Finder
	values csvschema.Values
	spans  []csvschema.Span
	text   []byte
	edits  []edit
	local  localPart

	decoded []byte // a value, of isAnonymous
	normal  []byte // an owner, of isBlank and ownerReplacement
}

// An edit is the new text of a cell: rewriter.text[start:end].
type edit struct {
	cell       int
	start, end int
}

// A row is a due row: its unquoted cells, and which columns they are of.
type row struct {
	cells   [][]byte
	columns []csvschema.Column // 0 for columns that are not documented
}

// rewrite returns the edits that take the identifiers out of the row, in the
// order of the cells. They are valid until the next call.
func (w *rewriter) rewrite(r row, stats *Stats) []edit {
	w.edits, w.text = w.edits[:0], w.text[:0]
	w.values.Reset()
	owner := w.learn(r, stats)
	if owner >= 0 {
		if w.local.set(r.cells[owner]) && w.local.namesIn(r) {
			stats.DerivedNames++
		}
		stats.Owners++
	}
	if w.values.Len() == 0 && owner < 0 {
		return nil
	}
	for i, cell := range r.cells {
		switch {
		case i == owner:
			start := len(w.text)
			w.text = append(w.text, w.ownerReplacement(cell)...)
			w.edits = append(w.edits, edit{i, start, len(w.text)})
		case r.columns[i] != csvschema.ResourceOwner && !isTyped(r.columns[i], cell):
			w.replace(i, cell, stats)
		}
	}
	if len(w.edits) > 0 {
		stats.Changed++
	}
	return w.edits
}

// learn fills values with the identifiers in the row and returns the cell of an
// owner that has to go, or -1.
func (w *rewriter) learn(r row, stats *Stats) (owner int) {
	owner = -1
	for i, cell := range r.cells {
		switch {
		case r.columns[i] != csvschema.ResourceOwner:
			stats.Anonymous += w.learnFrom(cell)
		case w.isBlank(cell):
		case w.isAnonymous(cell):
			stats.Anonymous++
		default:
			owner = i
			w.values.Add(cell)
			w.learnFrom(cell) // what it holds besides: /users/{x}, say
		}
	}
	return owner
}

// learnFrom adds what the finder finds in a cell to values. It returns how many
// findings were anonymous already, and were not added.
func (w *rewriter) learnFrom(cell []byte) (anonymous int64) {
	w.spans = w.finder.Find(w.spans[:0], cell)
	for _, s := range w.spans {
		if value := cell[s.Start:s.End]; w.isAnonymous(value) {
			anonymous++
		} else {
			w.values.Add(value)
		}
	}
	return anonymous
}

// isAnonymous reports whether a value, as it stands in a cell, stands for
// nobody any more.
func (w *rewriter) isAnonymous(value []byte) bool {
	w.decoded = w.finder.AppendDecoded(w.decoded[:0], value)
	return csvschema.IsReplacement(w.decoded) || w.policy.Anonymous != nil && w.policy.Anonymous(string(w.decoded))
}

// replace makes the edit of a cell that holds an identifier.
func (w *rewriter) replace(i int, cell []byte, stats *Stats) {
	w.spans = w.finder.Occurrences(w.finder.Find(w.spans[:0], cell), cell, &w.values)
	start, copied := len(w.text), 0
	for _, s := range w.spans {
		if w.isAnonymous(cell[s.Start:s.End]) {
			continue
		}
		w.text = append(w.text, cell[copied:s.Start]...)
		copied = s.End
		switch s.Kind {
		case csvschema.AddressSpan:
			stats.Addresses++
			w.text = append(w.text, csvschema.ReplacementAddress...)
			continue
		case csvschema.UserSpan:
			stats.UserSegments++
		case csvschema.ObjectIDSpan, csvschema.TextSpan:
			stats.Occurrences++
		}
		w.text = append(w.text, csvschema.ReplacementObjectID...)
	}
	if copied == 0 {
		return
	}
	w.text = append(w.text, cell[copied:]...)
	w.edits = append(w.edits, edit{i, start, len(w.text)})
}

// ownerReplacement returns what stands for an owner that is gone. It is never
// empty: an empty owner would say that anybody may claim the machine. It makes no
// Identifier of the owner, because the process would remember it.
func (w *rewriter) ownerReplacement(owner []byte) string {
	w.normal = csvschema.AppendNormal(w.normal[:0], owner)
	if isObjectID(w.normal) {
		return csvschema.ReplacementObjectID
	}
	return csvschema.ReplacementAddress
}

// isObjectID reports whether a value in normal form is a GUID.
func isObjectID(normal []byte) bool {
	if len(normal) != len(csvschema.ReplacementObjectID) {
		return false
	}
	for i, c := range normal {
		fits := '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
		if csvschema.ReplacementObjectID[i] == '-' {
			fits = c == '-'
		}
		if !fits {
			return false
		}
	}
	return true
}

// isTyped reports whether the cell holds a date, a number or a boolean as its
// column asks for. Such a cell holds no identifier, and a replacement would not
// be valid in it.
func isTyped(c csvschema.Column, cell []byte) bool {
	switch c { //nolint:exhaustive // the other columns hold text
	case csvschema.CreatedTime, csvschema.DeletedDate, csvschema.ExpirationDate:
		_, _, err := csvschema.ParseTime(cell, nil)
		return err == nil
	case csvschema.Claimable:
		_, err := csvschema.ParseBool(string(cell))
		return err == nil
	case csvschema.DiskSizeGB:
		_, err := csvschema.ParseInteger(string(cell))
		return err == nil
	}
	return len(cell) == 0
}

// isBlank reports whether a cell has nothing in it that can be seen.
func (w *rewriter) isBlank(cell []byte) bool {
	w.normal = csvschema.AppendNormal(w.normal[:0], cell)
	return len(w.normal) == 0
}

var doubledQuote = []byte(`""`)

// appendQuoted appends a cell with quotes.
func appendQuoted(dst, cell []byte) []byte {
	dst = append(dst, '"')
	for {
		i := bytes.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		dst = append(append(dst, cell[:i]...), doubledQuote...)
		cell = cell[i+1:]
	}
	return append(append(dst, cell...), '"')
}
