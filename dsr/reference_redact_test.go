package dsr_test

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NOTE. This is what a person may see of a row, written a second time from the documents.

const refHidden = "[hidden]"

// A refHider hides others in the rows of a subject.
type refHider struct {
	subject refSubject
	columns []string
}

// visible returns what may be seen in a cell, in order.
func (h refHider) visible(cell, column string) (all []refPlace) {
	if column == "ResourceOwner" && slices.ContainsFunc(h.subject, func(id refID) bool { return id.verbatim && id.text == refNormal(cell) }) {
		return []refPlace{{end: len(cell)}}
	}
	texts := refComposedTexts(cell)
	for _, id := range h.subject {
		if id.isAddress() { // what is before and after it may be an escape
			last := texts[len(texts)-1]
			all = append(all, last.find(id.text, isWhole)...)
			all = append(all, last.find(strings.ReplaceAll(id.text, "'", "''"), isWhole)...) // in OData
		}
		for _, t := range texts {
			if id.isObjectID() {
				all = append(all, t.findObjectID(id.text)...)
			}
		}
	}
	for at := 0; ; at += len(refHidden) {
		n := strings.Index(cell[at:], refHidden)
		if n < 0 {
			break
		}
		at += n
		all = append(all, refPlace{start: at, end: at + len(refHidden)})
	}
	return refMerge(all)
}

// refCut returns the parts of a place between what may be seen. What names nobody stays.
func refCut(cell string, p refPlace, visible []refPlace) (parts []refPlace) {
	start, isPart := p.start, false
	add := func(end int) {
		text := ""
		if start < end {
			text = refPlain(cell[start:end])
		}
		if refNormal(text) != "" && !refReplacement.MatchString(refNormal(text)) && (!isPart || refAnyWord.MatchString(text)) {
			parts = append(parts, refPlace{start, end, p.isAddress})
		}
	}
	for _, v := range visible {
		if v.end <= start || v.start >= p.end {
			continue
		}
		isPart = true
		add(v.start)
		start = v.end
	}
	add(p.end)
	return parts
}

// refFindPeople returns the addresses and the users in a cell.
var refFindPeople = refOnce(func(cell string) (all []refPlace) {
	rounds := refRounds(cell)
	t := refTextOf(rounds[len(rounds)-1], nil)
	quoted := refODataUsers.FindAllStringSubmatchIndex(t.text, -1)
	for _, m := range refAddress.FindAllStringIndex(t.text, -1) {
		if slices.ContainsFunc(quoted, func(q []int) bool { return m[0] == q[2]-1 }) {
			m[0]++ // the apostrophe before a user
		}
		if !isAddressText(t.text[m[0]:m[1]]) {
			continue
		}
		p := t.place(m[0], m[1])
		p.isAddress = true
		all = append(all, p)
	}
	add := func(t refText, m []int) {
		if x := refNormal(strings.Trim(refPlain(t.text[m[2]:m[3]]), "/")); x != "" && x != "@me" {
			all = append(all, t.place(m[2], m[3]))
		}
	}
	for _, m := range quoted {
		add(t, m)
	}
	for _, pieces := range append([][]refPiece{refDecode(rounds[0], refOuterEscapes)}, rounds[1:]...) {
		t := refTextOf(pieces, nil)
		found := refUsers.FindAllStringSubmatchIndex(t.text, -1)
		for _, m := range found {
			add(t, m)
		}
		if found != nil {
			break
		}
	}
	return refMerge(all)
})

// others returns whom a cell names besides the subject, without regard to other cells.
func (h refHider) others(cell, column string) (all []refPlace) {
	visible := h.visible(cell, column)
	if column == "ResourceOwner" {
		return refCut(cell, refPlace{end: len(cell)}, visible)
	}
	for _, p := range refFindPeople(cell) {
		parts := refCut(cell, p, visible)
		if p.isAddress && len(parts) > 0 && parts[0].start == p.start && parts[0].end < p.end {
			// What is before an address that may be seen was found as its beginning.
			front := parts[0]
			parts = parts[1:]
			for _, inner := range refFindPeople(cell[front.start:front.end]) {
				parts = append(parts, refPlace{front.start + inner.start, front.start + inner.end, inner.isAddress})
			}
		}
		all = append(all, parts...)
	}
	return all
}

// refPeople is whom a row names: texts, and the letters of local parts.
type refPeople struct {
	values, names []string
}

// refLocals returns the letters and digits of the local parts of an address.
func refLocals(address string) (all []string) {
	local := refFold(refPlain(address))
	local = local[:strings.LastIndex(local, "@")]
	var locals []string
	if m := refFirstGUID.FindString(local); m != "" {
		locals = append(locals, local)
		local = local[len(m):]
	}
	if stem, isGuest := strings.CutSuffix(local, "#ext#"); isGuest {
		locals = append(locals, stem)
		if i := strings.LastIndex(stem, "_"); i >= 0 {
			local = stem[:i]
		}
	}
	locals = append(locals, local)
	if i := strings.LastIndex(local, "#"); i >= 0 {
		local = local[i+1:]
		locals = append(locals, local)
	}
	for _, mark := range []string{"+", "@"} {
		if before, _, found := strings.Cut(local, mark); found {
			locals = append(locals, before)
		}
	}
	for _, l := range locals {
		if l = refNoWord.ReplaceAllString(l, ""); l != "" {
			all = append(all, l)
		}
	}
	return all
}

// remember adds whom the places of a cell name.
func (h refHider) remember(people *refPeople, cell string, places []refPlace) {
	hasUser := false
	for _, p := range places {
		text := refPlain(cell[p.start:p.end])
		people.add(text)
		for _, a := range refAddress.FindAllString(text, -1) {
			people.names = append(people.names, refLocals(a)...)
		}
		hasUser = hasUser || !p.isAddress
	}
	if hasUser {
		for _, x := range refUserSegments(cell) {
			if len(h.visible(x, "")) == 0 {
				people.add(x)
			}
		}
	}
}

// add adds a text, and the object IDs in it. The nil GUID is nobody's.
func (p *refPeople) add(text string) {
	normal := refNormal(text)
	if normal == "" || normal == "@me" || normal == nilGUID || refReplacement.MatchString(normal) {
		return
	}
	p.values = append(p.values, refFold(normal))
	if refGUID.MatchString(normal) {
		return
	}
	if strings.Contains(normal, " ") {
		p.values = append(p.values, refFold(strings.ReplaceAll(normal, " ", "+")))
	}
	if m := refFirstGUID.FindString(normal); m != "" && isAddressText(normal) { // of a deleted account
		p.values = append(p.values, refNormal(m), refFold(normal[len(m):]))
	} else {
		for _, m := range refBareGUID.FindAllStringSubmatch(normal, -1) {
			p.values = append(p.values, refNormal(m[1]))
		}
	}
	for _, sid := range refSIDs.FindAllString(normal, -1) {
		p.values = append(p.values, refNormal(sid))
	}
}

func isAddressText(text string) bool { return refAddress.FindString(text) == text && text != "" }

// again returns the places in a cell of whom the row names elsewhere.
func (h refHider) again(people refPeople, cell, column string) (all []refPlace) {
	visible := h.visible(cell, column)
	var own []string
	for _, id := range h.subject {
		if id.isAddress() {
			own = append(own, refLocals(id.text)...)
		}
	}
	ownNames := refFindNames(cell, own)
	isOwn := func(p refPlace) bool {
		return slices.ContainsFunc(ownNames, func(o refPlace) bool { return o.start <= p.start && p.end <= o.end })
	}
	var found []refPlace
	for _, t := range refFolded(cell) {
		for _, v := range people.values {
			switch {
			case refGUID.MatchString(v):
				found = append(found, t.findObjectID(v)...)
			case isAddressText(v):
				found = append(found, t.find(v, isWhole)...)
			case len([]rune(v))+len(refUnspaced.FindAllString(v, -1)) < 3:
				if refEnds.ReplaceAllString(t.text, "") == v {
					at := strings.Index(t.text, v)
					found = append(found, t.place(at, at+len(v)))
				}
			default:
				for _, p := range t.find(v, func(before, after string) bool { return refIsWord(before, v, after) }) {
					if !isOwn(p) {
						found = append(found, p)
					}
				}
			}
		}
	}
	if !slices.Contains([]string{"PricingTier", "ResourceStatus", "DiskType"}, column) {
		for _, p := range refFindNames(cell, people.names) {
			if !isOwn(p) {
				found = append(found, p)
			}
		}
	}
	for _, p := range refMerge(found) {
		all = append(all, refCut(cell, p, visible)...)
	}
	return all
}

// refIsWord reports whether no letter or digit continues a text on either side.
func refIsWord(before, text, after string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	b, _ := utf8.DecodeLastRuneInString(before)
	a, _ := utf8.DecodeRuneInString(after)
	isOne := func(x, y rune) bool {
		return refAnyWord.MatchString(string(x)) && refAnyWord.MatchString(string(y)) && !refUnspaced.MatchString(string(x)+string(y))
	}
	return !isOne(b, first) && !isOne(last, a)
}

// refFindNames returns the places of names that were made of the letters.
func refFindNames(cell string, locals []string) (all []refPlace) {
	for _, t := range refFolded(cell) {
		for _, i := range refNamesBegin(t.text) {
			for _, l := range locals {
				if n := refNameLength(t.text[i:], l); n > 0 {
					all = append(all, t.place(i, i+n))
				}
			}
		}
	}
	return all
}

// refNamesBegin returns where a name may begin, whatever its letters.
var refNamesBegin = refOnce(func(text string) (all []int) {
	guids := refInGUIDs.FindAllStringIndex(text, -1)
	for i := range len(text) {
		isInGUID := slices.ContainsFunc(guids, func(g []int) bool { return g[0] <= i && i < g[1] })
		r, _ := utf8.DecodeRuneInString(text[i:])
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		if isInGUID || !refWordBegins.MatchString(text[i:]) || refWordEnds.MatchString(text[:i]) && !refUnspaced.MatchString(string(before)+string(r)) {
			continue
		}
		all = append(all, i)
	}
	return all
})

// refNameLength returns the length of the name that a text begins with and that was made
// of these letters, and 0 if there is none.
func refNameLength(text, letters string) int {
	rest, end := letters, 0
	for i, r := range text {
		if rest == "" || strings.ContainsRune(`/\@`, r) || unicode.IsControl(r) {
			break
		}
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			continue
		}
		if !strings.HasPrefix(rest, string(r)) {
			break
		}
		rest = rest[len(string(r)):]
		end = i + len(string(r))
	}
	word := end
	for word < len(text) && refWordBegins.MatchString(text[word:]) {
		_, n := utf8.DecodeRuneInString(text[word:])
		word += n
	}
	after, _ := utf8.DecodeRuneInString(text[end:])
	last, _ := utf8.DecodeLastRuneInString(text[:end])
	continues := (unicode.IsLetter(after) || unicode.IsMark(after)) && !refUnspaced.MatchString(string(last)+string(after))
	matched := len([]rune(letters)) - len([]rune(rest))
	count := len([]rune(letters)) + len(refUnspaced.FindAllString(letters, -1))
	switch {
	case matched >= 8 && (rest != "" || continues):
		return word
	case rest != "" || continues:
		return 0
	case unicode.IsNumber(after):
		end = word
	}
	if count < 3 && !refThreeDigits.MatchString(text[min(len(letters), end):end]) {
		return 0
	}
	return end
}

// redact returns the cells of a row as the subject may see them.
func (h refHider) redact(cells []string) []string {
	var people refPeople
	places := make([][]refPlace, len(cells))
	isTyped := func(i int) bool {
		if h.columns[i] != "CreatedTime" && h.columns[i] != "DeletedDate" {
			return cells[i] == ""
		}
		_, unreadable := refDate(cells[i])
		return !unreadable
	}
	isNamed := false
	for i, cell := range cells {
		if !isTyped(i) {
			places[i] = h.others(cell, h.columns[i])
			h.remember(&people, cell, places[i])
			isNamed = isNamed || len(places[i]) > 0
		}
	}
	out := slices.Clone(cells)
	if !isNamed {
		return out
	}
	for i, cell := range cells {
		isKey := h.columns[i] == "LabUId" || h.columns[i] == "ResourceUId"
		if isTyped(i) {
			continue
		}
		if !isKey {
			places[i] = append(places[i], h.again(people, cell, h.columns[i])...)
		}
		out[i] = refHide(cell, places[i])
		names := func() bool { // the cell, as it is
			again := 0
			if !isKey {
				again = len(h.again(people, out[i], h.columns[i]))
			}
			return out[i] != cell && len(h.others(out[i], h.columns[i]))+again > 0
		}
		if !names() {
			continue
		}
		visible := h.visible(cell, h.columns[i])
		if out[i] = refHide(cell, refCut(cell, refPlace{end: len(cell)}, visible)); names() {
			out[i] = refHide(cell, refBetween(cell, visible))
		}
	}
	return out
}

// refBetween returns all of a cell except what may be seen.
func refBetween(cell string, visible []refPlace) (all []refPlace) {
	end := 0
	for _, v := range append(visible, refPlace{start: len(cell)}) {
		if end < v.start {
			all = append(all, refPlace{start: end, end: v.start})
		}
		end = max(end, v.end)
	}
	return all
}

// refHide hides the places of a cell.
func refHide(cell string, places []refPlace) string {
	hidden, end := "", 0
	for _, p := range refMerge(places) {
		hidden += cell[end:p.start] + refHidden
		end = p.end
	}
	return hidden + cell[end:]
}
