package reveal_test

import (
	"database/sql"
	"database/sql/driver"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/dictionary"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/reveal"
)

// TestRowsOfExportsComeBackFromADatabase does what database/sql and a database with the
// documented types do.
func TestRowsOfExportsComeBackFromADatabase(t *testing.T) {
	t.Parallel()
	testDatabase[csvschema.VirtualMachineRow](t)
	testDatabase[csvschema.DiskRow](t)
}

func testDatabase[T csvschema.Row](t *testing.T) {
	for _, row := range rowsOf[T](t) {
		var back T
		entries, destinations := dictionary.Of(csvschema.CellsOf(&row).Role()), reveal.Destinations(&back)
		require.Len(t, destinations, len(entries))
		for i, argument := range reveal.Arguments(row) {
			value, err := driver.DefaultParameterConverter.ConvertValue(argument)
			require.NoError(t, err)
			switch v := value.(type) {
			case nil:
				require.NotEqual(t, "TEXT", entries[i].SQLType)
			case string:
				if stored, err := time.Parse("2006-01-02 15:04:05", v); entries[i].SQLType == "TIMESTAMP" && err == nil {
					value = stored
				}
			case bool:
				require.Equal(t, "BOOLEAN", entries[i].SQLType)
			case int64:
				require.Equal(t, "BIGINT", entries[i].SQLType)
			default:
				t.Fatalf("%T", v)
			}
			scanner, ok := destinations[i].(sql.Scanner)
			require.True(t, ok)
			if value == "[redacted]" && scanner.Scan(value) != nil {
				require.ErrorIs(t, scanner.Scan(value), identity.ErrRedacted, "a program wrote what a row prints")
				value = ""
			}
			require.NoError(t, scanner.Scan(value))
		}
		was, is := csvschema.CellsOf(&row), csvschema.CellsOf(&back)
		for _, e := range entries {
			if was.Cell(e.Column) != "[redacted]" && isSpeltAsInExports(was.Cell(e.Column), e.SQLType) {
				require.Equal(t, was.Cell(e.Column), is.Cell(e.Column), e.Column)
			}
		}
	}
}

// isSpeltAsInExports reports whether a column of the type keeps the spelling of the cell.
func isSpeltAsInExports(cell, sqlType string) bool {
	switch sqlType {
	case "TIMESTAMP":
		at, err := time.Parse("1/2/2006 3:04:05 PM", cell)
		return cell == "" || err == nil && cell[0] != '0' && !at.IsZero()
	case "BOOLEAN":
		return cell == "" || cell == "True" || cell == "False"
	case "BIGINT":
		return cell == "" || cell[0] != '0' || cell == "0"
	}
	return true
}

func TestNULLIsAnEmptyCell(t *testing.T) {
	t.Parallel()
	for _, set := range csvschematest.New(1, nil).Files {
		if set.Role != csvschema.Disks {
			continue
		}
		row := rowsOf[csvschema.DiskRow](t)[0]
		for _, d := range reveal.Destinations(&row) {
			scanner, ok := d.(sql.Scanner)
			require.True(t, ok)
			require.NoError(t, scanner.Scan([]byte("")))
			require.NoError(t, scanner.Scan(nil))
			require.ErrorIs(t, scanner.Scan(1.5), csvschema.ErrValue)
		}
		assert.Equal(t, csvschema.DiskRow{}, row)
	}
}
