// Package links keeps the IDs of millions of virtual machines in a few bytes each, to tell
// whether one of them has the ID by which a disk names its machine. It knows no column.
package links

import (
	"encoding/binary"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// NOTE. The IDs of all machines are data that grows with the number of rows. They are kept
// small, and copied only shard by shard:
//
//	Add      appends fingerprints to shards, which are chosen by the first bits of the
//	         hashes; a shard is a list of blocks of a fixed size
//	Freeze   copies the fingerprints of one bucket side by side; the bucket is chosen by
//	         the next bits
//	Has      compares with all fingerprints of one bucket, a cache line or two
//
// Hashes are uniform, so that all buckets have nearly the same size, and a bucket need not
// be sorted. The fingerprints of a shard after Freeze, of which the first two bits choose
// the bucket:
//
//	place     0     1     2     3     4     5     6     7     8     9
//	packed    00…a  00…b  01…c  01…d  01…e  10…f  10…g  11…h  11…i  11…j
//	first[b]  00: 0, 01: 2, 10: 5, 11: 8, end: 10
//
// The bits of a hash: those that choose the shard are not kept, and some are dropped.
//
//	63      54 53                           7 6        1  0
//	│ shard 10 │ 47 bits of the fingerprint  │ dropped 6 │ Tag

// Tag is the bit of a hash that says something about an ID and is no part of it. It is kept.
const Tag uint64 = 1

// A Set holds hashes as fingerprints of six bytes, and half a byte to find them. First
// hashes are added; then the set is frozen; then hashes are looked up.
//
// Of two hashes it compares 57 bits. Of a million IDs that no machine has, it takes one for
// that of a machine in one run of fifty thousand over a million machines. The hashes must
// be made with a seed that nobody can know.
type Set struct {
	adding sync.Mutex
	n      int // number of hashes
	shards [1 << shardBits]shard
}

// A shard is the part of a Set whose hashes have the same first bits.
type shard struct {
	n      int
	blocks [][]byte // before Freeze
	packed []byte   // after Freeze, bucket by bucket
	shift  uint     // see bucket
	first  []uint32 // place of the first fingerprint of each bucket, and n at the end
}

const (
	shardBits  = 10
	size       = 6               // bytes of a fingerprint
	kept       = 1<<(8*size) - 1 // its bits
	padding    = 8 - size        // so that one can be read as a word of 8 bytes
	blockLen   = 1 << 8          // fingerprints in a block
	bucketSize = 8               // average number of fingerprints in a bucket, at most
	fewHashes  = 20_000          // for which another goroutine is worth its start
)

// shardOf returns the shard of a hash.
func (s *Set) shardOf(hash uint64) *shard { return &s.shards[hash>>(64-shardBits)] }

// fingerprint returns the bits of a hash that are kept.
func fingerprint(hash uint64) uint64 { return hash>>7<<1&kept | hash&Tag }

// load returns the fingerprint at a place.
func load(packed []byte, place int) uint64 {
	return binary.LittleEndian.Uint64(packed[place*size:]) & kept
}

// store sets the fingerprint at a place. It overwrites the one after it.
func store(packed []byte, place int, f uint64) { binary.LittleEndian.PutUint64(packed[place*size:], f) }

// Add adds hashes. Several goroutines may add at the same time; the order does not matter.
func (s *Set) Add(hashes []uint64) {
	s.adding.Lock()
	defer s.adding.Unlock()
	s.n += len(hashes)
	for _, hash := range hashes {
		shard := s.shardOf(hash)
		at := shard.n % blockLen
		if at == 0 {
			shard.blocks = append(shard.blocks, make([]byte, blockLen*size+padding))
		}
		store(shard.blocks[len(shard.blocks)-1], at, fingerprint(hash))
		shard.n++
	}
}

// Len returns how many hashes were added, each as often as it was added.
func (s *Set) Len() int { return s.n }

// Freeze sorts the fingerprints into buckets. Nothing is added afterwards. It works in up
// to that many goroutines; 0 means GOMAXPROCS.
func (s *Set) Freeze(workers int) {
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
	for range min(workers, 1+s.n/fewHashes) - 1 {
		running.Go(work)
	}
	work()
	running.Wait()
}

// bucket returns the number of the bucket of a fingerprint.
func (s *shard) bucket(f uint64) uint64 { return f >> s.shift }

// freeze puts the fingerprints of each bucket side by side.
func (s *shard) freeze() {
	if s.n == 0 {
		return
	}
	bucketBits := bits.Len(uint(s.n / bucketSize))
	s.shift = uint(8*size - bucketBits)
	s.first = make([]uint32, 1<<bucketBits+1)
	for f := range s.added {
		s.first[s.bucket(f)+1]++
	}
	for b := range len(s.first) - 1 {
		s.first[b+1] += s.first[b]
	}
	next := slices.Clone(s.first) // for each bucket, the place of its next fingerprint
	s.packed = make([]byte, s.n*size+padding)
	for f := range s.added {
		b := s.bucket(f)
		at := s.packed[int(next[b])*size:]
		binary.LittleEndian.PutUint32(at, uint32(f))
		binary.LittleEndian.PutUint16(at[4:], uint16(f>>32))
		next[b]++
	}
	s.blocks = nil
}

// added calls yield with each fingerprint of the blocks.
func (s *shard) added(yield func(uint64) bool) {
	for i := range s.n {
		if !yield(load(s.blocks[i/blockLen], i%blockLen)) {
			return
		}
	}
}

// Has reports whether a hash was added, with or without [Tag].
func (s *Set) Has(hash uint64) bool { return s.has(hash, kept&^Tag) }

// HasTagged reports whether a hash was added with [Tag].
func (s *Set) HasTagged(hash uint64) bool { return s.has(hash|Tag, kept) }

// has reports whether a fingerprint is in the set that differs in none of these bits.
func (s *Set) has(hash, compared uint64) bool {
	shard := s.shardOf(hash)
	if shard.n == 0 {
		return false
	}
	f := fingerprint(hash)
	b := shard.bucket(f)
	for i, end := int(shard.first[b]), int(shard.first[b+1]); i < end; i++ {
		if (load(shard.packed, i)^f)&compared == 0 {
			return true
		}
	}
	return false
}
