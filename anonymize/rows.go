package anonymize

import (
	"time"

	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/csvschema"
)

// Rows takes the identifiers out of the rows that are due now, in place, as
// [Policy.Copy] does in files: for services that hold rows and not files. Either
// slice may be nil. On an error, [ErrPolicy], [ErrNeedsPlan] or
// [ErrTooManyIdentifiers], all rows are as they were. The date of a typed row is
// always readable.
func (p *Policy) Rows(now time.Time, virtualMachines []csvschema.VirtualMachineRow, disks []csvschema.DiskRow) (Stats, error) {
	rules, err := p.rules(now)
	if err == nil {
		err = rules.withoutPlan()
	}
	if err != nil {
		return Stats{}, err
	}
	var stats Stats
	changedMachines, err := changedRows(rules, virtualMachines, &stats)
	if err != nil {
		return Stats{}, err
	}
	changedDisks, err := changedRows(rules, disks, &stats)
	if err != nil {
		return Stats{}, err
	}
	for i, changed := range changedMachines {
		virtualMachines[i] = changed
	}
	for i, changed := range changedDisks {
		disks[i] = changed
	}
	return stats, nil
}

// changedRows returns the rows that change, by their index.
func changedRows[T csvschema.Row](rules *rules, rows []T, stats *Stats) (map[int]T, error) {
	columns := csvschema.CellsOf(new(T)).Role().Columns()
	w, r := newRewriter(rules), cells.New(columns)
	r.Texts = make([][]byte, len(columns))
	changed := map[int]T{}
	var texts []string
	for i := range rows {
		typed := csvschema.CellsOf(&rows[i])
		v := newVerdict(csvschema.ParseTime([]byte(typed.Cell(csvschema.DeletedDate)), rules.Zone))
		texts = typed.AppendCells(texts[:0])
		for j, text := range texts {
			r.Texts[j] = append(r.Texts[j][:0], text...)
		}
		var key csvschema.KeyHash
		if rules.needsKeys() {
			key = typed.Key().Hash()
			if decided, ok := rules.decided(key); ok {
				v = decided
			}
		}
		matches := w.matchesOf(&r)
		is := rules.rule(key, v, matches)
		is.count(stats)
		edits, err := w.edits(&r, is, matches, stats)
		if err != nil {
			return nil, &csvschema.Error{FileID: csvschema.FileID{Role: typed.Role()}, Err: err}
		}
		if len(edits) == 0 {
			continue
		}
		row := rows[i]
		for _, e := range edits {
			if err := csvschema.CellsOf(&row).SetCell(columns[e.Cell], string(e.Text)); err != nil {
				return nil, err
			}
		}
		changed[i] = row
	}
	return changed, nil
}
