package dsr

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A machineRow is the cells that decide about a row of virtual machines. They are
// valid as long as the record, and nil where the file has no such column.
type machineRow struct {
	lab, owner, environment []byte
	uid, resource, compute  []byte // set by columns.machineIDs
	dates
	sameLab bool // the lab is known to be that of the row before
}

// A diskRow is the cells that decide about a row of disks.
type diskRow struct {
	lab, uid, resource, lease []byte
	dates                     // set by columns.disk
}

// dates are the cells that tell when a resource was created and deleted.
type dates struct{ created, deleted []byte }

func (d *dates) lifetime(zone *time.Location) lifetime {
	return lifetime{newInstant(d.created, zone), newInstant(d.deleted, zone)}
}

// columns are the positions, from 0, of the columns that decide, in one file; -1 for
// those that it does not have.
type columns struct {
	lab                int
	owners, ids, disks []int
}

func newColumns(h *csvschema.Header) *columns {
	positions := func(columns ...csvschema.Column) (positions []int) {
		for _, c := range columns {
			positions = append(positions, h.Index(c))
		}
		return positions
	}
	return &columns{
		lab:    h.Index(csvschema.LabUId),
		owners: positions(csvschema.ResourceOwner, csvschema.EnvironmentId, csvschema.CreatedTime, csvschema.DeletedDate),
		ids:    positions(csvschema.ResourceUId, csvschema.ResourceId, csvschema.ComputeResourceId),
		disks:  positions(csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.LeasedByVmId, csvschema.CreatedTime, csvschema.DeletedDate),
	}
}

// machine sets row to the cells of a virtual machine, but for its IDs. Records are
// given in their order, with the same row to set.
func (at *columns) machine(rec csvschema.Record, isFirst bool, row *machineRow) {
	if row.sameLab = !isFirst && rec.Repeats(at.lab); !row.sameLab {
		row.lab = rec.Cell(at.lab)
	}
	var cells [4][]byte
	rec.Cells(cells[:], at.owners)
	row.owner, row.environment, row.created, row.deleted = cells[0], cells[1], cells[2], cells[3]
}

// machineIDs sets the IDs of a virtual machine, which are needed more rarely.
func (at *columns) machineIDs(rec csvschema.Record, row *machineRow) {
	var cells [3][]byte
	rec.Cells(cells[:], at.ids)
	row.uid, row.resource, row.compute = cells[0], cells[1], cells[2]
}

// disk sets row to the cells of a disk.
func (at *columns) disk(rec csvschema.Record, row *diskRow) {
	var cells [6][]byte
	rec.Cells(cells[:], at.disks)
	row.lab, row.uid, row.resource, row.lease, row.created, row.deleted = cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]
}

// diskIDs sets row to the cells of a disk but for its dates.
func (at *columns) diskIDs(rec csvschema.Record, row *diskRow) {
	var cells [4][]byte
	rec.Cells(cells[:], at.disks[:len(cells)])
	row.lab, row.uid, row.resource, row.lease = cells[0], cells[1], cells[2], cells[3]
}
