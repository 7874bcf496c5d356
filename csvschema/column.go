package csvschema

import "slices"

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

// MarshalText returns "virtualmachines" or "disks", and "" for any other value.
func (r Role) MarshalText() ([]byte, error) {
	if r != VirtualMachines && r != Disks {
		return nil, nil
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads what MarshalText returns. Any other text is [ErrValue], and the role
// stays as it was.
func (r *Role) UnmarshalText(text []byte) error {
	for role := range Disks + 1 {
		if code, _ := role.MarshalText(); string(code) == string(text) {
			*r = role
			return nil
		}
	}
	return ErrValue
}

// Columns returns the documented columns of the role in documented order. The
// slice is the caller's. It is nil for an unknown role. Package dictionary describes
// them.
func (r Role) Columns() []Column {
	var common, own []Column
	for c := SubscriptionId; c <= DeletedDate; c++ {
		common = append(common, c)
	}
	switch r {
	case VirtualMachines:
		for c := ResourceOwner; c <= CustomImageId; c++ {
			own = append(own, c)
		}
	case Disks:
		own = []Column{ResourceStatus, DiskBlobName, DiskSizeGB, DiskType, LeasedByVmId}
	default:
		return nil
	}
	return append(common, own...)
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

// MarshalText returns the same as String.
func (c Column) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText returns. Any other text is [ErrValue], and the column
// stays as it was.
func (c *Column) UnmarshalText(text []byte) error {
	i := slices.Index(columnNames[:], string(text))
	if i < 0 {
		return ErrValue
	}
	*c = Column(i) //nolint:gosec // one of columnNames
	return nil
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
