package csvschema

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// A KeyHash is a hash of a [Key], for packages and programs that index millions of keys.
// Two keys have the same hash with a probability of 2^-128. A hash reveals nothing about
// its key, and may only be compared with hashes of the same process. No key has the zero
// KeyHash.
type KeyHash [16]byte

// keySeeds are the random seeds of all hashes of the process.
var keySeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// Hash returns the hash of the key. A key without a LabUId or ResourceUId identifies
// nothing, and its hash is zero.
func (k Key) Hash() KeyHash {
	if k.lab == "" || k.uid == "" {
		return KeyHash{}
	}
	text := append(append(append([]byte(k.lab), 0), k.uid...), 0)
	if k.role == Disks {
		text = append(text, k.disk.Value()...)
	}
	return newKeyHash(append(text, byte(k.role)))
}

// KeyHash returns the hash of [Record.Key]. It does not allocate.
func (r Record) KeyHash() KeyHash {
	h := &r.chunk.key
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
	h.text = append(h.text, byte(role))
	return newKeyHash(h.text)
}

// A keyText is the text of the last key of a chunk that was hashed.
type keyText struct {
	text   []byte
	lab    []byte // the LabUId as it is in the record
	labLen int    // length of its normal form, with which text begins; 0 if there is none
}

func newKeyHash(text []byte) (hash KeyHash) {
	for i, seed := range keySeeds {
		binary.NativeEndian.PutUint64(hash[8*i:], maphash.Bytes(seed, text))
	}
	return hash
}
