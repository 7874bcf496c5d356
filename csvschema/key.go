package csvschema

import (
	"unique"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/keys"
	"github.com/labdsr/labdsr/csvschema/internal/veil"
)

// A Key identifies a resource across subscriptions, exports and copies: a
// virtual machine by LabUId and ResourceUId; a disk by these and its ResourceId,
// Name and DiskBlobName, because the documented ResourceUId of a disk may be
// that of its virtual machine. Keys are made of normal forms, of a ResourceId that of
// [identity.AppendARM], and are comparable with ==. In the key of a disk the x of
// /users/{x}, addresses, further occurrences of these in the three cells, and
// replacements are masked, so that the key is the same before and after anonymizing. That
// does not hold for names that were replaced as names, nor for object IDs that only
// another cell of the row, or a request, gave away. Disks that differ in nothing else than
// what is masked, such as those of two users, have one key.
//
// A key identifies something only if its ResourceUId is a GUID that is not nil and
// [Identifies] accepts its LabUId. Otherwise the row is a resource of its own, which has
// no copy: rows that share "NULL" or the nil GUID have nothing to do with each other.
//
// Whoever holds the exports can link a key to a person. A key prints as its role, LabUId
// and ResourceUId. The ResourceId and the names of a disk, which may hold an object ID,
// are never printed.
type Key struct {
	role     Role
	lab, uid string

	// disk is the ResourceId, Name and DiskBlobName of a disk, each followed by NUL, and
	// zero for a machine. It is a handle because fmt prints the fields of a value by
	// reflection where the value is in an unexported field.
	disk veil.Of[unique.Handle[string]]
}

// MachineKey returns the key of the rows of a virtual machine, from IDs in any spelling:
// that of configuration, for instance, which holds a machine or decides about one. A disk
// needs more than two IDs: fill a [DiskRow] with all five cells and call its Key.
func MachineKey(labUId, resourceUId string) Key {
	return Key{role: VirtualMachines, lab: identity.Normal(labUId), uid: identity.Normal(resourceUId)}
}

// Role returns the role of the resource.
func (k Key) Role() Role { return k.role }

// LabUId returns the normal form of the lab's identifier.
func (k Key) LabUId() string { return k.lab }

// ResourceUId returns the normal form of the resource's identifier.
func (k Key) ResourceUId() string { return k.uid }

// isID reports whether the key identifies a resource. If it does not, two equal keys do
// not mean the same resource.
func (k Key) isID() bool {
	return Identifies(LabUId, []byte(k.lab)) && Identifies(ResourceUId, []byte(k.uid))
}

// Identifies reports whether a cell in its normal form is an ID, so that it can say that
// two rows belong together. A ResourceUId is one if it is a GUID that is not nil. A
// LabUId or an ARM ID is one unless it is blank, the nil GUID, a number, a word for
// nothing such as NULL, an error of a spreadsheet such as ####, or has no letter.
func Identifies(c Column, normal []byte) bool { return keys.Identifies(normal, c == ResourceUId) }

// String returns the role, LabUId and ResourceUId.
func (k Key) String() string { return k.role.String() + " " + k.lab + "/" + k.uid }

// Equal reports whether the keys are equal by ==.
func (k Key) Equal(other Key) bool { return k == other }

// MarshalText returns the same as String, in JSON and in logs, too. It cannot be decoded.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Key returns the key of the record.
func (r Record) Key() Key {
	role := r.Header().Role()
	k := Key{role: role, lab: r.normal(LabUId), uid: r.normal(ResourceUId)}
	if role == Disks {
		k.disk = diskKey(r.Value(ResourceId), r.Value(Name), r.Value(DiskBlobName))
	}
	return k
}

// normal returns the normal form of the cell of c.
func (r Record) normal(c Column) string { return string(identity.AppendNormal(nil, r.Value(c))) }

// Key returns the key of the row.
func (r VirtualMachineRow) Key() Key { return MachineKey(r.LabUId, r.ResourceUId) }

// Key returns the key of the row.
func (r DiskRow) Key() Key {
	return Key{
		role: Disks, lab: identity.Normal(r.LabUId), uid: identity.Normal(r.ResourceUId),
		disk: diskKey([]byte(r.ResourceId.Reveal()), []byte(r.Name.Reveal()), []byte(r.DiskBlobName.Reveal())),
	}
}

// diskKey joins the parts of the key of a disk. No cell holds NUL.
func diskKey(resourceID, name, blob []byte) veil.Of[unique.Handle[string]] {
	return veil.New(unique.Make(string(keys.AppendDisk(nil, keys.DiskCells{resourceID, name, blob}))))
}
