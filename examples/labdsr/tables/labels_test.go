package tables_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// TestMonthsNameNobody puts identifiers where none belong.
func TestMonthsNameNobody(t *testing.T) {
	t.Parallel()
	for name, cells := range map[string]cells{
		"an address":         {csvschema.PricingTier: "of ann@contoso.com"},
		"an object ID":       {csvschema.PricingTier: "7C9E6679742540DE944BE07FC1F90AE7"},
		"the owner":          {csvschema.ResourceOwner: "builder", csvschema.PricingTier: "Builder"},
		"a user of a path":   {csvschema.EnvironmentId: "/labs/l/users/builder/environments/e", csvschema.PricingTier: "builder"},
		"the path of a user": {csvschema.PricingTier: "/users/ann/x"},
	} {
		for _, withOwners := range []bool{false, true} {
			cells[csvschema.CreatedTime] = "2026-01-01"
			m := makeTables(t, []csvschema.Export{machines(t, time.Time{}, cells)}, tables.Options{At: time.Date(2026, time.January, 2, 0, 0, 0, 0, time.UTC), WithOwners: withOwners})
			if assert.Len(t, m.rows[tables.Months], 1, name) {
				assert.Empty(t, m.rows[tables.Months][0]["PricingTier"], name)
			}
			assert.Equal(t, withOwners, m.rows[tables.Machines][0]["PricingTier"] != "", name)
		}
	}
}
