package dsr

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A link is one way by which a disk names the virtual machine that it belongs to: an
// ID of a kind, in a lab. The machine has the same link.
type link struct {
	kind linkKind
	id   []byte
	hash uint64 // of the kind, the lab and the normal form of the ID, of an ARM ID that of AppendARM
}

// A linkKind says which cells a link is made of. Links of different kinds are never
// the same: a lease finds a machine by its ResourceId or ComputeResourceId; a disk
// without a lease finds one by its ResourceUId or ResourceId.
type linkKind byte

const (
	leaseLink    linkKind = iota + 1 // LeasedByVmId of a disk; ResourceId or ComputeResourceId of a machine
	uidLink                          // ResourceUId of both
	resourceLink                     // ResourceId of both
)

// linkKinds is a set of kinds, a bit for each.
type linkKinds byte

// has reports whether the kind is in the set.
func (s linkKinds) has(k linkKind) bool { return s>>k&1 != 0 }

// with returns the set with the kind added.
func (s linkKinds) with(k linkKind) linkKinds { return s | 1<<k }

// setLab sets the lab of the links that follow to the LabUId of a row, and reports
// whether it is another lab than before.
func (w *worker) setLab(cell []byte) (changed bool) {
	if bytes.Equal(cell, w.labCell) {
		return false
	}
	w.labCell = append(w.labCell[:0], cell...)
	w.lab = identity.AppendNormal(w.lab[:0], cell)
	w.hasLab = csvschema.Identifies(csvschema.LabUId, w.lab)
	if w.linkSet != nil {
		w.labHash = maphash.Bytes(w.linkSet.labs, w.lab)
	}
	return true
}

// hashID returns the hash of an ARM ID, which is the same for all kinds of links. What
// is no ID, such as a blank or NULL, is no link, and ok is false.
func (w *worker) hashID(id []byte) (hash uint64, ok bool) {
	if len(id) == 0 {
		return 0, false
	}
	w.normal = identity.AppendARM(w.normal[:0], id)
	return maphash.Bytes(w.linkSet.ids, w.normal), csvschema.Identifies(csvschema.ResourceId, w.normal)
}

// hashUID is hashID for a ResourceUId. One that is no GUID, or the nil GUID, is no
// link.
func (w *worker) hashUID(uid []byte) (hash uint64, ok bool) {
	normal := w.norm(uid)
	if !csvschema.Identifies(csvschema.ResourceUId, normal) {
		return 0, false
	}
	return maphash.Bytes(w.linkSet.ids, normal), true
}

// hashLink returns the hash of a link from that of its ID.
func (w *worker) hashLink(kind linkKind, id uint64) uint64 {
	return id ^ bits.RotateLeft64(w.labHash, 21*int(kind)) // each kind rotates by another number of bits
}

// appendDiskLinks appends the links of a disk and reports whether the disk is
// leased. A link counts only if no virtual machine has the links before it. Without
// a lab a disk has no link.
func (w *worker) appendDiskLinks(dst []link, row *cells) (_ []link, isLeased bool) {
	first := len(dst)
	if hash, ok := w.hashID(row.lease); ok {
		dst, isLeased = append(dst, link{leaseLink, row.lease, w.hashLink(leaseLink, hash)}), true
	} else {
		if hash, ok := w.hashUID(row.uid); ok {
			dst = append(dst, link{uidLink, row.uid, w.hashLink(uidLink, hash)})
		}
		if hash, ok := w.hashID(row.resource); ok {
			dst = append(dst, link{resourceLink, row.resource, w.hashLink(resourceLink, hash)})
		}
	}
	if !w.hasLab {
		return dst[:first], isLeased
	}
	return dst, isLeased
}

// machineLinks returns the links of a virtual machine, of the kinds that some disk
// has. Without a lab a machine has no link. The result is valid until the next call,
// and may hold a link twice.
func (w *worker) machineLinks(row *cells) []link {
	if !w.hasLab {
		return nil
	}
	kinds, links := w.linkSet.kinds, w.links[:0]
	if kinds.has(leaseLink) || kinds.has(resourceLink) {
		if hash, ok := w.hashID(row.resource); ok {
			if kinds.has(leaseLink) {
				links = append(links, link{leaseLink, row.resource, w.hashLink(leaseLink, hash)})
			}
			if kinds.has(resourceLink) {
				links = append(links, link{resourceLink, row.resource, w.hashLink(resourceLink, hash)})
			}
		}
	}
	if kinds.has(leaseLink) {
		if hash, ok := w.hashID(row.compute); ok {
			links = append(links, link{leaseLink, row.compute, w.hashLink(leaseLink, hash)})
		}
	}
	if kinds.has(uidLink) {
		if hash, ok := w.hashUID(row.uid); ok {
			links = append(links, link{uidLink, row.uid, w.hashLink(uidLink, hash)})
		}
	}
	w.links = links
	return links
}

// machineIDs returns the hashes of the IDs of a virtual machine.
func (w *worker) machineIDs(row *cells) (ids machineIDs) {
	if hash, ok := w.hashUID(row.uid); ok {
		ids.uid = hash
	}
	if hash, ok := w.hashID(row.resource); ok {
		ids.resource = hash
	}
	if hash, ok := w.hashID(row.compute); ok {
		ids.compute = hash
	}
	return ids
}

// machineOf returns the hash of the ResourceId of a disk if that is the ID of a virtual
// machine, as it is documented, and 0 if it is the disk's own.
func (w *worker) machineOf(resource []byte) uint64 {
	if hash, ok := w.hashID(resource); ok && bytes.Contains(w.normal, []byte("/virtualmachines/")) {
		return hash
	}
	return 0
}

// linkKey returns the key of a link in the lab that is set. Two links are the same
// if and only if their keys are equal. The result is valid until the next call.
func (w *worker) linkKey(l link) []byte {
	w.key = append(w.key[:0], byte(l.kind))
	w.key = binary.AppendUvarint(w.key, uint64(len(w.lab))) // tells where the lab ends and the ID begins
	w.key = append(w.key, w.lab...)
	if l.kind == uidLink {
		w.key = identity.AppendNormal(w.key, l.id)
	} else {
		w.key = identity.AppendARM(w.key, l.id)
	}
	return w.key
}
