package csvschema_test

import (
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
)

// headerOf returns the documented header of the role with sep between names.
func headerOf(role csvschema.Role, sep string) string {
	var names []string
	for _, c := range role.Columns() {
		names = append(names, c.String())
	}
	return strings.Join(names, sep)
}

// rowOf returns a row of n quoted cells, each of them the canary.
func rowOf(n int) string {
	return strings.TrimSuffix(strings.Repeat(`"`+leaktest.Canary+`",`, n), ",")
}

func utf16Text(order binary.AppendByteOrder, mark bool, text string) string {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xFEFF)
	}
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// TestBadFilesAreRefusedWithTheirPlace reads every kind of wrong file and expects its
// sentinel, line, column and hint.
func TestBadFilesAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	vms, disks := headerOf(csvschema.VirtualMachines, ","), headerOf(csvschema.Disks, ",")
	row := rowOf(23)
	tests := []struct {
		name     string
		text     string
		role     csvschema.Role
		required []csvschema.Column
		want     error
		line     int64
		column   csvschema.Column
		number   int
		hint     string
	}{
		{name: "empty file", text: "", want: csvschema.ErrNoHeader, line: 1, hint: "empty"},
		{name: "only empty lines", text: "\n\r\n\n", want: csvschema.ErrNoHeader, line: 1, hint: "empty"},
		{name: "only marks", text: "\uFEFF\uFEFF", want: csvschema.ErrNoHeader, line: 1, hint: "empty"},
		{name: "only marks and empty lines", text: "\uFEFF\uFEFF\r\n\n", want: csvschema.ErrNoHeader, line: 1, hint: "empty"},
		{name: "no header", text: row + "\n" + row + "\n", want: csvschema.ErrNoHeader, line: 1, column: csvschema.SubscriptionId, hint: "first line"},
		{name: "missing column", text: strings.Replace(vms, ",ResourceOwner", ",Owner", 1) + "\n" + row + "\n", want: csvschema.ErrMissingColumn, line: 1, column: csvschema.ResourceOwner},
		{name: "repeated column", text: strings.Replace(vms, ",PricingTier", ", resourceowner ", 1) + "\n" + row + "\n", want: csvschema.ErrRepeatedColumn, line: 1, column: csvschema.ResourceOwner},
		{name: "disks as virtual machines", text: disks + "\n", want: csvschema.ErrWrongRole, line: 1, column: csvschema.ResourceOwner, hint: "disks file"},
		{name: "virtual machines as disks", text: vms + "\n", role: csvschema.Disks, want: csvschema.ErrWrongRole, line: 1, column: csvschema.DiskBlobName, hint: "virtualmachines file"},
		{name: "semicolons", text: headerOf(csvschema.VirtualMachines, ";") + "\n" + row + "\n", want: csvschema.ErrMissingColumn, line: 1, column: csvschema.SubscriptionId, hint: "semicolons"},
		{name: "quoted semicolons", text: `"` + headerOf(csvschema.VirtualMachines, `";"`) + "\"\n" + row + "\n", want: csvschema.ErrQuote, line: 1, hint: "semicolons"},
		{name: "tabs", text: headerOf(csvschema.VirtualMachines, "\t") + "\n" + row + "\n", want: csvschema.ErrMissingColumn, line: 1, column: csvschema.SubscriptionId, hint: "tabs"},
		{name: "CR only, quoted", text: vms + "\r" + row + "\r", want: csvschema.ErrBareQuote, line: 1, hint: "CR alone"},
		{name: "CR only, plain", text: vms + "\r" + strings.ReplaceAll(row, `"`, "") + "\r", want: csvschema.ErrNoHeader, line: 1, hint: "CR alone"},
		{name: "a command of SQL", text: "INSERT INTO t (SubscriptionId, LabUId, Name) VALUES ('36f675cc-81e7-4ef5-a8e2-5d940ed90475', 'x')\n", want: csvschema.ErrNoHeader, required: []csvschema.Column{}, line: 1, hint: "values beside names"},
		{name: "rows in the line of the header", text: "LabUId,Name /Subscriptions/s/x,ann\n", required: []csvschema.Column{csvschema.LabUId}, want: csvschema.ErrNoHeader, line: 1, hint: "values beside names"},
		{name: "CR before a name", text: "LabUId,\rName\n1,2\n", required: []csvschema.Column{csvschema.LabUId}, want: csvschema.ErrNoHeader, line: 1, hint: "CR alone"},
		{name: "CR only, and all that is required is found", text: "LabUId,Name\r1,2\r3,4\r", required: []csvschema.Column{csvschema.LabUId}, want: csvschema.ErrNoHeader, line: 1, hint: "CR alone"},
		{name: "UTF-16 without mark", text: utf16Text(binary.LittleEndian, false, vms+"\n"+row+"\n"), want: csvschema.ErrNUL, line: 1, hint: "UTF-16"},
		{name: "big-endian UTF-16 without mark", text: utf16Text(binary.BigEndian, false, vms+"\n"+row+"\n"), want: csvschema.ErrNUL, line: 1, hint: "UTF-16"},
		{name: "UTF-32", text: "\xFF\xFE\x00\x00S\x00\x00\x00", want: csvschema.ErrNUL, line: 1, hint: "UTF-16"},
		{name: "odd byte of UTF-16", text: utf16Text(binary.LittleEndian, true, vms+"\n"+row+"\n") + "\n", want: csvschema.ErrUTF16, line: 3},
		{name: "lone surrogate", text: utf16Text(binary.BigEndian, true, vms+"\n") + "\xD8\x00\x00a\x00\n", want: csvschema.ErrUTF16, line: 2},
		{name: "lone low surrogate", text: utf16Text(binary.BigEndian, true, vms+"\n") + "\xDC\x00\x00a\x00\n", want: csvschema.ErrUTF16, line: 2},
		{name: "half a pair at the end", text: utf16Text(binary.BigEndian, true, vms+"\n"+row+"\n") + "\xD8\x00", want: csvschema.ErrUTF16, line: 3},
		{name: "cut inside quotes", text: vms + "\n" + row + "\n" + row[:len(row)-1], want: csvschema.ErrQuote, line: 3, column: csvschema.CustomImageId},
		{name: "cut in the header", text: vms[:40], want: csvschema.ErrMissingColumn, line: 1, column: csvschema.LabResourceId},
		{name: "cut within a record", text: vms + "\n" + row + "\n" + rowOf(22), want: csvschema.ErrFieldCount, line: 3, hint: "found 22, the header has 23"},
		{name: "ragged record", text: vms + "\n\n" + row + "\n" + row + ",\"\"\n", want: csvschema.ErrFieldCount, line: 4, hint: "found 24, the header has 23"},
		{name: "bare quote", text: vms + "\n" + row + "\n" + strings.Replace(row, `,"c`, `,c"`, 1) + "\n", want: csvschema.ErrBareQuote, line: 3, column: csvschema.LabUId},
		{name: "text after quote", text: vms + "\n\"\n\"," + strings.Replace(rowOf(22), `",`, `"x,`, 1) + "\n", want: csvschema.ErrQuote, line: 3, column: csvschema.LabUId},
		{name: "NUL", text: vms + "\n" + row + "\n\"\n\",\"\x00\"", want: csvschema.ErrNUL, line: 4, column: csvschema.LabUId},
		{name: "NUL where text after a quote would be at fault", text: vms + "\n" + row + "\n\"\"\x00", want: csvschema.ErrNUL, line: 3, column: csvschema.SubscriptionId},
		{name: "invalid UTF-8", text: vms + "\n" + row + "\n\"\n\",\"\",\"\xff\"", want: csvschema.ErrUTF8, line: 4, column: csvschema.LabName},
		{name: "UTF-8 cut in a character", text: vms + "\n" + row + "\n\"\xc3", want: csvschema.ErrUTF8, line: 3, column: csvschema.SubscriptionId},
		{name: "unknown column", text: "x,LabUId\n1,2\n\"1,2\n", required: []csvschema.Column{csvschema.LabUId}, want: csvschema.ErrQuote, line: 3, number: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			role := test.role
			if role == 0 {
				role = csvschema.VirtualMachines
			}
			for _, chunkBytes := range []int{0, 1, 7, 200} {
				o := csvschema.WithChunkBytes(csvschema.RecordOptions{Required: test.required}, chunkBytes)
				_, err := readAll(strings.NewReader(test.text), role, o)
				require.ErrorIs(t, err, test.want)
				var place *csvschema.Error
				require.ErrorAs(t, err, &place)
				assert.Equal(t, test.line, place.Line)
				assert.Equal(t, role, place.Role)
				if test.column != 0 || test.number != 0 {
					assert.Equal(t, test.column, place.Column)
				}
				assert.Equal(t, test.number, place.Number)
				if test.hint == "" {
					assert.Empty(t, place.Hint)
				}
				assert.Contains(t, place.Hint, test.hint)
				leaktest.AssertErrorHidesCanary(t, err)
			}
		})
	}
}

// TestHintsSayWhatIsAboveOrAroundTheHeader reads files as other programs write them.
func TestHintsSayWhatIsAboveOrAroundTheHeader(t *testing.T) {
	t.Parallel()
	vms := headerOf(csvschema.VirtualMachines, ",")
	row := machineRow(someLab, leaktest.Canary)
	const names, title, single, sep, typed, marks = "first line names no", "above the header", "one quoted field", "sep=", "#TYPE", "byte-order marks"
	for text, want := range map[string]string{
		"sep=,\n" + vms:                                               sep,
		"sep=,\r\n" + vms:                                             sep,
		"\uFEFFsep=;\n" + vms:                                         sep,
		"\"sep=,\"\n" + vms:                                           sep,
		"SEP=\t\n" + vms:                                              sep,
		"#TYPE Deserialized.System.Object\n" + vms:                    typed,
		"\uFEFF#TYPE Selected.System.Object\r\n" + vms:                typed,
		"\"#TYPE x\"\n" + vms:                                         typed,
		"\uFEFF\uFEFF\uFEFF" + vms:                                    marks,
		"\uFEFF\u00EF\u00BB\u00BF" + vms:                              marks,
		"\u00EF\u00BB\u00BF" + vms + "\n" + row:                       marks,
		"\u200B" + vms:                                                marks,
		leaktest.Canary + "\n" + vms:                                  title,
		leaktest.Canary + ",,,,\n" + vms:                              title,
		"Usage of LabName\n\n" + vms:                                  title,
		"Name," + leaktest.Canary + "\n" + vms:                        title,
		"Report\nof 2026\n" + leaktest.Canary + "\n" + vms:            title,
		"Report\n" + strings.ToUpper(vms):                             title,
		"Report\n\"" + strings.ReplaceAll(vms, ",", "\";\"") + "\"":   title,
		"\"" + vms + "\"\n\"" + row + "\"":                            single,
		"\"" + strings.ReplaceAll(`"`+vms+`"`, `"`, `""`) + "\"\n":    single,
		"\"\"\"" + strings.ReplaceAll(vms, ",", `"",""`) + "\"\"\"\n": single,
		"\uFEFF\"" + vms + "\"\r\n":                                   single,
		row + "\n" + row:                                              names,
		row + "\n" + machineRow("LabUId", leaktest.Canary):            names,
		"Separator\n" + row:                                           names,
		"type,x\n1,2\n":                                               names,
		"a title alone":                                               names,
		"\"a,b\"\n":                                                   names,
	} {
		_, err := readAll(strings.NewReader(text+"\n"), csvschema.VirtualMachines, nil)
		require.ErrorIs(t, err, csvschema.ErrNoHeader, "%q", text)
		place := new(csvschema.Error)
		require.ErrorAs(t, err, &place)
		assert.Contains(t, place.Hint, want, "%q", text)
		leaktest.AssertErrorHidesCanary(t, err)
	}
}

func TestColumnsAreFoundByNameInAnyCaseAndOrder(t *testing.T) {
	t.Parallel()
	text := "\" Extra, \"\"2\"\"\t\", RESOURCEOWNER ,labuid,\"ResourceUId\"\r\n1,2,3,4\r\n"
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.VirtualMachines, &csvschema.RecordOptions{
		Required: []csvschema.Column{csvschema.LabUId, csvschema.ResourceOwner},
	})
	header, err := rr.Header()
	require.NoError(t, err)
	assert.Equal(t, 1, header.Index(csvschema.ResourceOwner))
	assert.Equal(t, 2, header.Index(csvschema.LabUId))
	assert.Equal(t, -1, header.Index(csvschema.Name))
	assert.Equal(t, -1, header.Index(csvschema.Column(200)))
	assert.Equal(t, csvschema.ResourceUId, header.Column(3))
	assert.Equal(t, csvschema.Column(0), header.Column(0))
	assert.Equal(t, []int{1}, header.Unknown())
	assert.Equal(t, `Extra, "2"`, header.Name(0))
	assert.Equal(t, "ResourceOwner", header.Name(1))
	assert.Equal(t, "ResourceUId", header.Name(3))
	rec, err := rr.Read()
	require.NoError(t, err)
	assert.Equal(t, "2", string(rec.Value(csvschema.ResourceOwner)))
	assert.Nil(t, rec.Value(csvschema.Name))
	assert.Equal(t, "1", string(rec.Cell(0)))
	_, err = rr.Read()
	assert.Equal(t, io.EOF, err)
}

func TestColumnOfTheOtherRoleIsUnknown(t *testing.T) {
	t.Parallel()
	text := headerOf(csvschema.VirtualMachines, ",") + ",leasedbyvmid\n"
	header, err := csvschema.NewRecordReader(strings.NewReader(text), csvschema.VirtualMachines, nil).Header()
	require.NoError(t, err)
	assert.Equal(t, "leasedbyvmid", header.Name(23))
	assert.Equal(t, []int{24}, header.Unknown())
}
