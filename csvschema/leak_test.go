package csvschema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
)

// TestReadingErrorsHideTheCells puts the canary into every cell of files that
// fail in each of the ways that typed reading can fail.
func TestReadingErrorsHideTheCells(t *testing.T) {
	t.Parallel()
	testReadingErrors[csvschema.VirtualMachineRow](t)
	testReadingErrors[csvschema.DiskRow](t)
}

func testReadingErrors[T csvschema.Row](t *testing.T) {
	role := csvschema.RoleOf[T]()
	columns := role.Columns()
	names := make([]string, len(columns))
	cells := make([]string, len(columns)) // as many canaries as a row can hold
	for i, c := range columns {
		names[i] = c.String()
		cells[i] = leaktest.Canary
		var row T
		if csvschema.CellsOf(&row).SetCell(c, leaktest.Canary) != nil {
			cells[i] = ""
		}
	}
	header, good := strings.Join(names, ","), strings.Join(cells, ",")
	files := map[string]string{
		"no header":       good,
		"missing column":  strings.Join(names[1:], ",") + "\n" + strings.Join(cells[1:], ","),
		"unknown column":  header + "," + leaktest.Canary + "\n" + good + "," + leaktest.Canary,
		"repeated column": header + "," + names[0] + "\n" + good + "," + leaktest.Canary,
		"too few fields":  header + "\n" + leaktest.Canary + "," + leaktest.Canary + "\n",
		"too many fields": header + "\n" + good + "," + leaktest.Canary + "\n",
		"bare quote":      header + "\n" + leaktest.Canary + `"` + good + "\n",
		"open quote":      header + "\n" + `"` + good + "\n",
		"after a quote":   header + "\n" + `"` + leaktest.Canary + `"` + good + "\n",
		"NUL":             header + "\n" + leaktest.Canary + "\x00" + good + "\n",
		"invalid UTF-8":   header + "\n" + leaktest.Canary + "\xff" + good + "\n",
		"too large":       header + "\n" + leaktest.Canary + strings.Repeat(leaktest.Canary, 200) + good + "\n",
		"other kind":      strings.ReplaceAll(good, leaktest.Canary, leaktest.Canary+",LeasedByVmId,ResourceOwner"),
	}
	for i, c := range columns {
		if cells[i] == "" {
			bad := append([]string(nil), cells...)
			bad[i] = leaktest.Canary
			files["cell of "+c.String()] = header + "\n" + good + "\n" + strings.Join(bad, ",") + "\n"
			bad[i] = `"1/3/2017 11:17:09 ""` + leaktest.Canary + `"""`
			files["quoted cell of "+c.String()] = header + "\n" + strings.Join(bad, ",")
		}
	}
	for name, file := range files {
		t.Run(role.String()+" "+name, func(t *testing.T) {
			t.Parallel()
			for _, o := range []*csvschema.ReaderOptions{
				{MaxRecordBytes: 4096},
				{AllowMissingColumns: true, MaxRecordBytes: 4096},
			} {
				r := csvschema.NewReader[T](strings.NewReader(file), o)
				var err error
				for err == nil {
					_, err = r.Read()
				}
				if name == "missing column" && o.AllowMissingColumns {
					require.Equal(t, io.EOF, err)
					continue
				}
				e, ok := errors.AsType[*csvschema.Error](err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, role, e.Role)
				leaktest.AssertErrorHidesCanary(t, err)
				leaktest.AssertNoCanary(t, r.All(), leaktest.ProperVerbs)
			}
			bridge := csvschema.NewRecordReader(strings.NewReader(file), role, &csvschema.RecordOptions{MaxRecordBytes: 4096}).Gocsv()
			records, err := bridge.ReadAll()
			if name == "unknown column" {
				require.NoError(t, err)
				return
			}
			e, ok := errors.AsType[*csvschema.Error](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, role, e.Role)
			assert.Empty(t, records)
			leaktest.AssertErrorHidesCanary(t, err)
		})
	}
}

func TestOtherErrorsHideTheCells(t *testing.T) {
	t.Parallel()
	_, dateErr := csvschema.ParseDateTime(leaktest.Canary)
	_, _, timeErr := csvschema.ParseTime([]byte(leaktest.Canary), nil)
	_, boolErr := parseBool(leaktest.Canary)
	_, intErr := parseInteger(leaktest.Canary)
	var row csvschema.VirtualMachineRow
	var disk csvschema.DiskRow
	var text csvschema.PersonalText
	w := csvschema.NewWriter[csvschema.DiskRow](io.Discard, nil)
	require.NoError(t, csvschema.CellsOf(&disk).SetCell(csvschema.LeasedByVmId, leaktest.Canary+"\x00"+leaktest.Canary))
	for name, err := range map[string]error{
		"DateTime": dateErr, "ParseTime": timeErr, "Bool": boolErr, "Integer": intErr,
		"SetCell of a date":     csvschema.CellsOf(&row).SetCell(csvschema.DeletedDate, leaktest.Canary),
		"SetCell of no column":  csvschema.CellsOf(&row).SetCell(csvschema.DiskBlobName, leaktest.Canary),
		"SetCell of a disk":     csvschema.CellsOf(&disk).SetCell(csvschema.DiskSizeGB, leaktest.Canary),
		"Writer":                w.Write(disk),
		"Writer, again":         w.Close(),
		"JSON of PersonalText":  json.Unmarshal([]byte(`{"`+leaktest.Canary+`":"`+leaktest.Canary+`"}`), &text),
		"JSON of DateTime":      json.Unmarshal([]byte(`"`+leaktest.Canary+`"`), &row.CreatedTime),
		"JSON of Bool":          json.Unmarshal([]byte(`"`+leaktest.Canary+`"`), &row.Claimable),
		"JSON of Integer":       json.Unmarshal([]byte(`"`+leaktest.Canary+`"`), &disk.DiskSizeGB),
		"JSON of a whole row":   json.Unmarshal([]byte(`"`+leaktest.Canary+`"`), &row),
		"text of PersonalText":  text.UnmarshalText([]byte("[redacted]")),
		"redaction of the cell": errors.Join(identity.ErrRedacted),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leaktest.AssertErrorHidesCanary(t, err)
		})
	}
}

// A record prints as its place, wherever it is a field.
func TestRecordsPrintAsTheirPlace(t *testing.T) {
	t.Parallel()
	text := "LabUId,ResourceOwner\nl,x\n\n" + leaktest.Canary + "," + leaktest.Canary + "\n"
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.VirtualMachines, &csvschema.RecordOptions{Required: []csvschema.Column{csvschema.LabUId}})
	_, err := rr.Read()
	require.NoError(t, err)
	rec, err := rr.Read()
	require.NoError(t, err)
	require.Equal(t, leaktest.Canary, string(rec.Cell(0)))
	assert.Equal(t, "virtualmachines line 4", fmt.Sprint(rec))
	assert.Equal(t, "virtualmachines line 4", fmt.Sprint(rec.Clone()))
	assert.Equal(t, "virtualmachines line 4", fmt.Sprintf("%d", rec))
	leaktest.AssertNoCanary(t, rec, leaktest.ProperVerbs)
	leaktest.AssertNoCanary(t, struct{ Record csvschema.Record }{rec}, leaktest.ProperVerbs)
	leaktest.AssertNoCanary(t, []csvschema.Record{rec}, leaktest.ProperVerbs)
	assert.Equal(t, "no record", fmt.Sprint(csvschema.Record{}))
}

// TestWhatHoldsTextOfAFileDoesNotPrintIt looks at values that hold the canary at that
// moment.
func TestWhatHoldsTextOfAFileDoesNotPrintIt(t *testing.T) {
	t.Parallel()
	text := "LabUId," + leaktest.Canary + "\nl," + leaktest.Canary + "\nl," + leaktest.Canary + "\n"
	options := &csvschema.RecordOptions{Required: []csvschema.Column{csvschema.LabUId}}
	assertOpaque := func(values ...any) {
		t.Helper()
		for _, value := range values {
			if text := fmt.Sprintf("%+v", value); text != "[redacted]" {
				t.Fatalf("%T prints %d bytes", value, len(text))
			}
			leaktest.AssertNoCanary(t, value, leaktest.ProperVerbs)
			leaktest.AssertNoCanary(t, []any{value, struct{ Value any }{value}}, leaktest.ProperVerbs)
		}
	}

	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.Disks, options)
	rec, err := rr.Read()
	require.NoError(t, err)
	assertOpaque(rr, *rr, rec.Header(), *rec.Header(), rr.Gocsv())

	f := csvschema.NewFile(csvschema.FileID{Role: csvschema.Disks}, scriptOf(text).source(), fileOptions(1))
	require.NoError(t, csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
		Work: func(c *csvschema.Chunk) int { return c.Len() },
		Emit: func(c *csvschema.Chunk, _ int) error {
			assertOpaque(c, *c)
			return nil
		},
	}))

	row := csvschema.DiskRow{LabName: leaktest.Canary, ResourceUId: leaktest.Canary, Name: csvschema.NewPersonalText(leaktest.Canary)}
	var file strings.Builder
	w := csvschema.NewWriter[csvschema.DiskRow](&file, nil)
	require.NoError(t, w.Write(row))
	assertOpaque(w, *w)
	require.NoError(t, w.Close())
	r := csvschema.NewReader[csvschema.DiskRow](strings.NewReader(file.String()+strings.Repeat(strings.SplitAfter(file.String(), "\n")[1], 3)), nil)
	_, err = r.Read()
	require.NoError(t, err)
	assertOpaque(r, *r)

	opened, err := csvschema.RowSource(csvschema.Rows([]csvschema.DiskRow{row})).Open(t.Context())
	require.NoError(t, err)
	_, err = opened.Read(make([]byte, 1))
	require.NoError(t, err)
	assertOpaque(opened)
	require.NoError(t, opened.Close())
}
