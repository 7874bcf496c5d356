package machines

import (
	"bytes"
	"encoding/hex"
	"hash"
	"slices"

	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/localpart"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. The portal proposes the local part of the owner's address and three digits
// as the name of a machine, and names of disks and blobs are made from that. With
// the owner alice.smith@contoso.com:
//
//	alicesmith042, alice-smith, ALICE.SMITH-web   derived: replaced when asked
//	alicesmi042 (Windows cuts names), web-alice-smith, smith   resemble it: counted
//
// A name is replaced as a whole, identifiers in it included, by a token that is the
// same for the same lab and name. In IDs it is the last segment. In the ID of a
// computer, in whatever column, it is also a part of the resource group,
// {lab}-{name}-{digits}. What becomes of an ID depends on the ID alone, so that it
// can still be joined.

// NameColumns are the columns that hold the name of a resource, the one first that tells it
// alone.
var NameColumns = [...]csvschema.Column{
	csvschema.Name, csvschema.ResourceId, csvschema.ComputeResourceId, csvschema.DiskBlobName, csvschema.LeasedByVmId,
}

// HasName reports whether a column holds the name of a resource.
func HasName(c csvschema.Column) bool { return slices.Contains(NameColumns[:], c) }

// A Namer replaces names in due rows. Only one goroutine may use it.
type Namer struct {
	Key csvschema.KeyHash // of the row

	hash     hash.Hash // of tokens
	machines *Names
	decoder  identity.Finder

	lab, decoded, normal []byte // buffers
	text, last           []byte // a lab and name, and those of sum: several cells of a row hold them
	sum                  [32]byte
	spans                []identity.Span
}

// NewNamer returns a Namer for the names of these machines, with a hash that makes tokens.
func NewNamer(h hash.Hash, names *Names) *Namer { return &Namer{hash: h, machines: names} }

// A RowNames says which names go from a row. It is valid until the next row.
type RowNames struct {
	Locals []localpart.Part // names derived from these go

	lab   []byte // in normal form
	lease bool   // the name in LeasedByVmId goes
}

// Of returns which names go from a row. The local parts are those of its owner, if that goes;
// a disk has none.
func (n *Namer) Of(r *cells.Row, locals []localpart.Part) RowNames {
	n.lab = identity.AppendNormal(n.lab[:0], r.Cell(csvschema.LabUId))
	names := RowNames{lab: n.lab}
	if r.Owner < 0 {
		names.Locals, names.lease = n.machines.OfDisk(&n.decoded, r)
		return names
	}
	names.Locals = n.machines.OfKey(n.Key) // of the owners of all copies
	if len(names.Locals) == 0 {
		names.Locals = locals
	}
	return names
}

// OfID does what [Names.OfID] does.
func (n *Namer) OfID(lab []byte, c csvschema.Column, id []byte) *Name {
	return n.machines.OfID(&n.decoded, lab, c, id)
}

// A FoundName is a name that goes as a whole from the end of a cell.
type FoundName struct {
	Length int // in the cell; 0 if there is none

	normal []byte // its normal form; valid until the next is found
}

// Find returns the name that goes from a cell. Identifiers in it go with it. What is an
// identifier beyond it, as the x of /users/{x} is, is no name.
func (n *Namer) Find(names RowNames, c csvschema.Column, cell []byte) FoundName {
	if !HasName(c) || len(names.Locals) == 0 && !names.lease {
		return FoundName{}
	}
	name := cell
	if c != csvschema.Name {
		name = lastSegment(cell)
	}
	if len(name) == 0 {
		return FoundName{}
	}
	n.decoded = n.decoder.AppendDecoded(n.decoded[:0], name)
	n.normal = identity.AppendNormal(n.normal[:0], n.decoded)
	goes := names.lease // with the name of its machine
	if c != csvschema.LeasedByVmId {
		goes = slices.ContainsFunc(names.Locals, func(l localpart.Part) bool { return l.Derives(n.normal) })
	}
	if !goes {
		return FoundName{}
	}
	n.spans = n.decoder.Find(n.spans[:0], cell)
	start := len(cell) - len(name)
	for _, s := range n.spans {
		if s.End > start && (s.Start < start || s.Kind == identity.UserSpan) {
			return FoundName{}
		}
	}
	return FoundName{len(name), n.normal}
}

// Append appends to dst what is left of a cell before a name that goes, and a token for the
// name. It returns how many names it replaced.
func (n *Namer) Append(dst []byte, names RowNames, name FoundName, c csvschema.Column, rest []byte) (_ []byte, count int) {
	count = 1
	group := -1
	if c == csvschema.ComputeResourceId || c == csvschema.LeasedByVmId {
		group = localpart.InGroup(rest, name.normal)
	}
	if group >= 0 {
		dst = n.appendToken(append(dst, rest[:group]...), names.lab, name.normal)
		rest = rest[group+len(name.normal):]
		count++
	}
	return n.appendToken(append(dst, rest...), names.lab, name.normal), count
}

// lastSegment returns what is after the last slash.
func lastSegment(id []byte) []byte { return id[bytes.LastIndexByte(id, '/')+1:] }

// appendToken appends the token of a name of a lab, both in normal form: "t-" and 32
// hexadecimal digits.
func (n *Namer) appendToken(dst, lab, name []byte) []byte {
	n.text = append(append(append(n.text[:0], lab...), 0), name...)
	if !bytes.Equal(n.text, n.last) {
		n.last = append(n.last[:0], n.text...)
		n.hash.Reset()
		_, _ = n.hash.Write(n.text) // never fails
		n.hash.Sum(n.sum[:0])
	}
	return hex.AppendEncode(append(dst, "t-"...), n.sum[:16])
}
