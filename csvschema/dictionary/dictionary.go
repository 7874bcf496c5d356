// Package dictionary is the data dictionary of the exports: it says in plain words what
// each documented column means, how much it reveals about a person, and which types of a
// database and of Go hold its cells.
package dictionary

import "github.com/labdsr/labdsr/csvschema"

// A Class says how much a column reveals about a person by itself.
type Class uint8

// The classes of personal data, from harmless to identifying.
const (
	None     Class = iota + 1 // nothing about a person
	Linkable                  // says something about a person once the person of the row is known
	Embeds                    // free text or a path that often holds a name, an address or an object ID
	Direct                    // names a person
)

// String returns the name of the class in lower case.
func (c Class) String() string {
	switch c {
	case None:
		return "none"
	case Linkable:
		return "linkable"
	case Embeds:
		return "embeds"
	case Direct:
		return "direct"
	}
	return ""
}

// MarshalText returns the same as String.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// An Entry describes one documented column of one role in plain words.
type Entry struct {
	Column      csvschema.Column
	Class       Class
	Description string // one sentence for a reader who does not know the export
	// SQLType is the type of a database column that holds the cells: TEXT (which is
	// CHARACTER VARYING in standard SQL), BOOLEAN, BIGINT or TIMESTAMP, which has no time
	// zone. Empty cells are "" in a column of TEXT, and NULL in any other.
	SQLType string
	GoType  string // of the field in the row, such as "csvschema.DateTime"
}

// entry returns an entry with the types of its column.
func entry(c csvschema.Column, class Class, description string) Entry {
	e := Entry{Column: c, Class: class, Description: description, SQLType: "TEXT", GoType: "string"}
	switch c { //nolint:exhaustive // the others hold text
	case csvschema.CreatedTime, csvschema.DeletedDate, csvschema.ExpirationDate:
		e.SQLType, e.GoType = "TIMESTAMP", "csvschema.DateTime"
	case csvschema.Claimable:
		e.SQLType, e.GoType = "BOOLEAN", "csvschema.Bool"
	case csvschema.DiskSizeGB:
		e.SQLType, e.GoType = "BIGINT", "csvschema.Integer"
	default:
		if class == Embeds || class == Direct {
			e.GoType = "csvschema.PersonalText"
		}
	}
	return e
}

// Of returns a description of each documented column of the role, in documented
// order. The slice is the caller's. It is nil for an unknown role.
func Of(role csvschema.Role) []Entry {
	switch role {
	case csvschema.VirtualMachines:
		return append(commonColumns(
			"The Azure resource ID of the virtual machine in the lab; it ends with the machine's name.",
			"The identifier that Azure gave to the virtual machine; with LabUId it identifies the machine across subscriptions.",
			"The name of the virtual machine; Azure proposes the local part of the owner's e-mail address and three digits.",
			"virtual machine"),
			entry(csvschema.ResourceOwner, Direct, "The e-mail address or object ID of the person who owns the virtual machine; empty for a claimable machine or one that a service made."),
			entry(csvschema.PricingTier, None, "The size of the virtual machine, such as Standard_DS1."),
			entry(csvschema.ResourceStatus, None, "Active while the virtual machine exists, Inactive once it is deleted."),
			entry(csvschema.ComputeResourceId, Embeds, "The Azure resource ID of the underlying compute resource; it holds the machine's name twice."),
			entry(csvschema.Claimable, None, "Whether any user of the lab may take over the virtual machine: True or False."),
			entry(csvschema.EnvironmentId, Embeds, "The Azure resource ID of the environment that the virtual machine belongs to; it holds the object ID of the environment's user. Empty without an environment."),
			entry(csvschema.ExpirationDate, Linkable, "When the virtual machine expires; empty if it does not."),
			entry(csvschema.GalleryImageReferenceVersion, None, "The version of the marketplace image that the virtual machine was made from."),
			entry(csvschema.GalleryImageReferenceOffer, None, "The offer of the marketplace image."),
			entry(csvschema.GalleryImageReferencePublisher, None, "The publisher of the marketplace image."),
			entry(csvschema.GalleryImageReferenceSku, None, "The SKU of the marketplace image."),
			entry(csvschema.GalleryImageReferenceOsType, None, "The operating system of the marketplace image: Windows or Linux."),
			entry(csvschema.CustomImageId, Embeds, "The Azure resource ID of the custom image that the virtual machine was made from; its name is free text. Empty without a custom image."),
		)
	case csvschema.Disks:
		return append(commonColumns(
			"The Azure resource ID of the disk, or of the virtual machine that it was made for; it may hold the object ID of the disk's user.",
			"The identifier that Azure gave to the disk, or to the virtual machine that it was made for.",
			"The name of the disk, which is often derived from the name of a virtual machine.",
			"disk"),
			entry(csvschema.ResourceStatus, None, "Active while the disk exists, Inactive once it is deleted."),
			entry(csvschema.DiskBlobName, Embeds, "The name of the blob that holds the disk's content."),
			entry(csvschema.DiskSizeGB, None, "The size of the disk in gigabytes."),
			entry(csvschema.DiskType, None, "The kind of disk: 0 or Standard, 1 or Premium."),
			entry(csvschema.LeasedByVmId, Embeds, "The Azure resource ID of the virtual machine that the disk is attached to; empty if it is attached to none."),
		)
	}
	return nil
}

// commonColumns describes the ten columns that begin both files.
func commonColumns(resourceID, resourceUID, name, noun string) []Entry {
	return []Entry{
		entry(csvschema.SubscriptionId, None, "The Azure subscription of the lab."),
		entry(csvschema.LabUId, None, "The identifier that Azure gave to the lab."),
		entry(csvschema.LabName, Linkable, "The name of the lab, which its owner chose."),
		entry(csvschema.LabResourceId, Linkable, "The Azure resource ID of the lab."),
		entry(csvschema.ResourceGroupName, Linkable, "The name of the resource group of the lab."),
		entry(csvschema.ResourceId, Embeds, resourceID),
		entry(csvschema.ResourceUId, Linkable, resourceUID),
		entry(csvschema.Name, Embeds, name),
		entry(csvschema.CreatedTime, Linkable, "When the "+noun+" was created."),
		entry(csvschema.DeletedDate, Linkable, "When the "+noun+" was deleted; empty while it exists."),
	}
}
