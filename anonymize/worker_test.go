//go:build !race

package anonymize_test

// The race detector allocates for itself.

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// TestRowsCostNoAllocation compares a file with one that has its rows four times: what
// another row of the same owners costs is nothing, whether it is due or not. Not
// parallel: it counts what the whole process allocates.
func TestRowsCostNoAllocation(t *testing.T) {
	for _, test := range []struct {
		name   string
		active int     // every so many rows; see csvschematest.LargeOptions
		most   float64 // for each further row
	}{{"no row is due", 1, 0.001}, {"every row is due", -1, 0.01}} {
		large := csvschematest.NewLarge(1, 2<<20, &csvschematest.LargeOptions{Hits: 2, ActiveEvery: test.active})
		file, err := io.ReadAll(large.Reader(csvschema.VirtualMachines))
		require.NoError(t, err)
		rows := file[bytes.IndexByte(file, '\n')+1:]
		allocations := func(file []byte) float64 {
			p := anonymize.Policy{Workers: 1}
			return testing.AllocsPerRun(3, func() {
				_, err := p.Copy(t.Context(), later, csvschema.VirtualMachines, io.Discard, bytes.NewReader(file))
				require.NoError(t, err)
			})
		}
		few, many := allocations(file), allocations(slices.Concat(file, rows, rows, rows))
		assert.LessOrEqual(t, (many-few)/float64(3*large.Rows()), test.most, test.name)
	}
}
