package dictionary_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
)

func TestColumnsAreDescribed(t *testing.T) {
	t.Parallel()
	for role, n := range map[csvschema.Role]int{csvschema.VirtualMachines: 23, csvschema.Disks: 15} {
		infos := dictionary.Of(role)
		require.Len(t, infos, n)
		for i, info := range infos {
			assert.Equal(t, role.Columns()[i], info.Column)
			assert.NotEmpty(t, info.Column.String())
			assert.NotEmpty(t, info.Class.String())
			assert.True(t, strings.HasSuffix(info.Description, "."), info.Column)
		}
	}
	classes := map[csvschema.Column]dictionary.Class{}
	for _, info := range dictionary.Of(csvschema.VirtualMachines) {
		classes[info.Column] = info.Class
	}
	assert.Equal(t, dictionary.Direct, classes[csvschema.ResourceOwner])
	assert.Equal(t, dictionary.Embeds, classes[csvschema.EnvironmentId])
	assert.Equal(t, dictionary.Embeds, classes[csvschema.Name])
	assert.Equal(t, dictionary.Linkable, classes[csvschema.ResourceUId])
	assert.Equal(t, dictionary.None, classes[csvschema.PricingTier])
	assert.Nil(t, dictionary.Of(0))
	assert.Empty(t, dictionary.Class(0).String())
}
