package anonymize

import (
	"bytes"
	"cmp"
	"hash"
	"slices"
	"unicode/utf8"

	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/localpart"
	"github.com/labdsr/labdsr/anonymize/internal/machines"
	"github.com/labdsr/labdsr/anonymize/internal/objectid"
	"github.com/labdsr/labdsr/anonymize/internal/remember"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
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

// maxValues is how many values a row may have: a search takes time in proportion
// to them and to the row. Rows have two or three.
const maxValues = 1000

// A rewriter makes the edits of rows. It holds buffers as large as the largest row.
// Only one goroutine may use it.
type rewriter struct {
	rules    *rules
	matcher  *matcher        // nil without requests
	namer    *machines.Namer // nil unless names are replaced
	hash     hash.Hash       // of tokens and pseudonyms; nil if replacements are constant
	finder   identity.Finder
	locals   localpart.Finder
	values   identity.Values
	spans    []identity.Span
	segments [][]byte
	asked    []*wanted             // identifiers of requests that go
	loud     []int                 // the cells of the row that may hold an identifier, in order
	seen     []seenCell            // of each cell
	text     []byte                // of the edits
	list     []csvschema.Edit      // of the row
	known    remember.Texts[found] // cells from which nothing goes
	name     []byte                // of resembles

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
	if r.requests != nil {
		w.matcher = newMatcher(r.requests)
	}
	return w
}

// matchesOf returns the requests whose identifiers the row holds. They are valid until
// the next call.
func (w *rewriter) matchesOf(r *cells.Row) []requestMatch {
	if w.matcher == nil {
		return nil
	}
	return w.matcher.match(r, r.Owner >= 0 && w.isBlank(r.At(r.Owner)))
}

// edits returns what becomes of the cells of a row with that ruling, and counts it:
// the cells that change, in order. They are valid until the next call. A row with more
// values than maxValues is ErrTooManyIdentifiers.
func (w *rewriter) edits(r *cells.Row, is ruling, matches []requestMatch, stats *Stats) ([]csvschema.Edit, error) {
	whole := is.Fate == fate.GoesNow
	if !whole && !is.parts {
		return nil, nil
	}
	w.list, w.text, w.asked = w.list[:0], w.text[:0], w.asked[:0]
	for _, m := range matches {
		if w.rules.goesNow(m.request, is) {
			w.asked = append(w.asked, m.wanted)
		}
	}
	var err error
	if whole {
		err = w.editAll(r, stats)
	} else {
		err = w.editParts(r, stats)
	}
	if err != nil {
		return nil, err
	}
	if len(w.list) > 0 {
		stats.Changed++
		if !whole {
			stats.Parts++
		}
	}
	return w.list, nil
}

// editAll makes the edits that take all identifiers out of the row. An object ID that
// is nobody's by itself goes if it is the value of a request.
func (w *rewriter) editAll(r *cells.Row, stats *Stats) error {
	w.values.Reset()
	w.loud = r.AppendLoud(w.loud[:0])
	owner, hasAny := w.learn(r, stats)
	for _, asked := range w.asked {
		w.addValue([]byte(asked.normal), false)
		hasAny = true
	}
	if w.values.Len() > maxValues {
		return ErrTooManyIdentifiers
	}
	var names machines.RowNames
	if owner != nil {
		names.Locals = owner.locals
	}
	if w.namer != nil {
		names = w.namer.Of(r, names.Locals)
		hasAny = hasAny || len(names.Locals) > 0
	}
	if owner != nil {
		stats.Owners++
	}
	everywhere := hasAny && !w.values.AreAddresses() // or else only in loud cells
	loud := w.loud
	for i, column := range r.Columns {
		isLoud := len(loud) > 0 && loud[0] == i
		if isLoud {
			loud = loud[1:]
		}
		mayHaveName := w.namer != nil && machines.HasName(column)
		isOwner := i == r.Owner && owner != nil
		if !isLoud && !isOwner && !mayHaveName && (!everywhere || isKeyColumn(column)) {
			continue
		}
		n, cell := len(w.list), r.At(i)
		var name machines.FoundName // that goes as a whole
		if mayHaveName {
			name = w.namer.Find(names, column, cell)
		}
		cell = cell[:len(cell)-name.Length]
		switch {
		case isOwner:
			w.add(i, append(w.text, owner.replacement...))
		case hasAny && (isLoud || everywhere && w.values.MayOccur(cell)):
			// What is known of the cell is not known of a part of it.
			isQuiet := !isLoud || name.Length == 0 && w.seen[i].isNothing()
			w.replace(i, column, cell, isQuiet, stats)
		}
		if name.Length > 0 {
			if len(w.list) > n {
				cell = w.list[n].Text
			}
			w.list = w.list[:n]
			text, count := w.namer.Append(w.text, names, name, column, cell)
			w.add(i, text)
			stats.Names += int64(count)
		}
	}
	if w.resembles(r, names.Locals) {
		stats.DerivedNames++
	}
	return nil
}

// add adds the edit of the i-th cell. Text is w.text with the new text of the cell
// appended.
func (w *rewriter) add(i int, text []byte) {
	w.list = append(w.list, csvschema.Edit{Cell: i, Text: text[len(w.text):]})
	w.text = text
}

// resembles reports whether a name of the row, as it was edited, still resembles one of the
// local parts.
func (w *rewriter) resembles(r *cells.Row, locals []localpart.Part) bool {
	if len(locals) == 0 {
		return false
	}
	for _, c := range machines.NameColumns {
		i := r.Index(c)
		if i < 0 {
			continue
		}
		text := r.At(i)
		if n := slices.IndexFunc(w.list, func(e csvschema.Edit) bool { return e.Cell == i }); n >= 0 {
			text = w.list[n].Text
		}
		w.name = identity.AppendNormal(w.name[:0], text)
		if slices.ContainsFunc(locals, func(l localpart.Part) bool { return l.Resembles(w.name) }) {
			return true
		}
	}
	return false
}

// editParts makes the edits that take only the identifiers of requests out of the row.
func (w *rewriter) editParts(r *cells.Row, stats *Stats) error {
	if len(w.asked) > maxValues {
		return ErrTooManyIdentifiers
	}
	for i, column := range r.Columns {
		cell := r.At(i)
		if column.Holds(cell) {
			continue
		}
		w.spans = w.spans[:0]
		for j, asked := range w.asked {
			if j > 0 && w.asked[j-1].normal == asked.normal || asked.isObjectID && isKeyColumn(column) {
				continue
			}
			w.spans = w.matcher.membersOf(w.spans, cell, asked, i == r.Owner)
		}
		w.spans = joined(w.spans)
		w.replaceSpans(i, cell, stats, func([]byte) bool { return false })
	}
	return nil
}

// joined sorts spans, and makes one of those that overlap.
func joined(spans []identity.Span) []identity.Span {
	slices.SortFunc(spans, func(a, b identity.Span) int {
		return cmp.Or(a.Start-b.Start, b.End-a.End)
	})
	kept := spans[:0]
	for _, s := range spans {
		if n := len(kept); n > 0 && s.Start < kept[n-1].End {
			kept[n-1].End = max(kept[n-1].End, s.End)
			continue
		}
		kept = append(kept, s)
	}
	return kept
}

// replace makes the edit of a cell that may hold an identifier. In a quiet one the finder
// finds nothing.
func (w *rewriter) replace(i int, column csvschema.Column, cell []byte, isQuiet bool, stats *Stats) {
	if column.Holds(cell) {
		return
	}
	w.spans = w.spans[:0]
	if !isQuiet {
		w.spans = w.finder.Find(w.spans, cell)
	}
	w.spans = w.finder.FindValues(w.spans, cell, &w.values)
	if isKeyColumn(column) { // a GUID or "8000" is no owner there
		w.spans = slices.DeleteFunc(w.spans, func(s identity.Span) bool {
			return s.Kind == identity.TextSpan || s.Kind == identity.ObjectIDSpan
		})
	}
	w.replaceSpans(i, cell, stats, w.stays)
}

// replaceSpans makes the edit of a cell in which w.spans go, except those that stay.
func (w *rewriter) replaceSpans(i int, cell []byte, stats *Stats, stays func(value []byte) bool) {
	text, copied := w.text, 0
	for _, s := range w.spans {
		value := cell[s.Start:s.End]
		if stays(value) {
			continue
		}
		text = append(text, cell[copied:s.Start]...)
		copied = s.End
		switch s.Kind {
		case identity.AddressSpan:
			stats.Addresses++
		case identity.UserSpan:
			stats.UserSegments++
		case identity.ObjectIDSpan, identity.TextSpan:
			stats.Occurrences++
		}
		text = w.appendReplacement(text, value, s.Kind == identity.AddressSpan)
	}
	if copied > 0 {
		w.add(i, append(text, cell[copied:]...))
	}
}

// appendReplacement appends the replacement of a value to dst. Values with the same
// normal form have the same replacement, and so have object IDs with the same digits,
// whatever is between these.
func (w *rewriter) appendReplacement(dst, value []byte, isAddress bool) []byte {
	var sum [32]byte
	if w.hash != nil {
		w.decoded = w.decoder.AppendDecoded(w.decoded[:0], value)
		w.normal = identity.AppendNormal(w.normal[:0], w.decoded)
		if !isAddress && !objectid.Is(w.normal) {
			w.normalizeObjectID()
		}
		sum = sumOf(w.hash, w.normal)
	}
	return identity.AppendReplacement(dst, w.rules.Replacement, isAddress, &sum)
}

// normalizeObjectID sets w.normal to the normal form of the object ID of whose digits it
// consists, if it does.
func (w *rewriter) normalizeObjectID() {
	w.name = identity.AppendLetters(w.name[:0], w.normal)
	for digits := range w.decoder.GUIDs(w.normal) {
		if utf8.RuneCount(w.name) == len(digits) {
			w.normal = identity.AppendNormal(w.normal[:0], digits[:])
		}
		return
	}
}

// isAnonymous reports whether a value, as it is in a cell, identifies nobody any more.
// The caller's predicate knows whole values: what holds an identifier besides other
// text is not anonymous, whatever it begins with.
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
		kind := identity.ReplacementKindOf(w.decoded[s.Start:s.End])
		stays := kind != 0 && (kind != identity.PseudonymReplacement || kind == w.rules.Replacement)
		if !stays && (s.Start > 0 || s.End < len(w.decoded) || bytes.Count(w.decoded, []byte{'@'}) > 1) {
			return false
		}
	}
	// Whoever asks that an identifier goes knows better.
	return w.matcher == nil || w.matcher.people.find(w.decoded) == nil
}

// stays reports whether a value is anonymous and, if only the caller says so, holds
// nothing that goes from the row.
func (w *rewriter) stays(value []byte) bool {
	return w.isAnonymous(value) && (identity.IsReplacement(w.decoded) || !w.values.AnyIn(w.decoded))
}

// isBlank reports whether a cell has nothing in it that can be seen.
func (w *rewriter) isBlank(cell []byte) bool {
	w.normal = identity.AppendNormal(w.normal[:0], cell)
	return len(w.normal) == 0
}
