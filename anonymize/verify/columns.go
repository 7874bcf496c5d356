package verify

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
)

// A column is what verification has to know about a column of a file.
type column struct {
	id       csvschema.Column // 0 if it is not documented
	required bool             // a file without it cannot be verified
	content  content
	name     namePlace
}

// A content says what the cells of a column hold.
type content uint8

const (
	anyText content = iota
	guid            // of the subscription, lab or resource: nobody's object ID
	owner
	date
	boolean
	number
)

// A namePlace says where in the cells of a column the name of a resource is.
type namePlace uint8

const (
	noName   namePlace = iota
	wholly             // it is the cell
	last               // it is what is after the last slash
	computer           // as last, and it may be in the resource group too, if it is the ID of a computer
	lease              // as computer, and it is the name of a machine in the other file
)

// The documented columns of virtualmachines.csv, in their order.
var machineColumns = []column{
	{id: csvschema.SubscriptionId, content: guid},
	{id: csvschema.LabUId, required: true, content: guid},
	{id: csvschema.LabName},
	{id: csvschema.LabResourceId},
	{id: csvschema.ResourceGroupName},
	{id: csvschema.ResourceId, required: true, name: last},
	{id: csvschema.ResourceUId, required: true, content: guid},
	{id: csvschema.Name, name: wholly},
	{id: csvschema.CreatedTime, content: date},
	{id: csvschema.DeletedDate, required: true, content: date},
	{id: csvschema.ResourceOwner, required: true, content: owner},
	{id: csvschema.PricingTier},
	{id: csvschema.ResourceStatus},
	{id: csvschema.ComputeResourceId, name: computer},
	{id: csvschema.Claimable, content: boolean},
	{id: csvschema.EnvironmentId},
	{id: csvschema.ExpirationDate, content: date},
	{id: csvschema.GalleryImageReferenceVersion},
	{id: csvschema.GalleryImageReferenceOffer},
	{id: csvschema.GalleryImageReferencePublisher},
	{id: csvschema.GalleryImageReferenceSku},
	{id: csvschema.GalleryImageReferenceOsType},
	{id: csvschema.CustomImageId},
}

// The documented columns of disks.csv, in their order. There is no owner.
var diskColumns = []column{
	{id: csvschema.SubscriptionId, content: guid},
	{id: csvschema.LabUId, required: true, content: guid},
	{id: csvschema.LabName},
	{id: csvschema.LabResourceId},
	{id: csvschema.ResourceGroupName},
	{id: csvschema.ResourceId, required: true, name: last},
	{id: csvschema.ResourceUId, required: true, content: guid},
	{id: csvschema.Name, name: wholly},
	{id: csvschema.CreatedTime, content: date},
	{id: csvschema.DeletedDate, required: true, content: date},
	{id: csvschema.ResourceStatus},
	{id: csvschema.DiskBlobName, name: last},
	{id: csvschema.DiskSizeGB, content: number},
	{id: csvschema.DiskType},
	{id: csvschema.LeasedByVmId, required: true, name: lease},
}

// columnsOf returns the documented columns of a role.
func columnsOf(role csvschema.Role) []column {
	if role == csvschema.Disks {
		return diskColumns
	}
	return machineColumns
}

// isAsDocumented reports whether a cell is empty, or is the date, boolean or number
// that its column documents. No identifier is in it, whatever its digits are.
func (c column) isAsDocumented(cell []byte) bool {
	if len(cell) == 0 {
		return true
	}
	switch c.content {
	case date:
		_, _, err := csvschema.ParseTime(cell, nil)
		return err == nil
	case boolean:
		text := strings.ToLower(string(cell))
		return text == "true" || text == "false"
	case number:
		_, err := strconv.ParseInt(string(cell), 10, 64)
		return err == nil && len(bytes.Trim(cell, "0123456789")) == 0
	case anyText, guid, owner:
	}
	return false
}
