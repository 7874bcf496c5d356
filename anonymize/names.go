package anonymize

import (
	"bytes"
	"encoding/hex"
	"hash"
	"slices"

	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/localpart"
	"github.com/labdsr/labdsr/anonymize/internal/machines"
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

// nameColumns are the columns that hold the name of a resource, the one first that tells it
// alone.
var nameColumns = [...]csvschema.Column{
	csvschema.Name, csvschema.ResourceId, csvschema.ComputeResourceId, csvschema.DiskBlobName, csvschema.LeasedByVmId,
}

// hasName reports whether a column holds the name of a resource.
func hasName(c csvschema.Column) bool { return slices.Contains(nameColumns[:], c) }

// A namer replaces names in due rows. Only one goroutine may use it.
type namer struct {
	hash     hash.Hash
	machines *machines.Names
	key      csvschema.KeyHash // of the row
	decoder  identity.Finder

	lab, decoded, normal []byte // buffers
	text, last           []byte // a lab and name, and those of sum: several cells of a row hold them
	sum                  [32]byte
	spans                []identity.Span
}

// rowNames say which names go from a row. They are valid until the next row.
type rowNames struct {
	lab    []byte           // in normal form
	locals []localpart.Part // names derived from these go
	lease  bool             // the name in LeasedByVmId goes
}

// namesOf returns which names go from a row. Owner is nil for disks, and may be for a
// machine whose owner does not go.
func (n *namer) namesOf(r *cells.Row, owner *owner) rowNames {
	n.lab = identity.AppendNormal(n.lab[:0], r.Cell(csvschema.LabUId))
	names := rowNames{lab: n.lab}
	if r.Owner < 0 {
		names.locals, names.lease = n.machines.OfDisk(&n.decoded, r)
		return names
	}
	names.locals = n.machines.OfKey(n.key) // of the owners of all copies
	if len(names.locals) == 0 && owner != nil {
		names.locals = owner.locals
	}
	return names
}

// A foundName is a name that goes as a whole from the end of a cell.
type foundName struct {
	length int    // in the cell; 0 if there is none
	normal []byte // its normal form; valid until the next is found
}

// find returns the name that goes from a cell. Identifiers in it go with it. What is an
// identifier beyond it, as the x of /users/{x} is, is no name.
func (n *namer) find(names rowNames, c csvschema.Column, cell []byte) foundName {
	if !hasName(c) || len(names.locals) == 0 && !names.lease {
		return foundName{}
	}
	name := cell
	if c != csvschema.Name {
		name = lastSegment(cell)
	}
	if len(name) == 0 {
		return foundName{}
	}
	n.decoded = n.decoder.AppendDecoded(n.decoded[:0], name)
	n.normal = identity.AppendNormal(n.normal[:0], n.decoded)
	goes := names.lease // with the name of its machine
	if c != csvschema.LeasedByVmId {
		goes = slices.ContainsFunc(names.locals, func(l localpart.Part) bool { return l.Derives(n.normal) })
	}
	if !goes {
		return foundName{}
	}
	n.spans = n.decoder.Find(n.spans[:0], cell)
	start := len(cell) - len(name)
	for _, s := range n.spans {
		if s.End > start && (s.Start < start || s.Kind == identity.UserSpan) {
			return foundName{}
		}
	}
	return foundName{len(name), n.normal}
}

// append appends to dst what is left of a cell before a name of a lab, and a token for
// the name. It returns how many names it replaced.
func (n *namer) append(dst, lab []byte, name foundName, c csvschema.Column, rest []byte) (_ []byte, count int) {
	count = 1
	group := -1
	if c == csvschema.ComputeResourceId || c == csvschema.LeasedByVmId {
		group = localpart.InGroup(rest, name.normal)
	}
	if group >= 0 {
		dst = n.appendToken(append(dst, rest[:group]...), lab, name.normal)
		rest = rest[group+len(name.normal):]
		count++
	}
	return n.appendToken(append(dst, rest...), lab, name.normal), count
}

// lastSegment returns what is after the last slash.
func lastSegment(id []byte) []byte { return id[bytes.LastIndexByte(id, '/')+1:] }

// appendToken appends the token of a name of a lab, both in normal form: "t-" and 32
// hexadecimal digits.
func (n *namer) appendToken(dst, lab, name []byte) []byte {
	n.text = append(append(append(n.text[:0], lab...), 0), name...)
	if !bytes.Equal(n.text, n.last) {
		n.last, n.sum = append(n.last[:0], n.text...), sumOf(n.hash, n.text)
	}
	return hex.AppendEncode(append(dst, "t-"...), n.sum[:16])
}
