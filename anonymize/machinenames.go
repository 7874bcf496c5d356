package anonymize

import (
	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/localpart"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// machineNames are what rows need to know about machines: those of machines, whose their
// copies are; those of due disks, whose the machines are that they may belong to, and
// whether these get other names. They hold IDs and owners, and grow with the resources
// that may be due. They are read-only once they are made.
type machineNames struct {
	byKey map[csvschema.KeyHash][]localpart.Part // of the owners of all copies
	byID  map[string]*machineName
}

// A machineName is what is known of the machines with one ID.
type machineName struct {
	locals []localpart.Part // of the owners
	kept   bool             // one of them keeps its name
	known  bool             // there is one
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
func diskKeys(r *cells.Row) (keys []string, byLease bool) {
	lab := r.Cell(csvschema.LabUId)
	if key := idKey(lab, csvschema.LeasedByVmId, r.Cell(csvschema.LeasedByVmId)); key != "" {
		return []string{key}, true
	}
	return []string{
		idKey(lab, csvschema.ResourceUId, r.Cell(csvschema.ResourceUId)),
		idKey(lab, csvschema.ResourceId, r.Cell(csvschema.ResourceId)),
	}, false
}

// ofDisk returns what is known of the machines that a disk belongs to, or nil, and
// whether that is by its lease.
func (m *machineNames) ofDisk(r *cells.Row) (_ *machineName, byLease bool) {
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

// A namedMachine is what a row says of a machine with a key, or of one that a due disk
// may belong to.
type namedMachine struct {
	key     csvschema.KeyHash
	name    *machineName // nil if the row says it of the key
	locals  []localpart.Part
	renamed bool
	record  int // in the chunk
}

// maxLocals is how many owners the machines with one ID have at most: an ID is given out
// again, but not often, and names are compared with all of them.
const maxLocals = 1000

// add adds what a row says. It returns false if there are too many owners.
func (m *machineNames) add(n namedMachine) bool {
	locals := m.byKey[n.key]
	if n.name != nil {
		locals = n.name.locals
	}
	for _, l := range n.locals {
		locals = localpart.Append(locals, l)
	}
	if n.name == nil {
		m.byKey[n.key] = locals
	} else {
		n.name.locals, n.name.known, n.name.kept = locals, true, n.name.kept || !n.renamed
	}
	return len(locals) <= maxLocals
}
