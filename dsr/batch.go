package dsr

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A batch is a run of rows of one file, as records or as typed rows: what is
// decided about either is decided by the same code.
type batch interface {
	len() int
	// cell returns a cell of the i-th row, which is valid as long as the batch,
	// or nil if the file has no such column.
	cell(i int, c csvschema.Column) []byte
	date(i int, c csvschema.Column, zone *time.Location) instant
	key(i int) csvschema.Key
	line(i int) int64 // 0 for typed rows
}

// A recordBatch is a chunk of a file.
type recordBatch struct{ chunk *csvschema.Chunk }

func (b recordBatch) len() int { return b.chunk.Len() }

func (b recordBatch) cell(i int, c csvschema.Column) []byte { return b.chunk.Record(i).Value(c) }

func (b recordBatch) date(i int, c csvschema.Column, zone *time.Location) instant {
	t, empty, err := csvschema.ParseTime(b.cell(i, c), zone)
	switch {
	case err != nil:
		return instant{unreadable: true}
	case empty:
		return instant{}
	}
	return newInstant(t)
}

func (b recordBatch) key(i int) csvschema.Key { return b.chunk.Record(i).Key() }

func (b recordBatch) line(i int) int64 { return b.chunk.Record(i).Line() }

// A machineBatch is a run of typed rows of virtual machines.
type machineBatch []csvschema.VirtualMachineRow

func (b machineBatch) len() int { return len(b) }

func (b machineBatch) cell(i int, c csvschema.Column) []byte {
	row := &b[i]
	switch c { //nolint:exhaustive // nothing else is asked for
	case csvschema.LabUId:
		return []byte(row.LabUId)
	case csvschema.ResourceUId:
		return []byte(row.ResourceUId)
	case csvschema.ResourceId:
		return []byte(row.ResourceId.Reveal())
	case csvschema.ComputeResourceId:
		return []byte(row.ComputeResourceId.Reveal())
	case csvschema.ResourceOwner:
		return []byte(row.ResourceOwner.Reveal())
	case csvschema.EnvironmentId:
		return []byte(row.EnvironmentId.Reveal())
	}
	return nil
}

func (b machineBatch) date(i int, c csvschema.Column, zone *time.Location) instant {
	if c == csvschema.DeletedDate {
		return typedInstant(b[i].DeletedDate, zone)
	}
	return typedInstant(b[i].CreatedTime, zone)
}

func (b machineBatch) key(i int) csvschema.Key { return b[i].Key() }

func (machineBatch) line(int) int64 { return 0 }

// A diskBatch is a run of typed rows of disks.
type diskBatch []csvschema.DiskRow

func (b diskBatch) len() int { return len(b) }

func (b diskBatch) cell(i int, c csvschema.Column) []byte {
	row := &b[i]
	switch c { //nolint:exhaustive // nothing else is asked for
	case csvschema.LabUId:
		return []byte(row.LabUId)
	case csvschema.ResourceUId:
		return []byte(row.ResourceUId)
	case csvschema.ResourceId:
		return []byte(row.ResourceId.Reveal())
	case csvschema.LeasedByVmId:
		return []byte(row.LeasedByVmId.Reveal())
	}
	return nil
}

func (b diskBatch) date(i int, c csvschema.Column, zone *time.Location) instant {
	if c == csvschema.DeletedDate {
		return typedInstant(b[i].DeletedDate, zone)
	}
	return typedInstant(b[i].CreatedTime, zone)
}

func (b diskBatch) key(i int) csvschema.Key { return b[i].Key() }

func (diskBatch) line(int) int64 { return 0 }

// typedInstant returns what a typed cell says. It cannot be unreadable.
func typedInstant(d csvschema.DateTime, zone *time.Location) instant {
	if d.IsZero() {
		return instant{}
	}
	return newInstant(d.In(zone))
}
