package tables_test

import (
	"slices"
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
		"an owner with an at sign that is no address": {csvschema.ResourceOwner: "ann@contoso", csvschema.PricingTier: "of Ann@Contoso"},
		"the same, escaped":                           {csvschema.ResourceOwner: "ann@contoso", csvschema.PricingTier: "ann%40contoso"},
		"a user of an escaped path":                   {csvschema.CustomImageId: "%2Fusers%2Fann%2Fenvironments", csvschema.PricingTier: "size of ann"},
		"a user of a path in an owner":                {csvschema.ResourceOwner: "bob@contoso.com /users/ann/", csvschema.PricingTier: "ann"},
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

// TestNoLabIsAPerson has IDs with an object ID in them.
func TestNoLabIsAPerson(t *testing.T) {
	t.Parallel()
	const person = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	at := time.Date(2026, time.January, 2, 0, 0, 0, 0, time.UTC)
	for name, cells := range map[string]cells{
		"a part of a cell":    {csvschema.LabUId: "lab of " + person},
		"an ID and one more":  {csvschema.LabUId: lab + " " + person},
		"of the subscription": {csvschema.LabUId: "", csvschema.SubscriptionId: "of " + person, csvschema.LabName: person},
	} {
		cells[csvschema.CreatedTime] = "2026-01-01"
		exports := []csvschema.Export{machines(t, time.Time{}, cells)}
		m := makeTables(t, exports, tables.Options{At: at})
		assert.NotContains(t, m.text(func(row) bool { return true }), person, name)
		assert.Equal(t, m.rows[tables.Months], makeTables(t, exports, tables.Options{At: at, WithOwners: true}).rows[tables.Months], name)
	}
}

func TestBlanksAroundASizeMakeNoOtherKey(t *testing.T) {
	t.Parallel()
	exports := []csvschema.Export{machines(t, time.Time{}, cells{csvschema.PricingTier: "Standard_D2 "}, cells{
		csvschema.ResourceUId: "1" + resource[1:], csvschema.PricingTier: "\tStandard_D2", csvschema.ResourceStatus: "Active ",
	})}
	m := makeTables(t, exports, tables.Options{At: time.Date(2026, time.January, 20, 0, 0, 0, 0, time.UTC)})
	if assert.Len(t, m.rows[tables.Months], 1) {
		assert.Equal(t, "Standard_D2", m.rows[tables.Months][0]["PricingTier"])
		assert.Equal(t, "2", m.rows[tables.Months][0][tables.MachineCount])
	}
	assert.Equal(t, []string{"Standard_D2 ", "\tStandard_D2"}, m.column(tables.Machines, "PricingTier"), "a cell is as it was read")
}

// TestMonthsNameNobodyInRowsThatAreAlike has a row before the one whose path has a user.
func TestMonthsNameNobodyInRowsThatAreAlike(t *testing.T) {
	t.Parallel()
	const path = "/labs/l/users/ann/environments/e"
	for name, before := range map[string]string{
		"the same user":                       path,
		"a path without users":                "/labs/l/use/environments/e",
		"a path that ends there":              "/labs/l/user",
		"a user of as many bytes who is none": "/labs/l/users/@@@/environments/e",
	} {
		of := func(uid, path, size string) cells {
			return cells{csvschema.ResourceUId: uid, csvschema.EnvironmentId: path, csvschema.PricingTier: size}
		}
		exports := []csvschema.Export{machines(t, time.Time{}, of(resource, before, "Standard_D2"), of("1"+resource[1:], path, "Ann"))}
		m := makeTables(t, exports, tables.Options{At: time.Date(2026, time.January, 20, 0, 0, 0, 0, time.UTC), WithOwners: true})
		sizes := m.column(tables.Months, "PricingTier")
		slices.Sort(sizes)
		assert.Equal(t, []string{"", "Standard_D2"}, sizes, name)
	}
}
