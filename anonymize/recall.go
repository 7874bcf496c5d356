package anonymize

import (
	"time"

	"github.com/labdsr/labdsr/anonymize/internal/index"
	"github.com/labdsr/labdsr/csvschema/fate"
)

// NOTE. What becomes of a row depends on all copies of its resource, so that it is not known
// before all files were read. Pass 1 remembers for each row where the index has its resource,
// and a mark:
//
//	pass 1   row ─► entry 17, unchanged     row ─► entry 18, changes     …
//	pass 4   entry 17: deleted in May  ─► all goes: nothing changes
//	         entry 18: deleted in July ─► goes later
//
// A chunk is read again if that does not tell all: if a person should know something of a
// row, or if the text of the row matters. With requests, names and previews it always does.

// A mark says what it takes to rule that all identifiers of a row go.
type mark uint8

const (
	changes   mark = iota // Apply rewrites the row
	unchanged             // nothing changes; what is anonymous in it is in recalled
	unclear               // its text decides
)

// recalled is what pass 1 remembers of a chunk. It is empty if that is nothing.
type recalled struct {
	rows                    []uint32 // see newRecalledRow
	anonymous, derivedNames int32    // as in Stats, of all rows that are marked unchanged
}

// newRecalledRow returns what is remembered of a row: the number of its resource in the index,
// times four, plus its mark. It is 0 for the row of no resource.
func newRecalledRow(n index.Number, m mark) uint32 { return uint32(n)<<2 | uint32(m) }

// recalls reports whether pass 1 remembers rows. If not, pass 4 needs the text of all.
func (r *rules) recalls() bool { return r.requests == nil && !r.Names && !r.Preview }

// newRecalled returns what is known of a chunk, but not yet its rows.
func newRecalled(k *worker) recalled {
	return recalled{make([]uint32, len(k.marks)), int32(k.left.Anonymous), int32(k.left.DerivedNames)} //nolint:gosec // a chunk has fewer bytes
}

// mark returns the mark of the i-th record, and counts what is anonymous in it. What is likely
// to be unchanged is rewritten, to see.
func (k *worker) mark(i int, f index.Fact) mark {
	rec := k.chunk.Record(i)
	if k.mayFail(rec) {
		return unclear
	}
	if !k.isDone(rec) {
		return changes
	}
	if at, ok := f.Deleted(); !ok || !k.rules.Due(at, k.rules.now) {
		return unclear
	}
	var stats Stats
	switch ok := k.change(i, ruling{Keeping: fate.Keeping{Fate: fate.GoesNow}}, nil, &stats); {
	case !ok:
		k.fault = nil
		return unclear
	case stats.Changed > 0:
		return changes
	}
	k.left.add(&stats)
	return unchanged
}

// recall decides about the rows of a file as far as pass 1 tells enough, and reports whether
// it does for all of them.
func (p *Plan) recall(f *plannedFile, reporter *reporter) bool {
	f.going = make([][]uint32, len(f.recalled))
	k, all := &worker{days: map[time.Time]int64{}}, p.rules.recalls()
	for i := range f.recalled {
		if !p.rules.recalls() || !p.recallChunk(&f.recalled[i], k) {
			all = false
			continue
		}
		f.going[i] = append([]uint32{}, k.going...)
		p.take(f, k, reporter)
	}
	f.recalled = nil
	return all
}

// isRuled reports whether it is known what becomes of the rows of a chunk.
func (f *plannedFile) isRuled(number int) bool {
	return number < len(f.going) && f.going[number] != nil
}

// recallChunk decides about the rows of a chunk. It returns false if the chunk must be read.
func (p *Plan) recallChunk(c *recalled, k *worker) bool {
	k.stats, k.left, k.going = Stats{}, Stats{Anonymous: int64(c.anonymous), DerivedNames: int64(c.derivedNames)}, k.going[:0]
	clear(k.days)
	for i, row := range c.rows {
		if row == 0 {
			return false
		}
		e, m := p.index.At(index.Number(row>>2)), mark(row&3)
		if e.IsKnown() && !e.IsClear() || p.rules.needsKeys() && p.rules.concerns(e.Key()) {
			return false
		}
		var v verdict
		if e.IsKnown() {
			v = p.verdict(e)
		}
		is := p.rules.rule(e.Key(), v, nil)
		is.count(&k.stats)
		switch goes := is.Fate == fate.GoesNow; {
		case goes && m == unclear, !goes && m == unchanged:
			return false
		case goes && m == changes:
			k.going = append(k.going, newGoing(i, true))
		case is.Fate == fate.GoesLater:
			k.days[dayOf(is)]++
		}
	}
	return true
}

// dayOf returns the day on which a row that goes later is due.
func dayOf(is ruling) time.Time { return is.At.UTC().Truncate(24 * time.Hour) }
