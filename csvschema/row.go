package csvschema

// A VirtualMachineRow is one row of virtualmachines.csv: one field for each of
// the 23 documented columns, in documented order. Cells keep the text that was
// read, so that writing the row gives the same cells.
//
// A row holds identifiers of a person. It prints, logs and marshals to JSON as
// a redaction; its personal cells are read by [PersonalText.Reveal]. Where fmt
// goes by reflection instead (a row in an unexported field of something else,
// or one printed by %p or %w), the cells of plain text show; the personal ones
// stay hidden there, too.
type VirtualMachineRow struct {
	SubscriptionId                 string       `csv:"SubscriptionId"`
	LabUId                         string       `csv:"LabUId"`
	LabName                        string       `csv:"LabName"`
	LabResourceId                  string       `csv:"LabResourceId"`
	ResourceGroupName              string       `csv:"ResourceGroupName"`
	ResourceId                     PersonalText `csv:"ResourceId"`
	ResourceUId                    string       `csv:"ResourceUId"`
	Name                           PersonalText `csv:"Name"`
	CreatedTime                    DateTime     `csv:"CreatedTime"`
	DeletedDate                    DateTime     `csv:"DeletedDate"`
	ResourceOwner                  PersonalText `csv:"ResourceOwner"`
	PricingTier                    string       `csv:"PricingTier"`
	ResourceStatus                 string       `csv:"ResourceStatus"`
	ComputeResourceId              PersonalText `csv:"ComputeResourceId"`
	Claimable                      Bool         `csv:"Claimable"`
	EnvironmentId                  PersonalText `csv:"EnvironmentId"`
	ExpirationDate                 DateTime     `csv:"ExpirationDate"`
	GalleryImageReferenceVersion   string       `csv:"GalleryImageReferenceVersion"`
	GalleryImageReferenceOffer     string       `csv:"GalleryImageReferenceOffer"`
	GalleryImageReferencePublisher string       `csv:"GalleryImageReferencePublisher"`
	GalleryImageReferenceSku       string       `csv:"GalleryImageReferenceSku"`
	GalleryImageReferenceOsType    string       `csv:"GalleryImageReferenceOsType"`
	CustomImageId                  PersonalText `csv:"CustomImageId"`
}

// A DiskRow is one row of disks.csv: one field for each of the 15 documented
// columns, in documented order. The export has no owner column: package dsr
// tells whose disk it is. What is said of [VirtualMachineRow] about text and
// redaction holds here too.
type DiskRow struct {
	SubscriptionId    string       `csv:"SubscriptionId"`
	LabUId            string       `csv:"LabUId"`
	LabName           string       `csv:"LabName"`
	LabResourceId     string       `csv:"LabResourceId"`
	ResourceGroupName string       `csv:"ResourceGroupName"`
	ResourceId        PersonalText `csv:"ResourceId"`
	ResourceUId       string       `csv:"ResourceUId"`
	Name              PersonalText `csv:"Name"`
	CreatedTime       DateTime     `csv:"CreatedTime"`
	DeletedDate       DateTime     `csv:"DeletedDate"`
	ResourceStatus    string       `csv:"ResourceStatus"`
	DiskBlobName      PersonalText `csv:"DiskBlobName"`
	DiskSizeGB        Integer      `csv:"DiskSizeGB"`
	DiskType          string       `csv:"DiskType"`
	LeasedByVmId      PersonalText `csv:"LeasedByVmId"`
}
