package dsr

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// A link is how a disk names the virtual machine that it belongs to. Links of
// different kinds never meet: a lease finds a machine by its ResourceId or
// ComputeResourceId, a disk without a lease by its ResourceUId or ResourceId.
type linkKind byte

const (
	leaseLink    linkKind = iota + 1 // LeasedByVmId; ResourceId or ComputeResourceId of a machine
	uidLink                          // ResourceUId of both
	resourceLink                     // ResourceId of both
)

// linkKinds is a set of kinds, a bit for each.
type linkKinds byte

func (s linkKinds) has(k linkKind) bool { return s>>k&1 != 0 }

func (s linkKinds) with(k linkKind) linkKinds { return s | 1<<k }

// setLab makes the LabUId of a row the lab of the next links, and reports whether
// it is another than before.
func (w *worker) setLab(cell []byte) (changed bool) {
	if bytes.Equal(cell, w.labCell) {
		return false
	}
	w.labCell = append(w.labCell[:0], cell...)
	w.lab = identity.AppendNormal(w.lab[:0], cell)
	if w.links != nil {
		w.labHash = maphash.Bytes(w.links.labs, w.lab)
	}
	return true
}

// A link is one way to find a virtual machine, with its hash; see linkSet.
type link struct {
	kind linkKind
	id   []byte
	hash uint64
}

// hashID returns the hash of an ID, which is part of the hashes of its links, or
// false if the ID is blank, which is no link.
func (w *worker) hashID(id []byte) (hash uint64, ok bool) {
	if len(id) == 0 {
		return 0, false
	}
	normal := w.norm(id)
	return maphash.Bytes(w.links.ids, normal), len(normal) > 0
}

// hashLink returns the hash of a link of an ID in the lab that was set.
func (w *worker) hashLink(kind linkKind, id uint64) uint64 {
	return id ^ bits.RotateLeft64(w.labHash, 21*int(kind)) // in as many ways as there are kinds
}

// appendDiskLinks appends the links that a disk has in the lab that was set, of
// which one counts only if no virtual machine has those before it, and reports
// whether the disk is leased.
func (w *worker) appendDiskLinks(dst []link, row *diskRow) (_ []link, isLeased bool) {
	first := len(dst)
	if hash, ok := w.hashID(row.lease); ok {
		dst, isLeased = append(dst, link{leaseLink, row.lease, w.hashLink(leaseLink, hash)}), true
	} else {
		if hash, ok := w.hashID(row.uid); ok {
			dst = append(dst, link{uidLink, row.uid, w.hashLink(uidLink, hash)})
		}
		if hash, ok := w.hashID(row.resource); ok {
			dst = append(dst, link{resourceLink, row.resource, w.hashLink(resourceLink, hash)})
		}
	}
	if len(w.lab) == 0 {
		return dst[:first], isLeased
	}
	return dst, isLeased
}

// machineLinks returns the links that a virtual machine in the lab that was set
// can be found by, if disks have links of such kinds at all. The result is valid
// until the next call, and may hold a link twice.
func (w *worker) machineLinks(row *machineRow) []link {
	if len(w.lab) == 0 {
		return nil
	}
	kinds, found := w.links.kinds, w.found[:0]
	if kinds.has(leaseLink) || kinds.has(resourceLink) {
		if hash, ok := w.hashID(row.resource); ok {
			if kinds.has(leaseLink) {
				found = append(found, link{leaseLink, row.resource, w.hashLink(leaseLink, hash)})
			}
			if kinds.has(resourceLink) {
				found = append(found, link{resourceLink, row.resource, w.hashLink(resourceLink, hash)})
			}
		}
	}
	if kinds.has(leaseLink) {
		if hash, ok := w.hashID(row.compute); ok {
			found = append(found, link{leaseLink, row.compute, w.hashLink(leaseLink, hash)})
		}
	}
	if kinds.has(uidLink) {
		if hash, ok := w.hashID(row.uid); ok {
			found = append(found, link{uidLink, row.uid, w.hashLink(uidLink, hash)})
		}
	}
	w.found = found
	return found
}

// keyOf returns the key of a link in the lab that was set: equal keys are the same
// link. It is valid until the next call.
func (w *worker) keyOf(l link) []byte {
	w.key = append(w.key[:0], byte(l.kind))
	w.key = binary.AppendUvarint(w.key, uint64(len(w.lab))) // so that nothing in lab can pass for ID
	w.key = append(w.key, w.lab...)
	w.key = identity.AppendNormal(w.key, l.id)
	return w.key
}
