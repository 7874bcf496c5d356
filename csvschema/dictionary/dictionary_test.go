package dictionary_test

import (
	"database/sql/driver"
	"reflect"
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

// TestTypesAreThoseOfTheRows compares the dictionary with the fields of the rows, and what
// database/sql is given of them with the types of SQL.
func TestTypesAreThoseOfTheRows(t *testing.T) {
	t.Parallel()
	values := map[string]driver.Valuer{}
	var date csvschema.DateTime
	var yes csvschema.Bool
	var size csvschema.Integer
	require.NoError(t, date.Scan("1/3/2017"))
	require.NoError(t, yes.Scan(true))
	require.NoError(t, size.Scan(int64(7)))
	values["TIMESTAMP"], values["BOOLEAN"], values["BIGINT"] = date, yes, size
	for role, row := range map[csvschema.Role]any{csvschema.VirtualMachines: csvschema.VirtualMachineRow{}, csvschema.Disks: csvschema.DiskRow{}} {
		for i, info := range dictionary.Of(role) {
			fieldType := reflect.TypeOf(row).Field(i).Type
			assert.Equal(t, fieldType.String(), info.GoType, info.Column)
			if info.SQLType == "TEXT" {
				assert.Contains(t, []string{"string", "csvschema.PersonalText"}, info.GoType)
			} else {
				assert.Equal(t, fieldType, reflect.TypeOf(values[info.SQLType]), info.Column)
			}
		}
	}
	for sqlType, want := range map[string]driver.Value{"TIMESTAMP": "2017-01-03 00:00:00", "BOOLEAN": true, "BIGINT": int64(7)} {
		value, err := values[sqlType].Value()
		require.NoError(t, err)
		assert.Equal(t, want, value)
	}
}
