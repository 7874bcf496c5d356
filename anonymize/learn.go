package anonymize

import (
	"bytes"

	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/localpart"
	"github.com/labdsr/labdsr/anonymize/internal/objectid"
	"github.com/labdsr/labdsr/anonymize/internal/words"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// learn fills values with the identifiers in the row, of which all but the owner are in loud
// cells. It returns the owner that has to go, or nil, and whether anything has to.
func (w *rewriter) learn(r *cells.Row, stats *Stats) (gone *owner, hasAny bool) {
	for len(w.seen) < len(r.Columns) {
		w.seen = append(w.seen, seenCell{})
	}
	if r.Owner >= 0 {
		switch o := w.ownerOf(r.At(r.Owner)); {
		case o.isAnonymous:
			stats.Anonymous++
		case !o.isBlank:
			gone, hasAny = o, true
			w.values.CopyFrom(&o.values)
		}
	}
	for _, i := range w.loud {
		cell, c := r.At(i), &w.seen[i]
		if i == r.Owner {
			continue
		}
		if c.goes || !bytes.Equal(c.cell, cell) {
			w.learnFrom(cell, c)
		}
		hasAny = hasAny || c.goes
		stats.Anonymous += c.anonymous
	}
	return gone, hasAny
}

// A seenCell is what learn knows about the loud cell of a column that it saw last. The next
// row often has the same cell in the same column, the lab's for instance, and nothing
// in it.
type seenCell struct {
	cell []byte
	found
}

// A found is what the finder finds in a cell.
type found struct {
	goes      bool  // there is something that is not anonymous
	anonymous int64 // findings that are anonymous already
	plain     bool  // as Finder.FindPlain says
}

// isNothing reports whether Find finds nothing in the cell, because there is nothing.
func (f found) isNothing() bool { return f.plain && !f.goes && f.anonymous == 0 }

// learnFrom adds to values what the finder finds in a cell and is not anonymous, and
// sets what is known about the cell. Cells from which nothing goes are remembered.
func (w *rewriter) learnFrom(cell []byte, c *seenCell) {
	c.cell = append(c.cell[:0], cell...)
	var isKnown bool
	if c.found, isKnown = w.known.Get(cell); isKnown {
		return
	}
	if w.find(cell, &c.found); !c.goes && w.values.Len() <= maxValues {
		w.known.Put(cell, c.found)
	}
}

// find does what learnFrom does, for a cell that is not remembered.
func (w *rewriter) find(cell []byte, c *found) {
	w.spans, c.plain = w.finder.FindPlain(w.spans[:0], cell)
	hasUser := false
	for _, s := range w.spans {
		if w.values.Len() > maxValues {
			break
		}
		hasUser = hasUser || s.Kind == identity.UserSpan
		if value := cell[s.Start:s.End]; w.isAnonymous(value) {
			c.anonymous++
		} else {
			c.goes = true
			w.addValue(value, s.Kind == identity.UserSpan)
		}
	}
	if w.addPseudonyms(cell, c.plain) {
		c.goes = true
	}
	if !hasUser || !c.goes {
		return
	}
	// A span may be an x and more.
	w.segments = w.finder.UserSegments(w.segments[:0], cell)
	for _, x := range w.segments {
		if len(w.spans) == 1 && bytes.Equal(x, cell[w.spans[0].Start:w.spans[0].End]) {
			continue // it is a value
		}
		if w.values.Len() <= maxValues && !w.isAnonymous(x) {
			w.addValue(x, true)
		}
	}
}

// addValue adds to values what goes from the row, as it is in a cell, unless it is a word
// for nothing. Of an owner or x all object IDs go, too.
func (w *rewriter) addValue(value []byte, hasObjectIDs bool) {
	w.decoded = w.decoder.AppendDecoded(w.decoded[:0], value)
	w.normal = identity.AppendNormal(w.normal[:0], w.decoded)
	if words.IsNull(w.normal) {
		return // the word identifies nobody where it is in other cells
	}
	w.values.Add(value)
	if !hasObjectIDs || len(value) < objectid.Digits || objectid.Is(w.normal) {
		return
	}
	for rest := w.decoded; w.values.Len() <= maxValues; {
		var guid []byte
		if guid, rest = objectid.Cut(rest); guid == nil {
			return
		}
		w.values.Add(guid)
	}
}

// addPseudonyms adds to values the pseudonyms of object IDs and names in a cell, wherever
// they are, if this run leaves none. Plain is what Finder.FindPlain says. It reports
// whether there is one.
func (w *rewriter) addPseudonyms(cell []byte, plain bool) (found bool) {
	if w.rules.Replacement == identity.PseudonymReplacement || len(cell) < objectid.Digits || plain && !objectid.MayHoldReplacement(cell) {
		return false
	}
	for digits := range w.decoder.GUIDs(cell) {
		if identity.ReplacementKindOf(digits[:]) == identity.PseudonymReplacement && w.values.Len() <= maxValues {
			w.values.Add(digits[:])
			found = true
		}
	}
	return found
}

// An owner is what is known about an owner cell. Unless it is blank or anonymous, it
// goes as a whole.
type owner struct {
	isBlank, isAnonymous bool
	values               identity.Values // of the cell
	replacement          string
	locals               []localpart.Part // of its addresses
}

// ownerOf returns what is known about an owner cell, which must not be changed.
func (w *rewriter) ownerOf(cell []byte) *owner {
	o, ok := w.rules.owners.Get(cell)
	if !ok {
		o = w.newOwner(cell)
		w.rules.owners.Put(cell, o)
	}
	return o
}

// newOwner finds out about an owner cell. It uses values and leaves them empty.
func (w *rewriter) newOwner(cell []byte) *owner {
	if w.isBlank(cell) {
		return &owner{isBlank: true}
	}
	w.values.Reset()
	defer w.values.Reset()
	if w.isAnonymous(cell) && (w.matcher == nil || w.matcher.owners.find(cell) == nil) {
		return &owner{isAnonymous: true}
	}
	o := &owner{}
	w.addValue(cell, true)
	w.find(cell, &found{}) // it may hold a /users/{x} besides, say
	o.values.CopyFrom(&w.values)
	// A replacement is never empty: an empty owner would say that anybody may claim the
	// machine. No Identifier is made of the owner, because the process would remember it.
	w.normal = identity.AppendNormal(w.normal[:0], cell)
	o.replacement = string(w.appendReplacement(nil, cell, !objectid.Is(w.normal)))
	o.locals = w.locals.Of(cell)
	return o
}

// isOneAddress reports whether an owner or x, as it is in a cell or decoded, is an address.
func (m *matcher) isOneAddress(value []byte) bool {
	for _, text := range [...]string{string(value), string(m.members.AppendDecoded(nil, value))} {
		if id, err := identity.Parse(text); err == nil && !id.IsObjectID() {
			return true
		}
	}
	return false
}
