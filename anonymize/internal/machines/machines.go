// Package machines holds whose the machines are of which names go, and of those that disks may
// belong to. It knows no policy.
package machines

import (
	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/localpart"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// Names are what rows need to know about machines: those of machines, whose their copies
// are; those of due disks, whose the machines are that they may belong to, and whether
// these get other names. They hold IDs and owners, and grow with the resources that may be
// due. They are read-only once they are made.
type Names struct {
	byKey map[csvschema.KeyHash][]localpart.Part // of the owners of all copies
	byID  map[string]*Name
}

// A Name is what is known of the machines with one ID.
type Name struct {
	locals []localpart.Part // of the owners
	kept   bool             // one of them keeps its name
	known  bool             // there is one
}

// New returns names of which nothing is known.
func New() *Names {
	return &Names{byKey: map[csvschema.KeyHash][]localpart.Part{}, byID: map[string]*Name{}}
}

// appendKey appends the key of an ID of a lab to dst, or returns nil if there is none. IDs of
// machines and of their computers share one space of keys; UIds have another.
func appendKey(dst, lab []byte, c csvschema.Column, id []byte) []byte {
	first := len(dst)
	key := identity.AppendNormal(dst, lab)
	if !csvschema.Identifies(csvschema.LabUId, key[first:]) {
		return nil
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
		return nil
	}
	return key
}

// idKey returns the key of an ID of a lab, or "" if there is none.
func idKey(lab []byte, c csvschema.Column, id []byte) string {
	return string(appendKey(nil, lab, c, id))
}

// DiskKeys returns the keys of the machines that a disk may belong to, the best
// first, and whether that is by its lease.
func DiskKeys(r *cells.Row) (keys []string, byLease bool) {
	lab := r.Cell(csvschema.LabUId)
	if key := idKey(lab, csvschema.LeasedByVmId, r.Cell(csvschema.LeasedByVmId)); key != "" {
		return []string{key}, true
	}
	return []string{
		idKey(lab, csvschema.ResourceUId, r.Cell(csvschema.ResourceUId)),
		idKey(lab, csvschema.ResourceId, r.Cell(csvschema.ResourceId)),
	}, false
}

// OfDisk returns the local parts of the owners of the machines that a disk belongs to, and
// whether that is by its lease and all of these get other names. Buf is as in [Names.OfID].
func (m *Names) OfDisk(buf *[]byte, r *cells.Row) (locals []localpart.Part, renamed bool) {
	lab := r.Cell(csvschema.LabUId)
	for _, c := range [...]csvschema.Column{csvschema.LeasedByVmId, csvschema.ResourceUId, csvschema.ResourceId} {
		found, isID := m.find(buf, lab, c, r.Cell(c))
		byLease := c == csvschema.LeasedByVmId
		if found != nil && found.known {
			return found.locals, byLease && !found.kept
		}
		if byLease && isID {
			break
		}
	}
	return nil, false
}

// OfKey returns the local parts of the owners of all copies of a machine.
func (m *Names) OfKey(key csvschema.KeyHash) []localpart.Part { return m.byKey[key] }

// AddKeys adds the keys of machines that a due disk may belong to.
func (m *Names) AddKeys(keys []string) {
	for _, key := range keys {
		if key != "" && m.byID[key] == nil {
			m.byID[key] = &Name{}
		}
	}
}

// HasKeys reports whether there are keys of machines that a due disk may belong to.
func (m *Names) HasKeys() bool { return len(m.byID) > 0 }

// OfID returns what is known of the machines with an ID of that column in a lab, or nil if
// no due disk may belong to them. Buf is a buffer for the key, which OfID may grow.
func (m *Names) OfID(buf *[]byte, lab []byte, c csvschema.Column, id []byte) *Name {
	found, _ := m.find(buf, lab, c, id)
	return found
}

// find is OfID that also reports whether it is an ID.
func (m *Names) find(buf *[]byte, lab []byte, c csvschema.Column, id []byte) (_ *Name, isID bool) {
	key := appendKey((*buf)[:0], lab, c, id)
	if key == nil {
		return nil, false
	}
	*buf = key
	return m.byID[string(key)], true
}

// A Machine is what a row says of a machine with a key, or of one that a due disk may
// belong to.
type Machine struct {
	Key     csvschema.KeyHash
	Name    *Name // nil if the row says it of the key
	Locals  []localpart.Part
	Renamed bool
	Record  int // in the chunk
}

// maxLocals is how many owners the machines with one ID have at most: an ID is given out
// again, but not often, and names are compared with all of them.
const maxLocals = 1000

// Add adds what a row says. It returns false if there are too many owners.
func (m *Names) Add(n Machine) bool {
	locals := m.byKey[n.Key]
	if n.Name != nil {
		locals = n.Name.locals
	}
	for _, l := range n.Locals {
		locals = localpart.Append(locals, l)
	}
	if n.Name == nil {
		m.byKey[n.Key] = locals
	} else {
		n.Name.locals, n.Name.known, n.Name.kept = locals, true, n.Name.kept || !n.Renamed
	}
	return len(locals) <= maxLocals
}
