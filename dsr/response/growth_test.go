//go:build !race

package response_test

// The race detector makes tests of long texts slow, and the time that they take its own.

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr/response"
)

// A table has a column for each name, whatever their number.
func TestManyColumnsTakeTimeInProportion(t *testing.T) { //nolint:paralleltest // measures time
	csvschematest.AssertLinear(t, 5000, func(columns int) func() {
		text := "LabUId,ResourceUId,ResourceId,ResourceOwner" + strings.Repeat(",x", columns) + "\nl,r1,id1,alice@example.com" + strings.Repeat(",a@b.example", columns) + "\n"
		exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(text))}}}
		return func() {
			_, err := response.Write(t.Context(), io.Discard, exports, subjectOf(t, "alice@example.com"), nil)
			require.NoError(t, err)
		}
	})
}

// A package is put together in several rounds over the rows, however many they are, and
// the exports are searched once.
func TestManyRowsTakeNoFurtherSearch(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2<<20)
	var machines []map[csvschema.Column]string
	for range 12 {
		machines = append(machines, map[csvschema.Column]string{csvschema.PricingTier: long})
	}
	exports := exportOf(machines...)
	open, opened := exports[0].VirtualMachines[0].Open, 0
	exports[0].VirtualMachines[0].Open = func(ctx context.Context) (io.ReadCloser, error) {
		opened++
		return open(ctx)
	}
	report, err := response.Write(t.Context(), io.Discard, exports, subjectOf(t, "alice@example.com"), nil)
	require.NoError(t, err)
	assert.Equal(t, int64(12), report.Subjects[0].VirtualMachines.Theirs())
	assert.Equal(t, 2, opened, "as often as one search of so many rows opens it")
}
