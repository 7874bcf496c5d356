//go:build !race

package verify_test

// The race detector makes tests of memory slow, and what they measure its own.

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// TestMemoryDoesNotGrowWithTheFile verifies rows of no resource. It is not parallel: it
// measures the heap.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) { //nolint:paralleltest // it measures the heap
	head, row, _ := strings.Cut(strings.Replace(vm("2/4/2017", ""), "00000000-0000-4000-8000-000000000001", "none", 1), "\n")
	rows := []byte(strings.Repeat(row, 100))
	e := []csvschema.Export{{VirtualMachines: []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) {
		all := []io.Reader{strings.NewReader(head + "\n")}
		for range 16 << 20 / len(rows) {
			all = append(all, bytes.NewReader(rows))
		}
		return io.NopCloser(io.MultiReader(all...)), nil
	}}}}}
	peak := csvschematest.PeakHeap(func() {
		v, err := verify.Exports(t.Context(), &anonymize.Policy{Workers: 4}, later, e, e)
		require.NoError(t, err)
		require.True(t, v.OK())
	})
	assert.Less(t, peak, uint64(8<<20))
}
