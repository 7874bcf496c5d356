package verify_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

// plainSeeds are texts with all that can be odd about CSV.
var plainSeeds = []string{
	"", "\n", "\r", "\r\n\n", "\uFEFF", "\uFEFF\n", "\uFEFF\uFEFFa", "\uFEFF\uFEFF\uFEFFa", "\uFEFF\"a\"\n\uFEFF\"b\"\n", "a\n\uFEFF", "a\n\uFEFF\n\"b\"", "a\n\uFEFF\uFEFFb", "a\n\n\uFEFFb", "a", "a\nb\n\uFEFFc",
	"\uFEFF\n\uFEFFa", "a\n\uFEFF\r", "a\n\uFEFF\"b\nc\"\n", "a\r", "a\r\n", "a\n\r\nb\n\r", "a,b\n1,2\n\n", "a\r\r\nb",
	"\"a\"\n\"b\"\"c\"\n\"\"\n", "\"a\r\nb\"\r\nc", "a\"b\nc", "\"a\"b\nc", "\"a\nb", "\"\"\"\"\n\"\"\"", "a,b\n1\n", "a\n1,2\n", ",\n,", "\"\",\"\"\n", " \"a\"\nb",
	"a\x00\n", "a\xFF\nb", "a\n\xC3", "a\n\"\xFF", "\xFF\xFEa\x00\n\x00", "\xFE\xFF\x00a\x00\n", "\xFF\xFEa", "\xFF\xFE", "\xFF\xFE=\xD8\x00\xDE", "\xFF\xFE=\xD8",
	"a\n\"b,c\n\",d\n", "a\n\r\n\"\n", "a\nb\n\n\n\"c\n\n\"\n\n",
}

// requirePlainRecords holds what the reader of this package reads to encoding/csv, whose
// only other opinion is that CR LF in quotes is LF.
func requirePlainRecords(t *testing.T, text []byte) {
	t.Helper()
	ours, err := verify.ReadPlain(iotest.OneByteReader(bytes.NewReader(text)), 0, 0)
	if bytes.HasPrefix(text, []byte("\xFF\xFE")) || bytes.HasPrefix(text, []byte("\xFE\xFF")) {
		return // it is another text; see FuzzPlainReaderIsTheReaderOfRecords
	}
	var raw strings.Builder
	for _, r := range ours {
		raw.WriteString(r.Gap + r.Raw)
	}
	mark := []byte("\uFEFF")
	plain := bytes.TrimPrefix(bytes.TrimPrefix(text, mark), mark)
	first := csv.NewReader(bytes.NewReader(plain))
	if _, err := first.Read(); err == nil {
		end := first.InputOffset()
		plain = append(bytes.Clone(plain[:end]), bytes.TrimPrefix(plain[end:], mark)...)
	}
	reader := csv.NewReader(bytes.NewReader(plain))
	for i := 0; ; i++ {
		want, wantErr := reader.Read()
		switch {
		case wantErr == io.EOF:
			if err == nil {
				require.Len(t, ours, i+1)
				require.Equal(t, string(text), raw.String())
				return
			}
			require.Fail(t, "refused", "%v where encoding/csv reads on", err)
		case wantErr != nil:
			require.Error(t, err, "encoding/csv refuses: %v", wantErr)
			require.Len(t, ours, i)
			return
		case i == len(ours) && (err == csvschema.ErrNUL || err == csvschema.ErrUTF8):
			require.False(t, utf8.Valid(text) && !bytes.Contains(text, []byte{0}))
			return
		}
		require.Less(t, i, len(ours), "encoding/csv reads on; %v", err)
		require.Len(t, ours[i].Cells, len(want))
		for j, cell := range ours[i].Cells {
			require.Equal(t, want[j], strings.ReplaceAll(cell, "\r\n", "\n"))
		}
		line, _ := reader.FieldPos(0)
		require.Equal(t, int64(line), ours[i].Line)
	}
}

func TestPlainReaderReadsWhatEncodingCSVReads(t *testing.T) {
	t.Parallel()
	for _, text := range plainSeeds {
		requirePlainRecords(t, []byte(text))
	}
}

// plainParts are what texts are made of on which readers go wrong.
var plainParts = []string{
	"a", "b", ",", ",", `"`, `"`, `""`, `"a"`, "\n", "\n", "\r", "\r\n", "\n\n", "\uFEFF", "\uFEFF\uFEFF", "\xEF\xBB", "\xBF", "\x00", "\xFF", "\xC3", "\xFF\xFE", "\xFE\xFF", "é", " ", "a,b", "1,2\n", `"a","b"`, "\"\n\"", `"a""b"`, `a"b`,
}

func TestPlainReaderReadsDenseTexts(t *testing.T) {
	t.Parallel()
	eachDense(2000, plainParts, 14, func(text string) { requirePlainRecords(t, []byte(text)) })
}

// FuzzPlainReader holds the reader of this package to encoding/csv.
func FuzzPlainReader(f *testing.F) {
	for _, text := range plainSeeds {
		f.Add([]byte(text))
	}
	f.Fuzz(requirePlainRecords)
}

// requireReaderOfRecords holds the reader of this package to that of package csvschema,
// by which outputs are written: the same header and records, or both refuse.
func requireReaderOfRecords(t *testing.T, text []byte, maxBytes int) {
	t.Helper()
	role := roleOf(text)
	required := []csvschema.Column{csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.DeletedDate, csvschema.ResourceOwner}
	if role == csvschema.Disks {
		required[4] = csvschema.LeasedByVmId
	}
	ours, err := verify.ReadPlain(bytes.NewReader(text), role, maxBytes)
	rr := csvschema.NewRecordReader(bytes.NewReader(text), role, &csvschema.RecordOptions{Required: required, MaxRecordBytes: maxBytes})
	header, wantErr := rr.Header()
	if wantErr != nil {
		require.Error(t, err, "%v", wantErr)
		return
	}
	if len(ours) == 0 {
		require.Fail(t, "refused", "%v", err)
	}
	require.Equal(t, string(header.Raw()), ours[0].Gap+ours[0].Raw)
	for i := 1; ; i++ {
		rec, wantErr := rr.Read()
		switch {
		case wantErr == io.EOF:
			require.NoError(t, err)
			require.Len(t, ours, i+1)
			return
		case wantErr != nil:
			require.Error(t, err, "%v", wantErr) // of two faults in a record either may be told
			require.Len(t, ours, i)
			return
		}
		require.Less(t, i, len(ours), "refused: %v", err)
		require.Equal(t, string(rec.Raw()), ours[i].Raw)
		require.Equal(t, rec.Line(), ours[i].Line)
		for j, cell := range ours[i].Cells {
			require.Equal(t, string(rec.Cell(j)), cell)
		}
	}
}

// recordSeeds are files whose headers or sizes are odd.
func recordSeeds() []string {
	machine := vm("2/4/2017", "zoe@contoso.com")
	return []string{
		machine, "\uFEFF" + machine, "\uFEFF\uFEFF" + machine, "\uFEFF" + strings.Replace(machine, "\n", "\n\uFEFF", 1), "\uFEFF\uFEFF\uFEFF" + machine, strings.Replace(machine, "\n", "\n\n\uFEFF", 1), strings.ReplaceAll(machine, "\n", "\r\n"), machine + "\n\n" + strings.SplitAfter(machine, "\n")[1],
		strings.Replace(machine, "LabName", "DeletedDate", 1), strings.Replace(machine, "LabName", " deletedDATE\u00a0", 1),
		strings.Replace(machine, "LabName", "LabName\rX", 1), strings.Replace(machine, "LabName", "\"LabName\rX\"", 1),
		strings.Replace(machine, "DeletedDate", "\"Deleted\"\"Date\"", 1), strings.Replace(machine, "DeletedDate", "DeletedDatE,x", 1),
		strings.Replace(machine, "ResourceUId", "Re\u017fourceUId", 1), strings.Replace(machine, "ResourceUId", "ResourceId", 1),
		machine[:len(machine)-1], machine[:len(machine)-2], machine + "\r", machine + "x", machine + strings.Repeat(",", 22),
		strings.ReplaceAll(machine, "\n", "\r"), strings.ReplaceAll(machine, ",", ";"), "a,b\n1,2\n",
		machine + machine, machine + "\n\uFEFF\uFEFF" + machine, machine + strings.Replace(machine, "LabUId", " 'Lab_UId' ", 1), strings.ToUpper(machine) + "\n" + strings.ToLower(machine), machine + "\uFEFF" + machine,
		machine + turned(machine), turned(machine) + machine, machine + strings.Repeat("Name,", 22) + "Name\n",
		machine + strings.Replace(machine, "LabUId", "x", 1), machine + strings.Replace(machine, "LabName", "Name", 1),
		strings.Replace(machine, "LabName", "LabName /Subscriptions/s", 1), strings.Replace(machine, "LabName", "'36F675CC-81e7-4ef5-a8e2-5d940ed90475'", 1), strings.Replace(machine, "LabName", "36f675cc-81e7-4ef5-a8e2-5d940ed9047", 1),
		// Half of the names are no header.
		"LabUId,ResourceUId,ResourceId,DeletedDate,ResourceOwner,Name\nx,LabUId,LabName,Claimable,,\n",
	}
}

// headerParts are what headers are made of, and rows that look like these.
var headerParts = []string{
	"LabUId", "ResourceUId", "ResourceId", "DeletedDate", "ResourceOwner", "LeasedByVmId", "labuid", "LABUID ", " Name", "Name", "LabName", `"LabUId"`, `"Deleted""Date"`, "\"LabName\rX\"", "Re\u017fourceUId", "DiskBlobName", "x", "",
	"LabUId,ResourceUId,ResourceId,DeletedDate,ResourceOwner", "LabUId,ResourceUId,ResourceId,DeletedDate,LeasedByVmId", "a,b,c,d,e", "LabUId,ResourceUId,ResourceId,x,y", "1,2,3,4,5\n", "0dd2f8ae-8267-47c5-8cda-484792e203ee", "/subscriptions/s",
	",", ",", ",", ",,,,", "\n", "\n", "\n", "\r\n", "\r", "\n\n", "\uFEFF", "\uFEFF\uFEFF", `"`, `""`, "\u00a0", "\t", ";", "é", "\xFF", "\x00",
}

func TestPlainReaderReadsDenseFiles(t *testing.T) {
	t.Parallel()
	heads := []string{"LabUId,ResourceUId,ResourceId,DeletedDate,ResourceOwner", "ResourceOwner,DeletedDate,ResourceId,ResourceUId,LabUId,Note", "LeasedByVmId,DeletedDate,ResourceId,ResourceUId,LabUId"}
	i := 0
	eachDense(2000, headerParts, 16, func(text string) {
		if i++; i%4 > 0 {
			text = heads[i%4-1] + []string{"\n", "\r\n", ","}[i%3] + text
		}
		requireReaderOfRecords(t, []byte(text), []int{0, 40, 60, 90}[i/4%4])
	})
}

// turned returns a file with its first columns after the others.
func turned(text string) string {
	var turned strings.Builder
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), ",")
		turned.WriteString(strings.Join(append(cells[4:], cells[:4]...), ",") + "\n")
	}
	return turned.String()
}

func TestPlainReaderReadsTheRecordsThatAreWritten(t *testing.T) {
	t.Parallel()
	for _, text := range append(recordSeeds(), plainSeeds...) {
		for _, maxBytes := range []int{0, 1 << 10} {
			requireReaderOfRecords(t, []byte(text), maxBytes)
		}
	}
}

// TestPlainReaderHasTheSameLimit looks at records of about the size of the limit.
func TestPlainReaderHasTheSameLimit(t *testing.T) {
	t.Parallel()
	machine := vm("2/4/2017", "zoe@contoso.com")
	head, row, _ := strings.Cut(machine, "\n")
	for _, mark := range []string{"", "\uFEFF", "\uFEFF\uFEFF"} {
		for size := range 8 {
			requireReaderOfRecords(t, []byte(mark+machine), len(row)-4+size)
			requireReaderOfRecords(t, []byte(head+"\n"+mark+row), len(row)-4+size)
			requireReaderOfRecords(t, []byte(mark+machine), len(head)-4+size)
			requireReaderOfRecords(t, []byte(mark+machine+"\""+strings.Repeat("\n", 800)), len(head)+size)
		}
	}
	assert.NotEmpty(t, row)
}

// FuzzPlainReaderIsTheReaderOfRecords holds the reader of this package to the other.
func FuzzPlainReaderIsTheReaderOfRecords(f *testing.F) {
	for _, text := range recordSeeds() {
		f.Add([]byte(text), uint16(0))
		f.Add([]byte(text), uint16(600))
	}
	f.Fuzz(func(t *testing.T, text []byte, maxBytes uint16) { requireReaderOfRecords(t, text, int(maxBytes)) })
}
