package index

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// An ID is a hash of the ResourceId of a machine, by which an entry knows that rows with
// its key are of two machines. Two ResourceIds have the same ID with a probability of
// 2^-24. The zero ID says nothing: it is that of a row without a ResourceId, of one whose
// ResourceId was changed by anonymizing, so that it cannot be compared any more, and of
// disks, whose keys hold their ResourceIds.
type ID [3]byte

// IDs makes IDs. Only one goroutine may use it.
type IDs struct {
	finder identity.Finder
	spans  []identity.Span
	masked []byte
	normal []byte
}

var idSeed = maphash.MakeSeed()

// Of returns the ID of a record. What anonymizing replaces wherever it is, the x of
// /users/{x} and addresses, does not matter.
func (x *IDs) Of(rec csvschema.Record) (id ID) {
	cell := rec.Value(csvschema.ResourceId)
	if rec.Header().Role() != csvschema.VirtualMachines || len(cell) == 0 {
		return ID{}
	}
	x.spans = x.finder.Find(x.spans[:0], cell)
	x.masked = x.masked[:0]
	copied := 0
	for _, s := range x.spans {
		x.masked = append(append(x.masked, cell[copied:s.Start]...), '*')
		copied = s.End
	}
	x.masked = append(x.masked, cell[copied:]...)
	x.normal = identity.AppendARM(x.normal[:0], x.masked)
	if !csvschema.Identifies(csvschema.ResourceId, x.normal) || isReplaced(x.normal) {
		return ID{}
	}
	var sum [8]byte
	binary.NativeEndian.PutUint64(sum[:], maphash.Bytes(idSeed, x.normal))
	if id = ID(sum[:len(id)]); id == (ID{}) {
		id[0] = 1
	}
	return id
}

// isReplaced reports whether a part of an ID in normal form was replaced: an identifier
// or, at its end, a name.
func isReplaced(normal []byte) bool {
	name, isToken := bytes.CutPrefix(normal[bytes.LastIndexByte(normal, '/')+1:], []byte("t-"))
	return isToken && len(name) == 32 && len(bytes.Trim(name, "0123456789abcdef")) == 0 ||
		bytes.Contains(normal, []byte(identity.ReplacementObjectID[:15])) || bytes.Contains(normal, anonymizedDomain)
}

// anonymizedDomain is that of all replacements of addresses.
var anonymizedDomain = []byte(identity.ReplacementAddress[len("removed"):])
