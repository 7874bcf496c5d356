//go:build !race

package anonymize_test

// The race detector allocates for itself.

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// TestRowsCostNoAllocation compares files of two sizes: what another row costs is
// nothing, whether it is due or not. Not parallel: it counts what the whole
// process allocates.
func TestRowsCostNoAllocation(t *testing.T) {
	for _, test := range []struct {
		name  string
		every int
		most  float64 // for each further row
	}{{"no row is due", -1, 0.001}, {"every row is due", 1, 0.01}} {
		allocations := func(size int64) (allocs float64, rows int64) {
			large := csvschematest.NewLarge(1, size, &csvschematest.LargeOptions{Hits: 2, DeletedEvery: test.every})
			file, err := io.ReadAll(large.Reader(csvschema.VirtualMachines))
			require.NoError(t, err)
			p := anonymize.Policy{Workers: 1}
			allocs = testing.AllocsPerRun(3, func() {
				_, err = p.Copy(t.Context(), later, csvschema.VirtualMachines, io.Discard, bytes.NewReader(file))
			})
			require.NoError(t, err)
			return allocs, large.Rows()
		}
		few, fewRows := allocations(2 << 20)
		many, manyRows := allocations(8 << 20)
		assert.LessOrEqual(t, (many-few)/float64(manyRows-fewRows), test.most, test.name)
	}
}
