package anonymize

import (
	"context"

	"github.com/labdsr/labdsr/anonymize/internal/machines"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
)

// gatherNames finds out whose the copies of machines are, and whose the machines are that
// due disks may belong to: passes 2 and 3 of a plan.
func (p *Plan) gatherNames(ctx context.Context) error {
	names := machines.New()
	add := func(f *plannedFile, k *worker) error {
		names.AddKeys(k.leases)
		for _, m := range k.machines {
			if !names.Add(m) {
				return &csvschema.Error{
					FileID: f.FileID, Line: k.chunk.Record(m.Record).Line(), Column: csvschema.ResourceOwner, Err: ErrTooManyOwners,
				}
			}
		}
		return nil
	}
	for _, f := range p.files {
		work := func(k *worker) { p.listOwners(k) }
		if f.Role == csvschema.Disks {
			work = func(k *worker) { p.listLeases(f, k) }
		}
		err := p.read(ctx, f, pass{work: work, take: func(k *worker) error { return add(f, k) }})
		if err != nil {
			return err
		}
	}
	for _, f := range p.files {
		if f.Role != csvschema.VirtualMachines {
			continue
		}
		if !names.HasKeys() {
			f.passes-- // fewer than as a rule
			continue
		}
		err := p.read(ctx, f, pass{
			names: names,
			work:  func(k *worker) { p.listMachines(f, k, names) },
			take:  func(k *worker) error { return add(f, k) },
		})
		if err != nil {
			return err
		}
	}
	p.names = names
	return nil
}

// listLeases lists the keys of the machines that due disks of a chunk may belong to.
func (p *Plan) listLeases(f *plannedFile, k *worker) {
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		if is, _ := p.rule(f, k, rec, rec.KeyHash()); is.Fate != fate.GoesNow {
			continue
		}
		k.setRow(rec)
		keys, _ := machines.DiskKeys(&k.row)
		k.leases = append(k.leases, keys...)
	}
}

// listOwners lists the owners of the machines of a chunk that may be due.
func (p *Plan) listOwners(k *worker) {
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		key := rec.KeyHash()
		if _, decided := p.rules.decided(key); key == (csvschema.KeyHash{}) || !decided && p.rules.requests == nil && p.index.Get(key) == nil {
			continue
		}
		k.setRow(rec)
		if o := k.ownerOf(k.row.At(k.row.Owner)); len(o.locals) > 0 {
			k.machines = append(k.machines, machines.Machine{Key: key, Locals: o.locals, Record: i})
		}
	}
}

// listMachines lists the machines of a chunk under each of their IDs by which a due
// disk may name them.
func (p *Plan) listMachines(f *plannedFile, k *worker, names *machines.Names) {
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		key := rec.KeyHash()
		is, _ := p.rule(f, k, rec, key)
		k.setRow(rec)
		k.namer.Key = key
		goes := k.namer.Of(&k.row, k.ownerOf(k.row.At(k.row.Owner)).locals)
		for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.ComputeResourceId, csvschema.ResourceUId} {
			id := k.row.Cell(c)
			if name := k.namer.OfID(k.row.Cell(csvschema.LabUId), c, id); name != nil {
				renamed := is.Fate == fate.GoesNow && k.namer.Find(goes, csvschema.ResourceId, id).Length > 0
				k.machines = append(k.machines, machines.Machine{Name: name, Locals: goes.Locals, Renamed: renamed, Record: i})
			}
		}
	}
}
