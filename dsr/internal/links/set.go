// Package links keeps the IDs of millions of virtual machines in a few bytes each, to tell
// whether one of them has the ID by which a disk names its machine. It knows no column.
package links

import (
	"encoding/binary"
	"runtime"
	"sync"
	"sync/atomic"
)

// NOTE. The IDs of all machines are data that grows with the number of rows. They are kept
// small, and copied only shard by shard:
//
//	Add      appends fingerprints to shards, which are chosen by the first bits of the
//	         hashes; a shard is a list of blocks of a fixed size
//	Freeze   spreads the fingerprints of a shard over lines, as many as have room for all
//	         and a third more; the line is chosen by the next bits. Of what does not fit
//	         into a line the next line with room has the rest
//	Has      compares with all fingerprints of one line, and seldom of the next
//
// A line is as long as one of the cache of a processor, so that most answers wait for the
// memory once:
//
//	byte   0        5        10                55       60       63
//	       │ 5 bytes │ 5 bytes │ …               │ 5 bytes │         │ how many there are
//
// The bits of a hash: those that choose the shard are not kept, and some are dropped. Line
// says where the fingerprint is, and is not kept either, except for its last bits.
//
//	63      54 53                             7 6        1  0
//	│ shard 10 │ 47 bits: line, and the last 39  │ dropped 6 │ Tag

// Tag is the bit of a hash that says something about an ID and is no part of it. It is kept.
const Tag uint64 = 1

// A Set holds hashes in some seven bytes each. First hashes are added; then the set is
// frozen; then hashes are looked up.
//
// Of a million IDs that no machine has, it takes one for that of a machine in one run of
// fifty thousand, however many machines there are, up to some hundred million. The hashes
// must be made with a seed that nobody can know.
type Set struct {
	adding sync.Mutex
	n      int // number of hashes
	shards [1 << shardBits]shard
}

// A shard is the part of a Set whose hashes have the same first bits.
type shard struct {
	lines  []byte   // after Freeze
	blocks [][]byte // before Freeze
	n      int      // number of fingerprints
}

const (
	shardBits = 10
	bits      = 48                  // of a fingerprint before Freeze
	size      = bits / 8            // its bytes
	blockLen  = 1 << 8              // how many are in a block
	keptSize  = 5                   // bytes of a fingerprint in a line
	kept      = 1<<(8*keptSize) - 1 // its bits
	lineSize  = 64                  // bytes of a line
	lineLen   = lineSize / keptSize // how many fingerprints have room in it
	lineLoad  = 9                   // how many are in it, on average
	fewHashes = 20_000              // for which another goroutine is worth its start
)

// shardOf returns the shard of a hash.
func (s *Set) shardOf(hash uint64) *shard { return &s.shards[hash>>(64-shardBits)] }

// fingerprint returns the bits of a hash that are kept before Freeze.
func fingerprint(hash uint64) uint64 { return hash>>7<<1&(1<<bits-1) | hash&Tag }

// Add adds hashes. Several goroutines may add at the same time; the order does not matter.
func (s *Set) Add(hashes []uint64) {
	s.adding.Lock()
	defer s.adding.Unlock()
	s.n += len(hashes)
	for _, hash := range hashes {
		shard := s.shardOf(hash)
		at := shard.n % blockLen
		if at == 0 {
			shard.blocks = append(shard.blocks, make([]byte, blockLen*size))
		}
		f, to := fingerprint(hash), shard.blocks[len(shard.blocks)-1][at*size:]
		binary.LittleEndian.PutUint32(to, uint32(f))         //nolint:gosec // its lower bytes
		binary.LittleEndian.PutUint16(to[4:], uint16(f>>32)) //nolint:gosec // its upper bytes
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

// freeze moves the fingerprints from the blocks to lines. It keeps one of those that are
// equal, or rows with one ID would fill many lines that are then looked through.
func (s *shard) freeze() {
	count := (s.n + lineLoad - 1) / lineLoad
	s.lines = make([]byte, count*lineSize)
	for i := range s.n {
		from := s.blocks[i/blockLen][i%blockLen*size:]
		f := uint64(binary.LittleEndian.Uint32(from)) | uint64(binary.LittleEndian.Uint16(from[4:]))<<32
		if line, found := s.find(f, kept); !found {
			to := line[line[lineSize-1]*keptSize:]
			binary.LittleEndian.PutUint32(to, uint32(f)) //nolint:gosec // its lower bytes
			to[4] = byte(f >> 32)                        //nolint:gosec // the last one that is kept
			line[lineSize-1]++
		}
	}
	s.blocks = nil
}

// line returns the offset of the line of a fingerprint.
func (s *shard) line(f uint64) int { return int(f * uint64(len(s.lines)/lineSize) >> bits * lineSize) }

// find reports whether the shard has a fingerprint that differs in none of the compared
// bits, and returns the line where it is or has room. There are lines with room.
func (s *shard) find(f, compared uint64) (_ *[lineSize]byte, found bool) {
	at := s.line(f)
	for {
		line := (*[lineSize]byte)(s.lines[at:])
		// Without a branch for each fingerprint: that would wait for the memory.
		equal := uint64(0)
		for i := range lineLen {
			different := (binary.LittleEndian.Uint64(line[i*keptSize:]) ^ f) & compared
			equal |= (different - 1) >> 63 << i // 1 if it is 0
		}
		n := line[lineSize-1]
		found = equal&(1<<n-1) != 0
		if found || n < lineLen {
			return line, found
		}
		if at += lineSize; at == len(s.lines) {
			at = 0
		}
	}
}

// Touch reads the line of a hash, so that it is in the cache when it is needed. If it is called
// for some hundred hashes, one after the other, the processor waits for several lines at the
// same time. What it returns means nothing.
func (s *Set) Touch(hash uint64) byte {
	shard := s.shardOf(hash)
	if shard.n == 0 {
		return 0
	}
	return shard.lines[shard.line(fingerprint(hash))]
}

// Has reports whether a hash was added, with or without [Tag].
func (s *Set) Has(hash uint64) bool { return s.has(hash, kept&^Tag) }

// HasTagged reports whether a hash was added with [Tag].
func (s *Set) HasTagged(hash uint64) bool { return s.has(hash|Tag, kept) }

// has reports whether a fingerprint is in the set that differs in none of the compared bits.
func (s *Set) has(hash, compared uint64) bool {
	shard := s.shardOf(hash)
	if shard.n == 0 {
		return false
	}
	_, found := shard.find(fingerprint(hash), compared)
	return found
}
