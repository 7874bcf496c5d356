package csvschema_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// exampleCells returns valid cells for each column of the role: those of the
// real shape, and names with everything that needs quotes.
func exampleCells(role csvschema.Role, n int) []string {
	var cells []string
	for _, c := range role.Columns() {
		cell := fmt.Sprintf("%v %d", c, n)
		switch c { //nolint:exhaustive // the others take any text
		case csvschema.Name:
			cell = fmt.Sprintf(" a \"quoted\", name\r\n%d\rover\nlines ", n)
		case csvschema.ResourceOwner:
			cell = fmt.Sprintf("alice%d@example.com", n)
		case csvschema.CreatedTime:
			cell = fmt.Sprintf("1/%d/2017 11:17:09 PM", 1+n%28)
		case csvschema.DeletedDate, csvschema.EnvironmentId:
			cell = ""
		case csvschema.ExpirationDate:
			cell = "0001-01-01"
		case csvschema.Claimable:
			cell = []string{"True", "False", "", "fALSE"}[n%4]
		case csvschema.DiskSizeGB:
			cell = []string{"128", "010", ""}[n%3]
		}
		cells = append(cells, cell)
	}
	return cells
}

// fileOf returns a file in the dialect of exports, with the given columns.
func fileOf(names []string, records ...[]string) string {
	var b strings.Builder
	b.WriteString(strings.Join(names, ",") + "\r\n")
	for _, cells := range records {
		for i, cell := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

func namesOf(columns []csvschema.Column) (names []string) {
	for _, c := range columns {
		names = append(names, c.String())
	}
	return names
}

// rowsOf reads all rows, as cells in documented order.
func rowsOf[T csvschema.Row](r *csvschema.Reader[T]) (rows [][]string, err error) {
	for row, err := range r.All() {
		if err != nil {
			return rows, err
		}
		rows = append(rows, csvschema.CellsOf(&row).AppendCells(nil))
	}
	return rows, nil
}

func TestReaderGivesTheCellsOfEveryRow(t *testing.T) {
	t.Parallel()
	testReader[csvschema.VirtualMachineRow](t)
	testReader[csvschema.DiskRow](t)
}

func testReader[T csvschema.Row](t *testing.T) {
	role := csvschema.RoleOf[T]()
	names := namesOf(role.Columns())
	var want [][]string
	for n := range 300 { // more than a batch
		want = append(want, exampleCells(role, n))
	}
	plain := fileOf(names, want...)
	wide := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(plain)) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	turned := slices.Clone(names)
	slices.Reverse(turned)
	var turnedRecords [][]string
	for _, cells := range want {
		cells = slices.Clone(cells)
		slices.Reverse(cells)
		turnedRecords = append(turnedRecords, cells)
	}
	for name, file := range map[string]string{
		"documented order":    plain,
		"without last CR LF":  strings.TrimSuffix(plain, "\r\n"),
		"UTF-8 mark":          "\xEF\xBB\xBF" + plain,
		"UTF-16":              string(wide),
		"other order":         fileOf(turned, turnedRecords...),
		"names in other case": fileOf(strings.Split(strings.ToUpper(strings.Join(names, " , ")), ","), want...),
		"empty lines":         "\r\n\n" + plain + "\r\n\n",
	} {
		t.Run(role.String()+" "+name, func(t *testing.T) {
			t.Parallel()
			r := csvschema.NewReader[T](strings.NewReader(file), nil)
			got, err := rowsOf(r)
			require.NoError(t, err)
			assert.Equal(t, want, got)
			row, err := r.Read()
			assert.Equal(t, io.EOF, err, "a bare EOF, and it stays")
			assert.Equal(t, *new(T), row)
		})
	}
}

func TestReaderReadsFilesWithoutRows(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"", "\n", "\r\n", "\r\n\r\n"} {
		file := strings.Join(namesOf(csvschema.Disks.Columns()), ",") + end
		_, err := csvschema.NewReader[csvschema.DiskRow](strings.NewReader(file), nil).Read()
		assert.Equal(t, io.EOF, err, "%q", end)
	}
}

func TestReaderChecksTheHeader(t *testing.T) {
	t.Parallel()
	names := namesOf(csvschema.Disks.Columns())
	cells := exampleCells(csvschema.Disks, 1)
	vms := fileOf(namesOf(csvschema.VirtualMachines.Columns()), exampleCells(csvschema.VirtualMachines, 1))
	missing := fileOf(append(slices.Clone(names[:9]), names[10:]...), append(slices.Clone(cells[:9]), cells[10:]...))
	unknown := fileOf(slices.Insert(slices.Clone(names), 3, "Cost"), slices.Insert(slices.Clone(cells), 3, "12"))
	both := fileOf(slices.Insert(slices.Clone(names[1:]), 3, "Cost"), slices.Insert(slices.Clone(cells[1:]), 3, "12"))
	repeated := fileOf(append(slices.Clone(names), "labuid"), append(slices.Clone(cells), "x"))
	type options = csvschema.ReaderOptions
	all := options{AllowMissingColumns: true, AllowUnknownColumns: true}
	none := fileOf([]string{"a", "b"}, []string{"c", "d"})
	for _, test := range []struct {
		name    string
		file    string
		options options
		want    csvschema.Error
	}{
		{"missing", missing, options{}, csvschema.Error{Line: 1, Column: csvschema.DeletedDate, Err: csvschema.ErrMissingColumn}},
		{"missing, unknown allowed", missing, options{AllowUnknownColumns: true}, csvschema.Error{Line: 1, Column: csvschema.DeletedDate, Err: csvschema.ErrMissingColumn}},
		{"unknown", unknown, options{}, csvschema.Error{Line: 1, Number: 4, Err: csvschema.ErrUnknownColumn}},
		{"unknown after empty lines", "\r\n\n" + unknown, options{}, csvschema.Error{Line: 3, Number: 4, Err: csvschema.ErrUnknownColumn}},
		{"unknown after a mark", "\xEF\xBB\xBF\n" + unknown, options{}, csvschema.Error{Line: 2, Number: 4, Err: csvschema.ErrUnknownColumn}},
		{"unknown, missing allowed", unknown, options{AllowMissingColumns: true}, csvschema.Error{Line: 1, Number: 4, Err: csvschema.ErrUnknownColumn}},
		{"both, missing allowed", both, options{AllowMissingColumns: true}, csvschema.Error{Line: 1, Number: 4, Err: csvschema.ErrUnknownColumn}},
		{"repeated", repeated, all, csvschema.Error{Line: 1, Column: csvschema.LabUId, Err: csvschema.ErrRepeatedColumn}},
		{"no header", none, options{}, csvschema.Error{Line: 1, Err: csvschema.ErrNoHeader}},
		{"no header, all allowed", none, all, csvschema.Error{Line: 1, Err: csvschema.ErrNoHeader}},
		{"empty file", "", all, csvschema.Error{Line: 1, Err: csvschema.ErrNoHeader}},
		{"other kind", vms, options{}, csvschema.Error{Line: 1, Err: csvschema.ErrWrongRole}},
		{"other kind, all allowed", vms, all, csvschema.Error{Line: 1, Err: csvschema.ErrWrongRole}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := csvschema.NewReader[csvschema.DiskRow](strings.NewReader(test.file), &test.options)
			first, err := r.Read()
			assert.Equal(t, csvschema.DiskRow{}, first)
			got := asError(t, err)
			test.want.Role = csvschema.Disks
			if test.want.Column == 0 && test.want.Err != csvschema.ErrUnknownColumn {
				got.Column = 0
			}
			got.Hint = ""
			assert.Equal(t, test.want, got)
			row, again := r.Read()
			assert.Equal(t, err, again, "the error stays")
			assert.Equal(t, csvschema.DiskRow{}, row)
		})
	}
	t.Run("allowed", func(t *testing.T) {
		t.Parallel()
		want := slices.Clone(cells)
		got, err := rowsOf(csvschema.NewReader[csvschema.DiskRow](strings.NewReader(unknown), &options{AllowUnknownColumns: true}))
		require.NoError(t, err)
		assert.Equal(t, [][]string{want}, got)
		got, err = rowsOf(csvschema.NewReader[csvschema.DiskRow](strings.NewReader(both), &all))
		require.NoError(t, err)
		want[0] = ""
		assert.Equal(t, [][]string{want}, got)
	})
}

func asError(t *testing.T, err error) csvschema.Error {
	t.Helper()
	e, ok := errors.AsType[*csvschema.Error](err)
	require.True(t, ok, "%v", err)
	return *e
}

func TestReaderGivesTheRowsBeforeAFault(t *testing.T) {
	t.Parallel()
	role := csvschema.VirtualMachines
	names := namesOf(role.Columns())
	for _, at := range []int{0, 1, 127, 128, 129, 299} {
		for _, fault := range []struct {
			column csvschema.Column
			cell   string
			err    error
		}{
			{csvschema.CreatedTime, "3/1/17", csvschema.ErrValue},
			{csvschema.Claimable, "maybe", csvschema.ErrValue},
			{csvschema.ExpirationDate, "soon", csvschema.ErrValue},
			{csvschema.LabName, "a\x00b", csvschema.ErrNUL},
		} {
			t.Run(fmt.Sprint(at, " ", fault.column), func(t *testing.T) {
				t.Parallel()
				var records, want [][]string
				for n := range 300 {
					records = append(records, exampleCells(role, n))
				}
				want = append(want, records[:at]...)
				records[at][slices.Index(role.Columns(), fault.column)] = fault.cell
				records[299][slices.Index(role.Columns(), csvschema.DeletedDate)] = "a later fault"
				text := fileOf(names, records...)
				r := csvschema.NewReader[csvschema.VirtualMachineRow](strings.NewReader(text), nil)
				got, err := rowsOf(r)
				assert.Equal(t, want, got)
				// The names go over three physical lines, and so does the record.
				line := int64(2 + 3*at)
				switch {
				case fault.err == csvschema.ErrNUL:
					// Where in a record a byte is at fault is for the record layer to say.
					line = asError(t, err).Line
				case at == 299 && fault.column != csvschema.CreatedTime:
					fault.column = csvschema.DeletedDate // the first in the record
				}
				assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Role: role}, Line: line, Column: fault.column, Err: fault.err}, asError(t, err))
				row, again := r.Read()
				assert.Equal(t, err, again)
				assert.Equal(t, csvschema.VirtualMachineRow{}, row)
			})
		}
	}
}

func TestReaderNeedsNoMoreOfItsReaderThanBytes(t *testing.T) {
	t.Parallel()
	var want [][]string
	for n := range 40 {
		want = append(want, exampleCells(csvschema.Disks, n))
	}
	text := fileOf(namesOf(csvschema.Disks.Columns()), want...)
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data with EOF": iotest.DataErrReader,
	} {
		got, err := rowsOf(csvschema.NewReader[csvschema.DiskRow](wrap(strings.NewReader(text)), nil))
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
}

func TestReaderWrapsErrorsOfItsReader(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	text := fileOf(namesOf(csvschema.Disks.Columns()), exampleCells(csvschema.Disks, 1), exampleCells(csvschema.Disks, 2))
	for name, test := range map[string]struct {
		r    io.Reader
		want error
		rows int
	}{
		"at once":          {iotest.ErrReader(broken), broken, 0},
		"between records":  {io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), broken, 2},
		"within a record":  {io.MultiReader(strings.NewReader(text[:len(text)-9]), iotest.ErrReader(broken)), broken, 1},
		"within a header":  {io.MultiReader(strings.NewReader(text[:20]), iotest.ErrReader(broken)), broken, 0},
		"timeout":          {iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(text))), iotest.ErrTimeout, 0},
		"an EOF that lies": {io.MultiReader(strings.NewReader(text), iotest.ErrReader(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := rowsOf(csvschema.NewReader[csvschema.DiskRow](test.r, nil))
			assert.Len(t, rows, test.rows)
			require.ErrorIs(t, err, test.want)
			assert.Equal(t, csvschema.Disks, asError(t, err).Role)
		})
	}
}

func TestReaderRefusesLargeRecords(t *testing.T) {
	t.Parallel()
	cells := exampleCells(csvschema.Disks, 1)
	text := fileOf(namesOf(csvschema.Disks.Columns()), cells)
	size := len(text) - strings.IndexByte(text, '\n') - 1
	_, err := rowsOf(csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), &csvschema.ReaderOptions{MaxRecordBytes: size}))
	require.NoError(t, err)
	_, err = rowsOf(csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), &csvschema.ReaderOptions{MaxRecordBytes: size - 1}))
	require.ErrorIs(t, err, csvschema.ErrRecordTooLarge)
}

// An endless gives the same record for ever, and counts its bytes.
type endless struct {
	header, record string
	rest           string
	given          int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		e.rest = e.record
		if e.given == 0 {
			e.rest = e.header
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	e.given += n
	return n, nil
}

func TestReaderHoldsABoundedBatch(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 1000, 100_000, 3 << 20} {
		cells := exampleCells(csvschema.Disks, 1)
		cells[2] = strings.Repeat("n", size)
		header := strings.Join(namesOf(csvschema.Disks.Columns()), ",") + "\r\n"
		file := &endless{header: header, record: strings.TrimPrefix(fileOf(namesOf(csvschema.Disks.Columns()), cells), header)}
		r := csvschema.NewReader[csvschema.DiskRow](file, nil)
		taken := len(header)
		for range 20 {
			_, err := r.Read()
			require.NoError(t, err)
			taken += len(file.record)
			// A batch, a chunk and what a chunk grows to for a large record.
			assert.LessOrEqual(t, file.given-taken, 1<<20+256<<10+4*len(file.record), "records of %d bytes", len(file.record))
		}
	}
}

func TestReaderAllGoesOnWhereTheReaderIs(t *testing.T) {
	t.Parallel()
	var records [][]string
	for n := range 100 {
		records = append(records, exampleCells(csvschema.Disks, n/20)) // many repeat
	}
	text := fileOf(namesOf(csvschema.Disks.Columns()), records...) + "x\n"
	for workers := range 4 {
		for _, begin := range []int{0, 1, 2, 3, 4, 5, 50, 99, 100} { // most of them within a chunk
			r := csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), csvschema.WithReaderChunkBytes(csvschema.ReaderOptions{Workers: workers}, 3000))
			var got [][]string
			for range begin {
				row, err := r.Read()
				require.NoError(t, err)
				got = append(got, csvschema.CellsOf(&row).AppendCells(nil))
			}
			rest, err := rowsOf(r)
			require.ErrorIs(t, err, csvschema.ErrFieldCount)
			assert.Equal(t, records, append(got, rest...))
			_, again := rowsOf(r)
			assert.Equal(t, err, again, "the error stays")
		}
	}
}

// A loop that ends early has rows that were read ahead. Nobody must take what is left for
// the rest of the file.
func TestReaderIsClosedByALoopThatEndsEarly(t *testing.T) {
	t.Parallel()
	text := fileOf(namesOf(csvschema.Disks.Columns()), exampleCells(csvschema.Disks, 1), exampleCells(csvschema.Disks, 2), exampleCells(csvschema.Disks, 3))
	for workers := range 4 {
		for name, end := range map[string]func(*csvschema.Reader[csvschema.DiskRow]){
			"break": func(r *csvschema.Reader[csvschema.DiskRow]) {
				for _, err := range r.All() {
					require.NoError(t, err)
					break
				}
			},
			"panic": func(r *csvschema.Reader[csvschema.DiskRow]) {
				assert.PanicsWithValue(t, "ours", func() {
					for _, err := range r.All() {
						require.NoError(t, err)
						panic("ours")
					}
				})
			},
		} {
			r := csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), csvschema.WithReaderChunkBytes(csvschema.ReaderOptions{Workers: workers}, 100))
			end(r)
			row, err := r.Read()
			require.ErrorIs(t, err, fs.ErrClosed, name)
			assert.Equal(t, csvschema.DiskRow{}, row)
			rows, again := rowsOf(r)
			assert.Equal(t, err, again)
			assert.Empty(t, rows)
		}
	}
}

// TestReaderLeavesNoGoroutine counts goroutines after loops over good and faulty files, and
// after some that ended early.
func TestReaderLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	var records [][]string
	for n := range 300 {
		records = append(records, exampleCells(csvschema.Disks, n))
	}
	text := fileOf(namesOf(csvschema.Disks.Columns()), records...)
	for _, file := range []string{text, text + "x\n", "x\n", ""} {
		for _, last := range []int{1, 150, 1000} {
			n := 0
			for _, err := range csvschema.NewReader[csvschema.DiskRow](strings.NewReader(file), csvschema.WithReaderChunkBytes(csvschema.ReaderOptions{Workers: 4}, 1000)).All() {
				if n++; err != nil || n == last {
					break
				}
			}
		}
	}
	for range 10_000 { // a goroutine that has returned is counted for a moment
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
