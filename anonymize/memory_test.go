//go:build !race

package anonymize_test

// The race detector makes tests of memory slow, and what they measure its own.

import (
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// TestMemoryDoesNotGrowWithTheFile streams a file that is never held. With
// LABDSR_BIG=1 the file has 1 GiB. Not parallel: it looks at the heap of the whole
// process.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	size := int64(64 << 20)
	if os.Getenv("LABDSR_BIG") == "1" {
		size = 1 << 30
	}
	large := csvschematest.NewLarge(3, size, nil)
	peak := csvschematest.PeakHeap(func() {
		stats, err := (*anonymize.Policy)(nil).Copy(t.Context(), later, csvschema.VirtualMachines, io.Discard, large.Reader(csvschema.VirtualMachines))
		require.NoError(t, err)
		assert.Equal(t, large.Rows(), stats.Rows)
		assert.Equal(t, large.Due(csvschema.VirtualMachines, later, anonymize.DefaultRetention), stats.Due)
	})
	t.Logf("peak heap %.1f MiB for %d MiB", float64(peak)/(1<<20), size>>20)
	assert.Less(t, peak, uint64(64<<20))
}

// TestAPlanHoldsAtMost64BytesForEachDeletedResource plans exports in which all
// resources are deleted, none of which is held. With LABDSR_BIG=1 there are ten
// million of them. Not parallel: it looks at the heap of the whole process.
func TestAPlanHoldsAtMost64BytesForEachDeletedResource(t *testing.T) {
	size := int64(150 << 20)
	if os.Getenv("LABDSR_BIG") == "1" {
		size = 5_900 << 20
	}
	large := csvschematest.NewLarge(3, size, &csvschematest.LargeOptions{ActiveEvery: -1})
	before := csvschema.Export{VirtualMachines: large.Export().VirtualMachines}
	inUse := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	// Nothing is due yet: rows that change take 4 bytes more.
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	empty := inUse()
	var plan *anonymize.Plan
	var err error
	peak := csvschematest.PeakHeap(func() {
		plan, err = new(anonymize.Policy).Plan(t.Context(), now, []csvschema.Export{before})
	})
	require.NoError(t, err)
	held := inUse() - empty
	rows := large.Rows()
	assert.InDelta(t, rows, plan.Report().Total.NotYetDue, 3, "one subject has machines that exist")
	t.Logf("%d resources: %.1f bytes each, %.1f while planning", rows, float64(held)/float64(rows), float64(peak)/float64(rows))
	assert.LessOrEqual(t, held, uint64(64*rows))
	runtime.KeepAlive(plan)
}
