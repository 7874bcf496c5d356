package tables_test

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

func TestTablesHaveTheDocumentedColumnsWithTheirTypes(t *testing.T) {
	t.Parallel()
	machines := tables.Schema(tables.Machines, arrow.Metadata{})
	assert.Equal(t, 1+23+1, machines.NumFields())
	disks := tables.Schema(tables.Disks, arrow.Metadata{})
	assert.Equal(t, 1+15+1, disks.NumFields())
	for _, test := range []struct {
		schema *arrow.Schema
		column csvschema.Column
		want   arrow.DataType
	}{
		{machines, csvschema.CreatedTime, tables.Instant},
		{machines, csvschema.Claimable, arrow.FixedWidthTypes.Boolean},
		{machines, csvschema.ResourceOwner, arrow.BinaryTypes.String},
		{disks, csvschema.DiskSizeGB, arrow.PrimitiveTypes.Int64},
	} {
		fields, ok := test.schema.FieldsByName(test.column.String())
		if assert.True(t, ok, test.column) {
			assert.Equal(t, test.want, fields[0].Type, test.column)
			assert.NotEmpty(t, tables.Description(fields[0]))
		}
	}
}

func TestRowsAreToldApartByTheirKey(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		table tables.Table
		want  []string
	}{
		{tables.Machines, []string{"ResourceKey"}},
		{tables.Disks, []string{"ResourceKey"}},
		{tables.Months, []string{"LabUId", "Month", "PricingTier", "ResourceStatus"}},
	} {
		var keys []string
		for _, f := range tables.Schema(test.table, arrow.Metadata{}).Fields() {
			if tables.IsKey(f) {
				assert.False(t, f.Nullable, f.Name)
				keys = append(keys, f.Name)
			}
		}
		assert.Equal(t, test.want, keys)
	}
}
