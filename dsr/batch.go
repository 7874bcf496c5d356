package dsr

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A batch is a run of rows of one file, as records or as typed rows: what is
// decided about either is decided by the same code.
type batch interface {
	len() int
	// machine and disk set row to the i-th row, whose cells are valid as long as
	// the batch; nil where the file has no such column. The IDs of a machine are
	// asked for more rarely than the rest, those of a disk also alone. Rows are
	// asked for in order, with the same row to set.
	machine(i int, row *machineRow)
	machineIDs(i int, row *machineRow)
	disk(i int, row *diskRow)
	diskIDs(i int, row *diskRow)
	key(i int) csvschema.Key
	line(i int) int64 // 0 for typed rows, and while work is done
}

// A machineRow is what decides about a row of virtual machines.
type machineRow struct {
	lab, owner, environment []byte
	uid, resource, compute  []byte // IDs
	dates
	sameLab bool // as in the row before; if not, it may be the same all the same
}

// A diskRow is what decides about a row of disks.
type diskRow struct {
	lab, uid, resource, lease []byte
	dates
}

// dates are the cells that tell when a resource was created and deleted.
type dates struct{ created, deleted []byte }

func (d *dates) lifetime(zone *time.Location) lifetime {
	return lifetime{newInstant(d.created, zone), newInstant(d.deleted, zone)}
}

// A recordBatch is a chunk of a file.
type recordBatch struct {
	chunk   *csvschema.Chunk
	columns *positions
}

// positions are where the columns of a file stand, from 0; -1 for those that it
// has not.
type positions struct {
	lab                int
	machine, ids, disk []int
}

func newPositions(h *csvschema.Header) *positions {
	of := func(columns ...csvschema.Column) (positions []int) {
		for _, c := range columns {
			positions = append(positions, h.Index(c))
		}
		return positions
	}
	return &positions{
		lab:     h.Index(csvschema.LabUId),
		machine: of(csvschema.ResourceOwner, csvschema.EnvironmentId, csvschema.CreatedTime, csvschema.DeletedDate),
		ids:     of(csvschema.ResourceUId, csvschema.ResourceId, csvschema.ComputeResourceId),
		disk:    of(csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.LeasedByVmId, csvschema.CreatedTime, csvschema.DeletedDate),
	}
}

func (b recordBatch) len() int { return b.chunk.Len() }

func (b recordBatch) machine(i int, row *machineRow) {
	rec, at := b.chunk.Record(i), b.columns
	if row.sameLab = i > 0 && rec.Repeats(at.lab); !row.sameLab {
		row.lab = rec.Cell(at.lab)
	}
	var cells [4][]byte
	rec.Cells(cells[:], at.machine)
	row.owner, row.environment, row.created, row.deleted = cells[0], cells[1], cells[2], cells[3]
}

func (b recordBatch) machineIDs(i int, row *machineRow) {
	var cells [3][]byte
	b.chunk.Record(i).Cells(cells[:], b.columns.ids)
	row.uid, row.resource, row.compute = cells[0], cells[1], cells[2]
}

func (b recordBatch) disk(i int, row *diskRow) {
	var cells [6][]byte
	b.chunk.Record(i).Cells(cells[:], b.columns.disk)
	row.lab, row.uid, row.resource, row.lease, row.created, row.deleted = cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]
}

func (b recordBatch) diskIDs(i int, row *diskRow) {
	var cells [4][]byte
	b.chunk.Record(i).Cells(cells[:], b.columns.disk[:len(cells)])
	row.lab, row.uid, row.resource, row.lease = cells[0], cells[1], cells[2], cells[3]
}

func (b recordBatch) key(i int) csvschema.Key { return b.chunk.Record(i).Key() }

func (b recordBatch) line(i int) int64 { return b.chunk.Record(i).Line() }

// A machineBatch is a run of typed rows of virtual machines.
type machineBatch []csvschema.VirtualMachineRow

func (b machineBatch) len() int { return len(b) }

func (b machineBatch) machine(i int, row *machineRow) {
	r := &b[i]
	row.lab, row.owner, row.environment = []byte(r.LabUId), []byte(r.ResourceOwner.Reveal()), []byte(r.EnvironmentId.Reveal())
	row.created, row.deleted = []byte(r.CreatedTime.String()), []byte(r.DeletedDate.String())
}

func (b machineBatch) machineIDs(i int, row *machineRow) {
	r := &b[i]
	row.uid, row.resource, row.compute = []byte(r.ResourceUId), []byte(r.ResourceId.Reveal()), []byte(r.ComputeResourceId.Reveal())
}

func (machineBatch) disk(int, *diskRow) {} // never asked

func (machineBatch) diskIDs(int, *diskRow) {} // never asked

func (b machineBatch) key(i int) csvschema.Key { return b[i].Key() }

func (machineBatch) line(int) int64 { return 0 }

// A diskBatch is a run of typed rows of disks.
type diskBatch []csvschema.DiskRow

func (b diskBatch) len() int { return len(b) }

func (diskBatch) machine(int, *machineRow) {} // never asked

func (diskBatch) machineIDs(int, *machineRow) {} // never asked

func (b diskBatch) disk(i int, row *diskRow) {
	b.diskIDs(i, row)
	r := &b[i]
	row.created, row.deleted = []byte(r.CreatedTime.String()), []byte(r.DeletedDate.String())
}

func (b diskBatch) diskIDs(i int, row *diskRow) {
	r := &b[i]
	row.lab, row.uid, row.resource, row.lease = []byte(r.LabUId), []byte(r.ResourceUId), []byte(r.ResourceId.Reveal()), []byte(r.LeasedByVmId.Reveal())
}

func (b diskBatch) key(i int) csvschema.Key { return b[i].Key() }

func (diskBatch) line(int) int64 { return 0 }
