package csvschema_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gocarina/gocsv"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
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

// rowsByGocsv decodes a file by gocsv, which sets the fields by the tags of the row and the
// methods of the cells. It knows nothing of rows that were decoded before.
func rowsByGocsv[T csvschema.Row](t *testing.T, text string) (rows []T, err error) {
	t.Helper()
	role := csvschema.RoleOf[T]()
	rr := csvschema.NewRecordReader(strings.NewReader(text), role, &csvschema.RecordOptions{Required: []csvschema.Column{}})
	var records gocsvRecords
	var lines []int64
	var fault error
	for fault == nil {
		var rec csvschema.Record
		if rec, fault = rr.Read(); fault != nil {
			break
		}
		var cells []string
		for _, c := range role.Columns() {
			cells = append(cells, string(rec.Value(c)))
		}
		records, lines = append(records, cells), append(lines, rec.Line())
	}
	if fault == io.EOF {
		fault = nil
	}
	if len(records) == 0 {
		return nil, fault
	}
	if err := gocsv.UnmarshalCSVWithoutHeaders(records, &rows); err != nil {
		place, ok := errors.AsType[*csv.ParseError](err)
		require.True(t, ok)
		require.ErrorIs(t, err, csvschema.ErrValue)
		return rows[:place.Line-1], &csvschema.Error{
			FileID: csvschema.FileID{Role: role}, Line: lines[place.Line-1], Column: role.Columns()[place.Column-1], Err: csvschema.ErrValue,
		}
	}
	return rows, fault
}

// gocsvRecords are records for gocsv.
type gocsvRecords [][]string

func (r gocsvRecords) ReadAll() ([][]string, error) { return r, nil }
func (gocsvRecords) Read() ([]string, error)        { return nil, io.EOF }

// requireRowsOfGocsv compares the rows of a file, and what is wrong with it, with those of
// gocsv, for any number of workers and size of the chunks.
func requireRowsOfGocsv[T csvschema.Row](t *testing.T, text string, chunkBytes int) {
	t.Helper()
	want, wantErr := rowsByGocsv[T](t, text)
	for workers := 1; workers <= 3; workers++ {
		o := csvschema.ReaderOptions{AllowMissingColumns: true, AllowUnknownColumns: true, Workers: workers}
		var got []T
		var gotErr error
		for row, err := range csvschema.NewReader[T](strings.NewReader(text), csvschema.WithReaderChunkBytes(o, chunkBytes)).All() {
			if err != nil {
				require.Equal(t, *new(T), row)
				gotErr = err
				continue
			}
			got = append(got, row)
		}
		require.Equal(t, wantErr, gotErr)
		require.Len(t, got, len(want))
		for i := range want {
			require.Equal(t, want[i], got[i])
		}
	}
	r := csvschema.NewReader[T](strings.NewReader(text), csvschema.WithReaderChunkBytes(csvschema.ReaderOptions{AllowMissingColumns: true, AllowUnknownColumns: true}, chunkBytes))
	for i := range want {
		row, err := r.Read()
		require.NoError(t, err)
		require.Equal(t, want[i], row)
	}
	_, err := r.Read()
	if wantErr == nil {
		wantErr = io.EOF
	}
	require.Equal(t, wantErr, err)
}

func TestRowsAreThoseOfGocsv(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		for _, o := range []csvschematest.Options{
			{}, {Dialect: csvschematest.Plain, CRLF: true, EmptyLines: true}, {ShuffledColumns: true, ExtraColumns: true, ByteOrderMark: true},
		} {
			for _, f := range csvschematest.New(seed, &o).Files {
				if f.Role == csvschema.Disks {
					requireRowsOfGocsv[csvschema.DiskRow](t, string(f.Data), 5000)
				} else {
					requireRowsOfGocsv[csvschema.VirtualMachineRow](t, string(f.Data), 5000)
				}
			}
		}
	}
}

// hostileFiles are files of disks in which a row may be taken for the row before it.
func hostileFiles() (files []string) {
	names := namesOf(csvschema.Disks.Columns())
	var records [][]string
	large := strings.Repeat("large", 2000) // more than a block
	for n := range 60 {
		cells := exampleCells(csvschema.Disks, n/7)
		switch n % 11 {
		case 2:
			clear(cells) // all cells become empty, and come back
		case 5:
			cells[2], cells[7] = large, large
		case 8:
			cells[9], cells[12] = "2017-01-03T23:17:09+01:00", "00128"
		}
		records = append(records, cells)
	}
	files = append(files, fileOf(names, records...), fileOf(names[3:], cut(records, 3)...))
	for i, wrong := range map[int]string{8: "3/1/17", 9: "1/3/2017 11:17:09 XM", 12: "12.8"} {
		for _, at := range []int{0, 1, 30, 59} {
			faulty := slices.Clone(records)
			faulty[at] = slices.Clone(faulty[at])
			faulty[at][i], faulty[at][12] = wrong, "wrong too"
			files = append(files, fileOf(names, faulty...), fileOf(names, faulty...)+"\"")
		}
	}
	return append(files, "LabUId,LabName\n"+strings.Repeat("a lab,its name\n", 3000), "", "LabUId\n", "LabUId,x\na,b\n\n\"a\",\"c\"\na,\"b", "LabUId,LabUId\n", "deleteddate,labuid\n,\n,a\n1/3/2017,a\n1/3/2017,a\n,a\nsoon,a\n")
}

func cut(records [][]string, n int) (rest [][]string) {
	for _, cells := range records {
		rest = append(rest, cells[n:])
	}
	return rest
}

func TestRowsOfHostileFilesAreThoseOfGocsv(t *testing.T) {
	t.Parallel()
	for _, text := range hostileFiles() {
		for _, chunkBytes := range []int{1, 700, 1 << 20} {
			requireRowsOfGocsv[csvschema.DiskRow](t, text, chunkBytes)
			requireRowsOfGocsv[csvschema.VirtualMachineRow](t, strings.Replace(text, "DiskType", "PricingTier", 1), chunkBytes)
		}
	}
}

func FuzzRowsAreThoseOfGocsv(f *testing.F) {
	for _, text := range hostileFiles() {
		if len(text) < 5000 {
			f.Add(text, 100)
		}
	}
	f.Add("LabUId,DeletedDate,Claimable,Name\na,1/3/2017,true,b\na,1/3/2017,TRUE,b\na,,,\na,1/3/2017,x,b\n", 1)
	f.Fuzz(func(t *testing.T, text string, chunkBytes int) {
		requireRowsOfGocsv[csvschema.DiskRow](t, text, abs(chunkBytes)%1000)
		requireRowsOfGocsv[csvschema.VirtualMachineRow](t, text, abs(chunkBytes)%1000)
	})
}

// TestRowKeepsLittleText keeps one row in a hundred, and looks at what the heap holds for
// each of them: less than a chunk, and about what the comment of Reader says.
func TestRowKeepsLittleText(t *testing.T) {
	file := benchmarkFile(t, 40_000)
	for workers := 1; workers <= 2; workers++ {
		n := 0
		testKept(t, 400, func(keep func(csvschema.VirtualMachineRow)) {
			for row, err := range csvschema.NewReader[csvschema.VirtualMachineRow](bytes.NewReader(file), &csvschema.ReaderOptions{Workers: workers}).All() {
				require.NoError(t, err)
				if n++; n%100 == 0 {
					keep(row)
				}
			}
		})
	}
	runtime.KeepAlive(file)

	// The cells of a row are repeated since different rows.
	var records [][]string
	cells := make([]string, 15)
	for n := range 15 {
		if n != 8 && n != 9 && n != 12 { // dates, a number
			cells[n] = "changed"
		}
		for i := range 20 {
			cells[7] = strings.Repeat("n", 500+i)
			records = append(records, slices.Clone(cells))
		}
	}
	text := fileOf(namesOf(csvschema.Disks.Columns()), records...)
	testKept(t, 20, func(keep func(csvschema.DiskRow)) {
		for range 20 {
			var last csvschema.DiskRow
			for row, err := range csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), nil).All() {
				require.NoError(t, err)
				last = row
			}
			keep(last)
		}
	})
}

// testKept looks at what the heap holds for each of n rows that read keeps.
func testKept[T csvschema.Row](t *testing.T, n int, read func(keep func(T))) {
	t.Helper()
	kept := make([]T, 0, n)
	before := heap()
	read(func(row T) { kept = append(kept, row) })
	each := (heap() - before) / int64(n)
	require.Len(t, kept, n)
	assert.Less(t, each, int64(12<<10), "a block, and what its personal cells point to")
	runtime.KeepAlive(kept)
}

// heap returns the bytes that are in use.
func heap() int64 {
	var m runtime.MemStats
	for range 2 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestReaderAllocatesNothingForMostRows pins what BenchmarkReader shows.
func TestReaderAllocatesNothingForMostRows(t *testing.T) {
	file := benchmarkFile(t, 2000)
	allocs := testing.AllocsPerRun(5, func() {
		for _, err := range csvschema.NewReader[csvschema.VirtualMachineRow](bytes.NewReader(file), &csvschema.ReaderOptions{Workers: 1}).All() {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	assert.Less(t, allocs, 2000*0.6, "a block and pointers for some rows")
}
