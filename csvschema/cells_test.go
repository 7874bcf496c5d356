package csvschema_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

func TestCellsOfARowAreReadAndSetByColumn(t *testing.T) {
	t.Parallel()
	testCells[csvschema.VirtualMachineRow](t, csvschema.VirtualMachines)
	testCells[csvschema.DiskRow](t, csvschema.Disks)
}

func testCells[T csvschema.Row](t *testing.T, role csvschema.Role) {
	var row T
	cells := csvschema.CellsOf(&row)
	assert.Equal(t, role, cells.Role())
	assert.Equal(t, role, csvschema.RoleOf[T]())
	var want []string
	for i, c := range role.Columns() {
		text := c.String() + " text"
		switch c { //nolint:exhaustive // the others take any text
		case csvschema.CreatedTime, csvschema.DeletedDate, csvschema.ExpirationDate:
			text = "1/" + string(rune('1'+i%9)) + "/2017 11:17:09 PM"
		case csvschema.Claimable:
			text = "fALSE"
		case csvschema.DiskSizeGB:
			text = "0128"
		}
		require.NoError(t, cells.SetCell(c, text))
		assert.Equal(t, text, cells.Cell(c))
		want = append(want, text)
	}
	assert.Equal(t, append([]string{"before"}, want...), cells.AppendCells([]string{"before"}))
	assert.Equal(t, cells.Key(), csvschema.CellsOf(&row).Key())

	// The field of the same name is what was set: gocsv takes it from there.
	v := reflect.ValueOf(row)
	for i, c := range role.Columns() {
		switch field := v.FieldByName(c.String()).Interface().(type) {
		case string:
			assert.Equal(t, want[i], field)
		case csvschema.PersonalText:
			assert.Equal(t, want[i], field.Reveal())
		case fmt.Stringer:
			assert.Equal(t, want[i], field.String())
		}
	}

	before := row
	for _, c := range []csvschema.Column{csvschema.CreatedTime, csvschema.Claimable, csvschema.DiskSizeGB} {
		if cells.Cell(c) == "" {
			continue
		}
		e, ok := errors.AsType[*csvschema.Error](cells.SetCell(c, "x"))
		require.True(t, ok)
		assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Role: role}, Column: c, Err: csvschema.ErrValue}, *e)
	}
	for c := range csvschema.Column(40) {
		if c != 0 && cells.Cell(c) != "" {
			continue
		}
		e, ok := errors.AsType[*csvschema.Error](cells.SetCell(c, "x"))
		require.True(t, ok, c)
		assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Role: role}, Column: c, Err: csvschema.ErrUnknownColumn}, *e)
	}
	assert.Equal(t, before, row, "a failure changes nothing")
}

func TestCellsOfARowDoNotAllocate(t *testing.T) {
	row := canaryRow[csvschema.VirtualMachineRow](t)
	texts := make([]string, 0, 23)
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		cells := csvschema.CellsOf(&row)
		texts = cells.AppendCells(texts[:0])
		_ = cells.SetCell(csvschema.CreatedTime, cells.Cell(csvschema.DeletedDate))
	}))
}
