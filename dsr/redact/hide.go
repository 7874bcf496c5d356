package redact

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"unicode"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. A row is read twice. The first time finds whom the row names, except those who
// may be seen: the subject, and who is shown. The second time looks for all of them in
// every cell. With the subject alice@example.com:
//
//	ResourceOwner   alice@example.com             alice@example.com
//	LabName         Lab of Bob <bob@contoso.com>  Lab of [hidden] <[hidden]>      1st: an address; 2nd: its name
//	EnvironmentId   …/users/7c9e6679-…/…          …/users/[hidden]/…              1st: a user
//	Name            alice042                      alice042
//	CustomImageId   …/7C9E66797425…-of-bob042     …/[hidden]-of-[hidden]          2nd: the user again; a name
//
// If other copies of the machine have other owners, the first time finds them, too: a
// machine is often named after its first owner.
//
// A place that is found is cut at everything that may be seen, so that this stays,
// whatever is found around it. A name that was derived from an address that may be
// seen stays, too. In the end each cell that changed is read again: if it still names
// somebody, all of it is hidden except what may be seen.

// maxValues is how many values are looked for in a row. The time of a search grows
// with their number and with the row. In a row with more, no cell is judged.
const maxValues = 100

// People are who may be seen in the rows of one subject.
type people struct {
	visible      *identity.Set        // by their identifiers
	visibleNames *identity.LocalParts // of their addresses
	owners       map[string]struct{}  // normal forms of owners who may be seen in ResourceOwner as a whole
}

// A hider hides third parties in a row. It holds buffers as large as the largest row.
type hider struct {
	people // of the row

	finder      identity.Finder
	partFinder  identity.Finder     // for a part of a cell, while results of finder are in use
	others      identity.Values     // whom the row names, besides those
	otherNames  identity.LocalParts // of the addresses among others
	verdicts    []verdict           // one for each cell of the row
	second      verdict             // of a cell that was changed
	spans       []identity.Span     // buffers
	ownNames    []identity.Span
	owner       []byte // in normal form
	decoded     []byte
	changedCell []byte
}

// A verdict says what is hidden in a cell.
type verdict struct {
	isTyped bool            // the cell is a date, number or boolean, and stays
	places  []place         // what is hidden
	visible []identity.Span // what may be seen, in order
}

// A place is a part of a cell that is hidden: cell[start:end].
type place struct {
	start, end int
	reason     Reason
}

// A row is the unquoted cells of a row and their columns.
type row struct {
	cells   [][]byte
	columns []csvschema.Column // 0 for a column that is not documented
}

// hide sets verdicts to what is hidden in the row. Owners are those of all copies of the
// row. IsShown reports whether the i-th cell is shown as it is.
func (h *hider) hide(r row, owners []csvschema.PersonalText, isShown func(i int) bool) {
	h.others.Reset()
	h.otherNames.Reset()
	for len(h.verdicts) < len(r.cells) {
		h.verdicts = append(h.verdicts, verdict{})
	}
	found := h.rememberOwners(owners)
	for i, cell := range r.cells {
		v := &h.verdicts[i]
		v.places = v.places[:0]
		if v.isTyped = r.columns[i].Holds(cell); v.isTyped {
			continue
		}
		h.findOthers(v, cell, r.columns[i])
		if len(v.places) > 0 {
			found = true
			h.remember(cell, v.places)
		}
	}
	if !found {
		return
	}
	tooMany := h.others.Len() > maxValues
	for i, cell := range r.cells {
		v := &h.verdicts[i]
		switch column := r.columns[i]; {
		case v.isTyped:
		case isShown(i):
			v.places = v.places[:0]
		case tooMany && !isKey(column):
			h.hideAll(v, cell, column)
		default:
			h.findAgain(v, cell, column)
			if len(v.places) == 0 {
				continue
			}
			v.places = mergePlaces(v.places)
			h.findOthers(&h.second, h.changed(v, cell), column)
			h.findAgain(&h.second, h.changedCell, column)
			if len(h.second.places) > 0 {
				h.hideAll(v, cell, column)
			}
		}
	}
}

// changed returns a cell without what is hidden in it.
func (h *hider) changed(v *verdict, cell []byte) []byte {
	h.changedCell = appendHidden(h.changedCell[:0], cell, v.places)
	return h.changedCell
}

// hideAll hides all of a cell except what may be seen and signs beside it. If such a sign
// makes another address of what may be seen, it hides the signs, too.
func (h *hider) hideAll(v *verdict, cell []byte, column csvschema.Column) {
	v.places = h.appendPlaces(v.places[:0], cell, identity.Span{End: len(cell)}, v.visible, NotJudged)
	if h.findOthers(&h.second, h.changed(v, cell), column); len(h.second.places) == 0 {
		return
	}
	v.places = v.places[:0]
	start := 0
	for _, seen := range append(v.visible, identity.Span{Start: len(cell)}) {
		if start < seen.Start {
			v.places = append(v.places, place{start, seen.Start, NotJudged})
		}
		start = seen.End
	}
}

// findOthers sets what may be seen in a cell, and hides whom the cell names without
// regard to the other cells.
func (h *hider) findOthers(v *verdict, cell []byte, column csvschema.Column) {
	v.places, v.visible = v.places[:0], h.finder.FindMembers(v.visible[:0], cell, h.visible)
	v.visible = appendHiddenTexts(v.visible, cell)
	if column == csvschema.ResourceOwner {
		if len(h.owners) > 0 {
			h.owner = identity.AppendNormal(h.owner[:0], cell)
			if _, ok := h.owners[string(h.owner)]; ok {
				v.visible = append(v.visible[:0], identity.Span{End: len(cell)})
			}
		}
		v.places = h.appendOthers(v.places, cell, identity.Span{End: len(cell)}, v.visible, OtherOwner)
		return
	}
	h.spans = h.finder.Find(h.spans[:0], cell)
	for _, s := range h.spans {
		reason := OtherAddress
		if s.Kind == identity.UserSpan {
			reason = OtherUser
		}
		v.places = h.appendOthers(v.places, cell, s, v.visible, reason)
	}
}

// appendOthers appends the parts of a span that name somebody who may not be seen.
func (h *hider) appendOthers(dst []place, cell []byte, s identity.Span, visible []identity.Span, reason Reason) []place {
	first := len(dst)
	dst = h.appendPlaces(dst, cell, s, visible, reason)
	if reason != OtherAddress || len(dst) == first || dst[first].start != s.Start || dst[first].end == s.End {
		return dst
	}
	// The span begins with a part before an address that may be seen. That part may
	// name nobody: it was found only as the beginning of the address.
	front := dst[first]
	rest := slices.Clone(dst[first+1:])
	dst = dst[:first]
	for _, s := range h.partFinder.Find(nil, cell[front.start:front.end]) {
		s.Start, s.End = s.Start+front.start, s.End+front.start
		dst = h.appendPlaces(dst, cell, s, nil, reason)
	}
	return append(dst, rest...)
}

// appendPlaces appends the parts of a span between what may be seen. A part without a
// letter or digit only separates, and stays. So does a replacement of ours.
func (h *hider) appendPlaces(dst []place, cell []byte, s identity.Span, visible []identity.Span, reason Reason) []place {
	start := s.Start
	first := sort.Search(len(visible), func(i int) bool { return visible[i].End > start })
	for _, v := range visible[first:] {
		if v.Start >= s.End {
			break
		}
		dst = h.appendPlace(dst, cell, place{start, v.Start, reason}, true)
		start = v.End
	}
	return h.appendPlace(dst, cell, place{start, s.End, reason}, start > s.Start)
}

// appendPlace appends a place. IsPart says that it is only a part of what was found.
func (h *hider) appendPlace(dst []place, cell []byte, p place, isPart bool) []place {
	if p.start >= p.end {
		return dst
	}
	h.decoded = h.partFinder.AppendDecoded(h.decoded[:0], cell[p.start:p.end])
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

// remember adds to others whom the places of a cell name.
func (h *hider) remember(cell []byte, places []place) {
	hasUser := false
	for _, p := range places {
		if h.others.Len() > maxValues {
			return
		}
		text := cell[p.start:p.end]
		h.others.Add(text)
		h.spans = h.finder.Find(h.spans[:0], text)
		for _, s := range h.spans {
			h.otherNames.Add(text[s.Start:s.End])
		}
		hasUser = hasUser || p.reason != OtherAddress
	}
	if !hasUser {
		return
	}
	for _, x := range h.finder.UserSegments(nil, cell) { // a span may be an x and more
		if h.others.Len() <= maxValues && h.isOther(x) {
			h.others.Add(x)
		}
	}
}

// rememberOwners adds to others those owners who may not be seen, and reports whether
// there are any.
func (h *hider) rememberOwners(owners []csvschema.PersonalText) (found bool) {
	for _, owner := range owners {
		if h.others.Len() > maxValues {
			break
		}
		cell := []byte(owner.Reveal())
		h.findOthers(&h.second, cell, csvschema.ResourceOwner)
		if len(h.second.places) > 0 {
			found = true
			h.remember(cell, h.second.places)
			h.rememberAccount(cell)
		}
	}
	return found
}

// rememberAccount adds the name of the account of an owner who is no address, such as
// CONTOSO\bob, as a local part.
func (h *hider) rememberAccount(owner []byte) {
	decoded := h.partFinder.AppendDecoded(nil, owner)
	id, err := identity.Parse(string(decoded))
	if bytes.IndexByte(decoded, '@') >= 0 || err == nil && id.IsObjectID() {
		return
	}
	h.otherNames.Add(append(decoded[bytes.LastIndexByte(decoded, '\\')+1:], '@'))
}

// isOther reports whether nothing in the x of a /users/{x} may be seen.
func (h *hider) isOther(x []byte) bool {
	return !bytes.Contains(x, []byte(HiddenText)) && len(h.partFinder.FindMembers(nil, x, h.visible)) == 0 && !identity.IsReplacement(x)
}

// findAgain adds to the places of a cell what the other cells of the row name.
func (h *hider) findAgain(v *verdict, cell []byte, column csvschema.Column) {
	if isKey(column) {
		return
	}
	h.ownNames = h.finder.FindNames(h.ownNames[:0], cell, h.visibleNames)
	h.spans = h.finder.FindValues(h.spans[:0], cell, &h.others)
	for _, s := range h.spans {
		if s.Kind != identity.TextSpan || !isWithin(s, h.ownNames) {
			v.places = h.appendPlaces(v.places, cell, s, v.visible, OtherOccurrence)
		}
	}
	if !mayHoldName(column) {
		return
	}
	h.spans = h.finder.FindNames(h.spans[:0], cell, &h.otherNames)
	for _, s := range h.spans {
		if !isWithin(s, h.ownNames) {
			v.places = h.appendPlaces(v.places, cell, s, v.visible, OtherName)
		}
	}
}

// isWithin reports whether a span is a part of one of the others, which are in order and
// do not overlap.
func isWithin(s identity.Span, others []identity.Span) bool {
	first := sort.Search(len(others), func(i int) bool { return others[i].End >= s.End })
	return first < len(others) && others[first].Start <= s.Start
}

// mergePlaces sorts places and makes one of those that overlap or touch.
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

// appendHidden appends a cell, with HiddenText in its places.
func appendHidden(dst, cell []byte, places []place) []byte {
	end := 0
	for _, p := range places {
		dst = append(append(dst, cell[end:p.start]...), HiddenText...)
		end = p.end
	}
	return append(dst, cell[end:]...)
}

// appendHiddenTexts adds the places where something was hidden before to what may be
// seen, which is in order.
func appendHiddenTexts(visible []identity.Span, cell []byte) []identity.Span {
	n := len(visible)
	for i := 0; ; {
		at := bytes.Index(cell[i:], []byte(HiddenText))
		if at < 0 {
			break
		}
		i += at + len(HiddenText)
		visible = append(visible, identity.Span{Start: i - len(HiddenText), End: i})
	}
	if len(visible) > n && n > 0 {
		slices.SortFunc(visible, func(a, b identity.Span) int { return cmp.Compare(a.Start, b.Start) })
	}
	return visible
}

// isKey reports whether a column holds a GUID of the subscription, the lab or the
// resource, which stays. An address or a path of a user is hidden there, too.
func isKey(c csvschema.Column) bool {
	return c == csvschema.SubscriptionId || c == csvschema.LabUId || c == csvschema.ResourceUId
}

// mayHoldName reports whether a column may hold a name that somebody chose. A column
// that is not documented may.
func mayHoldName(c csvschema.Column) bool {
	switch c { //nolint:exhaustive // all others may
	case csvschema.PricingTier, csvschema.ResourceStatus, csvschema.DiskType,
		csvschema.GalleryImageReferenceVersion, csvschema.GalleryImageReferenceOffer,
		csvschema.GalleryImageReferencePublisher, csvschema.GalleryImageReferenceSku, csvschema.GalleryImageReferenceOsType:
		return false
	}
	return true
}
