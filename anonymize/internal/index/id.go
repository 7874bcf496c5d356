package index

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// An ID is a hash of the ResourceId of a machine, or of the ResourceId, Name and blob of a
// disk, by which an entry knows that rows with its key are of two resources: the key of a
// disk does not tell whose path it has. Two of these have the same ID with a probability of
// 2^-24. The zero ID says nothing: it is that of a machine's row without a ResourceId, and of
// one that was changed by anonymizing, so that it cannot be compared any more.
type ID [3]byte

// IDs makes IDs. Only one goroutine may use it.
type IDs struct {
	// Anonymous reports whether the caller takes a value for a replacement. It may be nil.
	Anonymous func(value []byte) bool

	finder   identity.Finder
	forms    func(dst, id []byte) (form []byte, last int, repeats bool) // of ARM IDs; nil at first
	quiet    []byte                                                     // what the last ID without a sign begins with, up to a slash
	spans    []identity.Span
	segments [][]byte
	masked   []byte // or decoded
	normal   []byte
}

var idSeed = maphash.MakeSeed()

// Of returns the ID of a record. In the ResourceId of a machine it does not matter what
// anonymizing replaces wherever it is, the x of /users/{x} and addresses.
func (x *IDs) Of(rec csvschema.Record) (id ID) {
	if x.forms == nil {
		x.forms = identity.ARMForms()
	}
	if rec.Header().Role() == csvschema.Disks {
		return x.ofDisk(rec)
	}
	cell := rec.Value(csvschema.ResourceId)
	if len(cell) == 0 {
		return ID{}
	}
	isQuiet := x.isQuiet(cell)
	if !isQuiet {
		cell = x.mask(cell)
	}
	x.normal, _, _ = x.forms(x.normal[:0], cell)
	if !csvschema.Identifies(csvschema.ResourceId, x.normal) || isToken(x.normal) || !isQuiet && isReplaced(x.normal) {
		return ID{}
	}
	return newID(x.normal)
}

// isQuiet reports whether a ResourceId has no sign of an identifier, as nearly all. No sign
// goes on after a slash, so that only what follows the last one is looked at in most.
func (x *IDs) isQuiet(cell []byte) bool {
	start := 0
	if bytes.HasPrefix(cell, x.quiet) {
		start = len(x.quiet)
	}
	if identity.NextSign(cell, start) < len(cell) {
		return false
	}
	if start == 0 {
		x.quiet = append(x.quiet[:0], cell[:bytes.LastIndexByte(cell, '/')+1]...)
	}
	return true
}

// mask returns a ResourceId in which a star is in place of each identifier.
func (x *IDs) mask(cell []byte) []byte {
	x.spans = x.finder.Find(x.spans[:0], cell)
	x.masked = x.masked[:0]
	copied := 0
	for _, s := range x.spans {
		x.masked = append(append(x.masked, cell[copied:s.Start]...), '*')
		copied = s.End
	}
	x.masked = append(x.masked, cell[copied:]...)
	return x.masked
}

// ofDisk returns the ID of the record of a disk.
func (x *IDs) ofDisk(rec csvschema.Record) ID {
	x.normal = x.normal[:0]
	for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName} {
		cell, start := rec.Value(c), len(x.normal)
		if c == csvschema.ResourceId {
			x.normal, _, _ = x.forms(x.normal, cell)
		} else {
			x.masked = x.finder.AppendDecoded(x.masked[:0], cell)
			x.normal = identity.AppendNormal(x.normal, x.masked)
		}
		if isToken(x.normal[start:]) || isReplaced(x.normal[start:]) || x.Anonymous != nil && x.isAnonymous(cell) {
			return ID{}
		}
		x.normal = append(x.normal, 0)
	}
	return newID(x.normal)
}

// isAnonymous reports whether the caller takes something in a cell for a replacement.
func (x *IDs) isAnonymous(cell []byte) bool {
	x.spans = x.finder.Find(x.spans[:0], cell)
	x.segments = x.finder.UserSegments(x.segments[:0], cell)
	return slices.ContainsFunc(x.segments, x.Anonymous) ||
		slices.ContainsFunc(x.spans, func(s identity.Span) bool { return x.Anonymous(cell[s.Start:s.End]) })
}

func newID(normal []byte) (id ID) {
	var sum [8]byte
	binary.NativeEndian.PutUint64(sum[:], maphash.Bytes(idSeed, normal))
	if id = ID(sum[:len(id)]); id == (ID{}) {
		id[0] = 1
	}
	return id
}

// isToken reports whether the name at the end of an ID in normal form was replaced.
func isToken(normal []byte) bool {
	name, isToken := bytes.CutPrefix(normal[bytes.LastIndexByte(normal, '/')+1:], []byte("t-"))
	return isToken && len(name) == 32 && len(bytes.Trim(name, "0123456789abcdef")) == 0
}

// isReplaced reports whether an identifier in an ID in normal form was replaced.
func isReplaced(normal []byte) bool {
	const begins, size = "616e6f6e-796d-8", len(identity.ReplacementObjectID)
	for rest := normal; ; rest = rest[1:] {
		i := bytes.Index(rest, []byte(begins))
		if i < 0 || i+size > len(rest) {
			return bytes.Contains(normal, anonymizedDomain)
		}
		if rest = rest[i:]; identity.IsReplacement(rest[:size]) {
			return true
		}
	}
}

// anonymizedDomain is that of all replacements of addresses.
var anonymizedDomain = []byte(identity.ReplacementAddress[len("removed"):])
