//go:build !race

package tables_test

// The race detector makes tests of memory slow, and what they measure its own.

import (
	"bytes"
	"context"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// inUse returns how many bytes of the heap are in use.
func inUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// TestMakeHoldsAFewBytesForEachResource measures what is held when the first pass over a file
// ends. With LABDSR_BIG=1 it has 1 GiB. Not parallel: it looks at the heap of the whole process.
func TestMakeHoldsAFewBytesForEachResource(t *testing.T) {
	size := int64(64 << 20)
	if os.Getenv("LABDSR_BIG") == "1" {
		size = 1 << 30
	}
	large := csvschematest.NewLarge(3, size, nil)
	exports := []csvschema.Export{{VirtualMachines: large.Export().VirtualMachines}}
	empty, most, batches := inUse(), uint64(0), 0
	report, err := tables.Make(t.Context(), exports, tables.Options{
		At: time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC), WithOwners: true,
		Progress: func(p csvschema.Progress) {
			if p.Pass == 1 && p.Bytes >= large.Size(csvschema.VirtualMachines) {
				most = max(most, inUse())
			}
		},
	}, func(_ context.Context, _ tables.Table, batch arrow.RecordBatch) error {
		batches++
		assert.LessOrEqual(t, batch.NumRows(), int64(16_384))
		return nil
	})
	require.NoError(t, err)
	require.NotZero(t, most)
	assert.Equal(t, large.Rows(), report.Machines.Rows)
	assert.Greater(t, batches, 100)
	const chunks = 2 << 20 // that are being read, and what was found out about them
	each := float64(int64(most-empty)-chunks) / float64(large.Rows())
	t.Logf("%.1f bytes for each of %d machines, and %d MiB", each, large.Rows(), chunks>>20)
	assert.Less(t, each, 64.0)
}

// TestQuietCellsAreNotHeld looks at columns with cells of a megabyte. Not parallel, as above.
func TestQuietCellsAreNotHeld(t *testing.T) {
	cell := bytes.Repeat([]byte("/"), 1<<20)
	empty := inUse()
	columns := make([]func([]byte) bool, 32)
	for i := range columns {
		columns[i] = tables.NewQuiet()
		require.True(t, columns[i](cell))
	}
	held := int64(inUse() - empty)
	t.Logf("%d KiB", held>>10)
	assert.Less(t, held, int64(1<<20))
	runtime.KeepAlive(columns)
}

// TestParquetHoldsNoDictionaryOfLargeCells compares a column that has a dictionary with one that has
// none: of both the encoder holds the text of a page, and what became of it. Not parallel, as above.
func TestParquetHoldsNoDictionaryOfLargeCells(t *testing.T) {
	const size = 32 << 20
	held := func(name string) int64 {
		s := arrow.NewSchema([]arrow.Field{{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
		w, err := tables.NewParquet(io.Discard, s)
		require.NoError(t, err)
		rows := batch(t, s, []any{"small"}, []any{strings.Repeat("x", size)}, []any{"small"})
		empty := inUse()
		require.NoError(t, w.Write(t.Context(), rows))
		n := int64(inUse() - empty)
		require.NoError(t, w.Close())
		return n
	}
	plain, dictionary := held(csvschema.Name.String()), held(csvschema.LabName.String())
	t.Logf("%d MiB, %d MiB", plain>>20, dictionary>>20)
	assert.Less(t, dictionary, plain+size/2)
}
