package dsr

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/internal/links"
)

// A Shown is a row that helps a person to decide about a finding.
type Shown struct {
	csvschema.FileID     // the file
	Finding          int // index in the findings
	// Competes says that the row is not that of the finding, but one to compare it with:
	// a row of a virtual machine that an [Undetermined] disk may belong to, or another row
	// of the virtual machine of an [AliasCandidate].
	Competes bool
	Key      csvschema.Key    // the resource of the row
	Row      int64            // number of the row in its file, from 1, not counting the header
	Line     int64            // physical line on which the row begins, from 1
	Record   csvschema.Record // the row as it is in the file; valid until emit returns
}

// Show calls emit for the rows of findings, which [Filter] returned for the same exports,
// and for the rows of virtual machines that compete: first disks, then virtual machines, by
// export, file and row, and those of one row by finding. For an undetermined disk these are
// rows of all exports with an ID by which the disk names its machine, also those that the
// dates exclude. Of rows with one ID, or of one machine, the first hundred compete. The rows
// name people; they are for whoever decides.
//
// A disks file with a finding is read once, and so is every virtual machines file if some
// row may compete; otherwise only those with a finding. If a row is not the one that the
// finding is about, as [Finding.Digest] tells them apart, the exports are not the same: the
// error is [csvschema.ErrSourceChanged]. Other errors are those of Filter. Show uses only
// the options MaxRecordBytes, Progress and Workers.
//
// Show holds a few chunks, and for each finding its key and the IDs of the disk.
func Show(ctx context.Context, exports []csvschema.Export, findings []Finding, emit func(Shown) error, o *Options) error {
	files, err := filesOf(exports, o)
	if err != nil {
		return err
	}
	v := &viewing{
		findings: findings, emit: emit, rows: make(map[csvschema.FileID][]int),
		seeds: links.NewSeeds(), links: make(map[linkKey]*rivals), copies: make(map[csvschema.KeyHash]*rivals),
	}
	for i, f := range findings {
		if f.Row < 1 {
			return &csvschema.Error{FileID: f.FileID, Err: csvschema.ErrSourceChanged}
		}
		v.rows[f.FileID] = append(v.rows[f.FileID], i)
		if hash := f.Key.Hash(); f.Kind == AliasCandidate && hash != (csvschema.KeyHash{}) {
			addRival(v.copies, hash, i)
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
	rows     map[csvschema.FileID][]int // the findings of each file, by row
	seeds    *links.Seeds
	links    map[linkKey]*rivals           // of disks with a link
	copies   map[csvschema.KeyHash]*rivals // of a virtual machine that may have another owner
	workers  sync.Pool                     // of *worker
}

// Rivals are the findings for which the same rows compete.
type rivals struct {
	findings []int
	rows     int // that were emitted
}

// maxRows is how many rows compete. The findings and the rows of one machine may be many.
const maxRows = 100

func addRival[K comparable](all map[K]*rivals, key K, finding int) {
	if all[key] == nil {
		all[key] = &rivals{}
	}
	all[key].findings = append(all[key].findings, finding)
}

// A rivalRow is a row of a chunk, by its index, that competes.
type rivalRow struct {
	row int
	of  *rivals
}

// A shownFor is a finding for which a row is emitted.
type shownFor struct {
	finding  int
	competes bool
}

// worker returns a worker for one chunk.
func (v *viewing) worker() *worker {
	if w, ok := v.workers.Get().(*worker); ok {
		return w
	}
	return &worker{linker: linker{seeds: v.seeds}}
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
	err := csvschema.ForEachChunk(ctx, f, csvschema.Pass[[]rivalRow]{
		Header: func(h *csvschema.Header) error {
			at = newColumns(h)
			return nil
		},
		Work: func(c *csvschema.Chunk) []rivalRow {
			if !competes {
				return nil
			}
			return v.competitors(at, c)
		},
		Emit: func(c *csvschema.Chunk, found []rivalRow) error {
			for len(left) > 0 || len(found) > 0 {
				row := c.Len()
				if len(found) > 0 {
					row = found[0].row
				}
				if len(left) > 0 {
					row = int(min(int64(row), v.findings[left[0]].Row-rows-1))
				}
				if row == c.Len() {
					break
				}
				var shown []shownFor
				for ; len(left) > 0 && v.findings[left[0]].Row == rows+int64(row)+1; left = left[1:] {
					shown = append(shown, shownFor{left[0], false})
				}
				for ; len(found) > 0 && found[0].row == row; found = found[1:] {
					shown = found[0].of.appendShown(shown)
				}
				slices.SortFunc(shown, func(a, b shownFor) int { return a.finding - b.finding })
				for _, one := range slices.Compact(shown) {
					if err := v.show(f, at, c.Record(row), rows+int64(row)+1, one); err != nil {
						return err
					}
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

// appendShown appends the findings for which one more row competes.
func (r *rivals) appendShown(dst []shownFor) []shownFor {
	if r.rows++; r.rows > maxRows {
		return dst
	}
	for _, finding := range r.findings {
		dst = append(dst, shownFor{finding, true})
	}
	return dst
}

// show emits a row, unless it is the row of the finding and competes with itself. It notes
// the links of the disk of a finding.
func (v *viewing) show(f *csvschema.File, at *columns, rec csvschema.Record, number int64, one shownFor) error {
	finding, key := v.findings[one.finding], rec.Key()
	isOwn := finding.FileID == f.FileID && finding.Row == number
	if isOwn && one.competes {
		return nil
	}
	if isOwn && (finding.Key != key || finding.row != newRowSum(rec)) {
		return &csvschema.Error{FileID: f.FileID, Line: rec.Line(), Err: csvschema.ErrSourceChanged}
	}
	if isOwn && finding.Kind == Undetermined && f.Role == csvschema.Disks {
		w, row := v.worker(), cells{}
		at.disk(rec, &row)
		w.setLab(row.lab)
		found, _ := w.appendDiskLinks(nil, &row)
		for _, l := range found {
			addRival(v.links, w.linkKey(l), one.finding)
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

// competitors returns the rows of a chunk that compete, in order.
func (v *viewing) competitors(at *columns, c *csvschema.Chunk) (found []rivalRow) {
	w := v.worker()
	defer v.workers.Put(w)
	var row cells
	for i := range c.Len() {
		rec := c.Record(i)
		if of := v.copies[rec.KeyHash()]; of != nil {
			found = append(found, rivalRow{i, of})
		}
		if len(v.links) == 0 {
			continue
		}
		at.machine(rec, &row)
		at.machineIDs(rec, &row)
		w.setLab(rec.Cell(at.lab))
		for _, l := range w.machineLinks(&row) {
			of := v.links[w.linkKey(l)]
			if one := (rivalRow{i, of}); of != nil && !slices.Contains(found[max(len(found)-4, 0):], one) {
				found = append(found, one)
			}
		}
	}
	return found
}
