package csvschema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

func TestColumnsAreDescribed(t *testing.T) {
	t.Parallel()
	for role, n := range map[csvschema.Role]int{csvschema.VirtualMachines: 23, csvschema.Disks: 15} {
		infos := role.Describe()
		require.Len(t, infos, n)
		for _, info := range infos {
			assert.NotEmpty(t, info.Column.String())
			assert.NotEmpty(t, info.Class.String())
			assert.True(t, strings.HasSuffix(info.Description, "."), info.Column)
		}
	}
	classes := map[csvschema.Column]csvschema.Class{}
	for _, info := range csvschema.VirtualMachines.Describe() {
		classes[info.Column] = info.Class
	}
	assert.Equal(t, csvschema.Direct, classes[csvschema.ResourceOwner])
	assert.Equal(t, csvschema.Embeds, classes[csvschema.EnvironmentId])
	assert.Equal(t, csvschema.Embeds, classes[csvschema.Name])
	assert.Equal(t, csvschema.Linkable, classes[csvschema.ResourceUId])
	assert.Equal(t, csvschema.None, classes[csvschema.PricingTier])
	assert.Nil(t, csvschema.Role(0).Columns())
	assert.Equal(t, "export", csvschema.Role(9).String())
	assert.Empty(t, csvschema.Column(99).String())
	assert.Empty(t, csvschema.Class(0).String())
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
