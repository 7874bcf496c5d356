package verify

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/labdsr/labdsr/anonymize/verify/internal/armpath"
	"github.com/labdsr/labdsr/anonymize/verify/internal/ids"
	"github.com/labdsr/labdsr/anonymize/verify/internal/letters"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A machine is what is known of the machines with one ID.
type machine struct {
	met    bool
	owners letters.Set
	kept   bool // one of them keeps its name
}

// A nameDuty says which names have to go from a row.
type nameDuty struct {
	lab    []byte      // in normal form
	owners letters.Set // names derived from these
	lease  bool        // the name in LeasedByVmId
}

// lettersOf returns what names are derived from if that is the owner: of each address in
// it or, if none is found, of the text before its last at sign.
func (v *verifier) lettersOf(owner []byte) letters.Set {
	if !v.isOwnerGone(owner) {
		return nil
	}
	var addresses [][]byte
	for _, s := range v.finder.Find(nil, owner) {
		if s.Kind == identity.AddressSpan {
			addresses = append(addresses, owner[s.Start:s.End])
		}
	}
	if len(addresses) == 0 {
		addresses = [][]byte{owner}
	}
	found := letters.Set{}
	for _, address := range addresses {
		if normal := v.normal(address); !identity.IsReplacement(normal) {
			found.Add(string(normal))
		}
	}
	return found
}

// learnMachines finds out whose the copies of machines are, and whose the machines are
// that due disks may belong to.
func (v *verifier) learnMachines(ctx context.Context, pairs []*pair) error {
	v.machines, v.owners = map[string]*machine{}, map[resourceKey]letters.Set{}
	passes := []struct {
		role csvschema.Role
		do   func(worker *verifier, r *reader) (add func()) // nil if nothing is learned
	}{
		{csvschema.Disks, (*verifier).learnDisk},
		{csvschema.VirtualMachines, (*verifier).learnOwner},
		{csvschema.VirtualMachines, (*verifier).learnMachine},
	}
	for _, pass := range passes {
		for _, p := range pairs {
			if p.Role != pass.role {
				continue
			}
			err := v.visit(ctx, p, visitor{
				row: func(r *reader) error {
					if add := pass.do(v, r); add != nil {
						add()
					}
					return nil
				},
				work: func(worker *verifier, b *batch) {
					b.names = b.names[:0]
					worker.readBatch(b, func(r *reader) {
						if add := pass.do(worker, r); add != nil {
							b.names = append(b.names, add)
						}
					})
				},
				take: func(b *batch) error {
					for _, add := range b.names {
						add()
					}
					return nil
				},
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// learnDisk makes entries for the machines of a disk that is due.
func (v *verifier) learnDisk(r *reader) (add func()) {
	if !v.dutyOf(r).all {
		return nil
	}
	keys := machinesOfDisk(r)
	return func() {
		for _, key := range keys {
			v.machines[key] = &machine{owners: letters.Set{}}
		}
	}
}

// learnOwner adds the owner of a copy of a machine from which something may have to go.
func (v *verifier) learnOwner(r *reader) (add func()) {
	key, ok := v.keyOf(r)
	if !ok || !v.mayGo(v.resources[key]) && len(v.policy.Requests)+len(v.decided) == 0 {
		return nil
	}
	locals := v.lettersOf(r.cell(csvschema.ResourceOwner))
	if len(locals) == 0 {
		return nil
	}
	return func() {
		if v.owners[key] == nil {
			v.owners[key] = letters.Set{}
		}
		maps.Copy(v.owners[key], locals)
	}
}

// ownersOf returns what the names of a machine are derived from, by the owners of all its
// copies.
func (v *verifier) ownersOf(r *reader) letters.Set {
	if key, ok := v.keyOf(r); ok && v.owners[key] != nil {
		return v.owners[key]
	}
	return v.lettersOf(r.cell(csvschema.ResourceOwner))
}

// machinesOfDisk returns the keys by which the machine of a disk is found: that of its
// lease, or else the first that is known of the others.
func machinesOfDisk(r *reader) (keys []string) {
	if isLeased(r) {
		return machineKeys(r, byID, csvschema.LeasedByVmId)
	}
	return append(machineKeys(r, byUID, csvschema.ResourceUId), machineKeys(r, byID, csvschema.ResourceId)...)
}

// isLeased reports whether a disk says whose lease it is.
func isLeased(r *reader) bool { return ids.IsText(armpath.Of(string(r.cell(csvschema.LeasedByVmId)))) }

const (
	byID  = "id"
	byUID = "uid"
)

// machineKeys returns the key that the cell of a column gives, or none if it is no ID.
func machineKeys(r *reader, kind string, c csvschema.Column) []string {
	lab, id := identity.Normal(string(r.cell(csvschema.LabUId))), armpath.Of(string(r.cell(c)))
	if kind == byUID {
		id = identity.Normal(string(r.cell(c)))
	}
	if !ids.IsText(lab) || kind == byUID && !ids.IsUID(id) || kind == byID && !ids.IsText(id) {
		return nil
	}
	return []string{lab + "\x00" + kind + "\x00" + id}
}

// learnMachine adds what a row of a machine says to each of its IDs that is asked for.
func (v *verifier) learnMachine(r *reader) (add func()) {
	var met, keep []*machine
	owners := v.ownersOf(r)
	for c, kind := range map[csvschema.Column]string{
		csvschema.ResourceId: byID, csvschema.ComputeResourceId: byID, csvschema.ResourceUId: byUID,
	} {
		keys := machineKeys(r, kind, c)
		if len(keys) == 0 || v.machines[keys[0]] == nil {
			continue
		}
		m := v.machines[keys[0]]
		met = append(met, m)
		_, name := v.splitName(column{name: last}, r.cell(c), nameDuty{owners: owners})
		if len(name) == 0 || !v.dutyOf(r).all {
			keep = append(keep, m)
		}
	}
	if len(met) == 0 {
		return nil
	}
	return func() {
		for _, m := range met {
			m.met = true
			maps.Copy(m.owners, owners)
		}
		for _, m := range keep {
			m.kept = true
		}
	}
}

// namesOf decides which names go from a row that is due.
func (v *verifier) namesOf(r *reader) nameDuty {
	d := nameDuty{lab: identity.AppendNormal(nil, r.cell(csvschema.LabUId))}
	if v.pair.Role == csvschema.Disks {
		leased := isLeased(r)
		for _, key := range machinesOfDisk(r) {
			if m := v.machines[key]; m != nil && m.met {
				d.owners, d.lease = m.owners, leased && !m.kept
				break
			}
		}
		return d
	}
	d.owners = v.ownersOf(r)
	return d
}

// splitName cuts the name that has to go from the end of a cell. Name is empty if there
// is none.
func (v *verifier) splitName(c column, cell []byte, d nameDuty) (rest, name []byte) {
	start := 0
	switch c.name {
	case noName:
		return cell, nil
	case wholly:
	case last, computer, lease:
		start = bytes.LastIndexByte(cell, '/') + 1
	}
	goes := d.lease // with the name of its machine
	if c.name != lease {
		goes = d.owners.Derive(string(v.normal(cell[start:])))
	}
	// What is an identifier together with what is before it is no name.
	isPart := func(s identity.Span) bool {
		return s.Start < start && start < s.End || s.Kind == identity.UserSpan && start < s.End
	}
	if !goes || slices.ContainsFunc(v.finder.Find(nil, cell), isPart) {
		return cell, nil
	}
	return cell[:start], cell[start:]
}

// expectName adds the token of a name that has to go to the pieces of what is before it
// in the cell, and puts that of the machine's name into its resource group.
func (v *verifier) expectName(c column, name, lab []byte) {
	normal := v.normal(name)
	token := piece{kind: nameToken, value: bytes.Join([][]byte{lab, normal}, []byte{0})}
	if c.name == computer || c.name == lease {
		v.expectInGroup(normal, token)
	}
	v.pieces = append(v.pieces, token)
}

// expectInGroup puts the token of a computer's name, in normal form, into the resource
// group, if the pieces are the beginning of the ID of a computer.
func (v *verifier) expectInGroup(name []byte, token piece) {
	const groups, computers = "/resourcegroups/", "/providers/microsoft.compute/"
	for i, p := range v.pieces {
		lower := bytes.ToLower(p.text)
		start := bytes.Index(lower, []byte(groups))
		if p.kind != literal || start < 0 || len(lower) != len(p.text) {
			continue
		}
		if !bytes.Contains(lower, []byte(computers)) {
			return
		}
		start += len(groups)
		group, _, _ := bytes.Cut(lower[start:], []byte{'/'})
		if at := letters.IndexWord(group, name); at >= 0 {
			at += start
			v.pieces = slices.Replace(v.pieces, i, i+1, piece{text: p.text[:at]}, token, piece{text: p.text[at+len(name):]})
		}
		return
	}
}
