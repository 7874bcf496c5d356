package tables_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// TestRowsOfNoResourceStay has rows whose IDs identify nothing. An export more does not change
// their keys.
func TestRowsOfNoResourceStay(t *testing.T) {
	t.Parallel()
	none := cells{csvschema.ResourceUId: "NULL"}
	other := cells{csvschema.LabUId: "", csvschema.CreatedTime: "2026-01-01"}
	later := time.Date(2026, time.May, 2, 0, 0, 0, 0, time.UTC)
	exports := []csvschema.Export{machines(t, later, none, other, none), machines(t, later.AddDate(0, 0, -1), none)}
	o := tables.Options{At: later}
	m := makeTables(t, exports, o)
	assert.EqualValues(t, 4, m.Machines.NoResource)
	assert.EqualValues(t, 4, m.Machines.Rows)
	keys := m.column(tables.Machines, tables.ResourceKey)
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(keys))), 4)
	more := makeTables(t, slices.Concat([]csvschema.Export{machines(t, later.AddDate(0, 1, 0), none, other)}, exports), o)
	assert.Equal(t, keys, more.column(tables.Machines, tables.ResourceKey)[:4])
	assert.EqualValues(t, 6, more.Machines.NoResource)
}

func TestKeysAreDigestsUnderThePublishedKey(t *testing.T) {
	t.Parallel()
	secret, err := identity.NewSecretKey([]byte("labdsr tables: a published key, of ResourceKey"))
	require.NoError(t, err)
	m := makeTables(t, []csvschema.Export{machines(t, time.Time{}, cells{csvschema.LabUId: "{" + strings.ToUpper(lab) + "}"})}, tables.Options{At: time.Now()})
	assert.Equal(t, csvschema.MachineKey(lab, resource).Digest(secret).String()[:32], m.rows[tables.Machines][0][tables.ResourceKey])
	assert.Equal(t, lab, m.rows[tables.Machines][0]["LabUId"])
}
