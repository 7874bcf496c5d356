package dsr

import (
	"hash/maphash"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// NOTE. The links of all disks are the only data that grows with the number of rows.
// They are kept small, and copied only shard by shard:
//
//	add      appends hashes to shards, which are chosen by their first bits; a
//	         shard is a list of blocks of a fixed size
//	freeze   copies the hashes of one bucket side by side; the bucket is chosen by
//	         the next bits
//	find     compares with all hashes of one bucket, a cache line or two
//
// Hashes are uniform, so that all buckets have nearly the same size, and a bucket
// need not be sorted. The blocks of a shard are numbered as one long array:
//
//	place     0     1     2     3   │ 4     5     6     7   │ 8     9
//	hash      00…a  00…b  01…c  01…d│ 01…e  10…f  10…g  11…h│ 11…i  11…j
//	first[b]  00: 0, 01: 2, 10: 5, 11: 7, end: 10

// A linkSet holds the links of all disks, as hashes of 64 bits with seeds that
// nobody can know: some 9 bytes for each disk, twice that for one without a lease.
// First links are added; then the set is frozen; then links are marked, to record
// which of them virtual machines have.
//
// Whole IDs decide what is handed out. A collision of hashes can only keep a disk
// back: a disk that dangles, or that has only its ResourceId, is then taken for
// somebody else's. One run in a million over a million disks and a million machines
// has a collision.
type linkSet struct {
	// The hash of a link combines one of its ID and one of its lab. Each has a seed of
	// its own, or an ID could be exchanged with a lab.
	ids, labs maphash.Seed

	adding sync.Mutex
	kinds  linkKinds // of all links
	n      int       // number of hashes
	shards [1 << shardBits]linkShard

	marks []uint64 // a linkMark, two bits, for each number of a link
}

// A linkShard is the part of a linkSet whose hashes have the same first bits.
type linkShard struct {
	blocks [][]uint64
	n      int      // number of hashes in the blocks
	number int      // number of the link at place 0
	shift  uint     // see bucket
	first  []uint32 // place of the first hash of each bucket, and n at the end
}

const (
	shardBits  = 6
	blockLen   = 1 << 10
	bucketSize = 8 // average number of hashes in a bucket, at most
)

// newLinkSet returns an empty set.
func newLinkSet() *linkSet { return &linkSet{ids: maphash.MakeSeed(), labs: maphash.MakeSeed()} }

// add adds links of these kinds. Workers may add at the same time; the order does
// not matter.
func (s *linkSet) add(hashes []uint64, kinds linkKinds) {
	s.adding.Lock()
	defer s.adding.Unlock()
	s.kinds |= kinds
	s.n += len(hashes)
	for _, hash := range hashes {
		shard := &s.shards[hash>>(64-shardBits)]
		if shard.n%blockLen == 0 {
			shard.blocks = append(shard.blocks, make([]uint64, blockLen))
		}
		*shard.at(shard.n) = hash
		shard.n++
	}
}

// freeze sorts the links into buckets. No link is added afterwards. It works in up to
// that many goroutines; 0 means GOMAXPROCS.
func (s *linkSet) freeze(workers int) {
	number := 0
	for i := range s.shards {
		s.shards[i].number = number
		number += s.shards[i].n
	}
	s.marks = make([]uint64, (2*s.n+63)/64)
	var next atomic.Int64
	work := func() {
		for i := next.Add(1) - 1; i < int64(len(s.shards)); i = next.Add(1) - 1 {
			s.shards[i].freeze()
		}
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var running sync.WaitGroup
	for range min(workers, 1+s.n/fewLinks) - 1 {
		running.Go(work)
	}
	work()
	running.Wait()
}

// fewLinks is the number of links for which another goroutine is worth its start.
const fewLinks = 10_000

// at returns the hash at a place.
func (s *linkShard) at(place int) *uint64 { return &s.blocks[place/blockLen][place%blockLen] }

// bucket returns the number of the bucket of a hash: the bits after those that choose
// the shard.
func (s *linkShard) bucket(hash uint64) uint64 { return hash << shardBits >> s.shift }

// freeze puts the hashes of each bucket side by side.
func (s *linkShard) freeze() {
	bucketBits := bits.Len(uint(s.n / bucketSize))
	s.shift = uint(64 - bucketBits)
	s.first = make([]uint32, 1<<bucketBits+1)
	for i := range s.n {
		s.first[s.bucket(*s.at(i))+1]++
	}
	for b := range len(s.first) - 1 {
		s.first[b+1] += s.first[b]
	}
	next := slices.Clone(s.first) // for each bucket, the place of its next hash
	from := *s
	s.blocks = make([][]uint64, len(from.blocks))
	for i := range s.blocks {
		s.blocks[i] = make([]uint64, blockLen)
	}
	for i := range s.n {
		hash := *from.at(i)
		b := s.bucket(hash)
		*s.at(int(next[b])) = hash
		next[b]++
	}
}

// find returns the number of a link, or -1 if no disk has it. Several disks may have
// the link: the number is always the same.
func (s *linkSet) find(hash uint64) int {
	shard := &s.shards[hash>>(64-shardBits)]
	b := shard.bucket(hash)
	for from, end := int(shard.first[b]), int(shard.first[b+1]); from < end; {
		block := shard.blocks[from/blockLen][from%blockLen:]
		block = block[:min(len(block), end-from)]
		for i, h := range block {
			if h == hash {
				return shard.number + from + i
			}
		}
		from += len(block)
	}
	return -1
}

// A linkMark says whose virtual machines have a link: a set of bits.
type linkMark uint64

const (
	ofSubjects linkMark = 1 << iota // they are subjects', or may be if a person decides so
	ofOthers                        // of somebody who is no subject
)

// mark adds a mark to the link with that number. Workers may mark at the same time;
// the order does not matter.
func (s *linkSet) mark(number int, m linkMark) {
	word, bit := &s.marks[number/32], uint64(m)<<(number%32*2)
	if atomic.LoadUint64(word)&bit == 0 {
		atomic.OrUint64(word, bit)
	}
}

// markAll adds a mark to those of the links that disks have.
func (s *linkSet) markAll(hashes []uint64, m linkMark) {
	for _, hash := range hashes {
		if number := s.find(hash); number >= 0 {
			s.mark(number, m)
		}
	}
}

// marked returns the marks of the link with that number, and none for -1. It must not
// run at the same time as mark.
func (s *linkSet) marked(number int) linkMark {
	if number < 0 {
		return 0
	}
	return linkMark(s.marks[number/32]>>(number%32*2)) & (ofSubjects | ofOthers)
}

// isEmpty reports whether no disk has a link.
func (s *linkSet) isEmpty() bool { return s.n == 0 }
