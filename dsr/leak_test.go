package dsr_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

const canary = "canary.q7x@example.com"

// canaryFile returns a file of a role with a canary in every cell.
func canaryFile(role csvschema.Role) (header, row string) {
	var names, cells []string
	for _, c := range role.Columns() {
		names = append(names, c.String())
		cells = append(cells, `"`+canary+`"`)
	}
	return strings.Join(names, ",") + "\n", strings.Join(cells, ",") + "\n"
}

func TestNoErrorHoldsACell(t *testing.T) {
	t.Parallel()
	vmHeader, vmRow := canaryFile(csvschema.VirtualMachines)
	diskHeader, diskRow := canaryFile(csvschema.Disks)
	bad := func(header, row string) map[string]string {
		return map[string]string{
			"no header":       row + row,
			"other kind":      "",
			"missing column":  strings.Replace(header, "ResourceUId", canary, 1) + row,
			"repeated column": strings.Replace(header, "LabName", "LabUId", 1) + row,
			"semicolons":      strings.ReplaceAll(header+row, ",", ";"),
			"ragged":          header + row + canary + "\n",
			"too long":        header + row + canary + "," + row,
			"bare quote":      header + canary + `"` + row,
			"after quote":     header + `"` + canary + `"` + canary + "," + row,
			"open quote":      header + row + `"` + canary,
			"NUL":             header + canary + "\x00," + row,
			"not UTF-8":       header + canary + "\xff," + row,
			"large":           header + strings.Repeat(canary, 3000) + "," + row,
			"CR alone":        strings.ReplaceAll(header+row, "\n", "\r"),
			"header canary":   canary + "\n" + canary + "\n",
			"half":            header + row[:len(row)/2],
			"lone surrogate":  "\xff\xfe" + string(utf16LE(header+row)) + "\x00\xd8x",
		}
	}
	machines, disks := bad(vmHeader, vmRow), bad(diskHeader, diskRow)
	machines["other kind"], disks["other kind"] = diskHeader+diskRow, vmHeader+vmRow
	subjects := []dsr.Subject{subject(t, canary, "{0a11ce00-0000-4000-8000-000000000001}")}
	o := &dsr.Options{MaxRecordBytes: 20_000}
	check := func(t *testing.T, exports []csvschema.Export) {
		t.Helper()
		report, err := dsr.Filter(t.Context(), exports, subjects, ignore, o)
		require.Error(t, err)
		assert.Nil(t, report)
		csvschematest.AssertNoLeak(t, err, canary, "canary.q7x", aliceID)
		_, err = dsr.FilterRows(t.Context(), exports, subjects[0], o)
		require.Error(t, err)
		csvschematest.AssertNoLeak(t, err, canary, "canary.q7x", aliceID)
		for m, err := range matches(t.Context(), exports, subjects, o) {
			if err != nil {
				csvschematest.AssertNoLeak(t, err, canary, "canary.q7x", aliceID)
				assert.Zero(t, m)
			}
		}
	}
	for name, text := range machines {
		t.Run("machines, "+name, func(t *testing.T) {
			t.Parallel()
			check(t, []csvschema.Export{{VirtualMachines: sources(vmHeader+vmRow, text), Disks: sources(diskHeader + diskRow)}})
		})
	}
	for name, text := range disks {
		t.Run("disks, "+name, func(t *testing.T) {
			t.Parallel()
			check(t, []csvschema.Export{{VirtualMachines: sources(vmHeader + vmRow), Disks: sources(diskHeader+diskRow, text)}})
		})
	}
	t.Run("a date that a typed row cannot hold", func(t *testing.T) {
		t.Parallel()
		exports := []csvschema.Export{{VirtualMachines: sources(vmHeader + vmRow)}}
		_, err := dsr.FilterRows(t.Context(), exports, subjects[0], nil)
		require.ErrorIs(t, err, csvschema.ErrValue)
		csvschematest.AssertNoLeak(t, err, canary, "canary.q7x")
	})
	t.Run("a reader that fails", func(t *testing.T) {
		t.Parallel()
		failing := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(vmHeader+vmRow+`"`+canary), iotest.ErrReader(errTest))), nil
		}}
		check(t, []csvschema.Export{{VirtualMachines: []csvschema.Source{failing}}})
	})
	t.Run("an emit that fails", func(t *testing.T) {
		t.Parallel()
		exports := []csvschema.Export{{VirtualMachines: sources(vmHeader + vmRow)}}
		_, err := dsr.Filter(t.Context(), exports, subjects, func(dsr.Match) error { return errTest }, nil)
		require.ErrorIs(t, err, errTest)
		csvschematest.AssertNoLeak(t, err, canary, "canary.q7x")
	})
}
