package csvschema_test

import (
	"fmt"
	"log/slog"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/dictionary"
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
		for _, info := range dictionary.Of(role) {
			field, ok := row.FieldByName(info.Column.String())
			require.True(t, ok, info.Column)
			personal := info.Class == dictionary.Embeds || info.Class == dictionary.Direct
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
	assert.Contains(t, csvschematest.Printed(row, "v"), want)
	assert.Contains(t, csvschematest.Printed(&row, "q"), want)
	valuer, ok := any(row).(slog.LogValuer)
	require.True(t, ok)
	assert.Equal(t, want, valuer.LogValue().String())
	assert.Equal(t, want, fmt.Sprint(&row))
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
