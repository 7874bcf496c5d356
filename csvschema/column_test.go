package csvschema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
)

func TestRolesHaveTheDocumentedColumns(t *testing.T) {
	t.Parallel()
	names := func(role csvschema.Role) string {
		var text []string
		for _, c := range role.Columns() {
			text = append(text, c.String())
		}
		return strings.Join(text, ",")
	}
	assert.Equal(t, "SubscriptionId,LabUId,LabName,LabResourceId,ResourceGroupName,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,"+
		"ResourceOwner,PricingTier,ResourceStatus,ComputeResourceId,Claimable,EnvironmentId,ExpirationDate,GalleryImageReferenceVersion,"+
		"GalleryImageReferenceOffer,GalleryImageReferencePublisher,GalleryImageReferenceSku,GalleryImageReferenceOsType,CustomImageId",
		names(csvschema.VirtualMachines))
	assert.Equal(t, "SubscriptionId,LabUId,LabName,LabResourceId,ResourceGroupName,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,"+
		"ResourceStatus,DiskBlobName,DiskSizeGB,DiskType,LeasedByVmId", names(csvschema.Disks))
	assert.Nil(t, csvschema.Role(0).Columns())
	assert.Equal(t, "export", csvschema.Role(9).String())
	assert.Empty(t, csvschema.Column(99).String())
}

func TestHoldsAcceptsTheValuesOfTheColumn(t *testing.T) {
	t.Parallel()
	values := map[csvschema.Column][]string{}
	for _, c := range []csvschema.Column{csvschema.CreatedTime, csvschema.DeletedDate, csvschema.ExpirationDate} {
		values[c] = []string{"1/3/2017 11:17:09 PM", "2017-01-03", "0001-01-01"}
	}
	values[csvschema.Claimable] = []string{"True", "fALSE"}
	values[csvschema.DiskSizeGB] = []string{"128", "007"}
	for c := range csvschema.LeasedByVmId + 1 {
		assert.True(t, c.Holds(nil), c)
		assert.True(t, c.Holds([]byte{}), c)
		for _, text := range []string{"1/3/2017 11:17:09 PM", "2017-01-03", "0001-01-01", "True", "fALSE", "128", "007", " ", "x", "alice@example.com", "-1", "tru", "13/1/2017"} {
			assert.Equal(t, slices.Contains(values[c], text), c.Holds([]byte(text)), "%v %q", c, text)
		}
	}
}
