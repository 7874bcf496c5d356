package csvschema_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/gocarina/gocsv"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// A machine has three of the documented columns, and one that is not documented.
type machine struct {
	Name    string                 `csv:"Name"`
	Owner   csvschema.PersonalText `csv:"ResourceOwner"`
	Deleted csvschema.DateTime     `csv:"DeletedDate"`
	Cost    string                 `csv:"Cost centre"`
}

func TestGocsvFillsAStructOfTheCaller(t *testing.T) {
	t.Parallel()
	const text = "\ufeff\" Cost centre\",labuid, DELETEDDATE ,resourceowner,\"name\"\r\n" +
		"\r\n42,l,1/3/2017,alice@example.com,\"a \"\"b\"\",\r\nc\"\r\n" +
		",l,,,\"\""
	required := []csvschema.Column{csvschema.Name, csvschema.ResourceOwner, csvschema.DeletedDate}
	records := csvschema.NewRecordReader(strings.NewReader(text), csvschema.VirtualMachines, &csvschema.RecordOptions{Required: required})
	var machines []machine
	require.NoError(t, gocsv.UnmarshalCSV(records.Gocsv(), &machines))
	require.Len(t, machines, 2)
	assert.Equal(t, "a \"b\",\r\nc", machines[0].Name)
	assert.Equal(t, "alice@example.com", machines[0].Owner.Reveal())
	assert.Equal(t, "1/3/2017", machines[0].Deleted.String())
	assert.Equal(t, "42", machines[0].Cost)
	assert.Empty(t, machines[1].Owner.Reveal())
	assert.Empty(t, machines[1].Deleted.String())

	bridge := csvschema.NewRecordReader(strings.NewReader(text), csvschema.VirtualMachines, &csvschema.RecordOptions{Required: required}).Gocsv()
	names, err := bridge.Read()
	require.NoError(t, err)
	assert.Equal(t, []string{"Cost centre", "LabUId", "DeletedDate", "ResourceOwner", "Name"}, names)
	rest, err := bridge.ReadAll()
	require.NoError(t, err)
	assert.Len(t, rest, 2)
	_, err = bridge.Read()
	assert.Equal(t, io.EOF, err)
}

// What the comment of Gocsv says about gocsv alone: it gives rows and no error where the
// reader of this package refuses the file.
func TestGocsvAloneLosesTheChecks(t *testing.T) {
	t.Parallel()
	names := namesOf(csvschema.VirtualMachines.Columns())
	good := exampleCells(csvschema.VirtualMachines, 1)
	with := func(c csvschema.Column, cell string) []string {
		cells := append([]string(nil), good...)
		for i, column := range csvschema.VirtualMachines.Columns() {
			if column == c {
				cells[i] = cell
			}
		}
		return cells
	}
	type number struct {
		Size int `csv:"DiskSizeGB"`
	}
	var sizes []number
	require.NoError(t, gocsv.UnmarshalString("DiskSizeGB\n010\n1.9\n\"\"\n", &sizes))
	assert.Equal(t, []number{{8}, {1}, {0}}, sizes)
	require.ErrorContains(t, gocsv.UnmarshalString("DiskSizeGB\nalice\n", &sizes), "alice")

	for _, test := range []struct {
		name, file string
		role       csvschema.Role
		want       error
	}{
		{"the other role", fileOf(names, good), csvschema.Disks, csvschema.ErrWrongRole},
		{"a column missing", fileOf(names[:22], good[:22]), csvschema.VirtualMachines, csvschema.ErrMissingColumn},
		{"a column twice", fileOf(append(names[:23:23], "name"), append(good[:23:23], "x")), csvschema.VirtualMachines, csvschema.ErrRepeatedColumn},
		{"an unknown column twice", fileOf(append(names[:23:23], "x", " x"), append(good[:23:23], "1", "2")), csvschema.VirtualMachines, csvschema.ErrRepeatedColumn},
		{"a header again", fileOf(names, good, names, good), csvschema.VirtualMachines, csvschema.ErrHeaderAgain},
		{"NUL", fileOf(names, with(csvschema.Name, "\x00")), csvschema.VirtualMachines, csvschema.ErrNUL},
		{"no UTF-8", fileOf(names, with(csvschema.Name, "\xff")), csvschema.VirtualMachines, csvschema.ErrUTF8},
		{"no date", fileOf(names, good, with(csvschema.ExpirationDate, "tomorrow")), csvschema.VirtualMachines, csvschema.ErrValue},
		{"no boolean", fileOf(names, good, with(csvschema.Claimable, "yes")), csvschema.VirtualMachines, csvschema.ErrValue},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			type row struct {
				Name string `csv:"Name"`
			}
			var rows []row
			require.NoError(t, gocsv.UnmarshalString(test.file, &rows))
			assert.NotEmpty(t, rows)

			rows = nil
			bridge := csvschema.NewRecordReader(strings.NewReader(test.file), test.role, nil).Gocsv()
			err := gocsv.UnmarshalCSV(bridge, &rows)
			require.ErrorIs(t, err, test.want)
			assert.Equal(t, test.role, asError(t, err).Role)
			assert.Empty(t, rows)
			_, again := bridge.Read()
			assert.Equal(t, err, again)
		})
	}

	// The rows of this package have gocsv's tags, and gocsv takes machines for disks.
	var disks []csvschema.DiskRow
	require.NoError(t, gocsv.UnmarshalString(fileOf(names, good), &disks))
	require.Len(t, disks, 1)
	assert.Equal(t, good[1], disks[0].LabUId)
	// It finds no column that is spelt in another way.
	require.NoError(t, gocsv.UnmarshalString("labuid\nl\n", &disks))
	assert.Empty(t, disks[0].LabUId)
}

// A place in the file is the physical line and the documented column.
func TestGocsvSaysWhereACellIs(t *testing.T) {
	t.Parallel()
	good := exampleCells(csvschema.Disks, 1)
	bad := append([]string(nil), good...)
	bad[12] = "large" // DiskSizeGB
	text := fileOf(namesOf(csvschema.Disks.Columns()), good, bad)
	_, err := csvschema.NewRecordReader(strings.NewReader(text), csvschema.Disks, nil).Gocsv().ReadAll()
	_, want := rowsOf(csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), nil))
	require.Error(t, want)
	assert.Equal(t, want, err)
}

// TestRowsDoNotDependOnTheSettingsOfGocsv is not parallel: gocsv's settings are those of
// the whole program.
func TestRowsDoNotDependOnTheSettingsOfGocsv(t *testing.T) {
	cells := exampleCells(csvschema.Disks, 1)
	text := fileOf(namesOf(csvschema.Disks.Columns()), cells)
	defer func() {
		gocsv.TagName, gocsv.FailIfUnmatchedStructTags, gocsv.FailIfDoubleHeaderNames = "csv", false, false
		gocsv.SetHeaderNormalizer(gocsv.DefaultNameNormalizer())
	}()
	gocsv.TagName, gocsv.FailIfUnmatchedStructTags, gocsv.FailIfDoubleHeaderNames = "json", true, true
	gocsv.SetHeaderNormalizer(func(string) string { return "LabUId" })

	var file bytes.Buffer
	w := csvschema.NewWriter[csvschema.DiskRow](&file, &csvschema.WriterOptions{QuoteAll: true, CRLF: true})
	for row, err := range csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), nil).All() {
		require.NoError(t, err)
		assert.Equal(t, cells, csvschema.CellsOf(&row).AppendCells(nil))
		require.NoError(t, w.Write(row))
	}
	require.NoError(t, w.Close())
	assert.Equal(t, text, file.String())
}
