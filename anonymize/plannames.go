package anonymize

import (
	"context"

	"github.com/labdsr/labdsr/csvschema"
)

// gatherNames finds out whose the machines are that due disks may belong to: passes 2
// and 3 of a plan.
func (p *Plan) gatherNames(ctx context.Context) error {
	names := &machineNames{byID: map[string]*machineName{}}
	for _, f := range p.files {
		if f.Role != csvschema.Disks {
			continue
		}
		err := p.rules.read(ctx, f.File, pass{
			work: func(k *worker) { p.listLeases(f, k) },
			take: func(k *worker) error { names.addKeys(k.leases); return nil },
		})
		if err != nil {
			return err
		}
	}
	for _, f := range p.files {
		if f.Role != csvschema.VirtualMachines {
			continue
		}
		err := p.rules.read(ctx, f.File, pass{
			names: names,
			work:  func(k *worker) { p.listMachines(f, k, names) },
			take: func(k *worker) error {
				for _, m := range k.machines {
					m.add()
				}
				return nil
			},
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
		if is, _ := p.rule(f, k, rec, rec.KeyHash()); is.Fate != csvschema.GoesNow {
			continue
		}
		k.setRow(rec)
		keys, _ := diskKeys(k.row)
		k.leases = append(k.leases, keys...)
	}
}

// listMachines lists the machines of a chunk under each of their IDs by which a due
// disk may name them.
func (p *Plan) listMachines(f *plannedFile, k *worker, names *machineNames) {
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		is, _ := p.rule(f, k, rec, rec.KeyHash())
		k.setRow(rec)
		k.listMachine(names, is.Fate == csvschema.GoesNow)
	}
}

// listMachine is listMachines for the row.
func (k *worker) listMachine(names *machineNames, isDue bool) {
	lab, owner := k.row.cell(csvschema.LabUId), k.row.cell(csvschema.ResourceOwner)
	for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.ComputeResourceId, csvschema.ResourceUId} {
		id := k.row.cell(c)
		name := names.byID[idKey(lab, c, id)]
		if name == nil {
			continue
		}
		renamed := false
		if isDue {
			goes := k.namer.namesOf(k.row, k.ownerOf(owner))
			renamed = k.namer.find(goes, csvschema.ResourceId, id).length > 0
		}
		k.machines = append(k.machines, namedMachine{name, string(owner), renamed})
	}
}
