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
	p, err := p.settled()
	if err != nil {
		return Stats{}, err
	}
	w := &rewriter{policy: p}
	var stats Stats
	machines, err := changedRows(clock{p, now}, w, virtualMachines, &stats)
	if err != nil {
		return Stats{}, err
	}
	rest, err := changedRows(clock{p, now}, w, disks, &stats)
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
func changedRows[T csvschema.Row](c clock, w *rewriter, rows []T, stats *Stats) (map[int]T, error) {
	columns := csvschema.RoleOf[T]().Columns()
	r := newRow(columns)
	changed := map[int]T{}
	var texts []string
	for i := range rows {
		stats.Rows++
		cells := csvschema.CellsOf(&rows[i])
		deleted, empty, err := csvschema.ParseTime([]byte(cells.Cell(csvschema.DeletedDate)), c.policy.Zone)
		if err != nil {
			return nil, &csvschema.Error{Role: cells.Role(), Column: csvschema.DeletedDate, Err: err}
		}
		if !c.due(deleted, empty, stats) {
			continue
		}
		texts = cells.AppendCells(texts[:0])
		for j, text := range texts {
			r.cells[j] = append(r.cells[j][:0], text...)
		}
		edits, err := w.rewrite(r, stats)
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
