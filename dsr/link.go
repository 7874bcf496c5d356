package dsr

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sync/atomic"

	"github.com/labdsr/labdsr/csvschema"
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

// of returns the ID by which a disk has such a link.
func (k linkKind) of(row *diskRow) []byte {
	switch k {
	case leaseLink:
		return row.lease
	case uidLink:
		return row.uid
	case resourceLink:
		return row.resource
	}
	return nil
}

var (
	linksOfLeased   = []linkKind{leaseLink}
	linksOfUnleased = []linkKind{uidLink, resourceLink} // the second is asked only if nothing has the first
)

// linksBy returns the kinds of link that a disk has.
func (s *scanner) linksBy(row *diskRow) []linkKind {
	if len(row.lease) > 0 && len(s.norm(row.lease)) > 0 {
		return linksOfLeased
	}
	return linksOfUnleased
}

// setLab makes the LabUId of a row the lab of the next links, and reports whether
// it is another than before.
func (s *scanner) setLab(cell []byte) (changed bool) {
	if bytes.Equal(cell, s.labCell) {
		return false
	}
	s.labCell = append(s.labCell[:0], cell...)
	s.lab = csvschema.AppendNormal(s.lab[:0], cell)
	return true
}

// link returns the key of a link in the lab that was set, or nil if lab or ID is
// blank, which is no link. It is valid until the next call.
func (s *scanner) link(kind linkKind, id []byte) []byte {
	normal := s.norm(id)
	if len(s.lab) == 0 || len(normal) == 0 {
		return nil
	}
	s.key = appendLink(s.key[:0], kind, s.lab, normal)
	return s.key
}

// eachMachineLink calls visit with the key of every link that a virtual machine in
// the lab that was set can be found by. The key is valid during the call.
func (s *scanner) eachMachineLink(row *machineRow, visit func(key []byte)) {
	if key := s.link(leaseLink, row.resource); key != nil {
		visit(key)
		key[0] = byte(resourceLink)
		visit(key)
	}
	if key := s.link(leaseLink, row.compute); key != nil {
		visit(key)
	}
	if key := s.link(uidLink, row.uid); key != nil {
		visit(key)
	}
}

// appendLink appends the key of a link: equal keys are the same link. Both parts
// are normal forms and not empty.
func appendLink(dst []byte, kind linkKind, lab, id []byte) []byte {
	dst = append(dst, byte(kind))
	dst = binary.AppendUvarint(dst, uint64(len(lab))) // so that nothing in lab can pass for id
	dst = append(dst, lab...)
	return append(dst, id...)
}

// linkBits is by how many first bits of their hash links are kept apart.
const linkBits = 10

// A linkSet holds the links of all disks, as hashes of 64 bits with a seed that
// nobody can know: 8 bytes for each disk, 16 without a lease, and a bit. It is
// filled, frozen, and then marked: which of the links some virtual machine has.
//
// What is handed out is decided with whole IDs. A collision, which one run in a
// million over a million disks and a million machines has, can only keep a disk
// back: one that dangles, or has nothing but its ResourceId to go by, is then
// taken to be somebody else's.
type linkSet struct {
	seed    maphash.Seed
	buckets [1 << linkBits][]uint64
	first   [1 << linkBits]int // number of the first link of a bucket
	marks   []uint64           // one bit for each link
}

func newLinkSet() *linkSet { return &linkSet{seed: maphash.MakeSeed()} }

func (s *linkSet) hash(key []byte) uint64 { return maphash.Bytes(s.seed, key) }

// add adds a link.
func (s *linkSet) add(hash uint64) {
	b := hash >> (64 - linkBits)
	s.buckets[b] = append(s.buckets[b], hash)
}

// freeze ends the adding.
func (s *linkSet) freeze() {
	n := 0
	for i, bucket := range s.buckets {
		slices.Sort(bucket)
		s.buckets[i], s.first[i] = slices.Compact(bucket), n
		n += len(s.buckets[i])
	}
	s.marks = make([]uint64, (n+63)/64)
}

// find returns the number of the link, and -1 if no disk has it.
func (s *linkSet) find(hash uint64) int {
	b := hash >> (64 - linkBits)
	i, found := slices.BinarySearch(s.buckets[b], hash)
	if !found {
		return -1
	}
	return s.first[b] + i
}

// mark notes that a virtual machine has the link of that number. Workers may
// mark at the same time: which of them comes first makes no difference.
func (s *linkSet) mark(number int) {
	word, bit := &s.marks[number/64], uint64(1)<<(number%64)
	if atomic.LoadUint64(word)&bit == 0 {
		atomic.OrUint64(word, bit)
	}
}

// marked reports whether a virtual machine has the link.
func (s *linkSet) marked(hash uint64) bool {
	i := s.find(hash)
	return i >= 0 && s.marks[i/64]&(1<<(i%64)) != 0
}

// isEmpty reports whether no disk has a link.
func (s *linkSet) isEmpty() bool { return len(s.marks) == 0 }
