package verify

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/labdsr/labdsr/anonymize/verify/internal/ids"
	"github.com/labdsr/labdsr/anonymize/verify/internal/quiet"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// compare compares the two sides of a pair.
func (v *verifier) compare(ctx context.Context, p *pair) (err error) {
	source, err := p.open(ctx, p.after)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := source.Close(); closeErr != nil && err == nil {
			err = p.at(0, closeErr)
		}
	}()
	v.after = newOutputReader(source, v.policy.MaxRecordBytes)
	err = v.visit(ctx, p, visitor{
		header: v.compareHeader, after: v.after,
		work: (*verifier).compareBatch, take: v.takeBatch,
		row: func(before *reader) error {
			must := v.dutyOf(before)
			if err := v.takeFacts(&v.facts); err != nil {
				return err
			}
			ok, err := v.readAfter()
			switch {
			case err != nil:
				return err
			case !ok:
				v.fail(RowMissing, -1)
				return errStop
			}
			v.compareRow(before, must)
			return nil
		},
		end: func(before *reader) error {
			ok, err := v.readAfter()
			switch {
			case err != nil:
				return err
			case ok:
				v.fail(RowAdded, -1)
			case !bytes.Equal(before.gap, v.after.gap):
				v.fail(LineEndChanged, -1)
			}
			return nil
		},
	})
	if err == errStop {
		return nil
	}
	return err
}

// readAfter reads a record of the output. What is wrong with its text is a failure; an
// error is of the source.
func (v *verifier) readAfter() (ok bool, err error) {
	ok, err = v.after.read()
	switch {
	case v.after.broken != nil:
		return false, v.pair.at(v.after.line, v.after.broken)
	case err != nil:
		v.fail(Unreadable, -1)
		return false, errStop
	}
	return ok, nil
}

// compareHeader compares the headers, and what is before them.
func (v *verifier) compareHeader(before *reader) error {
	ok, err := v.readAfter()
	if err != nil {
		return err
	}
	if !ok || !bytes.Equal(before.raw, v.after.raw) || !bytes.Equal(before.gap, v.after.gap) {
		v.fail(HeaderChanged, -1)
		return errStop
	}
	v.after.columns = before.columns
	return nil
}

// compareBatch compares the parts of a batch, and leaves it if something is wrong with
// their text.
func (v *verifier) compareBatch(b *batch) {
	if !isPlainText(b.before) {
		return
	}
	v.after = &v.output
	v.tokens, v.result, v.facts = b.tokens, Verification{Failures: b.result.Failures[:0]}, b.facts[:0]
	v.tokens.Clear()
	b.isRegular = v.compareParts(b)
	b.tokens, b.result, b.facts = v.tokens, v.result, v.facts
}

// compareParts compares the parts of a batch. It returns false if they are not regular.
func (v *verifier) compareParts(b *batch) bool {
	before, after := &v.input, v.after
	b.open(before, v.inputFile, b.before)
	b.open(after, v.outputFile, b.after)
	before.isText = true
	for start := 0; b.isLast || start < len(b.before); start = before.at {
		line := before.next
		place := v.models.of(b.before[start:])
		ok, err := before.readLike(*place)
		if err != nil {
			return false
		}
		if !ok {
			if ok, err := after.read(); ok || err != nil {
				return false
			}
			if !bytes.Equal(before.gap, after.gap) {
				v.fail(LineEndChanged, -1)
			}
			break
		}
		must := v.dutyOf(before)
		text := b.before[start:before.at]
		size, isSeen := len(text), false
		switch {
		case text[len(text)-1] != '\n': // the last row, and the output may have a line end there
		case must.isNone():
			isSeen = bytes.HasPrefix(b.after[after.at:], text)
		default:
			size, isSeen = v.isExpected(before, place, text, b.after[after.at:])
		}
		if *place == nil {
			v.keep(place, before, false)
		}
		if isSeen {
			after.at, after.marks = after.at+size, before.marks
			after.next += before.next - line
			v.result.Rows++
			continue
		}
		if ok, err := after.read(); !ok || err != nil {
			return false
		}
		v.compareRow(before, must)
	}
	return after.at == len(b.after)
}

// takeBatch adds what a worker found in a batch. Whether the tokens in it are right, only
// those of all batches before tell.
func (v *verifier) takeBatch(b *batch) error {
	if v.tokens.Take(b.tokens) {
		v.result.add(&b.result)
	} else {
		v.after = &v.output
		v.compareParts(b)
		v.after, v.facts = v.outputFile, v.facts[:0]
	}
	return v.takeFacts(&b.facts)
}

// compareRow compares a row of the input, from which something must go or not, with that of
// the output.
func (v *verifier) compareRow(before *reader, must duty) {
	v.result.Rows++
	if !bytes.Equal(before.gap, v.after.gap) {
		v.fail(LineEndChanged, -1)
	}
	if must.isNone() {
		if !bytes.Equal(before.raw, v.after.raw) {
			v.fail(RowChanged, v.firstDifference(before))
		}
		return
	}
	if !bytes.Equal(before.raw[before.body():], v.after.raw[v.after.body():]) {
		v.fail(LineEndChanged, -1)
	}
	v.values.Reset()
	goneOwner := -1
	var names nameDuty
	if must.all {
		goneOwner = v.learnRow(before)
	}
	v.parts = nil
	if must.all {
		for _, value := range must.values {
			v.learnValue(value, false)
		}
	} else {
		v.parts = must.values
	}
	if must.all && v.policy.Names {
		names = v.namesOf(before)
	}
	replaced := v.result.Replaced
	for i, column := range before.columns {
		if before.cells[i].quoted != v.after.cells[i].quoted {
			v.fail(QuotesChanged, i)
			continue
		}
		cell := before.text(i)
		kept, name := v.splitName(column, cell, names)
		if must.all {
			v.expect(kept, column, i == goneOwner)
		} else {
			v.expectParts(kept, column)
		}
		if len(name) > 0 {
			v.expectName(column, name, names.lab)
		}
		v.checkCell(i, cell, v.after.text(i))
	}
	if v.result.Replaced > replaced {
		v.result.Changed++
	}
}

// firstDifference returns the column in which two rows differ first, or -1.
func (v *verifier) firstDifference(before *reader) int {
	for i := range before.cells {
		if !bytes.Equal(before.text(i), v.after.text(i)) {
			return i
		}
	}
	return -1
}

// learnRow fills values with all that has to go from the row, and returns the column
// of the owner, if that has to go as a whole, or -1.
func (v *verifier) learnRow(r *reader) (goneOwner int) {
	goneOwner = -1
	for i, column := range r.columns {
		cell := r.text(i)
		if column.content == owner {
			if !v.isOwnerGone(cell) {
				continue
			}
			goneOwner = i
			v.learnValue(cell, true)
		}
		v.learnCell(cell)
	}
	return goneOwner
}

// learnCell adds to values what has to go from a cell.
func (v *verifier) learnCell(cell []byte) {
	v.spans = v.finder.Find(v.spans[:0], cell)
	goes := false
	for _, s := range v.spans {
		if value := cell[s.Start:s.End]; !v.isAnonymous(value) {
			v.learnValue(value, s.Kind == identity.UserSpan)
			goes = true
		}
	}
	if goes {
		for _, x := range v.finder.UserSegments(nil, cell) {
			if !v.isAnonymous(x) {
				v.learnValue(x, true)
			}
		}
	}
	if v.kind == identity.PseudonymReplacement || !quiet.MayHoldPseudonym(cell) {
		return
	}
	for digits := range v.finder.GUIDs(cell) { // pseudonyms of an earlier run
		if identity.ReplacementKindOf(digits[:]) == identity.PseudonymReplacement {
			v.values.Add(digits[:])
		}
	}
}

// isOwnerGone reports whether an owner goes from a row that is due.
func (v *verifier) isOwnerGone(cell []byte) bool {
	normal := identity.AppendNormal(nil, cell)
	return len(normal) > 0 && (!v.isAnonymous(cell) || len(v.requestsOfOwner(normal)) > 0)
}

// learnValue adds a text that goes from the row, unless it says that there is nobody. Of
// an owner or user its object IDs go, too.
func (v *verifier) learnValue(text []byte, ofSomebody bool) {
	normal := v.normal(text)
	if ids.IsNobody(normal) {
		return
	}
	v.values.Add(text)
	if ofSomebody {
		ids.Each(normal, v.values.Add)
	}
}

// checkCell holds the i-th cell of the output to what is expected of it.
func (v *verifier) checkCell(i int, before, after []byte) {
	rest := after
	v.written = v.written[:0]
	for _, p := range v.pieces {
		n, ok := v.match(rest, p)
		if !ok {
			v.fail(v.mismatch(p.kind, i, before, after), i)
			return
		}
		if p.kind != literal {
			v.result.Replaced++
			start := len(after) - len(rest)
			v.written = append(v.written, identity.Span{Start: start, End: start + n})
		}
		rest = rest[n:]
	}
	switch {
	case len(rest) > 0:
		v.fail(v.mismatch(literal, i, before, after), i)
	case !v.after.columns[i].isAsDocumented(after) && v.isLeftIn(after, v.after.columns[i]):
		v.fail(IdentifierLeft, i)
	}
}

// mismatch returns what is wrong with a cell that is not as expected from a piece of
// that kind on.
func (v *verifier) mismatch(kind pieceKind, i int, before, after []byte) FailureKind {
	switch {
	case v.isLeftIn(after, v.after.columns[i]):
		return IdentifierLeft
	case kind == nameToken && bytes.EqualFold(before, after):
		return NameLeft
	case kind == literal:
		return CellChanged
	}
	return WrongReplacement
}

// isLeftIn reports whether something that had to go from the row is in a cell of a
// column.
func (v *verifier) isLeftIn(cell []byte, column column) bool {
	if v.parts == nil {
		return v.isLeft(cell, column)
	}
	left := false
	v.eachTaken(cell, column, func(normal []byte) {
		left = left || slices.ContainsFunc(v.parts, func(gone []byte) bool { return bytes.Equal(gone, normal) })
	})
	return left
}

// expectParts sets the pieces that are expected of a cell from which only identifiers of
// requests go.
func (v *verifier) expectParts(cell []byte, column column) {
	v.pieces = v.pieces[:0]
	v.spans = v.spans[:0]
	if !column.isAsDocumented(cell) {
		for _, value := range v.parts {
			for _, s := range v.takenOf(value, cell, column) {
				if s.Kind != identity.ObjectIDSpan || column.content != guid { // or it is of the subscription, lab or resource
					v.spans = append(v.spans, s)
				}
			}
		}
	}
	slices.SortFunc(v.spans, func(a, b identity.Span) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	start, end, last := 0, 0, -1
	for _, s := range v.spans {
		if last >= 0 && s.Start < end { // it overlaps the one before
			end = max(end, s.End)
			v.pieces[last].value = v.normalOf(cell[start:end], v.pieces[last].kind)
			continue
		}
		kind := address
		if s.Kind == identity.ObjectIDSpan {
			kind = objectID
		}
		v.pieces = append(v.pieces, piece{text: cell[end:s.Start]}, v.pieceOf(cell[s.Start:s.End], kind))
		start, end, last = s.Start, s.End, len(v.pieces)-1
	}
	v.pieces = append(v.pieces, piece{text: cell[end:]})
}

// fail adds a failure on the line of the output, in the i-th column or, if that is
// negative, in none.
func (v *verifier) fail(kind FailureKind, i int) {
	v.result.Failed++
	if len(v.result.Failures) >= maxFailures {
		return
	}
	f := Failure{FileID: v.pair.FileID, Line: v.after.line, Kind: kind}
	if i >= 0 {
		f.Column, f.Number = v.after.columns[i].id, i+1
	}
	v.result.Failures = append(v.result.Failures, f)
}
