package csvschema

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// A KeyHash is a hash of a [Key], for packages and programs that index millions of keys.
// Two keys have the same hash with a probability of 2^-128. A hash reveals nothing about
// its key. It may only be compared with hashes of the same [KeyHasher] and its clones, in
// one process. No key has the zero KeyHash.
type KeyHash [16]byte

// A KeyHasher computes hashes of keys. It holds buffers and is not safe for concurrent
// use: each goroutine needs its own, which [KeyHasher.Clone] returns.
type KeyHasher struct {
	seeds [2]maphash.Seed
	text  []byte

	lab    []byte // the last LabUId
	labLen int    // length of its normal form, with which text begins; 0 if there is none
}

// NewKeyHasher returns a KeyHasher with random seeds of its own.
func NewKeyHasher() *KeyHasher {
	return &KeyHasher{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

// Clone returns a KeyHasher that computes the same hashes.
func (h *KeyHasher) Clone() *KeyHasher { return &KeyHasher{seeds: h.seeds} }

// Key returns the hash of a key. A key without a LabUId or ResourceUId identifies
// nothing, and its hash is zero.
func (h *KeyHasher) Key(k Key) KeyHash {
	h.lab, h.labLen = h.lab[:0], 0
	if k.lab == "" || k.uid == "" {
		return KeyHash{}
	}
	h.text = append(append(h.text[:0], k.lab...), 0)
	h.text = append(append(h.text, k.uid...), 0)
	if k.role == Disks {
		h.text = append(h.text, k.disk.Value()...)
	}
	return h.sum(k.role)
}

// Record returns the hash of [Record.Key]. It does not allocate.
func (h *KeyHasher) Record(r Record) KeyHash {
	lab := r.Value(LabUId)
	if h.labLen == 0 || !bytes.Equal(lab, h.lab) {
		h.lab = append(h.lab[:0], lab...)
		h.text = identity.AppendNormal(h.text[:0], lab)
		h.labLen = len(h.text)
	}
	h.text = append(h.text[:h.labLen], 0)
	h.text = identity.AppendNormal(h.text, r.Value(ResourceUId))
	if h.labLen == 0 || len(h.text) == h.labLen+1 {
		return KeyHash{}
	}
	h.text = append(h.text, 0)
	role := r.Header().Role()
	if role == Disks {
		for _, c := range [...]Column{ResourceId, Name, DiskBlobName} {
			h.text = append(identity.AppendNormal(h.text, r.Value(c)), 0)
		}
	}
	return h.sum(role)
}

func (h *KeyHasher) sum(role Role) (sum KeyHash) {
	h.text = append(h.text, byte(role))
	for i, seed := range h.seeds {
		binary.NativeEndian.PutUint64(sum[8*i:], maphash.Bytes(seed, h.text))
	}
	return sum
}
