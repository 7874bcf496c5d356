package csvschema_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
)

// oddTexts are cells that are easily changed on their way through a file.
var oddTexts = []string{
	"", "plain", " leading", "trailing ", "\ttab", "a,b", `a"b`, `"`, `""`, `"quoted"`, "a\nb", "a\rb", "a\r\nb", "\n", "\r", "\r\n", "\n\n",
	`\.`, "=1+1", "'", "#comment", "\uFEFF", "\u00A0", "\u200B", "\u2028", "é@example.com", "e\u0301", "\U0001F600", "\uFFFD", "\x01\x7f", ";", "a;b\tc|d",
	"SubscriptionId", "NULL", "[redacted]", strings.Repeat("x,\"\n", 100),
}

// oddRows returns rows that have every odd text in every column that can hold it.
func oddRows[T csvschema.Row](n int) []T {
	rows := make([]T, n)
	for i := range rows {
		cells := csvschema.CellsOf(&rows[i])
		for j, c := range cells.Role().Columns() {
			for k := range 2 * len(oddTexts) {
				texts := append(oddTexts, "1/3/2017 11:17:09 PM", "fALSE", "0128")
				if cells.SetCell(c, texts[(i+j+k)%len(texts)]) == nil {
					break
				}
			}
		}
	}
	return rows
}

func cellsOf[T csvschema.Row](rows []T) (cells [][]string) {
	for i := range rows {
		cells = append(cells, csvschema.CellsOf(&rows[i]).AppendCells(nil))
	}
	return cells
}

// fileOfRows returns the only file of an export whose rows are the sequence.
func fileOfRows[T csvschema.Row](t *testing.T, rows iter.Seq2[T, error], workers int) *csvschema.File {
	t.Helper()
	export := csvschema.Export{Disks: []csvschema.Source{csvschema.RowSource(rows)}}
	if csvschema.RoleOf[T]() == csvschema.VirtualMachines {
		export = csvschema.Export{VirtualMachines: export.Disks}
	}
	files, err := csvschema.Files([]csvschema.Export{export}, csvschema.WithFileChunkBytes(csvschema.FileOptions{Workers: workers}, 2000))
	require.NoError(t, err)
	return files[0]
}

// rowsIn makes a pass over the file and returns its rows.
func rowsIn[T csvschema.Row](t *testing.T, f *csvschema.File) (rows []T, err error) {
	t.Helper()
	err = csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[struct{}]{
		Work: func(*csvschema.Chunk) (_ struct{}) { return },
		Emit: func(c *csvschema.Chunk, _ struct{}) error {
			for i := range c.Len() {
				row, err := csvschema.DecodeRecord[T](c.Record(i))
				if err != nil {
					return err
				}
				rows = append(rows, row)
			}
			return nil
		},
	})
	return rows, err
}

func TestRowSourceGivesTheCellsOfTheRows(t *testing.T) {
	t.Parallel()
	testRowSource[csvschema.VirtualMachineRow](t)
	testRowSource[csvschema.DiskRow](t)
}

func testRowSource[T csvschema.Row](t *testing.T) {
	for _, n := range []int{0, 1, 2, 63, 64, 65, 200} {
		for _, workers := range []int{1, 3} {
			rows := oddRows[T](n)
			want := cellsOf(rows)
			f := fileOfRows(t, csvschema.Rows(rows), workers)
			for range 2 { // passes
				got, err := rowsIn[T](t, f)
				require.NoError(t, err)
				require.Equal(t, want, cellsOf(got))
			}
		}
	}
}

func TestRowSourceTakesLargeCells(t *testing.T) {
	t.Parallel()
	rows := []csvschema.DiskRow{diskNamed(strings.Repeat("x\"\n", 100_000), "a"), diskNamed("b", ""), diskNamed(strings.Repeat("y", 70_000), "c")}
	got, err := rowsIn[csvschema.DiskRow](t, fileOfRows(t, csvschema.Rows(rows), 1))
	require.NoError(t, err)
	assert.Equal(t, cellsOf(rows), cellsOf(got))
}

// TestRowSourceReadsAsTheFileOfAWriter compares its bytes.
func TestRowSourceReadsAsTheFileOfAWriter(t *testing.T) {
	t.Parallel()
	rows := oddRows[csvschema.DiskRow](100)
	r, err := csvschema.RowSource(csvschema.Rows(rows)).Open(t.Context())
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	assert.Equal(t, written(t, &csvschema.WriterOptions{QuoteAll: true}, rows...), string(text))
}

// failingAfter yields n rows and then the error.
func failingAfter(n int, err error) iter.Seq2[csvschema.DiskRow, error] {
	return func(yield func(csvschema.DiskRow, error) bool) {
		for i := range n {
			if !yield(diskNamed(fmt.Sprint(i), ""), nil) {
				return
			}
		}
		yield(csvschema.DiskRow{}, err)
	}
}

// TestErrorOfTheSequenceIsNoEndOfTheFile lets the rows break off anywhere.
func TestErrorOfTheSequenceIsNoEndOfTheFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	for _, n := range []int{0, 1, 63, 64, 65, 128, 300} {
		for given, want := range map[error]error{
			broken:              broken,
			io.EOF:              io.ErrUnexpectedEOF,
			io.ErrUnexpectedEOF: io.ErrUnexpectedEOF,
			context.Canceled:    context.Canceled,
			&csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks}, Line: 7, Err: csvschema.ErrValue}: csvschema.ErrValue,
		} {
			f := fileOfRows(t, failingAfter(n, given), 1)
			for range 2 { // passes
				rows, err := rowsIn[csvschema.DiskRow](t, f)
				require.ErrorIs(t, err, want, "after %d rows", n)
				assert.Equal(t, csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks}, asError(t, err).FileID)
				assert.LessOrEqual(t, len(rows), n)
				for i, row := range rows {
					assert.Equal(t, fmt.Sprint(i), row.Name.Reveal())
				}
			}
			r, err := csvschema.RowSource(failingAfter(n, given)).Open(t.Context())
			require.NoError(t, err)
			_, err = io.ReadAll(r)
			require.ErrorIs(t, err, want)
			_, again := r.Read(make([]byte, 1))
			assert.Equal(t, err, again, "the error stays")
			require.NoError(t, r.Close())
		}
	}
}

// TestPlaceInTheSourceOfTheRowsStays reads rows from a file that is not in order.
func TestPlaceInTheSourceOfTheRowsStays(t *testing.T) {
	t.Parallel()
	text := written(t, nil, diskNamed("a", ""), diskNamed("b", "")) + "cut"
	f := fileOfRows(t, csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), nil).All(), 1)
	_, err := rowsIn[csvschema.DiskRow](t, f)
	assert.EqualError(t, err, "labdsr: disks file 1 of export 1, line 1: disks, line 4: wrong number of fields (found 1, the header has 15)")
}

func TestRowSourceRefusesWhatAWriterRefuses(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]error{
		leaktest.Canary + "\x00": csvschema.ErrNUL,
		"\xff" + leaktest.Canary: csvschema.ErrUTF8,
	} {
		for _, n := range []int{0, 1, 100} {
			rows := slices.Repeat([]csvschema.DiskRow{diskNamed("name", "")}, n)
			f := fileOfRows(t, csvschema.Rows(append(rows, diskNamed(cell, ""))), 1)
			_, err := rowsIn[csvschema.DiskRow](t, f)
			require.ErrorIs(t, err, want)
			e := asError(t, err)
			assert.Equal(t, want, e.Err, "one place, not two")
			assert.Equal(t, csvschema.Name, e.Column)
			assert.Equal(t, csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks}, e.FileID)
			leaktest.AssertErrorHidesCanary(t, err)

			r, err := csvschema.RowSource(csvschema.Rows(append(rows, diskNamed(cell, "")))).Open(t.Context())
			require.NoError(t, err)
			_, err = io.ReadAll(r)
			require.ErrorIs(t, err, want)
			require.ErrorContains(t, err, "column Name: ")
			leaktest.AssertErrorHidesCanary(t, err)
			wrapped := fmt.Errorf("database: %w", err)
			_, err = csvschema.NewRecordReader(iotest.ErrReader(wrapped), csvschema.Disks, nil).Read()
			assert.Equal(t, wrapped, asError(t, err).Err, "what the caller put around it stays")
		}
	}
}

// TestRowThatIsRefusedLaterHasItsColumn gives a cell that is refused only in the second
// pass.
func TestRowThatIsRefusedLaterHasItsColumn(t *testing.T) {
	t.Parallel()
	passes := 0
	f := fileOfRows(t, func(yield func(csvschema.DiskRow, error) bool) {
		rows := slices.Repeat([]csvschema.DiskRow{diskNamed("name", "")}, 200)
		if passes++; passes == 2 {
			rows[150] = diskNamed("\x00", "")
		}
		csvschema.Rows(rows)(yield)
	}, 1)
	_, err := rowsIn[csvschema.DiskRow](t, f)
	require.NoError(t, err)
	_, err = rowsIn[csvschema.DiskRow](t, f)
	e := asError(t, err)
	assert.Equal(t, csvschema.ErrNUL, e.Err)
	assert.Equal(t, csvschema.Name, e.Column)
}

// A watchedSeq counts what becomes of a sequence.
type watchedSeq struct{ begun, ended, yielded int }

func (w *watchedSeq) rows(n int) iter.Seq2[csvschema.DiskRow, error] {
	return func(yield func(csvschema.DiskRow, error) bool) {
		w.begun++
		defer func() { w.ended++ }()
		for i := range n {
			w.yielded++
			if !yield(diskNamed(fmt.Sprint(i), ""), nil) {
				return
			}
		}
	}
}

func TestCloseStopsTheSequence(t *testing.T) {
	t.Parallel()
	var watched watchedSeq
	r, err := csvschema.RowSource(watched.rows(1_000_000)).Open(t.Context())
	require.NoError(t, err)
	_, err = r.Read(make([]byte, 10))
	require.NoError(t, err)
	assert.Equal(t, 1, watched.begun)
	assert.Zero(t, watched.ended)
	require.NoError(t, r.Close())
	assert.Equal(t, 1, watched.ended)
	assert.Less(t, watched.yielded, 5000)
	n, err := r.Read(make([]byte, 10))
	assert.Zero(t, n)
	assert.Equal(t, fs.ErrClosed, err, "not the end of the file")
	require.NoError(t, r.Close())
	assert.Equal(t, 1, watched.ended)

	r, err = csvschema.RowSource(watched.rows(1)).Open(t.Context())
	require.NoError(t, err)
	require.NoError(t, r.Close())
	assert.Equal(t, 1, watched.begun, "a sequence of which nothing is read does not begin")

	// A pass that fails closes its source.
	f := fileOfRows(t, watched.rows(1_000_000), 2)
	full := errors.New("disk full")
	err = csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
		Work: func(*csvschema.Chunk) int { return 0 },
		Emit: func(*csvschema.Chunk, int) error { return full },
	})
	assert.Equal(t, full, err)
	assert.Equal(t, 2, watched.begun)
	assert.Equal(t, 2, watched.ended)
	assert.Less(t, watched.yielded, 20_000)
}

// TestRowSourceIsOpenedAgain opens it twice and reads both in turn.
func TestRowSourceIsOpenedAgain(t *testing.T) {
	t.Parallel()
	var watched watchedSeq
	source := csvschema.RowSource(watched.rows(300))
	var texts [2]strings.Builder
	var readers [2]io.ReadCloser
	for i := range readers {
		var err error
		readers[i], err = source.Open(t.Context())
		require.NoError(t, err)
	}
	buf := make([]byte, 100)
	for errs := [2]error{}; errs[0] == nil || errs[1] == nil; {
		for i, r := range readers {
			var n int
			n, errs[i] = r.Read(buf)
			texts[i].Write(buf[:n])
			if errs[i] != nil {
				require.Equal(t, io.EOF, errs[i])
			}
		}
	}
	assert.Equal(t, texts[0].String(), texts[1].String())
	assert.Equal(t, 301, strings.Count(texts[0].String(), "\n"))
	assert.Equal(t, watchedSeq{begun: 2, ended: 2, yielded: 600}, watched)
}

func TestRowsThatChangeBetweenPassesAreSeen(t *testing.T) {
	t.Parallel()
	rows := oddRows[csvschema.DiskRow](200)
	f := fileOfRows(t, csvschema.Rows(rows), 2)
	_, err := rowsIn[csvschema.DiskRow](t, f)
	require.NoError(t, err)
	rows[150].LabName += "!"
	_, err = rowsIn[csvschema.DiskRow](t, f)
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
}

func TestRowsStopWhereTheirReaderStops(t *testing.T) {
	t.Parallel()
	seen := 0
	for row, err := range csvschema.Rows([]csvschema.DiskRow{diskNamed("a", ""), diskNamed("b", ""), diskNamed("c", "")}) {
		require.NoError(t, err)
		seen++
		if row.Name.Reveal() == "b" {
			break
		}
	}
	assert.Equal(t, 2, seen)
	for _, err := range csvschema.Rows[csvschema.DiskRow](nil) {
		t.Error("a row of nothing", err)
	}
}

// TestEmptyTablesAreAnAnswer gives tables without a row to all that reads exports.
func TestEmptyTablesAreAnAnswer(t *testing.T) {
	t.Parallel()
	empty := csvschema.Export{
		VirtualMachines: []csvschema.Source{csvschema.RowSource(csvschema.Rows([]csvschema.VirtualMachineRow{}))},
		Disks:           []csvschema.Source{csvschema.RowSource(csvschema.Rows[csvschema.DiskRow](nil))},
	}
	subject, err := dsr.ParseSubject("alice@contoso.com")
	require.NoError(t, err)
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	for _, exports := range [][]csvschema.Export{{empty}, {empty, empty}} {
		rows, err := dsr.FilterRows(t.Context(), exports, subject, nil)
		require.NoError(t, err)
		assert.True(t, rows.Report.NoDataHeld(0))
		assert.Equal(t, len(exports), rows.Report.Scope.Exports)
		_, err = response.Write(t.Context(), io.Discard, exports, subject, nil)
		require.NoError(t, err)
		var policy anonymize.Policy
		plan, err := policy.Plan(t.Context(), now, exports)
		require.NoError(t, err)
		assert.Zero(t, plan.Report().Total.Rows)
		_, err = verify.Exports(t.Context(), &policy, now, exports, exports)
		require.NoError(t, err)
	}
	_, err = (*anonymize.Policy)(nil).Rows(now, nil, nil)
	require.NoError(t, err)
}

// TestRowsOfSeveralExportsKeepTheirExport gives rows export by export: two copies of one
// machine are one resource, and each row says which export it is from.
func TestRowsOfSeveralExportsKeepTheirExport(t *testing.T) {
	t.Parallel()
	alice := csvschema.NewPersonalText("alice@contoso.com")
	old := csvschema.VirtualMachineRow{LabUId: keyLab, ResourceUId: keyUID, ResourceOwner: alice}
	deleted := old
	require.NoError(t, deleted.DeletedDate.Scan("1/3/2017"))
	made := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)
	var exports []csvschema.Export
	for i, rows := range [][]csvschema.VirtualMachineRow{{old}, nil, {deleted, deleted}} {
		exports = append(exports, csvschema.Export{
			VirtualMachines: []csvschema.Source{csvschema.RowSource(csvschema.Rows(rows))}, Made: made.AddDate(0, 0, i),
		})
	}
	subject, err := dsr.ParseSubject("alice@contoso.com")
	require.NoError(t, err)
	var places []csvschema.FileID
	_, err = dsr.Filter(t.Context(), exports, []dsr.Subject{subject}, func(m dsr.Match) error {
		places = append(places, m.FileID)
		return nil
	}, nil)
	require.NoError(t, err)
	in := func(export int) csvschema.FileID {
		return csvschema.FileID{Export: export, File: 1, Role: csvschema.VirtualMachines}
	}
	assert.Equal(t, []csvschema.FileID{in(1), in(3), in(3)}, places)
	plan, err := (*anonymize.Policy)(nil).Plan(t.Context(), made.AddDate(1, 0, 0), exports)
	require.NoError(t, err)
	assert.Equal(t, fate.GoesNow, plan.Keeping(old.Key()).Fate, "the last copy says that it was deleted")
	assert.Equal(t, int64(3), plan.Report().Total.Due)
}
