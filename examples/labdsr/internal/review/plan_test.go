package review_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

func TestDecisionsAboutDisksAreFoundByTheirRow(t *testing.T) {
	t.Parallel()
	e := found(t, t.TempDir())
	d := decisions(t, diskLine2+"2026-05-01", machineID+"exists", machineID+"2026-06-01")
	have, err := d.ForPlan(t.Context(), e, filepath.Base)
	require.NoError(t, err)
	require.Len(t, have, 2, "the first for each key counts")
	assert.Equal(t, csvschema.VirtualMachines, have[0].Key.Role())
	assert.Zero(t, have[0].Deleted)
	assert.Equal(t, csvschema.Disks, have[1].Key.Role())
	assert.Equal(t, time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC), have[1].Deleted)
	used, unused := d.Count()
	assert.Equal(t, 3, used)
	assert.Zero(t, unused)
}

func TestDecisionAboutAnotherDiskOnTheLineIsRefused(t *testing.T) {
	t.Parallel()
	d := decisions(t, strings.Replace(diskLine2, machine, lab, 1)+"exists")
	_, err := d.ForPlan(t.Context(), found(t, t.TempDir()), filepath.Base)
	assert.ErrorContains(t, err, "line 2: another disk")
}

func TestDecisionAboutALineThatIsNotThereIsNotUsed(t *testing.T) {
	t.Parallel()
	d := decisions(t, strings.Replace(diskLine2, ",2,", ",3,", 1)+"exists")
	have, err := d.ForPlan(t.Context(), found(t, t.TempDir()), filepath.Base)
	require.NoError(t, err)
	assert.Empty(t, have)
	_, unused := d.Count()
	assert.Equal(t, 1, unused)
}
