package csvschema_test

import (
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

func TestDecodeRecordGivesTheRowOfTheReader(t *testing.T) {
	t.Parallel()
	var records [][]string
	for n := range 20 {
		records = append(records, exampleCells(csvschema.VirtualMachines, n))
	}
	text := fileOf(namesOf(csvschema.VirtualMachines.Columns()), records...)
	rr := csvschema.NewRecordReader(iotest.OneByteReader(strings.NewReader(text)), csvschema.VirtualMachines, nil)
	var rows []csvschema.VirtualMachineRow
	for rec, err := rr.Read(); err == nil; rec, err = rr.Read() {
		row, err := csvschema.DecodeRecord[csvschema.VirtualMachineRow](rec)
		require.NoError(t, err)
		assert.Equal(t, rec.Key(), row.Key())
		rows = append(rows, row)

		disk, err := csvschema.DecodeRecord[csvschema.DiskRow](rec)
		assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks}, Line: rec.Line(), Err: csvschema.ErrWrongRole}, asError(t, err))
		assert.Equal(t, csvschema.DiskRow{}, disk)
	}
	for n, row := range rows { // the records are gone, the rows are not
		assert.Equal(t, records[n], csvschema.CellsOf(&row).AppendCells(nil))
	}
	require.Len(t, rows, len(records))
}

func TestDecodeRecordRefusesUnreadableCells(t *testing.T) {
	t.Parallel()
	text := "LabUId,Cost,DeletedDate\na,b,\nc,d,yesterday\n"
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.Disks, &csvschema.RecordOptions{Required: []csvschema.Column{csvschema.LabUId}})
	rec, err := rr.Read()
	require.NoError(t, err)
	row, err := csvschema.DecodeRecord[csvschema.DiskRow](rec)
	require.NoError(t, err)
	assert.Equal(t, csvschema.DiskRow{LabUId: "a"}, row)
	rec, err = rr.Read()
	require.NoError(t, err)
	row, err = csvschema.DecodeRecord[csvschema.DiskRow](rec)
	assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks}, Line: 3, Column: csvschema.DeletedDate, Err: csvschema.ErrValue}, asError(t, err))
	assert.Equal(t, csvschema.DiskRow{}, row)
}
