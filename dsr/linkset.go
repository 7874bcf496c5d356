package dsr

import (
	"hash/maphash"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// NOTE. The links of all disks are the only thing that grows with the rows, so
// they are kept as small as can be, and without ever being copied:
//
//	add      hashes in the order in which they come, in blocks of a fixed size
//	freeze   the same hashes in the same blocks, those of one bucket side by side
//	find     looks through one bucket, which is some cache lines
//
// Hashes are uniform, so that their first bits make buckets of nearly the same
// size, and a bucket need not be sorted. Blocks count as one long array:
//
//	number    0     1     2     3   │ 4     5     6     7   │ 8     9
//	hash      00…a  00…b  01…c  01…d│ 01…e  10…f  10…g  11…h│ 11…i  11…j
//	first[b]  00: 0, 01: 2, 10: 5, 11: 7, end: 10

// A linkSet holds the links of all disks, as hashes of 64 bits with seeds that
// nobody can know: 9 bytes for each disk, 18 without a lease. It
// is filled, frozen, and then marked: which of the links some virtual machine
// has.
//
// What is handed out is decided with whole IDs. A collision, which one run in a
// million over a million disks and a million machines has, can only keep a disk
// back: one that dangles, or has nothing but its ResourceId to go by, is then
// taken to be somebody else's.
type linkSet struct {
	// The hash of a link is made of one of its ID and one of its lab. Each has a
	// seed of its own, or the two could stand for one another.
	ids, labs maphash.Seed

	adding sync.Mutex
	kinds  linkKinds // of all links
	blocks [][]uint64
	n      int // how many hashes are in blocks

	shift uint     // bits of a hash that do not tell its bucket
	first []int    // number of the first hash of each bucket, and n
	marks []uint64 // two bits for each number
}

const (
	blockBits  = 13 // of the number of a hash, which tell its place in its block
	blockLen   = 1 << blockBits
	bucketSize = 32 // hashes at most, on average
)

func newLinkSet() *linkSet { return &linkSet{ids: maphash.MakeSeed(), labs: maphash.MakeSeed()} }

// add adds links, all of these kinds. Workers may add at the same time: which of
// them comes first makes no difference.
func (s *linkSet) add(hashes []uint64, kinds linkKinds) {
	s.adding.Lock()
	defer s.adding.Unlock()
	s.kinds |= kinds
	for len(hashes) > 0 {
		at := s.n % blockLen
		if at == 0 {
			s.blocks = append(s.blocks, make([]uint64, blockLen))
		}
		n := copy(s.blocks[len(s.blocks)-1][at:], hashes)
		s.n += n
		hashes = hashes[n:]
	}
}

// at returns the place of the hash of that number.
func (s *linkSet) at(number int) *uint64 { return &s.blocks[number/blockLen][number%blockLen] }

// freeze ends the adding: it puts the hashes of each bucket side by side.
func (s *linkSet) freeze() {
	bucketBits := bits.Len(uint(s.n / bucketSize))
	s.shift = uint(64 - bucketBits)
	s.first = make([]int, 1<<bucketBits+1)
	for i := range s.n {
		s.first[*s.at(i)>>s.shift+1]++
	}
	for b := range len(s.first) - 1 {
		s.first[b+1] += s.first[b]
	}
	// Each hash is swapped to where its bucket goes on, until one belongs where it
	// stands.
	next := slices.Clone(s.first)
	for b, end := range s.first[1:] {
		for next[b] < end {
			hash := *s.at(next[b])
			for to := hash >> s.shift; to != uint64(b); to = hash >> s.shift {
				place := s.at(next[to])
				next[to]++
				hash, *place = *place, hash
			}
			*s.at(next[b]) = hash
			next[b]++
		}
	}
	s.marks = make([]uint64, (2*s.n+63)/64)
}

// find returns the number of a link, and -1 if no disk has it.
func (s *linkSet) find(hash uint64) int {
	b := hash >> s.shift
	for from, end := s.first[b], s.first[b+1]; from < end; {
		block := s.blocks[from/blockLen][from%blockLen:]
		block = block[:min(len(block), end-from)]
		for i, h := range block {
			if h == hash {
				return from + i // of several disks' links always the same
			}
		}
		from += len(block)
	}
	return -1
}

// A linkMark tells whose virtual machines have a link.
type linkMark uint64

const (
	ofSubjects linkMark = 1 << iota // of one or several subjects
	ofOthers                        // of none of the subjects
)

// mark notes that a virtual machine has the link of that number. Workers may mark
// at the same time: which of them comes first makes no difference.
func (s *linkSet) mark(number int, m linkMark) {
	word, bit := &s.marks[number/32], uint64(m)<<(number%32*2)
	if atomic.LoadUint64(word)&bit == 0 {
		atomic.OrUint64(word, bit)
	}
}

// marked returns the marks of the link of that number, or none if it is -1. It may
// be called when the marking has ended.
func (s *linkSet) marked(number int) linkMark {
	if number < 0 {
		return 0
	}
	return linkMark(s.marks[number/32]>>(number%32*2)) & (ofSubjects | ofOthers)
}

// isEmpty reports whether no disk has a link.
func (s *linkSet) isEmpty() bool { return s.n == 0 }
