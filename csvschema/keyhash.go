package csvschema

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// A KeyHash stands for a [Key] in an index of millions of them. Different keys
// have different hashes but for a chance of one in 2^128, and nothing can be told
// from a hash: it means something only within one process and one [KeyHasher] and
// those made from it. The zero KeyHash is that of no key.
type KeyHash [16]byte

// A KeyHasher makes hashes of keys. It holds buffers, and is not safe for
// concurrent use: each goroutine has one of its own, by [KeyHasher.Clone].
type KeyHasher struct {
	seeds [2]maphash.Seed
	text  []byte

	// The last LabUId, and the length of the normal form that text begins with.
	lab    []byte
	labLen int
}

// NewKeyHasher returns a KeyHasher whose hashes are unlike those of any other.
func NewKeyHasher() *KeyHasher {
	return &KeyHasher{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

// Clone returns a KeyHasher that makes the same hashes.
func (h *KeyHasher) Clone() *KeyHasher { return &KeyHasher{seeds: h.seeds} }

// Key returns the hash of a key; that of a key without a LabUId or ResourceUId,
// which identifies nothing, is zero.
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

// Record returns the hash of [Record.Key] without making the key. It does not
// allocate.
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
