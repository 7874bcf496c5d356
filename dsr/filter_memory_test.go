//go:build !race

package dsr_test

// With the race detector these tests are slow, and measure its memory.

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// peakOf filters a large export, twice as large as its virtual machines, and
// returns the peak of the heap in bytes, garbage included.
func peakOf(t *testing.T, size int64) uint64 {
	t.Helper()
	large := csvschematest.NewLarge(1, size, &csvschematest.LargeOptions{Subjects: 2})
	subjects := subjectsOf(t, large.Subjects())
	return csvschematest.PeakHeap(func() {
		matches := make([][2]int64, len(subjects))
		report, err := dsr.Filter(t.Context(), []csvschema.Export{large.Export()}, subjects, func(m dsr.Match) error {
			matches[m.Subject][m.Key.Role()-1]++
			return nil
		}, nil)
		require.NoError(t, err)
		assert.Equal(t, large.Rows(), report.Scope.VirtualMachines)
		assert.Equal(t, large.Rows(), report.Scope.Disks)
		assert.Equal(t, [][2]int64{{6, 6}, {6, 6}}, matches)
		assert.Empty(t, report.Findings)
	})
}

// Not parallel: it looks at the heap of the whole process.
func TestMemoryGrowsWithTheFilesOnlyByAHashForEachRow(t *testing.T) {
	const limit = 64 << 20
	size := int64(64 << 20)
	switch {
	case os.Getenv("LABDSR_BIG") == "1":
		size = 1 << 30
	case testing.Short():
		size = 16 << 20
	}
	small := peakOf(t, 4<<20)
	peak := peakOf(t, size)
	t.Logf("peak %.1f MiB for 4 MiB of virtual machines, %.1f MiB for %d MiB", float64(small)/(1<<20), float64(peak)/(1<<20), size>>20)
	assert.Less(t, peak, uint64(limit))
	// A row of virtual machines has at least 500 bytes. A hash of 8 bytes for each
	// row, twice for room to grow and twice for garbage, is a sixteenth of that.
	assert.Less(t, peak, small+uint64(size)/16+8<<20)
}

// Not parallel: it looks at the heap of the whole process.
func TestMemoryDoesNotGrowWithTheNumberOrSizeOfOwners(t *testing.T) {
	for _, c := range []struct {
		name        string
		owners, pad int // how many, and bytes of each
	}{
		{"many", 100_000, 100},
		{"large", 3_000, 20_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			pad := strings.Repeat("x", c.pad)
			next := 0
			open := func(context.Context) (io.ReadCloser, error) {
				return io.NopCloser(bufio.NewReaderSize(readerFunc(func(p []byte) (int, error) {
					if next > c.owners {
						return 0, io.EOF
					}
					row := fmt.Sprintf("lab,/vm,uid,%d%s@example.com\n", next, pad)
					if next == 0 {
						row = "LabUId,ResourceId,ResourceUId,ResourceOwner\n"
					}
					next++
					return copy(p, row), nil // p is large enough
				}), 64<<10)), nil
			}
			exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{{Open: open}}}}
			peak := csvschematest.PeakHeap(func() {
				report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, "7"+pad+"@example.com")}, ignore, nil)
				require.NoError(t, err)
				assert.Equal(t, int64(1), report.Subjects[0].VirtualMachines.Owner)
				assert.Equal(t, int64(c.owners), report.Scope.VirtualMachines)
			})
			t.Logf("peak %.1f MiB", float64(peak)/(1<<20))
			assert.Less(t, peak, uint64(24<<20))
		})
	}
}

// Not parallel: it counts the allocations of the whole process.
func TestARowOfSomebodyElseCostsNoAllocation(t *testing.T) {
	count := func(size int64, disks bool) (rows int64, allocs float64) {
		large := csvschematest.NewLarge(1, size, nil)
		subjects := subjectsOf(t, large.Subjects())
		e := large.Export()
		if !disks {
			e.Disks = nil
		}
		return large.Rows(), testing.AllocsPerRun(1, func() {
			_, err := dsr.Filter(t.Context(), []csvschema.Export{e}, subjects, ignore, &dsr.Options{Workers: 1})
			require.NoError(t, err)
		})
	}
	for _, disks := range []bool{false, true} {
		fewRows, few := count(4<<20, disks)
		manyRows, many := count(32<<20, disks)
		assert.Less(t, (many-few)/float64(manyRows-fewRows), 0.5,
			"only what is done once for a chunk or an owner, and room for hashes")
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
