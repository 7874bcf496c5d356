package anonymize

import (
	"bytes"
	"hash"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
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
	rules    *rules
	namer    *namer    // nil unless names are replaced
	hash     hash.Hash // of tokens and pseudonyms; nil if replacements are constant
	finder   identity.Finder
	values   identity.Values
	spans    []identity.Span
	segments [][]byte
	known    []cellTraits
	text     []byte
	edits    []edit
	owners   map[string]*owner
	name     []byte // of resembles

	decoder identity.Finder // of isAnonymous
	decoded []byte          // a value
	inner   []identity.Span
	normal  []byte // a value, of isBlank and appendReplacement
}

func newRewriter(r *rules) *rewriter {
	w := &rewriter{rules: r}
	if !r.secret.IsZero() {
		w.hash = r.secret.Hash("replacement")
	}
	return w
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
	owner   int                // position of ResourceOwner, or -1
}

func newRow(columns []csvschema.Column) row {
	return row{make([][]byte, len(columns)), columns, slices.Index(columns, csvschema.ResourceOwner)}
}

// cell returns the cell of a column, or nil if the file has no such column.
func (r row) cell(c csvschema.Column) []byte {
	if i := slices.Index(r.columns, c); i >= 0 {
		return r.cells[i]
	}
	return nil
}

// rewrite returns the edits that take the identifiers out of the row, in the
// order of the cells. They are valid until the next call. Asked are the values in it
// that requests are about: an object ID that stands alone is known for one by them
// only. It fails for a row with more values than maxValues.
func (w *rewriter) rewrite(r row, asked [][]byte, stats *Stats) ([]edit, error) {
	w.edits, w.text = w.edits[:0], w.text[:0]
	w.values.Reset()
	owner, hasAny := w.learn(r, stats)
	for _, value := range asked {
		w.values.Add(value)
		hasAny = true
	}
	if w.values.Len() > maxValues {
		return nil, ErrTooManyIdentifiers
	}
	if w.namer != nil {
		w.namer.set(r, owner)
		hasAny = hasAny || len(w.namer.locals) > 0
	}
	if owner != nil {
		stats.Owners++
	}
	resembles := false
	for i, cell := range r.cells {
		n := len(w.edits)
		name := 0 // how long the name is that goes as a whole from the end of the cell
		if w.namer != nil {
			name = w.namer.find(r.columns[i], cell)
		}
		cell = cell[:len(cell)-name]
		switch {
		case !hasAny:
		case i != r.owner:
			w.replace(i, r.columns[i], cell, stats)
		case owner != nil:
			start := len(w.text)
			w.text = append(w.text, owner.replacement...)
			w.edits = append(w.edits, edit{i, start, len(w.text)})
		}
		if !hasName(r.columns[i]) {
			continue
		}
		if len(w.edits) > n {
			cell = w.text[w.edits[n].start:w.edits[n].end]
		}
		if name > 0 {
			cell = w.rename(i, n, r.columns[i], cell, stats)
		}
		resembles = resembles || w.resembles(cell, owner)
	}
	if resembles {
		stats.DerivedNames++
	}
	if len(w.edits) > 0 {
		stats.Changed++
	}
	return w.edits, nil
}

// rename puts a token in the place of the name that was found last, at the end of a
// cell, of which the n-th edit is if there is one. It returns what the cell will be.
func (w *rewriter) rename(i, n int, c csvschema.Column, rest []byte, stats *Stats) []byte {
	start := len(w.text)
	var count int
	w.text, count = w.namer.append(w.text, c, rest)
	stats.Names += int64(count)
	w.edits = append(w.edits[:n], edit{i, start, len(w.text)})
	return w.text[start:]
}

// resembles reports whether a cell with a name still resembles an owner's address.
func (w *rewriter) resembles(cell []byte, owner *owner) bool {
	locals := 0
	if w.namer != nil {
		locals = len(w.namer.locals)
	}
	if locals == 0 && (owner == nil || !owner.hasLocal) {
		return false
	}
	w.name = identity.AppendNormal(w.name[:0], cell)
	if locals == 0 {
		return owner.local.resembles(w.name)
	}
	for i := range w.namer.locals {
		if w.namer.locals[i].resembles(w.name) {
			return true
		}
	}
	return false
}

// rewriteParts is rewrite for a row of which only some identifiers go.
func (w *rewriter) rewriteParts(r row, values [][]byte, stats *Stats) ([]edit, error) {
	if len(values) > maxValues {
		return nil, ErrTooManyIdentifiers
	}
	w.edits, w.text = w.edits[:0], w.text[:0]
	w.values.Reset()
	for _, v := range values {
		w.values.Add(v)
	}
	for i, cell := range r.cells {
		if isTyped(r.columns[i], cell) {
			continue
		}
		w.spans = w.finder.FindValues(w.spans[:0], cell, &w.values)
		w.replaceSpans(i, cell, stats)
	}
	if len(w.edits) > 0 {
		stats.Changed++
		stats.Parts++
	}
	return w.edits, nil
}

// maxValues is how many values a row may have: a search takes time in proportion
// to them and to the row. Rows have two or three.
const maxValues = 1000

// learn fills values with the identifiers in the row. It returns the owner that has
// to go, or nil, and whether anything has to.
func (w *rewriter) learn(r row, stats *Stats) (gone *owner, hasAny bool) {
	for len(w.known) < len(r.cells) {
		w.known = append(w.known, cellTraits{})
	}
	if r.owner >= 0 {
		switch o := w.ownerOf(r.cells[r.owner]); {
		case o.isAnonymous:
			stats.Anonymous++
		case !o.isBlank:
			gone, hasAny = o, true
			w.values.CopyFrom(&o.values)
		}
	}
	for i, cell := range r.cells {
		k := &w.known[i]
		if i == r.owner || k.isQuiet() && bytes.Equal(k.cell, cell) {
			continue
		}
		k.cell = append(k.cell[:0], cell...)
		var anonymous int64
		k.found, anonymous, k.plain = w.learnFrom(cell)
		hasAny = hasAny || k.found
		stats.Anonymous += anonymous
		k.found = k.found || anonymous > 0
	}
	return gone, hasAny
}

// An owner is what is known about an owner cell.
type owner struct {
	isBlank, isAnonymous bool
	values               identity.Values
	replacement          string
	local                localPart
	hasLocal             bool
}

const (
	maxOwners     = 4 << 10 // owners that are remembered: few have many rows
	maxOwnerBytes = 320     // the longest of them; an address is at most 254
)

// ownerOf tells what is known about an owner cell.
func (w *rewriter) ownerOf(cell []byte) *owner {
	if o, ok := w.owners[string(cell)]; ok {
		return o
	}
	o := &owner{isBlank: w.isBlank(cell)}
	if !o.isBlank {
		w.values.Reset()
		o.isAnonymous = w.isAnonymous(cell)
	}
	if !o.isBlank && !o.isAnonymous {
		w.values.Add(cell)
		_, _, _ = w.learnFrom(cell) // what it holds besides: /users/{x}, say
		o.values.CopyFrom(&w.values)
		o.replacement = w.ownerReplacement(cell)
		o.hasLocal = o.local.set(cell)
		w.values.Reset()
	}
	if len(cell) <= maxOwnerBytes {
		if len(w.owners) == maxOwners {
			clear(w.owners)
		}
		if w.owners == nil {
			w.owners = make(map[string]*owner)
		}
		w.owners[string(cell)] = o
	}
	return o
}

// A cellTraits is what learn knows about a cell. The next row has often the same
// cell in the same place, the lab's for instance, and nothing in it.
type cellTraits struct {
	cell  []byte
	found bool // Find finds something
	plain bool // as Finder.FindPlain has it
}

// isQuiet reports whether there is nothing to learn from the cell.
func (k *cellTraits) isQuiet() bool { return k.plain && !k.found }

// learnFrom adds what the finder finds in a cell to values, and reports whether
// there is any; how many findings were anonymous already, and were not added; and
// whether the cell is plain.
func (w *rewriter) learnFrom(cell []byte) (found bool, anonymous int64, plain bool) {
	w.spans, plain = w.finder.FindPlain(w.spans[:0], cell)
	hasUser := false
	for _, s := range w.spans {
		if w.values.Len() > maxValues {
			break
		}
		hasUser = hasUser || s.Kind == identity.UserSpan
		if value := cell[s.Start:s.End]; w.isAnonymous(value) {
			anonymous++
		} else {
			found = true
			w.values.Add(value)
		}
	}
	if hasUser && found {
		// A span may be an x and more.
		w.segments = w.finder.UserSegments(w.segments[:0], cell)
		for _, x := range w.segments {
			if w.values.Len() <= maxValues && !w.isAnonymous(x) {
				w.values.Add(x)
			}
		}
	}
	return found, anonymous, plain
}

// isAnonymous reports whether a value, as it stands in a cell, stands for
// nobody any more. The caller's predicate knows whole values: what holds an
// identifier beside other text is none, whatever it begins with.
func (w *rewriter) isAnonymous(value []byte) bool {
	w.decoded = w.decoder.AppendDecoded(w.decoded[:0], value)
	if kind := identity.ReplacementKindOf(w.decoded); kind != 0 {
		return kind != identity.PseudonymReplacement || w.rules.Replacement == identity.PseudonymReplacement
	}
	if w.rules.Anonymous == nil || !w.rules.Anonymous(string(w.decoded)) {
		return false
	}
	w.inner = w.decoder.Find(w.inner[:0], w.decoded)
	for _, s := range w.inner {
		whole := s.Start == 0 && s.End == len(w.decoded)
		if !whole || bytes.Count(w.decoded, []byte{'@'}) > 1 {
			return false
		}
	}
	return !w.values.AnyIn(w.decoded)
}

// replace makes the edit of a cell that holds an identifier.
func (w *rewriter) replace(i int, column csvschema.Column, cell []byte, stats *Stats) {
	mayOccur := w.values.MayOccur(cell, w.known[i].plain)
	if !w.known[i].found && !mayOccur || isTyped(column, cell) {
		return
	}
	w.spans = w.finder.Find(w.spans[:0], cell)
	if mayOccur {
		w.spans = w.finder.FindValues(w.spans, cell, &w.values)
	}
	w.replaceSpans(i, cell, stats)
}

// replaceSpans makes the edit of a cell in which w.spans go.
func (w *rewriter) replaceSpans(i int, cell []byte, stats *Stats) {
	start, copied := len(w.text), 0
	for _, s := range w.spans {
		value := cell[s.Start:s.End]
		if w.isAnonymous(value) {
			continue
		}
		w.text = append(w.text, cell[copied:s.Start]...)
		copied = s.End
		switch s.Kind {
		case identity.AddressSpan:
			stats.Addresses++
		case identity.UserSpan:
			stats.UserSegments++
		case identity.ObjectIDSpan, identity.TextSpan:
			stats.Occurrences++
		}
		w.text = w.appendReplacement(w.text, value, s.Kind == identity.AddressSpan)
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
	w.normal = identity.AppendNormal(w.normal[:0], owner)
	return string(w.appendReplacement(nil, owner, !isObjectID(w.normal)))
}

// appendReplacement appends what stands in the place of a value: the same for what
// has the same normal form.
func (w *rewriter) appendReplacement(dst, value []byte, isAddress bool) []byte {
	var sum [32]byte
	if w.hash != nil {
		w.decoded = w.decoder.AppendDecoded(w.decoded[:0], value)
		w.normal = identity.AppendNormal(w.normal[:0], w.decoded)
		sum = sumOf(w.hash, w.normal)
	}
	if isAddress {
		return identity.AppendReplacementAddress(dst, w.rules.Replacement, &sum)
	}
	return identity.AppendReplacementObjectID(dst, w.rules.Replacement, &sum)
}

// isObjectID reports whether a value in normal form is a GUID.
func isObjectID(normal []byte) bool {
	if len(normal) != len(identity.ReplacementObjectID) {
		return false
	}
	for i, c := range normal {
		fits := '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
		if identity.ReplacementObjectID[i] == '-' {
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
	w.normal = identity.AppendNormal(w.normal[:0], cell)
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
