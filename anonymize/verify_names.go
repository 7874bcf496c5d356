package anonymize

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A verifiedMachine is what is known of the machines with one ID.
type verifiedMachine struct {
	met    bool
	owners [][]rune // letters and digits of the local parts
	kept   bool     // one of them keeps its name
}

// A nameDuty is which names have to go from a row.
type nameDuty struct {
	lab    []byte   // in normal form
	owners [][]rune // whose names
	lease  bool     // the name in LeasedByVmId goes
}

// localLetters returns the letters and digits of the local part of an owner's
// address; none, if there are not enough to replace names.
func localLetters(owner []byte) (letters []rune) {
	normal := identity.AppendNormal(nil, owner)
	at := bytes.LastIndexByte(normal, '@')
	if at < 0 || identity.IsReplacement(owner) {
		return nil
	}
	for _, r := range string(normal[:at]) {
		if isWord(r) {
			letters = append(letters, r)
		}
	}
	if len(letters) < minDerived {
		return nil
	}
	return letters
}

// isDerivedFrom reports whether a name in normal form begins with the letters,
// whatever separates them, and does not go on with a letter.
func isDerivedFrom(name []byte, letters []rune) bool {
	rest := string(name)
	for _, want := range letters {
		rest = strings.TrimLeftFunc(rest, func(r rune) bool { return !isWord(r) })
		if r, n := utf8.DecodeRuneInString(rest); n > 0 && r == want {
			rest = rest[n:]
			continue
		}
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLetter(r) && !unicode.IsMark(r)
}

// isDerived reports whether a name has to go, and returns its normal form.
func (v *verifier) isDerived(name []byte, owners [][]rune) (normal []byte, ok bool) {
	normal = identity.AppendNormal(nil, v.decoder.AppendDecoded(nil, name))
	return normal, slices.ContainsFunc(owners, func(letters []rune) bool { return isDerivedFrom(normal, letters) })
}

// learnNames finds out whose the machines are that due disks may belong to.
func (v *verifier) learnNames(ctx context.Context, pairs []*pair) error {
	v.machines = map[string]*verifiedMachine{}
	for _, role := range []csvschema.Role{csvschema.Disks, csvschema.VirtualMachines} {
		for _, f := range pairs {
			if f.role != role {
				continue
			}
			err := v.walk(ctx, f, walk{row: func(p *plainReader) error {
				if role == csvschema.VirtualMachines {
					v.learnMachine(p)
				} else if v.dutyOf(p).all {
					for _, key := range v.machinesOfDisk(p) {
						v.machines[key] = &verifiedMachine{}
					}
				}
				return nil
			}})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// machinesOfDisk returns by which lab and IDs the machine of a disk is found: the
// lease, or else the first that is known of the others.
func (v *verifier) machinesOfDisk(p *plainReader) (keys []string) {
	if lease := p.cell(csvschema.LeasedByVmId); len(lease) > 0 {
		return []string{machineKey(p, "id", lease)}
	}
	if uid := p.cell(csvschema.ResourceUId); len(uid) > 0 {
		keys = append(keys, machineKey(p, "uid", uid))
	}
	if id := p.cell(csvschema.ResourceId); len(id) > 0 {
		keys = append(keys, machineKey(p, "id", id))
	}
	return keys
}

func machineKey(p *plainReader, kind string, id []byte) string {
	return identity.Normal(string(p.cell(csvschema.LabUId))) + "\x00" + kind + "\x00" + identity.Normal(string(id))
}

// learnMachine takes up a machine.
func (v *verifier) learnMachine(p *plainReader) {
	owner := p.cell(csvschema.ResourceOwner)
	letters := localLetters(owner)
	for _, id := range []struct {
		kind string
		cell []byte
	}{
		{"id", p.cell(csvschema.ResourceId)},
		{"id", p.cell(csvschema.ComputeResourceId)},
		{"uid", p.cell(csvschema.ResourceUId)},
	} {
		m := v.machines[machineKey(p, id.kind, id.cell)]
		if m == nil || len(id.cell) == 0 {
			continue
		}
		m.met = true
		renamed := letters != nil && v.nameIn(csvschema.ResourceId, id.cell, nameDuty{owners: [][]rune{letters}}) > 0
		if letters != nil {
			m.owners = append(m.owners, letters)
		}
		if letters == nil || !renamed || !v.dutyOf(p).all {
			m.kept = true
		}
	}
}

// namesOf decides which names go from a row that is due.
func (v *verifier) namesOf(p *plainReader) nameDuty {
	d := nameDuty{lab: identity.AppendNormal(nil, p.cell(csvschema.LabUId))}
	if v.pair.role == csvschema.Disks {
		leased := len(p.cell(csvschema.LeasedByVmId)) > 0
		for _, key := range v.machinesOfDisk(p) {
			if m := v.machines[key]; m != nil && m.met {
				d.owners, d.lease = m.owners, leased && !m.kept
				break
			}
		}
		return d
	}
	owner := p.cell(csvschema.ResourceOwner)
	if letters := localLetters(owner); letters != nil && !v.isAnonymous(owner) {
		d.owners = [][]rune{letters}
	}
	return d
}

// nameIn returns how long the name is that goes as a whole from the end of a cell,
// or 0.
func (v *verifier) nameIn(c csvschema.Column, cell []byte, d nameDuty) int {
	start := 0
	if c != csvschema.Name {
		start = bytes.LastIndexByte(cell, '/') + 1
	}
	_, goes := v.isDerived(cell[start:], d.owners)
	if c == csvschema.LeasedByVmId {
		goes = d.lease
	}
	// What is an identifier together with what stands before it is no name.
	isPart := func(s identity.Span) bool {
		return s.Start < start && start < s.End || s.Kind == identity.UserSpan && start < s.End
	}
	if !goes || slices.ContainsFunc(v.finder.Find(nil, cell), isPart) {
		return 0
	}
	return len(cell) - start
}

// rename puts the tokens of a name that goes, and of the machine's in a resource
// group, into the pattern of what stands before the name.
func (v *verifier) rename(c csvschema.Column, name []byte, d nameDuty) {
	normal, _ := v.isDerived(name, nil)
	v.pieces = append(v.pieces, piece{kind: namePiece, value: v.nameValue(d.lab, normal)})
	if c == csvschema.ComputeResourceId || c == csvschema.LeasedByVmId {
		v.renameGroup(d.lab, normal)
	}
}

func (v *verifier) nameValue(lab, normal []byte) []byte {
	return slices.Concat(lab, []byte{0}, normal)
}

// renameGroup puts the token of a computer's name, with which its ID ends, into the
// resource group in the pattern of the ID.
func (v *verifier) renameGroup(lab, name []byte) {
	for i, p := range v.pieces {
		if p.kind != literalPiece {
			continue
		}
		lower := bytes.ToLower(p.text)
		start := bytes.Index(lower, []byte("/resourcegroups/"))
		if start < 0 || len(lower) != len(p.text) {
			continue
		}
		if !bytes.Contains(lower, []byte("/providers/microsoft.compute/")) {
			return
		}
		start += len("/resourcegroups/")
		group, _, _ := bytes.Cut(lower[start:], []byte{'/'})
		for at := 0; at+len(name) <= len(group); at++ {
			before, _ := utf8.DecodeLastRune(group[:at])
			after, _ := utf8.DecodeRune(group[at+len(name):])
			if !bytes.HasPrefix(group[at:], name) || isWord(before) || isWord(after) {
				continue
			}
			v.pieces = slices.Replace(v.pieces, i, i+1,
				piece{text: p.text[:start+at]},
				piece{kind: namePiece, value: v.nameValue(lab, name)},
				piece{text: p.text[start+at+len(name):]})
			return
		}
		return
	}
}
