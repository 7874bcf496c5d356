package anonymize

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// Rows takes the identifiers out of the rows that are due now, in place, as
// [Policy.Copy] does in files: for services that hold rows and not files. Either
// slice may be nil. On an error, [ErrPolicy] or [ErrTooManyIdentifiers], all rows
// are as they were. The date of a typed row is always readable.
func (p *Policy) Rows(now time.Time, virtualMachines []csvschema.VirtualMachineRow, disks []csvschema.DiskRow) (Stats, error) {
	rules, err := p.rules(now)
	if err == nil {
		err = rules.withoutPlan()
	}
	if err != nil {
		return Stats{}, err
	}
	w := newRewriter(rules)
	var stats Stats
	machines, err := changedRows(rules, w, virtualMachines, &stats)
	if err != nil {
		return Stats{}, err
	}
	rest, err := changedRows(rules, w, disks, &stats)
	if err != nil {
		return Stats{}, err
	}
	for i, changed := range machines {
		virtualMachines[i] = changed
	}
	for i, changed := range rest {
		disks[i] = changed
	}
	return stats, nil
}

// changedRows returns the rows that change, by their index.
func changedRows[T csvschema.Row](rules *rules, w *rewriter, rows []T, stats *Stats) (map[int]T, error) {
	columns := csvschema.RoleOf[T]().Columns()
	c := copier{rewriter: w, row: newRow(columns), rules: rules}
	if rules.requests != nil {
		c.matcher = &matcher{set: rules.requests}
	}
	changed := map[int]T{}
	var texts []string
	for i := range rows {
		cells := csvschema.CellsOf(&rows[i])
		v := newVerdict(csvschema.ParseTime([]byte(cells.Cell(csvschema.DeletedDate)), rules.Zone))
		texts = cells.AppendCells(texts[:0])
		for j, text := range texts {
			c.row.cells[j] = append(c.row.cells[j][:0], text...)
		}
		var key csvschema.KeyHash
		if rules.needsKeys() {
			key = rules.hasher.Key(cells.Key())
			if d, ok := rules.decided(key); ok {
				v = d
			}
		}
		var matches []requestMatch
		if c.matcher != nil {
			matches = c.matcher.match(c.row, c.isOwnerless())
		}
		is := rules.rule(key, v, matches)
		is.count(stats)
		var edits []edit
		var err error
		switch {
		case is.whole:
			edits, err = w.rewrite(c.row, c.asked(is, v), stats)
		case is.parts:
			edits, err = w.rewriteParts(c.row, c.asked(is, v), stats)
		}
		if err != nil {
			return nil, &csvschema.Error{Role: cells.Role(), Err: err}
		}
		if len(edits) == 0 {
			continue
		}
		row := rows[i]
		for _, e := range edits {
			if err := csvschema.CellsOf(&row).SetCell(columns[e.cell], string(w.text[e.start:e.end])); err != nil {
				return nil, err
			}
		}
		changed[i] = row
	}
	return changed, nil
}
