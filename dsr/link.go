package dsr

import (
	"bytes"
	"math/bits"
	"sync"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/internal/links"
)

// A link is one way by which a disk names the virtual machine that it belongs to: an
// ID of a kind, in a lab. The machine has the same link.
type link struct {
	kind linkKind
	id   []byte
	hash uint64 // of the lab and the normal form of the ID, of an ARM ID that of AppendARM; see inLab
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

// A linker makes the links of one row after another. Only one goroutine at a time may use
// it. What its methods return is valid until the next call.
type linker struct {
	seeds   *links.Seeds // nil without a disks file
	labs    map[string]*lab
	lab     *lab   // of the row that was read last; most rows are of the same lab
	links   []link // of one disk or machine
	exist   []bool // for each of these, of a disk: a machine has it
	disks   diskLinks
	touched byte     // what Touch returned
	hashes  []uint64 // of links
	id      []byte   // buffer of normal forms
}

// diskLinks are the links of the disks of a chunk.
type diskLinks struct {
	links []link // one disk after the other
	exist []bool // for each of these: a machine has it
	rows  []linkedDisk
}

// A linkedDisk is one disk of diskLinks.
type linkedDisk struct {
	end      int // of its links
	isLeased bool
	isQuiet  bool // no user is in its ResourceId
}

// A lab is what a worker knows about a LabUId.
type lab struct {
	cell, normal string
	isID         bool   // it identifies a lab
	hash         uint64 // of its normal form, if there are seeds

	resource, compute, lease *links.ARMHasher // of its rows: the IDs of a lab begin alike
	quiet                    []byte           // the folder of the last ResourceId of a disk in which no user was

	// rows counts the rows of the lab in the chunk with that number.
	rows  *int64
	chunk int64
}

const (
	maxKnownLabs = 1 << 10 // how many labs a worker remembers
	maxLabBytes  = 320     // longest LabUId that it remembers
)

// setLab sets the lab of the links that follow to the LabUId of a row, and reports
// whether it is another lab than before.
func (w *linker) setLab(cell []byte) (changed bool) {
	if w.lab != nil && string(cell) == w.lab.cell {
		return false
	}
	l := w.labs[string(cell)]
	if l == nil {
		w.id = identity.AppendNormal(w.id[:0], cell)
		l = &lab{
			cell: string(cell), normal: string(w.id), isID: csvschema.Identifies(csvschema.LabUId, w.id),
			resource: links.NewARMHasher(), compute: links.NewARMHasher(), lease: links.NewARMHasher(),
		}
		if w.seeds != nil {
			l.hash = w.seeds.Lab(w.id)
		}
		if w.labs == nil || len(w.labs) == maxKnownLabs {
			w.labs = make(map[string]*lab)
		}
		if len(cell) <= maxLabBytes {
			w.labs[l.cell] = l
		}
	}
	w.lab = l
	return true
}

// hashID returns the hash of an ARM ID, which is the same in all labs. What is no ID, such
// as a blank or NULL, is no link, and ok is false.
func (w *linker) hashID(hasher *links.ARMHasher, id []byte) (hash uint64, ok bool) {
	if len(id) == 0 {
		return 0, false
	}
	w.id, hash = hasher.Append(w.seeds, w.id[:0], id)
	return hash, csvschema.Identifies(csvschema.ResourceId, w.id)
}

// hashUID is hashID for a ResourceUId. One that is no GUID, or the nil GUID, is no
// link.
func (w *linker) hashUID(uid []byte) (hash uint64, ok bool) {
	w.id = identity.AppendNormal(w.id[:0], uid)
	if !csvschema.Identifies(csvschema.ResourceUId, w.id) {
		return 0, false
	}
	return w.seeds.ID(w.id), true
}

// isQuiet reports whether no user is in the ResourceId of a disk, which is nearly always in the
// folder of the one before it in the lab. A sign of a user is in the folder or after it: only the
// last byte of a sign can be a slash.
func (l *lab) isQuiet(resource []byte) bool {
	rest, isKnown := bytes.CutPrefix(resource, l.quiet)
	if identity.NextSign(rest, 0) < len(rest) {
		return false
	}
	if !isKnown || len(l.quiet) == 0 {
		l.quiet = append(l.quiet[:0], resource[:bytes.LastIndexByte(resource, '/')+1]...)
	}
	return true
}

// inLab returns the hash of a link from that of its ID. Without [links.Tag] it is that of a
// ComputeResourceId, which is found only by leases.
func (w *linker) inLab(kind linkKind, id uint64) uint64 {
	turn := 21 // ARM IDs are the same for both kinds
	if kind == uidLink {
		turn = 42
	}
	return id ^ bits.RotateLeft64(w.lab.hash, turn) | links.Tag
}

// appendDiskLinks appends the links of a disk and reports whether the disk is
// leased. A link counts only if no virtual machine has the links before it. Without
// a lab a disk has no link.
func (w *linker) appendDiskLinks(dst []link, row *cells) (_ []link, isLeased bool) {
	first := len(dst)
	if hash, ok := w.hashID(w.lab.lease, row.lease); ok {
		dst, isLeased = append(dst, link{leaseLink, row.lease, w.inLab(leaseLink, hash)}), true
	} else {
		if hash, ok := w.hashUID(row.uid); ok {
			dst = append(dst, link{uidLink, row.uid, w.inLab(uidLink, hash)})
		}
		if hash, ok := w.hashID(w.lab.resource, row.resource); ok {
			dst = append(dst, link{resourceLink, row.resource, w.inLab(resourceLink, hash)})
		}
	}
	if !w.lab.isID {
		return dst[:first], isLeased
	}
	return dst, isLeased
}

// machineLinks returns the links of a virtual machine. Without a lab a machine has no link.
// The result may hold a link twice.
func (w *linker) machineLinks(row *cells) []link {
	if !w.lab.isID {
		return nil
	}
	found := w.links[:0]
	if hash, ok := w.hashID(w.lab.resource, row.resource); ok {
		hash = w.inLab(resourceLink, hash)
		found = append(found, link{leaseLink, row.resource, hash}, link{resourceLink, row.resource, hash})
	}
	if hash, ok := w.hashID(w.lab.compute, row.compute); ok {
		found = append(found, link{leaseLink, row.compute, w.inLab(leaseLink, hash)})
	}
	if hash, ok := w.hashUID(row.uid); ok {
		found = append(found, link{uidLink, row.uid, w.inLab(uidLink, hash)})
	}
	w.links = found
	return found
}

// appendHashes appends the hashes of the links of a virtual machine, with [links.Tag] or
// without: what a set needs.
func (w *linker) appendHashes(dst []uint64, row *cells) []uint64 {
	if !w.lab.isID {
		return dst
	}
	if hash, ok := w.hashID(w.lab.resource, row.resource); ok {
		dst = append(dst, w.inLab(resourceLink, hash))
	}
	if hash, ok := w.hashID(w.lab.compute, row.compute); ok {
		dst = append(dst, w.inLab(leaseLink, hash)&^links.Tag)
	}
	if hash, ok := w.hashUID(row.uid); ok {
		dst = append(dst, w.inLab(uidLink, hash))
	}
	return dst
}

// machineIDs returns the hashes of the IDs of a virtual machine.
func (w *linker) machineIDs(row *cells) (ids machineIDs) {
	if hash, ok := w.hashUID(row.uid); ok {
		ids.uid = hash
	}
	if hash, ok := w.hashID(w.lab.resource, row.resource); ok {
		ids.resource = hash
	}
	if hash, ok := w.hashID(w.lab.compute, row.compute); ok {
		ids.compute = hash
	}
	return ids
}

// machineOf returns the hash of the ResourceId of a disk if that is the ID of a virtual
// machine, as it is documented, and 0 if it is the disk's own.
func (w *linker) machineOf(resource []byte) uint64 {
	if hash, ok := w.hashID(w.lab.resource, resource); ok && bytes.Contains(w.id, []byte("/virtualmachines/")) {
		return hash
	}
	return 0
}

// normalID returns the normal form of the ID of a link.
func (w *linker) normalID(l link) []byte {
	if l.kind == uidLink {
		w.id = identity.AppendNormal(w.id[:0], l.id)
	} else {
		w.id = identity.AppendARM(w.id[:0], l.id)
	}
	return w.id
}

// A linkKey says which link it is. Two links are the same if and only if their keys are
// equal.
type linkKey struct {
	kind    linkKind
	lab, id string // in normal form
}

// linkKey returns the key of a link in the lab that is set.
func (w *linker) linkKey(l link) linkKey { return linkKey{l.kind, w.lab.normal, string(w.normalID(l))} }

// A machine is a row of a virtual machine that disks may belong to, and its links.
type machine struct {
	candidate
	ids   machineIDs
	rival rival
	owned []string // by whom the row is, if the caller asks for it
	links []keyedLink
}

// A keyedLink is the hash of a link, and its key.
type keyedLink struct {
	hash uint64
	key  linkKey
}

// subjectLinks are the links of the virtual machines that are or may be subjects'.
type subjectLinks map[uint64]*subjectLink // by hash and kind

// A subjectLink is a link that a virtual machine has that is or may be a subject's.
type subjectLink struct {
	keyedLink
	next     *subjectLink // another link with the same hash
	machines []*machine   // all with the link, when disks are read
	settling sync.Once
	settled  *settledLink
}

// A settledLink is what all machines with a link say.
type settledLink struct {
	candidates  []candidate             // sorted
	owners      owners                  // of these machines
	uids        map[uint64]bool         // of these machines
	ids         map[machineIDs]struct{} // of these machines, of a link by ResourceUId
	contradicts bool                    // ids contradict each other
	sum         rowSum                  // of the machines that compete and whose they are
}

func slot(hash uint64, kind linkKind) uint64 { return hash + uint64(kind) }

// add adds the links of a machine.
func (s subjectLinks) add(m *machine) {
	for _, of := range m.links {
		at := slot(of.hash, of.key.kind)
		l := s[at]
		for l != nil && l.key != of.key {
			l = l.next
		}
		if l == nil {
			l = &subjectLink{keyedLink: of, next: s[at]}
			s[at] = l
		}
		l.machines = append(l.machines, m)
	}
	m.links = nil // the links have them
}

// has reports whether there is a link with the hash of this one.
func (s subjectLinks) has(l link) bool { return s[slot(l.hash, l.kind)] != nil }

// find returns a link in the lab that is set, or nil.
func (s subjectLinks) find(w *linker, of link) *subjectLink {
	l := s[slot(of.hash, of.kind)]
	if l == nil {
		return nil
	}
	id := w.normalID(of)
	for l != nil && (l.key.kind != of.kind || l.key.lab != w.lab.normal || l.key.id != string(id)) {
		l = l.next
	}
	return l
}

// settle returns what all machines with the link say. It is made once, for the first disk
// that has the link: most links are of no disk.
func (l *subjectLink) settle() *settledLink {
	l.settling.Do(func() {
		s := &settledLink{uids: make(map[uint64]bool), ids: make(map[machineIDs]struct{})}
		rivals := make(map[rival]struct{})
		for _, m := range l.machines {
			s.candidates = append(s.candidates, m.candidate)
			s.owners.add(m.owned)
			s.uids[m.ids.uid], rivals[m.rival] = true, struct{}{}
			if l.key.kind == uidLink {
				s.ids[m.ids] = struct{}{}
			}
		}
		s.candidates = sortCandidates(s.candidates)
		s.contradicts, s.sum = contradict(s.ids), sumOf(rivals)
		l.settled = s
	})
	return l.settled
}
