package dsr

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/labdsr/labdsr/csvschema"
)

// A Shown is a row that helps a person to decide about a finding.
type Shown struct {
	csvschema.FileID     // the file
	Finding          int // index in the findings
	// Competes says that the row is not that of the finding, but one that competes: of a
	// virtual machine that an [Undetermined] disk may belong to, or of the same virtual
	// machine as an [AliasCandidate].
	Competes bool
	Key      csvschema.Key    // the resource of the row
	Row      int64            // number of the row in its file, from 1, not counting the header
	Line     int64            // physical line on which the row begins, from 1
	Record   csvschema.Record // the row as it is in the file; valid until emit returns
}

// Show calls emit for the rows of findings, which [Filter] returned for the same exports,
// and for the rows of virtual machines that compete: first disks, then virtual machines, by
// export, file and row, and those of one row by finding. For an undetermined disk these are
// all rows of all exports with an ID by which the disk names its machine, also those that
// the dates exclude. The rows name people; they are for whoever decides.
//
// A disks file with a finding is read once, and so is every virtual machines file if some
// row may compete; otherwise only those with a finding. If a finding is of none of the
// rows, the exports are not the same: the error is [csvschema.ErrSourceChanged]. Other
// errors are those of Filter. Of the options it uses MaxRecordBytes, Progress and Workers.
//
// Show holds a few chunks, and for each finding its key and the IDs of the disk. It emits
// any number of rows: emit stops it with an error of its own.
func Show(ctx context.Context, exports []csvschema.Export, findings []Finding, emit func(Shown) error, o *Options) error {
	files, err := filesOf(exports, o)
	if err != nil {
		return err
	}
	v := &viewing{
		findings: findings, emit: emit, rows: make(map[csvschema.FileID][]int),
		linkSet: newLinkSet(), links: make(map[string][]int), copies: make(map[csvschema.KeyHash][]int),
	}
	for i, f := range findings {
		if f.Row < 1 {
			return &csvschema.Error{FileID: f.FileID, Err: csvschema.ErrSourceChanged}
		}
		v.rows[f.FileID] = append(v.rows[f.FileID], i)
		if hash := f.Key.Hash(); f.Kind == AliasCandidate && hash != (csvschema.KeyHash{}) {
			v.copies[hash] = append(v.copies[hash], i)
		}
	}
	for _, findings := range v.rows {
		slices.SortStableFunc(findings, func(a, b int) int { return cmp.Compare(v.findings[a].Row, v.findings[b].Row) })
	}
	for _, role := range []csvschema.Role{csvschema.Disks, csvschema.VirtualMachines} {
		for _, f := range files {
			if f.Role != role {
				continue
			}
			if err := v.file(ctx, f); err != nil {
				return err
			}
			delete(v.rows, f.FileID)
		}
	}
	for id := range v.rows { // a finding is of no file
		return &csvschema.Error{FileID: id, Err: csvschema.ErrSourceChanged}
	}
	return nil
}

// A viewing is one call of Show.
type viewing struct {
	findings []Finding
	emit     func(Shown) error
	rows     map[csvschema.FileID][]int  // the findings of each file, by row
	linkSet  *linkSet                    // knows the kinds of links
	links    map[string][]int            // findings of disks with a link, by worker.linkKey
	copies   map[csvschema.KeyHash][]int // findings of a virtual machine that may have another owner
	workers  sync.Pool                   // of *worker
}

// A shownRow is a row of a chunk, by its index, that is emitted for a finding.
type shownRow struct {
	row, finding int
	competes     bool
}

// worker returns a worker for one chunk.
func (v *viewing) worker() *worker {
	if w, ok := v.workers.Get().(*worker); ok {
		return w
	}
	return &worker{linkSet: v.linkSet}
}

// file makes a pass over a file.
func (v *viewing) file(ctx context.Context, f *csvschema.File) error {
	left := v.rows[f.FileID]
	competes := f.Role == csvschema.VirtualMachines && len(v.links)+len(v.copies) > 0
	if len(left) == 0 && !competes {
		return nil
	}
	var at *columns
	rows := int64(0) // before the chunk
	err := csvschema.ForEachChunk(ctx, f, csvschema.Pass[[]shownRow]{
		Header: func(h *csvschema.Header) error {
			at = newColumns(h)
			return nil
		},
		Work: func(c *csvschema.Chunk) []shownRow {
			if !competes {
				return nil
			}
			return v.competitors(at, c)
		},
		Emit: func(c *csvschema.Chunk, shown []shownRow) error {
			for len(left) > 0 && v.findings[left[0]].Row <= rows+int64(c.Len()) {
				shown = append(shown, shownRow{row: int(v.findings[left[0]].Row - rows - 1), finding: left[0]})
				left = left[1:]
			}
			slices.SortStableFunc(shown, func(a, b shownRow) int { return cmp.Or(a.row-b.row, a.finding-b.finding) })
			for _, one := range shown {
				if err := v.show(f, at, c.Record(one.row), rows+int64(one.row)+1, one); err != nil {
					return err
				}
			}
			rows += int64(c.Len())
			return nil
		},
	})
	if err == nil && len(left) > 0 {
		err = &csvschema.Error{FileID: f.FileID, Err: csvschema.ErrSourceChanged}
	}
	return err
}

// show emits a row, unless it is the row of the finding and competes with itself. It notes
// the links of the disk of a finding.
func (v *viewing) show(f *csvschema.File, at *columns, rec csvschema.Record, number int64, one shownRow) error {
	finding, key := v.findings[one.finding], rec.Key()
	isOwn := finding.FileID == f.FileID && finding.Row == number
	if isOwn && one.competes {
		return nil
	}
	if isOwn && finding.Key != key {
		return &csvschema.Error{FileID: f.FileID, Line: rec.Line(), Err: csvschema.ErrSourceChanged}
	}
	if isOwn && finding.Kind == Undetermined && f.Role == csvschema.Disks {
		w, row := v.worker(), cells{}
		at.diskIDs(rec, &row)
		w.setLab(row.lab)
		links, _ := w.appendDiskLinks(nil, &row)
		for _, l := range links {
			v.linkSet.kinds = v.linkSet.kinds.with(l.kind)
			key := string(w.linkKey(l))
			v.links[key] = append(v.links[key], one.finding)
		}
		v.workers.Put(w)
	}
	err := v.emit(Shown{
		FileID: f.FileID, Finding: one.finding, Competes: one.competes, Key: key, Row: number, Line: rec.Line(), Record: rec,
	})
	if err != nil {
		return &csvschema.Error{FileID: f.FileID, Line: rec.Line(), Err: err}
	}
	return nil
}

// competitors returns the rows of a chunk that compete.
func (v *viewing) competitors(at *columns, c *csvschema.Chunk) (found []shownRow) {
	w := v.worker()
	defer v.workers.Put(w)
	var row cells
	var findings []int
	for i := range c.Len() {
		rec := c.Record(i)
		findings = findings[:0]
		if len(v.copies) > 0 {
			findings = append(findings, v.copies[rec.KeyHash()]...)
		}
		if len(v.links) > 0 {
			at.machine(rec, &row)
			at.machineIDs(rec, &row)
			w.setLab(rec.Cell(at.lab))
			for _, l := range w.machineLinks(&row) {
				findings = append(findings, v.links[string(w.linkKey(l))]...)
			}
		}
		for _, finding := range unique(findings) {
			found = append(found, shownRow{i, finding, true})
		}
	}
	return found
}
