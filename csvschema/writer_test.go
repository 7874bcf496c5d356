package csvschema_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

const diskHeader = "SubscriptionId,LabUId,LabName,LabResourceId,ResourceGroupName,ResourceId,ResourceUId,Name," +
	"CreatedTime,DeletedDate,ResourceStatus,DiskBlobName,DiskSizeGB,DiskType,LeasedByVmId"

// diskNamed returns a row that has only a name and a lab name.
func diskNamed(name, lab string) csvschema.DiskRow {
	return csvschema.DiskRow{Name: csvschema.NewPersonalText(name), LabName: lab}
}

func written(t *testing.T, o *csvschema.WriterOptions, rows ...csvschema.DiskRow) string {
	t.Helper()
	var b bytes.Buffer
	w := csvschema.NewWriter[csvschema.DiskRow](&b, o)
	for _, row := range rows {
		require.NoError(t, w.Write(row))
	}
	require.NoError(t, w.Close())
	require.NoError(t, w.Close(), "a second Close does nothing")
	return b.String()
}

func TestWriterWritesTheHeaderAlsoWithoutRows(t *testing.T) {
	t.Parallel()
	assert.Equal(t, diskHeader+"\n", written(t, nil))
	assert.Equal(t, diskHeader+"\r\n", written(t, &csvschema.WriterOptions{CRLF: true, QuoteAll: true, NeutralizeFormulas: true}))
}

func TestWriterWritesEveryRowOnce(t *testing.T) {
	t.Parallel()
	var rows []csvschema.DiskRow
	var want [][]string
	for n := range 1000 {
		row := diskNamed(strings.Repeat("n", n), strings.Repeat("l", n%7))
		rows = append(rows, row)
		want = append(want, csvschema.CellsOf(&row).AppendCells(nil))
	}
	got, err := rowsOf(csvschema.NewReader[csvschema.DiskRow](strings.NewReader(written(t, nil, rows...)), nil))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestWriterQuotesAsNeeded(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"":              "",
		"plain":         "plain",
		"a b":           "a b",
		"trailing ":     "trailing ",
		" leading":      `" leading"`,
		"\tleading":     "\"\tleading\"",
		"\u00A0wide":    "\"\u00A0wide\"",
		"a,b":           `"a,b"`,
		`a"b`:           `"a""b"`,
		`"`:             `""""`,
		"a\nb":          "\"a\nb\"",
		"a\rb":          "\"a\rb\"",
		"a\r\nb":        "\"a\r\nb\"",
		`\.`:            `"\."`,
		"=1+1":          "=1+1",
		"'":             "'",
		"\uFEFFmarked":  "\uFEFFmarked",
		"é@example.com": "é@example.com",
	} {
		assert.Equal(t, diskHeader+"\n,,"+want+",,,,,"+want+",,,,,,,\n", written(t, nil, diskNamed(cell, cell)), "%q", cell)
		quoted := `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		assert.Equal(t, diskHeader+"\r\n"+`"","",`+quoted+`,"","","","",`+quoted+`,"","","","","","",""`+"\r\n",
			written(t, &csvschema.WriterOptions{QuoteAll: true, CRLF: true}, diskNamed(cell, cell)), "%q", cell)
	}
}

func TestWriterNeutralizesFormulasOnlyWhenTold(t *testing.T) {
	t.Parallel()
	o := &csvschema.WriterOptions{NeutralizeFormulas: true}
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1",
		"\r=1": "\"'\r=1\"", "\n=1": "\"'\n=1\"", `=a,"b"`: `"'=a,""b"""`,
		"＝1+1": "'＝1+1", "＋1": "'＋1", "－1": "'－1", "＠SUM(A1)": "'＠SUM(A1)", "1＝1": "1＝1", "\uff1c1": "\uff1c1",
		"": "", "1=1": "1=1", "'=1": "'=1", "alice@example.com": "alice@example.com", " =1": `" =1"`,
	} {
		assert.Equal(t, diskHeader+"\n,,"+want+",,,,,"+want+",,,,,,,\n", written(t, o, diskNamed(cell, cell)), "%q", cell)
	}
	assert.Equal(t, diskHeader+"\n,,=1,,,,,=1,,,,,,,\n", written(t, nil, diskNamed("=1", "=1")))
}

func TestWriterRefusesWhatNoReaderTakesBack(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]error{"a\x00b": csvschema.ErrNUL, "a\xffb": csvschema.ErrUTF8} {
		var b bytes.Buffer
		w := csvschema.NewWriter[csvschema.DiskRow](&b, nil)
		err := w.Write(diskNamed(cell, ""))
		assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks}, Column: csvschema.Name, Err: want}, asError(t, err))
		assert.Equal(t, err, w.Write(diskNamed("good", "")), "the error stays")
		assert.Equal(t, err, w.Close())
		assert.Equal(t, err, w.Close())
		assert.Empty(t, b.String(), "nothing that looks complete")
	}
}

// A brokenWriter takes some bytes and then fails.
type brokenWriter struct {
	room   int
	err    error
	writes int
}

func (w *brokenWriter) Write(p []byte) (int, error) {
	w.writes++
	if len(p) <= w.room {
		w.room -= len(p)
		return len(p), nil
	}
	n := w.room
	w.room = 0
	return n, w.err
}

func TestWriterReportsErrorsOfItsWriter(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for _, room := range []int{0, 10, 70_000, 200_000} {
		for _, cause := range []error{full, nil} {
			below := &brokenWriter{room: room, err: cause}
			w := csvschema.NewWriter[csvschema.DiskRow](below, nil)
			var failed error
			for range 300 {
				if err := w.Write(diskNamed(strings.Repeat("n", 1000), "")); err != nil && failed == nil {
					failed = err
				} else {
					require.Equal(t, failed, err, "the error stays")
				}
			}
			writes := below.writes
			err := w.Close()
			if failed != nil {
				require.Equal(t, failed, err)
				assert.Equal(t, writes, below.writes, "nothing more is written")
			}
			if cause == nil {
				cause = io.ErrShortWrite
			}
			require.ErrorIs(t, err, cause)
			assert.Equal(t, csvschema.Disks, asError(t, err).Role)
			assert.Equal(t, err, w.Close())
		}
	}
}

func TestWriterReportsAnErrorOfItsLastBytes(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	w := csvschema.NewWriter[csvschema.DiskRow](&brokenWriter{err: full}, nil)
	require.NoError(t, w.Write(diskNamed("n", "")), "held")
	require.ErrorIs(t, w.Close(), full)
}

func TestWriterRefusesRowsAfterClose(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := csvschema.NewWriter[csvschema.DiskRow](&b, nil)
	require.NoError(t, w.Close())
	require.ErrorIs(t, w.Write(diskNamed("n", "")), fs.ErrClosed)
	assert.Equal(t, diskHeader+"\n", b.String())
}

// A largestWrite remembers the largest write.
type largestWrite struct{ total, largest int }

func (w *largestWrite) Write(p []byte) (int, error) {
	w.total += len(p)
	w.largest = max(w.largest, len(p))
	return len(p), nil
}

func TestWriterHoldsABoundedBuffer(t *testing.T) {
	t.Parallel()
	var below largestWrite
	w := csvschema.NewWriter[csvschema.DiskRow](&below, nil)
	const rows, size = 1000, 10_000
	row := diskNamed(strings.Repeat("n", size), "")
	for i := range rows {
		require.NoError(t, w.Write(row))
		assert.Less(t, i*size-below.total, 200_000, "held")
	}
	require.NoError(t, w.Close())
	assert.Greater(t, below.total, rows*size)
	assert.Less(t, below.largest, 100_000)
}

func TestWriterAllocatesNothingForARow(t *testing.T) {
	for _, o := range []csvschema.WriterOptions{{}, {QuoteAll: true, CRLF: true}} {
		w := csvschema.NewWriter[csvschema.DiskRow](io.Discard, &o)
		row := diskNamed("Müller's \"disk\", of alice@example.com", " Contoso, lab")
		for range 2000 { // the buffer has its size then
			require.NoError(t, w.Write(row))
		}
		assert.Zero(t, testing.AllocsPerRun(2000, func() {
			if w.Write(row) != nil {
				t.Fail()
			}
		}))
	}
}
