package csvschema_test

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
)

const someLab = "5b6c7d8e-1111-4111-8111-1111111111bb"

// machineRow returns a row with the lab and the name in their documented places.
func machineRow(lab, name string) string {
	cells := make([]string, 23)
	cells[1], cells[7] = lab, name
	return strings.Join(cells, ",")
}

// TestHeaderInsideAFileIsRefused joins two exports, the second with a header in another
// spelling. It also reads rows that only look like a header.
func TestHeaderInsideAFileIsRefused(t *testing.T) {
	t.Parallel()
	vms := headerOf(csvschema.VirtualMachines, ",")
	row := machineRow(someLab, leaktest.Canary)
	columns := strings.Split(vms, ",")
	turned := strings.Join(append(append([]string{}, columns[9:]...), columns[:9]...), ",")
	quoted := `"` + strings.Join(columns, `","`) + `"`
	for _, test := range []struct {
		name, line string
		want       error
	}{
		{name: "same header", line: vms, want: csvschema.ErrHeaderAgain},
		{name: "other order", line: turned, want: csvschema.ErrHeaderAgain},
		{name: "quoted", line: quoted, want: csvschema.ErrHeaderAgain},
		{name: "upper case", line: strings.ToUpper(vms), want: csvschema.ErrHeaderAgain},
		{name: "lower case, other order", line: strings.ToLower(turned), want: csvschema.ErrHeaderAgain},
		{name: "blanks", line: strings.ReplaceAll(turned, ",", " , "), want: csvschema.ErrHeaderAgain},
		{name: "CR LF", line: vms + "\r", want: csvschema.ErrHeaderAgain},
		{name: "mark", line: "\uFEFF" + vms, want: csvschema.ErrHeaderAgain},
		{name: "mark and other order", line: "\uFEFF" + turned, want: csvschema.ErrHeaderAgain},
		{name: "mark and quotes", line: "\uFEFF" + quoted, want: csvschema.ErrHeaderAgain},
		{name: "mark before LabUId", line: "\uFEFFLabUId,SubscriptionId" + strings.TrimPrefix(vms, "SubscriptionId,LabUId"), want: csvschema.ErrHeaderAgain},
		{name: "two marks", line: "\uFEFF\uFEFF" + turned, want: csvschema.ErrHeaderAgain},
		{name: "mark in Latin-1", line: "\u00EF\u00BB\u00BF" + turned, want: csvschema.ErrHeaderAgain},
		{name: "character without width", line: "\u200B" + vms, want: csvschema.ErrHeaderAgain},
		{name: "comment", line: "#" + vms, want: csvschema.ErrHeaderAgain},
		{name: "blanks in names", line: strings.NewReplacer("Id", " Id", "Name", " Name", "Date", " Date", "Resource", "Resource ").Replace(vms), want: csvschema.ErrHeaderAgain},
		{name: "underscores", line: strings.NewReplacer("UId", "_uid", "Date", "_date").Replace(vms), want: csvschema.ErrHeaderAgain},
		{name: "quotes in quotes", line: `"""` + strings.Join(columns, `""","""`) + `"""`, want: csvschema.ErrHeaderAgain},
		{name: "renamed columns", line: strings.NewReplacer("LabName", "Lab", "Claimable", "Free", "DeletedDate", "Deleted").Replace(vms), want: csvschema.ErrHeaderAgain},
		{name: "unknown name in the place of LabUId", line: "LabUId,Region," + strings.TrimPrefix(vms, "SubscriptionId,LabUId,"), want: csvschema.ErrHeaderAgain},
		{name: "one column more", line: vms + ",Region", want: csvschema.ErrHeaderAgain},
		{name: "one column less", line: strings.TrimSuffix(vms, ",CustomImageId"), want: csvschema.ErrHeaderAgain},
		{name: "of disks", line: headerOf(csvschema.Disks, ","), want: csvschema.ErrHeaderAgain},
		{name: "semicolons", line: strings.ReplaceAll(vms, ",", ";"), want: csvschema.ErrHeaderAgain},
		{name: "tabs", line: strings.ReplaceAll(vms, ",", "\t"), want: csvschema.ErrHeaderAgain},
		{name: "two marks before LabUId", line: "\uFEFF\uFEFFLabUId,SubscriptionId" + strings.TrimPrefix(vms, "SubscriptionId,LabUId"), want: csvschema.ErrHeaderAgain},
		{name: "two marks and quotes", line: "\uFEFF\uFEFF" + quoted, want: csvschema.ErrHeaderAgain},
		{name: "blank before a mark", line: " \uFEFFLabUId,SubscriptionId" + strings.TrimPrefix(vms, "SubscriptionId,LabUId"), want: csvschema.ErrHeaderAgain},
		{name: "quotes in the names", line: strings.ReplaceAll(quoted, `"`, `"""`), want: csvschema.ErrHeaderAgain},
		{name: "quotes and blanks in the names", line: `" "" ` + strings.Join(columns, ` "" "," "" `) + ` "" "`, want: csvschema.ErrHeaderAgain},
		{name: "blanks of Unicode", line: strings.ReplaceAll(turned, ",", "\u00A0,\u2003"), want: csvschema.ErrHeaderAgain},
		{name: "tabs in quotes", line: "\"\t" + strings.Join(columns, "\t\",\"\t") + "\"", want: csvschema.ErrHeaderAgain},
		{name: "line ends in quotes", line: strings.ReplaceAll(quoted, `","`, "\n\",\"\n"), want: csvschema.ErrHeaderAgain},
		{name: "one quoted field", line: `"` + vms + `"`, want: csvschema.ErrHeaderAgain},
		{name: "quoted semicolons", line: strings.ReplaceAll(quoted, ",", ";"), want: csvschema.ErrHeaderAgain},
		{name: "a comma at the end", line: vms + ",", want: csvschema.ErrHeaderAgain},
		{name: "a name that has the hyphen of a GUID", line: strings.Replace(vms, "SubscriptionId,LabUId", "LabUId,Resource-group-tags-of-the-lab-owner", 1), want: csvschema.ErrHeaderAgain},
		{name: "more than half of a header", line: strings.Join(columns[:12], ","), want: csvschema.ErrHeaderAgain},
		{name: "all but one of a header", line: strings.Join(columns[1:], ","), want: csvschema.ErrHeaderAgain},
		{name: "after a number", line: "#," + strings.Join(columns[:22], ","), want: csvschema.ErrHeaderAgain},

		{name: "half of a header", line: strings.Join(columns[:11], ","), want: csvschema.ErrFieldCount},
		{name: "the first name of a header", line: columns[0], want: csvschema.ErrFieldCount},
		{name: "sep", line: "sep=,", want: csvschema.ErrFieldCount},
		{name: "type", line: "#TYPE Selected.System.Object", want: csvschema.ErrFieldCount},
		{name: "title", line: leaktest.Canary, want: csvschema.ErrFieldCount},
		{name: "quoted row without a lab", line: `"` + strings.ReplaceAll(machineRow("", "LabUId"), ",", `","`) + `"`},
		{name: "names in quotes, half of them", line: `"""` + strings.Join(columns[:11], `""","""`) + `"""` + strings.Repeat(",x", 12)},
		{name: "names with numbers", line: strings.ReplaceAll(vms, ",", "1,")},
		{name: "names in paths", line: "/" + strings.ReplaceAll(vms, ",", ",/")},
		{name: "names with hyphens", line: strings.ReplaceAll(vms, "Id", "-Id")},
		{name: "empty cells", line: strings.Repeat(",", 22)},
		{name: "row", line: row},
		{name: "machine called Name", line: machineRow(someLab, "Name")},
		{name: "machine called LabUId", line: machineRow(someLab, "LabUId")},
		{name: "no lab, called Name", line: machineRow("", "Name")},
		{name: "lab called LabUId", line: machineRow("LabUId", "Name")},
		{name: "lab called Name", line: machineRow("Name", "LabUId")},
		{name: "lab without a GUID", line: machineRow("lab 7", "x")},
		{name: "half of the names", line: strings.Join(columns[:11], ",") + strings.Repeat(",x", 12)},
		{name: "one name in all cells", line: strings.TrimSuffix(strings.Repeat("LabUId,", 23), ",")},
		{name: "all but LabUId", line: strings.Replace(vms, "LabUId", "x", 1)},
		{name: "names in sentences", line: strings.ReplaceAll(vms, ",", " is,")},
		{name: "ragged row", line: row + ",x", want: csvschema.ErrFieldCount},
		{name: "ragged row with a few names", line: row + ",LabUId,Name", want: csvschema.ErrFieldCount},
		{name: "bare quote", line: "\uFEFF\"" + row + "\"", want: csvschema.ErrBareQuote},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, rows := range []int{0, 1, 40} {
				for _, chunkBytes := range []int{0, 1, 300} {
					text := vms + "\n" + strings.Repeat(row+"\n", rows) + "\n" + test.line + "\n" + row + "\n"
					o := csvschema.WithChunkBytes(csvschema.RecordOptions{}, chunkBytes)
					n, err := readAll(strings.NewReader(text), csvschema.VirtualMachines, o)
					if test.want == nil {
						require.NoError(t, err)
						require.Equal(t, rows+2, n)
						continue
					}
					require.ErrorIs(t, err, test.want)
					place := new(csvschema.Error)
					require.ErrorAs(t, err, &place)
					assert.Equal(t, int64(rows)+3, place.Line)
					assert.Equal(t, rows, n, "the rows before it are returned")
					leaktest.AssertErrorHidesCanary(t, err)
				}
			}
		})
	}
}

// TestTypedReaderRefusesAHeaderInsideAFile decodes no header.
func TestTypedReaderRefusesAHeaderInsideAFile(t *testing.T) {
	t.Parallel()
	vms := headerOf(csvschema.VirtualMachines, ",") + "\n"
	r := csvschema.NewReader[csvschema.VirtualMachineRow](strings.NewReader(vms+machineRow(someLab, "Name")+"\n"+vms), nil)
	_, err := r.Read()
	require.NoError(t, err)
	_, err = r.Read()
	require.ErrorIs(t, err, csvschema.ErrHeaderAgain)
	assert.EqualError(t, err, "labdsr: virtualmachines, line 3: header row inside the file: were two files joined?")
}

// TestFilesWithFewColumnsHaveHeadersInside reads files that have only some columns.
func TestFilesWithFewColumnsHaveHeadersInside(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"LabUId\nx\nLabUId\n":                            csvschema.ErrHeaderAgain,
		"LabUId,a,b,c\nx,1,2,3\na,b,c,LabUId\n":          csvschema.ErrHeaderAgain,
		"LabUId,Name\nx,Name\nName,Name\n":               nil,
		"LabUId,Name\nLabUId,x\n":                        nil,
		"Name\nName\n":                                   nil,
		"Name,LabName\nName,x\n":                         nil,
		"Name,LabName\nLabName,Name\n":                   csvschema.ErrHeaderAgain,
		"a,b,Name\nLabUId,b,Name\n":                      csvschema.ErrHeaderAgain,
		"LabUId,LabName\n" + someLab + ",LabUId\n":       nil,
		"LabUId,LabName\n\"" + someLab + "\",\"LabUId\"": nil,
	} {
		rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.VirtualMachines, &csvschema.RecordOptions{Required: []csvschema.Column{}})
		_, err := rr.Header()
		require.NoError(t, err)
		for err == nil {
			_, err = rr.Read()
		}
		if want == nil {
			want = io.EOF
		}
		assert.ErrorIs(t, err, want, "%q", text)
	}
}

// TestHeadersInAnyOrderAreFound shuffles the columns of joined files.
func TestHeadersInAnyOrderAreFound(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var files [2]string
		for i := range files {
			names := strings.Split(headerOf(csvschema.VirtualMachines, ","), ",")
			names = append(names, "Region", "Zone", "Owner team")
			random.Shuffle(len(names), func(a, b int) { names[a], names[b] = names[b], names[a] })
			for j, name := range names {
				if random.IntN(2) == 0 {
					names[j] = strings.ToUpper(name)
				}
			}
			files[i] = strings.Join(names, ",") + "\n"
			for range random.IntN(4) {
				files[i] += strings.Repeat("Name,", 25) + "Name\n"
			}
		}
		n, err := readAll(strings.NewReader(files[0]+files[1]), csvschema.VirtualMachines, nil)
		require.ErrorIs(t, err, csvschema.ErrHeaderAgain)
		require.Equal(t, strings.Count(files[0], "\n")-1, n)
	}
}

// TestLookingForHeadersAllocatesNothing looks at each record: no lab is a GUID.
func TestLookingForHeadersAllocatesNothing(t *testing.T) {
	text := headerOf(csvschema.VirtualMachines, ",") + "\n" + strings.Repeat(machineRow("lab", "GalleryImageReferencePublisher")+"\n", 20_000)
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.VirtualMachines, nil)
	for range 100 {
		_, err := rr.Read()
		require.NoError(t, err)
	}
	assert.Zero(t, testing.AllocsPerRun(15_000, func() { _, _ = rr.Read() }))
}
