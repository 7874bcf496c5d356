package dsr

import (
	"context"
	"hash/maphash"
	"iter"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
)

// Rows are one subject's rows, typed. They are personal data; rows print
// redacted.
type Rows struct {
	VirtualMachines []csvschema.VirtualMachineRow
	Disks           []csvschema.DiskRow
	// VirtualMachineRules and DiskRules say why the row of the same index is the
	// subject's.
	VirtualMachineRules, DiskRules []Rule
	// Report is about all rows; the subject has index 0 in it.
	Report *Report
}

// Collect returns the subject's rows of the exports as typed rows, the same that
// [Filter] emits and in the same order. It holds all of them. They may name others:
// see [Redactor.Rows].
//
// A row with a cell that its field cannot hold, such as a date that cannot be
// read, is an error, because it could not be handed out as it stands:
// [Filter] hands it out.
func Collect(ctx context.Context, exports []csvschema.Export, subject Subject, o *Options) (*Rows, error) {
	rows := &Rows{}
	report, err := filter(ctx, exports, []Subject{subject}, func(f *file, b batch, h hit, _ int64) error {
		record := b.(recordBatch).chunk.Record(h.row)
		if f.role == csvschema.Disks {
			row, err := csvschema.DecodeRecord[csvschema.DiskRow](record)
			rows.addDisk(row, h.rule)
			return err
		}
		row, err := csvschema.DecodeRecord[csvschema.VirtualMachineRow](record)
		rows.addMachine(row, h.rule)
		return err
	}, o)
	if err != nil {
		return nil, err
	}
	rows.Report = report
	return rows, nil
}

// FilterRows returns the subject's rows among rows that the caller holds: those
// that [Filter] would emit of one export with these files. The rows are not
// changed. Nil virtual machines or nil disks mean that the export has no such
// file, which the report says; with neither there is nothing to read
// ([ErrNoFiles]).
func FilterRows(subject Subject, machines []csvschema.VirtualMachineRow, disks []csvschema.DiskRow, o *Options) (*Rows, error) {
	var m iter.Seq[csvschema.VirtualMachineRow]
	var d iter.Seq[csvschema.DiskRow]
	if machines != nil {
		m = slices.Values(machines)
	}
	if disks != nil {
		d = slices.Values(disks)
	}
	return FilterSeq(context.Background(), subject, m, d, o)
}

// FilterSeq is [FilterRows] over sequences, which it goes through up to twice:
// they must give the same rows each time, or the error is
// [csvschema.ErrSourceChanged]. Nil means that the export has no such file. The
// context is looked at between some hundred rows. It holds the rows that are the
// subject's and what Filter holds.
func FilterSeq(ctx context.Context, subject Subject, machines iter.Seq[csvschema.VirtualMachineRow], disks iter.Seq[csvschema.DiskRow], o *Options) (*Rows, error) {
	q, err := newRequest([]Subject{subject}, o)
	if err != nil {
		return nil, err
	}
	rows := &Rows{Report: q.report}
	q.emit = func(_ *file, b batch, h hit, _ int64) error {
		switch b := b.(type) {
		case machineBatch:
			rows.addMachine(b[h.row], h.rule)
		case diskBatch:
			rows.addDisk(b[h.row], h.rule)
		}
		return nil
	}
	q.exports = 1
	seed := maphash.MakeSeed()
	if machines != nil {
		addTyped(q, csvschema.VirtualMachines, machines, seed, func(rows []csvschema.VirtualMachineRow) batch { return machineBatch(rows) })
	}
	if disks != nil {
		addTyped(q, csvschema.Disks, disks, seed, func(rows []csvschema.DiskRow) batch { return diskBatch(rows) })
	}
	if err := q.run(ctx); err != nil {
		return nil, err
	}
	return rows, nil
}

func (r *Rows) addMachine(row csvschema.VirtualMachineRow, rule Rule) {
	r.VirtualMachines = append(r.VirtualMachines, row)
	r.VirtualMachineRules = append(r.VirtualMachineRules, rule)
}

func (r *Rows) addDisk(row csvschema.DiskRow, rule Rule) {
	r.Disks = append(r.Disks, row)
	r.DiskRules = append(r.DiskRules, rule)
}

func addTyped[T csvschema.Row](q *request, role csvschema.Role, seq iter.Seq[T], seed maphash.Seed, batchOf func([]T) batch) {
	f := &file{export: 1, number: 1, role: role}
	f.rows = &typedRows[T]{file: f, seq: seq, batchOf: batchOf, seed: seed}
	q.add(f)
}

// typedBatch is how many typed rows make a batch.
const typedBatch = 256

// A typedRows is the rows of a sequence. It remembers a digest of the first pass.
type typedRows[T csvschema.Row] struct {
	file    *file
	seq     iter.Seq[T]
	batchOf func([]T) batch
	seed    maphash.Seed
	read    bool // a pass came to the end
	sum     uint64
}

func (t *typedRows[T]) pass(ctx context.Context, work func(batch) *result, take func(batch, *result) error) error {
	var hash maphash.Hash
	hash.SetSeed(t.seed)
	rows := make([]T, 0, typedBatch)
	flush := func() error {
		if err := ctx.Err(); err != nil {
			return t.file.at(0, err)
		}
		b := t.batchOf(rows)
		t.digest(&hash, b)
		err := take(b, work(b))
		rows = rows[:0]
		return err
	}
	for row := range t.seq {
		if rows = append(rows, row); len(rows) == typedBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	sum := hash.Sum64()
	if t.read && sum != t.sum {
		return t.file.at(0, csvschema.ErrSourceChanged)
	}
	t.read, t.sum = true, sum
	return nil
}

// digest takes up all that decides about the rows.
func (t *typedRows[T]) digest(hash *maphash.Hash, b batch) {
	var m machineRow
	var d diskRow
	for i := range b.len() {
		var cells [][]byte
		if t.file.role == csvschema.Disks {
			b.disk(i, &d)
			cells = [][]byte{d.lab, d.uid, d.resource, d.lease, d.created, d.deleted}
		} else {
			b.machine(i, &m)
			b.machineIDs(i, &m)
			cells = [][]byte{m.lab, m.uid, m.resource, m.compute, m.owner, m.environment, m.created, m.deleted}
		}
		for _, cell := range cells {
			maphash.WriteComparable(hash, len(cell))
			_, _ = hash.Write(cell) // never fails
		}
	}
}

// columns returns nothing: a row has all documented columns and no other.
func (t *typedRows[T]) columns() ([]int, []csvschema.Column) { return nil, nil }
