package csvschema_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gocarina/gocsv"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// TestRowsSurviveAProgramThatChangesGocsv is not parallel: gocsv's settings are
// those of the whole program.
func TestRowsSurviveAProgramThatChangesGocsv(t *testing.T) {
	cells := exampleCells(csvschema.Disks, 1)
	text := fileOf(namesOf(csvschema.Disks.Columns()), cells)
	defer func() {
		gocsv.TagName, gocsv.FailIfUnmatchedStructTags, gocsv.FailIfDoubleHeaderNames = "csv", false, false
		gocsv.SetHeaderNormalizer(gocsv.DefaultNameNormalizer())
	}()
	read := func() ([][]string, error) {
		return rowsOf(csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), nil))
	}
	write := func() (string, error) {
		var b bytes.Buffer
		var row csvschema.DiskRow
		for i, c := range csvschema.Disks.Columns() {
			require.NoError(t, csvschema.CellsOf(&row).SetCell(c, cells[i]))
		}
		w := csvschema.NewWriter[csvschema.DiskRow](&b, &csvschema.WriterOptions{QuoteAll: true, CRLF: true})
		require.NoError(t, w.Write(row))
		err := w.Close()
		return b.String(), err
	}

	gocsv.TagName, gocsv.FailIfUnmatchedStructTags, gocsv.FailIfDoubleHeaderNames = "json", true, true
	gocsv.SetHeaderNormalizer(strings.ToLower)
	rows, err := read()
	require.NoError(t, err)
	assert.Equal(t, [][]string{cells}, rows)
	file, err := write()
	require.NoError(t, err)
	assert.Equal(t, text, file)

	for _, normalize := range []func(string) string{
		func(string) string { return "x" },
		func(string) string { return "LabUId" },
		func(name string) string { return strings.Replace(name, "LabName", "Label", 1) },
	} {
		gocsv.SetHeaderNormalizer(normalize)
		rows, err = read()
		assert.Equal(t, csvschema.Disks, asError(t, err).Role)
		assert.Empty(t, rows)
		_, err = write()
		require.Error(t, err)
	}
}
