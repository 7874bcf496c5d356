//go:build !race

package anonymize_test

// The race detector makes tests of memory slow, and what they measure its own.

import (
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// TestMemoryDoesNotGrowWithTheFile streams a file that is never held, with one
// row in ten deleted. With LABDSR_BIG=1 the file has 1 GiB. Not parallel: it looks
// at the heap of the whole process.
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
