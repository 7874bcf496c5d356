package csvschema

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// A VirtualMachineRow is one row of virtualmachines.csv: one field for each of
// the 23 documented columns, in documented order. Cells keep the text that was
// read, so that writing the row gives the same cells.
//
// A row holds identifiers of a person. It prints, logs and marshals to JSON as a
// redaction; [PersonalText.Reveal] returns the text of a personal cell. What prints by
// reflection (fmt a row in an unexported field, or by the verbs %p and %w; testify and
// go-cmp a difference) shows cells of plain text; it never shows a personal one.
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
// columns, in documented order. The export has no owner column; package dsr finds out
// whose disk it is. Cells keep their text, and a row redacts itself, as a
// [VirtualMachineRow] does.
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

// Equal reports whether all cells have the same text.
func (r VirtualMachineRow) Equal(other VirtualMachineRow) bool { return haveEqualCells(&r, &other) }

// Equal reports whether all cells have the same text.
func (r DiskRow) Equal(other DiskRow) bool { return haveEqualCells(&r, &other) }

func haveEqualCells[T Row](a, b *T) bool {
	return slices.Equal(CellsOf(a).AppendCells(nil), CellsOf(b).AppendCells(nil))
}

// These are printed, logged and marshalled in place of a row. A row is hidden as a whole,
// because columns of plain text, such as the name of a lab, may hold an address too.
// Rows have no MarshalText: gocsv would write a row that is a field of a struct as a
// single cell.
const (
	virtualMachineText = "[virtual machine row redacted]"
	diskText           = "[disk row redacted]"
)

// Format writes "[virtual machine row redacted]", whatever the verb and its
// flags are.
func (VirtualMachineRow) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, virtualMachineText) // fmt keeps what it writes in memory
}

// LogValue returns "[virtual machine row redacted]".
func (VirtualMachineRow) LogValue() slog.Value { return slog.StringValue(virtualMachineText) }

// MarshalJSON returns "[virtual machine row redacted]" as a JSON string. It
// cannot be decoded.
func (VirtualMachineRow) MarshalJSON() ([]byte, error) {
	return []byte(`"` + virtualMachineText + `"`), nil
}

// Format writes "[disk row redacted]", whatever the verb and its
// flags are.
func (DiskRow) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, diskText) // fmt keeps what it writes in memory
}

// LogValue returns "[disk row redacted]".
func (DiskRow) LogValue() slog.Value { return slog.StringValue(diskText) }

// MarshalJSON returns "[disk row redacted]" as a JSON string. It
// cannot be decoded.
func (DiskRow) MarshalJSON() ([]byte, error) { return []byte(`"` + diskText + `"`), nil }
