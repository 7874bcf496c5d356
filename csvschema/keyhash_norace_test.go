//go:build !race

package csvschema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// With the race detector a sync.Pool throws away what it was given now and then.
func TestHashOfARecordDoesNotAllocate(t *testing.T) {
	rec := firstRecord(t, "LabUId,ResourceUId,ResourceId,Name,DiskBlobName\n"+keyLab+","+keyUID+",/D,Os,os.vhd\n")
	want := rec.Key().Hash()
	require.NotZero(t, want)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if rec.KeyHash() != want {
			t.Error("another hash")
		}
	}))
}
