package dsr

import (
	"hash/maphash"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// NOTE. The links of all disks are the only thing that grows with the rows, so
// they are kept as small as can be, and are never copied:
//
//	add      hashes in the order in which they come, in blocks of a fixed size;
//	         in shards, by their first bits
//	freeze   the same hashes in the same blocks, those of one bucket, by their
//	         next bits, side by side; a shard is small enough for a cache
//	find     looks through one bucket, which is a cache line or two
//
// Hashes are uniform, so that buckets have nearly the same size and need not be
// sorted. The blocks of a shard count as one long array:
//
//	place     0     1     2     3   │ 4     5     6     7   │ 8     9
//	hash      00…a  00…b  01…c  01…d│ 01…e  10…f  10…g  11…h│ 11…i  11…j
//	first[b]  00: 0, 01: 2, 10: 5, 11: 7, end: 10

// A linkSet holds the links of all disks, as hashes of 64 bits with seeds that
// nobody can know: some 9 bytes for each disk, twice that without a lease. It
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
	n      int       // how many hashes there are
	shards [1 << shardBits]linkShard

	marks []uint64 // two bits for each number
}

// A linkShard is the part of a linkSet whose hashes have the same first bits.
type linkShard struct {
	blocks [][]uint64
	n      int      // how many hashes are in blocks
	number int      // of the first of them
	shift  uint     // bits of a hash, without those of the shard, that do not tell its bucket
	first  []uint32 // place of the first hash of each bucket, and n
}

const (
	shardBits  = 6
	blockLen   = 1 << 10
	bucketSize = 8 // hashes at most, on average
)

func newLinkSet() *linkSet { return &linkSet{ids: maphash.MakeSeed(), labs: maphash.MakeSeed()} }

// add adds links, all of these kinds. Workers may add at the same time: which of
// them comes first makes no difference.
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

// freeze ends the adding. It works in up to so many goroutines; 0 means
// GOMAXPROCS.
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

// fewLinks are frozen sooner than a goroutine is started.
const fewLinks = 10_000

// at returns the hash at a place.
func (s *linkShard) at(place int) *uint64 { return &s.blocks[place/blockLen][place%blockLen] }

// bucket returns the number of the bucket of a hash.
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
	// Each hash is swapped to where its bucket goes on, until one belongs where it
	// stands.
	next := slices.Clone(s.first)
	for b, end := range s.first[1:] {
		for next[b] < end {
			stands := s.at(int(next[b]))
			hash := *stands
			for to := s.bucket(hash); to != uint64(b); to = s.bucket(hash) {
				place := s.at(int(next[to]))
				next[to]++
				hash, *place = *place, hash
			}
			*stands = hash
			next[b]++
		}
	}
}

// warm brings what find looks at into the caches, for many links at once. A lookup
// alone would wait for memory, and the next one for it. What it returns means
// nothing, but must be kept, or the compiler would do without.
func (s *linkSet) warm(hashes []uint64) (sum uint64) {
	for _, hash := range hashes {
		shard := &s.shards[hash>>(64-shardBits)]
		if from := int(shard.first[shard.bucket(hash)]); from < shard.n {
			sum += *shard.at(from)
		}
	}
	return sum
}

// find returns the number of a link, and -1 if no disk has it.
func (s *linkSet) find(hash uint64) int {
	shard := &s.shards[hash>>(64-shardBits)]
	b := shard.bucket(hash)
	for from, end := int(shard.first[b]), int(shard.first[b+1]); from < end; {
		block := shard.blocks[from/blockLen][from%blockLen:]
		block = block[:min(len(block), end-from)]
		for i, h := range block {
			if h == hash {
				return shard.number + from + i // of several disks' links always the same
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

// markAll marks those of the links that disks have.
func (s *linkSet) markAll(hashes []uint64, m linkMark) {
	for _, hash := range hashes {
		if number := s.find(hash); number >= 0 {
			s.mark(number, m)
		}
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
