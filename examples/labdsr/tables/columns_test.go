package tables_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

func TestValuesHaveTheirTypes(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	exports := []csvschema.Export{machines(t, time.Time{}, cells{
		csvschema.CreatedTime: "1/3/2017 11:17:09 PM", csvschema.DeletedDate: "2017-07-03T23:17:09.1234567Z", csvschema.ExpirationDate: "01/01/0001 00:00:00",
		csvschema.Claimable: "FALSE", csvschema.LabName: " ", csvschema.CustomImageId: "",
	})}
	m := makeTables(t, exports, tables.Options{At: time.Now(), Zone: zone, WithOwners: true})
	r := m.rows[tables.Machines][0]
	assert.Equal(t, "2017-01-03T22:17:09Z", r["CreatedTime"])
	assert.Equal(t, "2017-07-03T23:17:09.123456Z", r["DeletedDate"])
	assert.EqualValues(t, 1, m.Machines.Cut)
	assert.Equal(t, "false", r["Claimable"])
	assert.Equal(t, " ", r["LabName"])
	for _, null := range []string{"ExpirationDate", "CustomImageId", "ResourceOwner", tables.ExportedAt} {
		assert.NotContains(t, r, null)
	}
}

// TestNoInstantIsAfterTheYear9999 reads the date that says "never" in zones.
func TestNoInstantIsAfterTheYear9999(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"12/31/9999 11:59:59 PM", "9999-12-31T23:59:59.9999999-14:00"} {
		exports := []csvschema.Export{machines(t, time.Time{}, cells{csvschema.ExpirationDate: cell})}
		m := makeTables(t, exports, tables.Options{At: time.Now(), Zone: time.FixedZone("", -5*60*60), WithOwners: true})
		assert.Equal(t, "9999-12-31T23:59:59.999999Z", m.rows[tables.Machines][0]["ExpirationDate"])
		assert.EqualValues(t, 1, m.Machines.Cut)
	}
}
