//go:build !race

package response_test

// The race detector makes tests of memory slow and adds its own memory.

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr/response"
)

// manyMachines returns an export in which every row is Alice's.
func manyMachines(rows int) []csvschema.Export {
	var names, cells []string
	for _, c := range csvschema.VirtualMachines.Columns() {
		names = append(names, c.String())
		cells = append(cells, map[csvschema.Column]string{
			csvschema.LabUId: "00000000-0000-0000-0000-0000000000aa", csvschema.LabName: "Lab", csvschema.ResourceOwner: "alice@example.com",
			csvschema.ResourceUId: "@uid", csvschema.Name: "@name", csvschema.CreatedTime: "@created",
			csvschema.ResourceId: "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/lab/providers/microsoft.devtestlab/labs/lab/virtualmachines/@name",
		}[c])
	}
	header, row := strings.Join(names, ",")+"\n", strings.Join(cells, ",")+"\n"
	open := func(context.Context) (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() {
			text := []byte(header)
			for i := range rows {
				line := strings.NewReplacer("@uid", fmt.Sprintf("00000000-0000-0000-0000-%012d", i), "@name", fmt.Sprintf("vm%d", i), "@created", fmt.Sprintf("%d/%d/20%d 11:17:09 PM", 1+i%12, 1+i%28, 15+i%10)).Replace(row)
				if text = append(text, line...); len(text) > 64<<10 {
					if _, err := w.Write(text); err != nil {
						return
					}
					text = text[:0]
				}
			}
			_, _ = w.Write(text)
			_ = w.Close()
		}()
		return r, nil
	}
	return []csvschema.Export{{VirtualMachines: []csvschema.Source{{Open: open}}}}
}

// The test is not parallel: PeakHeap samples the heap of the whole process.
func TestAHundredThousandRowsMakeAPackageInBoundedMemory(t *testing.T) {
	peak := func(rows int) (peak uint64, path string) {
		path = filepath.Join(t.TempDir(), "package.zip")
		out, err := os.Create(path)
		require.NoError(t, err)
		peak = csvschematest.PeakHeap(func() {
			_, err := response.Write(t.Context(), out, manyMachines(rows), subjectOf(t, "alice@example.com"), nil)
			require.NoError(t, err)
		})
		require.NoError(t, out.Close())
		return peak, path
	}
	few, _ := peak(10_000) // as many rows as Write holds
	const rows = 100_000
	many, path := peak(rows)
	t.Logf("peak %.1f MiB for 10,000 rows, %.1f MiB for 100,000", float64(few)/(1<<20), float64(many)/(1<<20))
	assert.Less(t, many, uint64(160<<20), "the 64 MiB of rows that Write holds, twice, and what is beside them")

	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, archive.Close()) }()
	for _, f := range archive.File {
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		switch f.Name {
		case "index.html":
			assert.Less(t, len(text), 4<<20)
			assert.Contains(t, string(text), "100,000 virtual machines")
			assert.Contains(t, string(text), "of 100,000 records")
		case "virtualmachines.csv", "machine/export1-virtualmachines1.csv":
			assert.Equal(t, rows+1, bytes.Count(text, []byte("\n")), f.Name)
		case "data.json":
			assert.Equal(t, rows, bytes.Count(text, []byte(`{"kind":`)))
		}
	}
}
