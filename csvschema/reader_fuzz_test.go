package csvschema_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// FuzzRowRoundTrip writes rows with the given cells and reads them back: the
// same cells, in both dialects, by Reader and by DecodeRecord. What is written
// unquoted is what encoding/csv writes.
func FuzzRowRoundTrip(f *testing.F) {
	f.Add("alice@example.com", "a,b", " leading", "1/3/2017 11:17:09 PM", "True", "128", false, false)
	f.Add("a\"b", "a\r\nb", "\r", "2017-01-03T23:17:09.1234567+01:00", "false", "010", true, true)
	f.Add("", "\n", "\"", "0001-01-01", "", "", true, false)
	f.Add("\\.", "\u00A0x", "=1", "", "TRUE", "0", false, true)
	f.Add("\uFEFF", "\uFEFFa", "b", "1/1/0001", "", "", false, false)
	f.Add("\uFEFF", "\x00", "\xff", "1/1/0001 12:00:00 AM", "maybe", "-1", false, false)
	f.Fuzz(func(t *testing.T, a, b, c, date, boolean, integer string, quoteAll, crlf bool) {
		o := csvschema.WriterOptions{QuoteAll: quoteAll, CRLF: crlf}
		texts := []string{a, b, c}
		roundTrip[csvschema.VirtualMachineRow](t, texts, []string{date, boolean, integer}, &o)
		roundTrip[csvschema.DiskRow](t, texts, []string{date, boolean, integer}, &o)
	})
}

func roundTrip[T csvschema.Row](t *testing.T, texts, strict []string, o *csvschema.WriterOptions) {
	role := csvschema.RoleOf[T]()
	valid := true
	for _, text := range texts {
		valid = valid && utf8.ValidString(text) && !strings.Contains(text, "\x00")
	}
	var rows []T
	var want [][]string
	for n := range 3 {
		var row T
		cells := csvschema.CellsOf(&row)
		for i, c := range role.Columns() {
			// A column takes the text that is its turn, or another that it can hold.
			for j := range 6 {
				if cells.SetCell(c, append(texts, strict...)[(i+j+n)%6]) == nil {
					break
				}
			}
		}
		rows, want = append(rows, row), append(want, cells.AppendCells(nil))
	}
	var file bytes.Buffer
	w := csvschema.NewWriter[T](&file, o)
	for _, row := range rows {
		_ = w.Write(row) // an error stays, and Close reports it
	}
	err := w.Close()
	for _, text := range strict {
		valid = valid && utf8.ValidString(text) && !strings.Contains(text, "\x00")
	}
	if !valid {
		return // refused, if the text was in any cell: TestWriterRefusesWhatNoReaderTakesBack
	}
	require.NoError(t, err)

	got, err := rowsOf(csvschema.NewReader[T](bytes.NewReader(file.Bytes()), nil))
	require.NoError(t, err)
	require.Equal(t, want, got)
	for _, neutral := range []bool{false, true} {
		requireCells[T](t, rows, want, csvschema.WriterOptions{QuoteAll: o.QuoteAll, CRLF: o.CRLF, NeutralizeFormulas: neutral})
	}

	rr := csvschema.NewRecordReader(bytes.NewReader(file.Bytes()), role, nil)
	for _, cells := range want {
		rec, err := rr.Read()
		require.NoError(t, err)
		row, err := csvschema.DecodeRecord[T](rec)
		require.NoError(t, err)
		require.Equal(t, cells, csvschema.CellsOf(&row).AppendCells(nil))
		require.Equal(t, rec.Key(), csvschema.CellsOf(&row).Key())
	}

	if !o.QuoteAll && !o.CRLF && !strings.Contains(file.String(), "\uFEFF") {
		var plain bytes.Buffer
		writer := csv.NewWriter(&plain)
		require.NoError(t, writer.Write(namesOf(role.Columns())))
		require.NoError(t, writer.WriteAll(want))
		require.Equal(t, plain.String(), file.String())
	}
}

// requireCells compares what a Writer writes with its cells, written one by one.
func requireCells[T csvschema.Row](t *testing.T, rows []T, cells [][]string, o csvschema.WriterOptions) {
	var file bytes.Buffer
	w := csvschema.NewWriter[T](&file, &o)
	for _, row := range rows {
		require.NoError(t, w.Write(row))
	}
	require.NoError(t, w.Close())
	end := "\n"
	if o.CRLF {
		end = "\r\n"
	}
	want := []byte(strings.Join(namesOf(csvschema.RoleOf[T]().Columns()), ",") + end)
	for _, record := range cells {
		for i, cell := range record {
			if i > 0 {
				want = append(want, ',')
			}
			cellOptions := o
			cellOptions.QuoteAll = o.QuoteAll || i == 0 && strings.HasPrefix(cell, "\uFEFF")
			want = csvschema.AppendCell(want, cell, &cellOptions)
		}
		want = append(want, end...)
	}
	require.Equal(t, string(want), file.String())
}

// requireRead requires that an error comes with a zero row, and that rows have the cells of
// their records.
func requireRead(t *testing.T, text string) {
	t.Helper()
	o := &csvschema.ReaderOptions{AllowMissingColumns: true, AllowUnknownColumns: true}
	r := csvschema.NewReader[csvschema.DiskRow](strings.NewReader(text), o)
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.Disks, &csvschema.RecordOptions{Required: []csvschema.Column{}})
	for {
		row, err := r.Read()
		if err != nil {
			require.Equal(t, csvschema.DiskRow{}, row)
			_, again := r.Read()
			require.Equal(t, err, again)
			return
		}
		rec, err := rr.Read()
		require.NoError(t, err)
		for _, c := range csvschema.Disks.Columns() {
			require.Equal(t, string(rec.Value(c)), csvschema.CellsOf(&row).Cell(c))
		}
	}
}

func FuzzReader(f *testing.F) {
	header := strings.Join(namesOf(csvschema.Disks.Columns()), ",")
	f.Add(header + "\na,b,c,d,e,f,g,h,1/3/2017,,i,j,128,l,m\n")
	f.Add(header + "\n\n" + strings.Repeat(`"",`, 14) + `""` + "\r\n" + strings.Repeat(`x`, 20))
	f.Add("LabUId,deleteddate,cost\n\"a\r\n\"\"b\",1/3/2017,2\nc,soon,3\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) { requireRead(t, text) })
}
