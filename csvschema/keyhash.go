package csvschema

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/keys"
)

// A KeyHash is a hash of a [Key], for packages and programs that index millions of keys.
// Two keys have the same hash with a probability of 2^-128. A hash reveals nothing about
// its key, and may only be compared with hashes of the same process. No key has the zero
// KeyHash.
type KeyHash [16]byte

// keySeeds are the random seeds of all hashes of the process.
var keySeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// Hash returns the hash of the key. It is zero if the key identifies nothing; see
// [Identifies].
func (k Key) Hash() KeyHash {
	if !k.isID() {
		return KeyHash{}
	}
	return newKeyHash(k.appendParts(nil))
}

// Digest returns the digest of the whole key under a secret key, by
// [identity.SecretKey.Hash] for the purpose "resource". It is the same in every process and
// release, so that what a person decided about a resource can be stored outside. It is the
// zero Digest if the key identifies nothing; see [Identifies]. It panics if there is no secret.
func (k Key) Digest(secret identity.SecretKey) (digest identity.Digest) {
	h := secret.Hash("resource")
	if !k.isID() {
		return digest
	}
	_, _ = h.Write(k.appendParts([]byte(k.role.String() + "\x00"))) // never fails
	h.Sum(digest[:0])
	return digest
}

// appendParts appends the parts of the key, each followed by NUL, which is in none.
func (k Key) appendParts(dst []byte) []byte {
	dst = append(append(append(append(dst, k.lab...), 0), k.uid...), 0)
	if k.role == Disks {
		dst = append(dst, k.disk.Get().Value()...)
	}
	return dst
}

// KeyHash returns the hash of [Record.Key]. It does not allocate unless the parts of
// the key are long.
func (r Record) KeyHash() KeyHash {
	var buf [512]byte
	text := append(identity.AppendNormal(buf[:0], r.Value(LabUId)), 0)
	lab := len(text)
	text = append(identity.AppendNormal(text, r.Value(ResourceUId)), 0)
	if !Identifies(ResourceUId, text[lab:len(text)-1]) || !Identifies(LabUId, text[:lab-1]) {
		return KeyHash{}
	}
	if r.Header().Role() == Disks {
		text = keys.AppendDisk(text, keys.DiskCells{r.Value(ResourceId), r.Value(Name), r.Value(DiskBlobName)})
	}
	return newKeyHash(text)
}

// newKeyHash returns the hash of the parts of a key, each followed by NUL. A disk has more
// of them than a machine.
func newKeyHash(text []byte) (hash KeyHash) {
	for i, seed := range keySeeds {
		binary.NativeEndian.PutUint64(hash[8*i:], maphash.Bytes(seed, text))
	}
	return hash
}
