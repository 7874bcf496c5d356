package csvschema_test

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
)

func TestRowsHaveOneTaggedFieldPerDocumentedColumn(t *testing.T) {
	t.Parallel()
	for role, row := range map[csvschema.Role]reflect.Type{
		csvschema.VirtualMachines: reflect.TypeFor[csvschema.VirtualMachineRow](),
		csvschema.Disks:           reflect.TypeFor[csvschema.DiskRow](),
	} {
		var tags, fields, documented []string
		for field := range row.Fields() {
			tags = append(tags, field.Tag.Get("csv"))
			fields = append(fields, field.Name)
		}
		for _, c := range role.Columns() {
			documented = append(documented, c.String())
		}
		assert.Equal(t, documented, tags)
		assert.Equal(t, documented, fields)
	}
	assert.Len(t, csvschema.VirtualMachines.Columns(), 23)
	assert.Len(t, csvschema.Disks.Columns(), 15)
}

// TestColumnsThatNameAPersonAreHidden ties the class of a column to its type:
// what embeds or is an identifier is PersonalText.
func TestColumnsThatNameAPersonAreHidden(t *testing.T) {
	t.Parallel()
	for role, row := range map[csvschema.Role]reflect.Type{
		csvschema.VirtualMachines: reflect.TypeFor[csvschema.VirtualMachineRow](),
		csvschema.Disks:           reflect.TypeFor[csvschema.DiskRow](),
	} {
		for _, info := range role.Describe() {
			field, ok := row.FieldByName(info.Column.String())
			require.True(t, ok, info.Column)
			personal := info.Class == csvschema.Embeds || info.Class == csvschema.Direct
			assert.Equal(t, personal, field.Type == reflect.TypeFor[csvschema.PersonalText](), info.Column)
		}
	}
}

// canaryRow returns a row with the canary in every cell that can hold it.
func canaryRow[T csvschema.Row](t *testing.T) T {
	t.Helper()
	var row T
	set := 0
	for _, c := range csvschema.RoleOf[T]().Columns() {
		if csvschema.CellsOf(&row).SetCell(c, leaktest.Canary) == nil {
			set++
		}
	}
	require.Greater(t, set, 10)
	return row
}

func TestRowsRedactThemselves(t *testing.T) {
	t.Parallel()
	testRedaction[csvschema.VirtualMachineRow](t, "[virtual machine row redacted]")
	testRedaction[csvschema.DiskRow](t, "[disk row redacted]")
}

func testRedaction[T csvschema.Row](t *testing.T, want string) {
	row := canaryRow[T](t)
	type holder struct {
		Row   T
		Rows  []T
		Any   any
		Cells csvschema.Cells
	}
	for name, value := range map[string]any{
		"value": row, "pointer": &row, "slice": []T{row}, "pointers": []*T{&row}, "map": map[string]T{"k": row},
		"any": []any{row, &row}, "cells": csvschema.CellsOf(&row),
		"nested": holder{row, []T{row}, row, csvschema.CellsOf(&row)}, "pointer to nested": &holder{Row: row},
	} {
		t.Run(csvschema.RoleOf[T]().String()+" "+name, func(t *testing.T) {
			t.Parallel()
			leaktest.AssertNoCanary(t, value, leaktest.ProperVerbs)
		})
	}
	assert.Contains(t, leaktest.Renderings(row, "v"), want)
	assert.Contains(t, leaktest.Renderings(&row, "q"), want)
	valuer, ok := any(row).(slog.LogValuer)
	require.True(t, ok)
	assert.Equal(t, want, valuer.LogValue().String())
	stringer, ok := any(&row).(fmt.Stringer)
	require.True(t, ok)
	assert.Equal(t, want, stringer.String())
}

// TestPersonalCellsStayHiddenWhereARowCannotHideItself covers what fmt prints
// by reflection: rows in unexported fields, and verbs that rows are not for.
// The columns of plain text are then printed; those of persons are not.
func TestPersonalCellsStayHiddenWhereARowCannotHideItself(t *testing.T) {
	t.Parallel()
	var vm csvschema.VirtualMachineRow
	var disk csvschema.DiskRow
	for _, c := range []csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.ResourceOwner, csvschema.ComputeResourceId, csvschema.EnvironmentId, csvschema.CustomImageId} {
		require.NoError(t, csvschema.CellsOf(&vm).SetCell(c, leaktest.Canary))
	}
	for _, c := range []csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName, csvschema.LeasedByVmId} {
		require.NoError(t, csvschema.CellsOf(&disk).SetCell(c, leaktest.Canary))
	}
	type hidden struct {
		vm    csvschema.VirtualMachineRow
		disks []csvschema.DiskRow
	}
	leaktest.AssertNoCanary(t, hidden{vm, []csvschema.DiskRow{disk}}, leaktest.AllVerbs)
	leaktest.AssertNoCanary(t, vm, leaktest.AllVerbs)
	leaktest.AssertNoCanary(t, disk, leaktest.AllVerbs)
}

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
		case interface{ MarshalCSV() (string, error) }:
			text, err := field.MarshalCSV()
			require.NoError(t, err)
			assert.Equal(t, want[i], text)
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
