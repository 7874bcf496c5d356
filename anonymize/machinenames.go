package anonymize

import (
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// machineNames are what due disks need to know about the machines that they may
// belong to: whose they are, and whether they get other names. They hold IDs and
// owners, and grow with the disks that are due. They are read-only once they are made.
type machineNames struct {
	byID map[string]*machineName
}

// A machineName is what is known of the machines with one ID.
type machineName struct {
	locals []localPart // of the owners
	kept   bool        // one of them keeps its name
	known  bool        // there is one
}

// idKey returns the key of an ID of a lab, or "" if there is none. IDs of machines
// and of their computers share one space of keys; UIds have another.
func idKey(lab []byte, c csvschema.Column, id []byte) string {
	key := identity.AppendNormal(nil, lab)
	if !csvschema.Identifies(csvschema.LabUId, key) {
		return ""
	}
	key = append(key, 0)
	appendID := identity.AppendARM
	if c == csvschema.ResourceUId {
		key, appendID = append(key, 'u'), identity.AppendNormal
	}
	key = append(key, 0)
	start := len(key)
	key = appendID(key, id)
	if !csvschema.Identifies(c, key[start:]) {
		return ""
	}
	return string(key)
}

// diskKeys returns the keys of the machines that a disk may belong to, the best
// first, and whether that is by its lease.
func diskKeys(r row) (keys []string, byLease bool) {
	lab := r.cell(csvschema.LabUId)
	if key := idKey(lab, csvschema.LeasedByVmId, r.cell(csvschema.LeasedByVmId)); key != "" {
		return []string{key}, true
	}
	return []string{
		idKey(lab, csvschema.ResourceUId, r.cell(csvschema.ResourceUId)),
		idKey(lab, csvschema.ResourceId, r.cell(csvschema.ResourceId)),
	}, false
}

// ofDisk returns what is known of the machines that a disk belongs to, or nil, and
// whether that is by its lease.
func (m *machineNames) ofDisk(r row) (_ *machineName, byLease bool) {
	keys, byLease := diskKeys(r)
	for _, key := range keys {
		if found := m.byID[key]; key != "" && found != nil && found.known {
			return found, byLease
		}
	}
	return nil, false
}

// addKeys adds the keys of machines that a due disk may belong to.
func (m *machineNames) addKeys(keys []string) {
	for _, key := range keys {
		if key != "" && m.byID[key] == nil {
			m.byID[key] = &machineName{}
		}
	}
}

// A namedMachine is a machine that a due disk may belong to.
type namedMachine struct {
	name    *machineName
	owner   string // the cell
	renamed bool
}

// maxLocals is how many owners of one ID are remembered: an ID is given out again,
// but not often.
const maxLocals = 100

// add adds what is known of a machine to what is known of its ID.
func (n namedMachine) add() {
	n.name.known = true
	n.name.kept = n.name.kept || !n.renamed
	local, ok := newLocalPart([]byte(n.owner))
	if len(n.name.locals) == maxLocals || !ok || identity.IsReplacement([]byte(n.owner)) {
		return
	}
	for _, other := range n.name.locals {
		if string(other.whole) == string(local.whole) {
			return
		}
	}
	n.name.locals = append(n.name.locals, local)
}
