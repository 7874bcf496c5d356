package verify

import (
	"bytes"
	"hash/maphash"
	"regexp"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/anonymize/verify/internal/armpath"
	"github.com/labdsr/labdsr/anonymize/verify/internal/ids"
	"github.com/labdsr/labdsr/anonymize/verify/internal/quiet"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// resourceID returns a hash of what tells whether rows with one key are of one resource. It is
// 0 if there is nothing, or if something in it is a replacement: then nobody knows what it
// was.
func (v *verifier) resourceID(r *reader) uint64 {
	if v.pair.Role == csvschema.Disks {
		return v.diskID(r)
	}
	// Users and addresses in the ResourceId of a machine go.
	cell := r.cell(csvschema.ResourceId)
	var text strings.Builder
	end := 0
	v.spans = v.finder.Find(v.spans[:0], cell)
	for _, s := range v.spans {
		_, _ = text.Write(cell[end:s.Start])
		_ = text.WriteByte('*') // no bracket, as words for nothing have
		end = s.End
	}
	_, _ = text.Write(cell[end:])
	path := armpath.Of(text.String())
	if !ids.IsText(path) || isReplaced(path) {
		return 0
	}
	return maphash.String(idSeed, path)
}

// diskID is resourceID for a disk. Its key does not tell whose path it has, nor which
// addresses are in its names.
func (v *verifier) diskID(r *reader) uint64 {
	texts := []string{armpath.Of(string(r.cell(csvschema.ResourceId)))}
	for _, c := range [...]csvschema.Column{csvschema.Name, csvschema.DiskBlobName} {
		texts = append(texts, string(identity.AppendNormal(nil, v.decoder.AppendDecoded(nil, r.cell(c)))))
	}
	if slices.ContainsFunc(texts, isReplaced) {
		return 0
	}
	for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName} {
		if v.callers != nil && v.holdsAnonymous(r.cell(c)) {
			return 0
		}
	}
	return maphash.String(idSeed, strings.Join(texts, "\x00"))
}

// holdsAnonymous reports whether an identifier in a cell is anonymous.
func (v *verifier) holdsAnonymous(cell []byte) bool {
	return slices.ContainsFunc(v.finder.UserSegments(nil, cell), v.isAnonymous) ||
		slices.ContainsFunc(v.finder.Find(nil, cell), func(s identity.Span) bool { return v.isAnonymous(cell[s.Start:s.End]) })
}

// isReplaced reports whether a path or name in normal form holds a replacement.
func isReplaced(text string) bool {
	return strings.Contains(text, string(quiet.Pseudonym)) && replacedIDs.MatchString(text) || strings.Contains(text, "t-") && replacedPart.MatchString(text) ||
		strings.Contains(text, "@anonymized.invalid")
}

// replacedPart matches a path with the replacement of a name at its end.
var replacedPart = regexp.MustCompile(`(?:^|/)t-[0-9a-f]{32}$`)

var idSeed, keySeed = maphash.MakeSeed(), maphash.MakeSeed()

// keyOf returns the key of the resource of a row, and false for a row that belongs to none.
func (v *verifier) keyOf(r *reader) (key resourceKey, ok bool) {
	if m := r.model; m != nil && r.isSame(r.where[csvschema.LabUId]-1) {
		v.lab, v.isLab = m.lab, m.isLab
		v.key = append(v.key[:0], m.lab...)
	} else if v.key = identity.AppendNormal(v.key[:0], r.cell(csvschema.LabUId)); string(v.key) != v.lab {
		v.lab = string(v.key)
		v.isLab = ids.IsText(v.lab)
	}
	lab := len(v.key)
	v.key = identity.AppendNormal(append(v.key, 0), r.cell(csvschema.ResourceUId))
	if !v.isLab || !ids.IsUID(v.key[lab+1:]) {
		return resourceKey{}, false
	}
	v.key = append(v.key, byte(v.pair.Role))
	if v.pair.Role == csvschema.Disks {
		v.key = append(v.key, v.partsOfDisk(r)...)
	}
	key[0] = maphash.Bytes(idSeed, v.key)
	if v.resources != nil { // or a fact is all that is remembered
		key[1] = maphash.Bytes(keySeed, v.key)
	}
	return key, true
}

// partsOfDisk returns what tells the disks of a machine apart, without what anonymizing
// changes: instead of each identifier, or of its replacement, there is a star.
func (v *verifier) partsOfDisk(r *reader) []byte {
	columns := [...]csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName}
	if id, name, blob := r.cell(columns[0]), r.cell(columns[1]), r.cell(columns[2]); quiet.Is(id) && quiet.Is(name) && quiet.Is(blob) {
		v.disk = identity.AppendNormal(append(v.disk[:0], 0, 0), []byte(armpath.Of(string(id))))
		v.disk = identity.AppendNormal(append(v.disk, 0, 0), name)
		v.disk = identity.AppendNormal(append(v.disk, 0, 0), blob)
		return v.disk
	}
	var found identity.Values
	for _, c := range columns {
		for _, s := range v.finder.Find(nil, r.cell(c)) {
			found.Add(r.cell(c)[s.Start:s.End])
		}
		for _, x := range v.finder.UserSegments(nil, r.cell(c)) {
			found.Add(x)
		}
	}
	var parts []byte
	for _, c := range columns {
		cell, hidden := r.cell(c), []byte(nil)
		from := 0
		for _, s := range v.finder.FindValues(v.finder.Find(nil, cell), cell, &found) {
			hidden = append(append(hidden, cell[from:s.Start]...), 0, '*')
			from = s.End
		}
		hidden = replacedIDs.ReplaceAll(append(hidden, cell[from:]...), []byte("\x00*"))
		if c == csvschema.ResourceId {
			hidden = []byte(armpath.Of(string(hidden)))
		}
		hidden = bytes.ReplaceAll(identity.AppendNormal(nil, hidden), []byte("\x00*\x00*"), []byte("\x00*"))
		parts = append(append(parts, 0, 0), hidden...)
	}
	return parts
}

// replacedIDs are the replacements of object IDs.
var replacedIDs = regexp.MustCompile(`(?i:616e6f6e-796d-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})`)

// publicKey returns the key by which a hold or decision names the resource of a row.
func (v *verifier) publicKey(r *reader) csvschema.Key {
	lab, uid := string(r.cell(csvschema.LabUId)), string(r.cell(csvschema.ResourceUId))
	if v.pair.Role == csvschema.VirtualMachines {
		return csvschema.VirtualMachineRow{LabUId: lab, ResourceUId: uid}.Key()
	}
	personal := func(c csvschema.Column) csvschema.PersonalText {
		return csvschema.NewPersonalText(string(r.cell(c)))
	}
	return csvschema.DiskRow{
		LabUId: lab, ResourceUId: uid, ResourceId: personal(csvschema.ResourceId),
		Name: personal(csvschema.Name), DiskBlobName: personal(csvschema.DiskBlobName),
	}.Key()
}
