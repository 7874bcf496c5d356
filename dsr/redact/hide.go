package redact

import (
	"bytes"
	"cmp"
	"slices"
	"unicode"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. A row is read twice. The first time tells who is in it besides those who
// may be seen (the subject, and who is shown); the second time, what is known by
// then is looked for in every cell. With the subject alice@example.com:
//
//	ResourceOwner   alice@example.com             alice@example.com
//	LabName         Lab of Bob <bob@contoso.com>  Lab of [hidden] <[hidden]>      1st: an address; its name
//	EnvironmentId   …/users/7c9e6679-…/…          …/users/[hidden]/…              1st: a user
//	Name            alice042                      alice042
//	CustomImageId   …/7C9E66797425…-of-bob042     …/[hidden]-of-[hidden]          2nd: the user again; a name
//
// What is found is cut at everything that may be seen, which stays, whatever is
// found around it. What is derived from an address that may be seen stays, too. In
// the end each cell that changed is looked at again, and if anybody is left in it,
// nothing stays but what may be seen.

// maxValues is how many values may be looked for in a row: a search takes time in
// proportion to them and to the row. Of a row with more, no cell is judged.
const maxValues = 1000

// A hider works on the rows of one subject. It holds buffers as large as the
// largest row.
type hider struct {
	known *identity.Set        // who may be seen
	own   *identity.LocalParts // of their addresses

	finder   identity.Finder
	inner    identity.Finder
	values   identity.Values     // of somebody else
	others   identity.LocalParts // of the addresses among them
	judged   []judged            // of the cells
	spans    []identity.Span
	ownNames []identity.Span
	decoded  []byte
	text     []byte
	again    judged
}

// A judged is what is known about a cell.
type judged struct {
	keep   bool            // nothing is hidden in it
	places []place         // that are hidden
	seen   []identity.Span // what may be seen, in order
}

// A place is a part of a cell that is hidden: cell[start:end].
type place struct {
	start, end int
	reason     Reason
}

// A row is the unquoted cells of a row, and which columns they are of, 0 for one
// that is not documented.
type row struct {
	cells   [][]byte
	columns []csvschema.Column
}

// hide sets judged to what is to be hidden in the row. Skip tells which cells are
// shown as they stand.
func (h *hider) hide(r row, skip func(i int) bool) {
	h.values.Reset()
	h.others.Reset()
	for len(h.judged) < len(r.cells) {
		h.judged = append(h.judged, judged{})
	}
	found := false
	for i, cell := range r.cells {
		j := &h.judged[i]
		j.places = j.places[:0]
		if j.keep = r.columns[i].Holds(cell); j.keep {
			continue
		}
		h.look(j, cell, r.columns[i])
		if len(j.places) > 0 {
			found = true
			h.learn(cell, j.places)
		}
	}
	if !found {
		return
	}
	tooMany := h.values.Len() > maxValues
	for i, cell := range r.cells {
		j := &h.judged[i]
		switch column := r.columns[i]; {
		case j.keep:
		case skip(i):
			j.places = j.places[:0]
		case isKey(column):
		case tooMany:
			h.hideAll(j, cell)
		default:
			h.lookAgain(j, cell, column)
			if len(j.places) == 0 {
				continue
			}
			j.places = mergePlaces(j.places)
			h.text = appendHidden(h.text[:0], cell, j.places)
			if h.leaves(h.text, column) {
				h.hideAll(j, cell)
			}
		}
	}
}

// leaves reports whether a cell still holds something that is to be hidden.
func (h *hider) leaves(cell []byte, column csvschema.Column) bool {
	h.look(&h.again, cell, column)
	h.lookAgain(&h.again, cell, column)
	return len(h.again.places) > 0
}

// hideAll hides all of a cell but what may be seen.
func (h *hider) hideAll(j *judged, cell []byte) {
	j.places = h.appendPlaces(j.places[:0], cell, identity.Span{End: len(cell)}, j.seen, NotJudged)
}

// look sets what may be seen in a cell, and hides whoever it names by itself.
func (h *hider) look(j *judged, cell []byte, column csvschema.Column) {
	j.places, j.seen = j.places[:0], h.finder.FindMembers(j.seen[:0], cell, h.known)
	j.seen = appendMarks(j.seen, cell)
	if column == csvschema.ResourceOwner {
		j.places = h.appendOthers(j.places, cell, identity.Span{End: len(cell)}, j.seen, OtherOwner)
		return
	}
	h.spans = h.finder.Find(h.spans[:0], cell)
	for _, s := range h.spans {
		reason := OtherAddress
		if s.Kind == identity.UserSpan {
			reason = OtherUser
		}
		j.places = h.appendOthers(j.places, cell, s, j.seen, reason)
	}
}

// appendOthers appends the parts of a span that name somebody who may not be seen.
func (h *hider) appendOthers(dst []place, cell []byte, s identity.Span, seen []identity.Span, reason Reason) []place {
	first := len(dst)
	dst = h.appendPlaces(dst, cell, s, seen, reason)
	if reason != OtherAddress || len(dst) == first || dst[first].start != s.Start || dst[first].end == s.End {
		return dst
	}
	// What is in front of an address that may be seen is found with it, though it
	// only separates that from something else.
	front := dst[first]
	rest := slices.Clone(dst[first+1:])
	dst = dst[:first]
	for _, s := range h.inner.Find(nil, cell[front.start:front.end]) {
		s.Start, s.End = s.Start+front.start, s.End+front.start
		dst = h.appendPlaces(dst, cell, s, nil, reason)
	}
	return append(dst, rest...)
}

// appendPlaces appends the parts of a span between what may be seen. Those without
// a letter or digit only separate, and stay, and so do replacements of ours.
func (h *hider) appendPlaces(dst []place, cell []byte, s identity.Span, seen []identity.Span, reason Reason) []place {
	start := s.Start
	for _, k := range seen {
		if k.End <= start {
			continue
		}
		if k.Start >= s.End {
			break
		}
		dst = h.appendPlace(dst, cell, place{start, k.Start, reason}, true)
		start = k.End
	}
	return h.appendPlace(dst, cell, place{start, s.End, reason}, start > s.Start)
}

// appendPlace appends a place, which may be a part of what was found.
func (h *hider) appendPlace(dst []place, cell []byte, p place, isPart bool) []place {
	if p.start >= p.end {
		return dst
	}
	h.decoded = h.inner.AppendDecoded(h.decoded[:0], cell[p.start:p.end])
	if identity.IsReplacement(h.decoded) || isPart && !hasWord(h.decoded) || len(identity.AppendNormal(nil, h.decoded)) == 0 {
		return dst
	}
	return append(dst, p)
}

// hasWord reports whether there is a letter or digit in the text.
func hasWord(text []byte) bool {
	return bytes.ContainsFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r)
	})
}

// learn takes up who is named in the places of a cell.
func (h *hider) learn(cell []byte, places []place) {
	hasUser := false
	for _, p := range places {
		if h.values.Len() > maxValues {
			return
		}
		text := cell[p.start:p.end]
		h.values.Add(text)
		h.spans = h.finder.Find(h.spans[:0], text)
		for _, s := range h.spans {
			h.others.Add(text[s.Start:s.End])
		}
		hasUser = hasUser || p.reason != OtherAddress
	}
	if !hasUser {
		return
	}
	for _, x := range h.finder.UserSegments(nil, cell) { // a span may be an x and more
		if h.values.Len() <= maxValues && h.isOther(x) {
			h.values.Add(x)
		}
	}
}

// isOther reports whether all of an x is somebody who may not be seen.
func (h *hider) isOther(x []byte) bool {
	return !bytes.Contains(x, []byte(HiddenText)) && len(h.inner.FindMembers(nil, x, h.known)) == 0 && !identity.IsReplacement(x)
}

// lookAgain adds to the places of a cell what is known from others of the row.
func (h *hider) lookAgain(j *judged, cell []byte, column csvschema.Column) {
	h.ownNames = h.finder.FindNames(h.ownNames[:0], cell, h.own)
	h.spans = h.finder.FindValues(h.spans[:0], cell, &h.values)
	for _, s := range h.spans {
		if s.Kind != identity.TextSpan || !isWithin(s, h.ownNames) {
			j.places = h.appendPlaces(j.places, cell, s, j.seen, OtherOccurrence)
		}
	}
	if !mayHoldName(column) {
		return
	}
	h.spans = h.finder.FindNames(h.spans[:0], cell, &h.others)
	for _, s := range h.spans {
		if !isWithin(s, h.ownNames) {
			j.places = h.appendPlaces(j.places, cell, s, j.seen, OtherName)
		}
	}
}

// isWithin reports whether a span is a part of one of the others.
func isWithin(s identity.Span, others []identity.Span) bool {
	return slices.ContainsFunc(others, func(o identity.Span) bool { return o.Start <= s.Start && s.End <= o.End })
}

// mergePlaces puts places in order and makes one of those that overlap or touch.
func mergePlaces(places []place) []place {
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	merged := places[:1]
	for _, p := range places[1:] {
		last := &merged[len(merged)-1]
		if p.start > last.end {
			merged = append(merged, p)
			continue
		}
		last.end, last.reason = max(last.end, p.end), min(last.reason, p.reason)
	}
	return merged
}

// appendHidden appends a cell with its places hidden.
func appendHidden(dst, cell []byte, places []place) []byte {
	end := 0
	for _, p := range places {
		dst = append(append(dst, cell[end:p.start]...), HiddenText...)
		end = p.end
	}
	return append(dst, cell[end:]...)
}

// appendMarks adds to what may be seen, which is in order, the places where
// something was hidden before.
func appendMarks(seen []identity.Span, cell []byte) []identity.Span {
	n := len(seen)
	for i := 0; ; {
		at := bytes.Index(cell[i:], []byte(HiddenText))
		if at < 0 {
			break
		}
		i += at + len(HiddenText)
		seen = append(seen, identity.Span{Start: i - len(HiddenText), End: i})
	}
	if len(seen) > n && n > 0 {
		slices.SortFunc(seen, func(a, b identity.Span) int { return cmp.Compare(a.Start, b.Start) })
	}
	return seen
}

// isKey reports whether a column holds a GUID of the resource's own. What names
// somebody by itself does not stay there either, but a GUID does.
func isKey(c csvschema.Column) bool {
	return c == csvschema.SubscriptionId || c == csvschema.LabUId || c == csvschema.ResourceUId
}

// mayHoldName reports whether a column may hold a name that somebody chose. Those
// that are not documented may.
func mayHoldName(c csvschema.Column) bool {
	switch c { //nolint:exhaustive // all others may
	case csvschema.PricingTier, csvschema.ResourceStatus, csvschema.DiskType,
		csvschema.GalleryImageReferenceVersion, csvschema.GalleryImageReferenceOffer,
		csvschema.GalleryImageReferencePublisher, csvschema.GalleryImageReferenceSku, csvschema.GalleryImageReferenceOsType:
		return false
	}
	return true
}
