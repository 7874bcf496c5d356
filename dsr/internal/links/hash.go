package links

import (
	"hash/maphash"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// Seeds are the seeds of hashes, which nobody can know. An ID, a lab and the folder of an ID
// have a seed each, or they could be exchanged.
type Seeds struct{ ids, folders, labs maphash.Seed }

// NewSeeds returns other seeds with each call.
func NewSeeds() *Seeds { return &Seeds{maphash.MakeSeed(), maphash.MakeSeed(), maphash.MakeSeed()} }

// ID returns the hash of the normal form of an ID.
func (s *Seeds) ID(normal []byte) uint64 { return maphash.Bytes(s.ids, normal) }

// Lab returns the hash of the normal form of a lab.
func (s *Seeds) Lab(normal []byte) uint64 { return maphash.Bytes(s.labs, normal) }

// An ARMHasher hashes ARM IDs, one after the other. It looks only at the name of an ID that is in
// the folder of the one before it. Only one goroutine may use it.
type ARMHasher struct {
	forms  func(dst, id []byte) (form []byte, last int, repeats bool)
	folder uint64 // hash of the folder of the ID before
}

// NewARMHasher returns a hasher. All hashers have the same hashes.
func NewARMHasher() *ARMHasher { return &ARMHasher{forms: identity.ARMForms()} }

// Append appends the form of an ID to dst, as [identity.AppendARM] does, and returns the hash
// of the form.
func (h *ARMHasher) Append(s *Seeds, dst, id []byte) (form []byte, hash uint64) {
	start := len(dst)
	form, last, repeats := h.forms(dst, id)
	if !repeats {
		h.folder = maphash.Bytes(s.folders, form[start:last])
	}
	return form, h.folder ^ s.ID(form[last:])
}
