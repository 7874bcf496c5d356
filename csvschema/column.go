package csvschema

// A Role says which of the two exports a file is. Programs find it out from the
// header, never from the name of the file: names have changed over the years.
type Role uint8

// The two kinds of file that an export of lab usage consists of.
const (
	VirtualMachines Role = iota + 1 // virtualmachines.csv, 23 columns
	Disks                           // disks.csv, 15 columns
)

// String returns the documented base name of the file: "virtualmachines" or
// "disks", and "export" for any other value.
func (r Role) String() string {
	switch r {
	case VirtualMachines:
		return "virtualmachines"
	case Disks:
		return "disks"
	}
	return "export"
}

// Columns returns the documented columns of the role in documented order. The
// slice is the caller's. It is nil for an unknown role.
func (r Role) Columns() []Column {
	var columns []Column
	for _, info := range r.Describe() {
		columns = append(columns, info.Column)
	}
	return columns
}

// A Column is a documented column of one or both exports. The zero Column is no
// documented column; columns that are not documented are given by their number.
type Column uint8

// The documented columns, spelt as the export spells them. The first ten and
// ResourceStatus are common to both files.
const (
	SubscriptionId Column = iota + 1
	LabUId
	LabName
	LabResourceId
	ResourceGroupName
	ResourceId
	ResourceUId
	Name
	CreatedTime
	DeletedDate
	ResourceOwner
	PricingTier
	ResourceStatus
	ComputeResourceId
	Claimable
	EnvironmentId
	ExpirationDate
	GalleryImageReferenceVersion
	GalleryImageReferenceOffer
	GalleryImageReferencePublisher
	GalleryImageReferenceSku
	GalleryImageReferenceOsType
	CustomImageId
	DiskBlobName
	DiskSizeGB
	DiskType
	LeasedByVmId

	columnCount = int(LeasedByVmId)
)

var columnNames = [columnCount + 1]string{
	SubscriptionId:                 "SubscriptionId",
	LabUId:                         "LabUId",
	LabName:                        "LabName",
	LabResourceId:                  "LabResourceId",
	ResourceGroupName:              "ResourceGroupName",
	ResourceId:                     "ResourceId",
	ResourceUId:                    "ResourceUId",
	Name:                           "Name",
	CreatedTime:                    "CreatedTime",
	DeletedDate:                    "DeletedDate",
	ResourceOwner:                  "ResourceOwner",
	PricingTier:                    "PricingTier",
	ResourceStatus:                 "ResourceStatus",
	ComputeResourceId:              "ComputeResourceId",
	Claimable:                      "Claimable",
	EnvironmentId:                  "EnvironmentId",
	ExpirationDate:                 "ExpirationDate",
	GalleryImageReferenceVersion:   "GalleryImageReferenceVersion",
	GalleryImageReferenceOffer:     "GalleryImageReferenceOffer",
	GalleryImageReferencePublisher: "GalleryImageReferencePublisher",
	GalleryImageReferenceSku:       "GalleryImageReferenceSku",
	GalleryImageReferenceOsType:    "GalleryImageReferenceOsType",
	CustomImageId:                  "CustomImageId",
	DiskBlobName:                   "DiskBlobName",
	DiskSizeGB:                     "DiskSizeGB",
	DiskType:                       "DiskType",
	LeasedByVmId:                   "LeasedByVmId",
}

// String returns the documented name of the column, and "" for the zero Column.
func (c Column) String() string {
	if int(c) >= len(columnNames) {
		return ""
	}
	return columnNames[c]
}

// Holds reports whether the cell is empty, or is a value of the column's type: a date,
// a number or a boolean. Such a cell holds no identifier, and a replacement would not
// be valid in it. In a column of text it reports whether the cell is empty.
func (c Column) Holds(cell []byte) bool {
	switch c { //nolint:exhaustive // the other columns hold text
	case CreatedTime, DeletedDate, ExpirationDate:
		_, _, err := ParseTime(cell, nil)
		return err == nil
	case Claimable:
		_, err := parseBool(string(cell))
		return err == nil
	case DiskSizeGB:
		_, err := parseInteger(string(cell))
		return err == nil
	}
	return len(cell) == 0
}

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

// A ColumnInfo describes one documented column of one role in plain words.
type ColumnInfo struct {
	Column      Column
	Class       Class
	Description string // one sentence for a reader who does not know the export
}

// Describe returns a description of each documented column of the role, in documented
// order. The slice is the caller's. It is nil for an unknown role.
func (r Role) Describe() []ColumnInfo {
	switch r {
	case VirtualMachines:
		return append(commonColumns(
			"The Azure resource ID of the virtual machine in the lab; it ends with the machine's name.",
			"The identifier that Azure gave to the virtual machine; with LabUId it identifies the machine across subscriptions.",
			"The name of the virtual machine; Azure proposes the local part of the owner's e-mail address and three digits.",
			"virtual machine"),
			ColumnInfo{ResourceOwner, Direct, "The e-mail address or object ID of the person who owns the virtual machine; empty for a claimable machine or one that a service made."},
			ColumnInfo{PricingTier, None, "The size of the virtual machine, such as Standard_DS1."},
			ColumnInfo{ResourceStatus, None, "Active while the virtual machine exists, Inactive once it is deleted."},
			ColumnInfo{ComputeResourceId, Embeds, "The Azure resource ID of the underlying compute resource; it holds the machine's name twice."},
			ColumnInfo{Claimable, None, "Whether any user of the lab may take over the virtual machine: True or False."},
			ColumnInfo{EnvironmentId, Embeds, "The Azure resource ID of the environment that the virtual machine belongs to; it holds the object ID of the environment's user. Empty without an environment."},
			ColumnInfo{ExpirationDate, Linkable, "When the virtual machine expires; empty if it does not."},
			ColumnInfo{GalleryImageReferenceVersion, None, "The version of the marketplace image that the virtual machine was made from."},
			ColumnInfo{GalleryImageReferenceOffer, None, "The offer of the marketplace image."},
			ColumnInfo{GalleryImageReferencePublisher, None, "The publisher of the marketplace image."},
			ColumnInfo{GalleryImageReferenceSku, None, "The SKU of the marketplace image."},
			ColumnInfo{GalleryImageReferenceOsType, None, "The operating system of the marketplace image: Windows or Linux."},
			ColumnInfo{CustomImageId, Embeds, "The Azure resource ID of the custom image that the virtual machine was made from; its name is free text. Empty without a custom image."},
		)
	case Disks:
		return append(commonColumns(
			"The Azure resource ID of the disk, or of the virtual machine that it was made for; it may hold the object ID of the disk's user.",
			"The identifier that Azure gave to the disk, or to the virtual machine that it was made for.",
			"The name of the disk, which is often derived from the name of a virtual machine.",
			"disk"),
			ColumnInfo{ResourceStatus, None, "Active while the disk exists, Inactive once it is deleted."},
			ColumnInfo{DiskBlobName, Embeds, "The name of the blob that holds the disk's content."},
			ColumnInfo{DiskSizeGB, None, "The size of the disk in gigabytes."},
			ColumnInfo{DiskType, None, "The kind of disk: 0 or Standard, 1 or Premium."},
			ColumnInfo{LeasedByVmId, Embeds, "The Azure resource ID of the virtual machine that the disk is attached to; empty if it is attached to none."},
		)
	}
	return nil
}

// commonColumns describes the ten columns that begin both files.
func commonColumns(resourceID, resourceUID, name, noun string) []ColumnInfo {
	return append(make([]ColumnInfo, 0, columnCount),
		ColumnInfo{SubscriptionId, None, "The Azure subscription of the lab."},
		ColumnInfo{LabUId, None, "The identifier that Azure gave to the lab."},
		ColumnInfo{LabName, Linkable, "The name of the lab, which its owner chose."},
		ColumnInfo{LabResourceId, Linkable, "The Azure resource ID of the lab."},
		ColumnInfo{ResourceGroupName, Linkable, "The name of the resource group of the lab."},
		ColumnInfo{ResourceId, Embeds, resourceID},
		ColumnInfo{ResourceUId, Linkable, resourceUID},
		ColumnInfo{Name, Embeds, name},
		ColumnInfo{CreatedTime, Linkable, "When the " + noun + " was created."},
		ColumnInfo{DeletedDate, Linkable, "When the " + noun + " was deleted; empty while it exists."},
	)
}
