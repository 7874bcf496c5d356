package source_test

import (
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"github.com/labdsr/labdsr/csvschema/source"
)

const (
	page        = "<!DOCTYPE html>\n<html><title>Sign in</title></html>\n"
	serverError = "\ufeff<?xml version=\"1.0\"?><Error><Code>BlobNotFound</Code></Error>"
	whole       = machinesHeader + row
	tarHead     = 257
)

func random() string {
	bytes := make([]byte, 20_000)
	_, _ = rand.NewChaCha8([32]byte{}).Read(bytes) // it returns no error
	return string(bytes)
}

func ebcdic(t *testing.T, text string) string {
	t.Helper()
	text, err := charmap.CodePage037.NewEncoder().String(text)
	require.NoError(t, err)
	return text
}

// lined breaks a text into lines of 76 characters.
func lined(text string) string {
	var b strings.Builder
	for line := range slices.Chunk([]byte(text), 76) {
		b.Write(append(line, '\n'))
	}
	return b.String()
}

// A kindTest is a file and what it is.
type kindTest struct {
	name, path, text string
	want             source.Kind
}

func kindTests(t *testing.T) []kindTest {
	t.Helper()
	comments := strings.Repeat("# "+strings.Repeat("x", 50)+"\n", 400)
	tar := "virtualmachines.csv"
	tar += strings.Repeat("\x00", tarHead-len(tar)) + "ustar\x0000" + whole
	return []kindTest{
		{"export", "x", whole, source.KindExport},
		{"export of any name", "picture.png", whole, source.KindExport},
		{"export with semicolons", "a.csv", strings.ReplaceAll(whole, ",", ";"), source.KindExport},
		{"export with a title", "a.csv", "Usage\n" + whole, source.KindExport},
		{"export with sep", "a.csv", "sep=,\n" + whole, source.KindExport},
		{"export below a folder that is like a disk", "disks.csv/x", whole, source.KindExport},

		{"by its name", "virtualmachines.csv", "Name,Cost\n", source.KindNamed},
		{"by its name, packed", "Disks (1).TXT.GZ", "nothing\n", source.KindNamed},
		{"by its name, and unknown", "Virtual Machines", "\x01\x02\x03", source.KindNamed},
		{"header with blanks", "a.csv", "Subscription Id, Lab U Id, Resource U Id\n", source.KindNearHeader},
		{"header with one letter wrong", "a.csv", "Name,LabUld,x\n", source.KindNearHeader},
		{"header without the IDs", "a.csv", "LabName;ResourceOwner;x\n", source.KindNearHeader},
		{"header far below", "a.csv", strings.Repeat("a title\n", 12) + "LabUId,ResourceUId\n", source.KindNearHeader},
		{"localised header", "maschinen.csv", "Abo;Labor;" + strings.Repeat("Spalte;", 13) + "\r\n", source.KindNearHeader},
		{"cut off after five bytes", "labA.csv", "Subsc", source.KindNearHeader},
		{"EBCDIC", "labA.csv", ebcdic(t, whole), source.KindNearHeader},
		{"comments above", "a.txt", comments + whole, source.KindNearHeader},
		{"export below the header of a list", "holds.csv", "LabUId,reason\n" + whole, source.KindNearHeader},
		{"localised header and rows", "maschinen.csv", "Labor,Ressource,Pfad,Besitzer\n" + row, source.KindRows},
		{"no header", "a.csv", row, source.KindRows},
		{"rows below comments", "a.csv", comments + row, source.KindRows},
		{"rows of a log", "x.log", row, source.KindRows},
		{"old workbook", "a", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", source.KindWorkbook},
		{"workbook", "a.xlsx", "PK\x03\x04", source.KindWorkbook},
		{"web page", "a.csv", page, source.KindPage},
		{"error of the store", "blob", serverError, source.KindPage},
		{"error of the store as XML", "export.xml", serverError, source.KindPage},
		{"rows as JSON", "virtualmachines.json", `[{"LabUId":"x"}]`, source.KindPage},
		{"empty", "a.csv", "", source.KindEmpty},
		{"empty and hidden", ".labs.csv", "", source.KindEmpty},
		{"a mark alone", "a.csv", "\ufeff\r\n", source.KindEmpty},
		{"empty JSON", "virtualmachines.json", "", source.KindEmpty},
		{"gzip", "a.csv", gzipped(t, whole), source.KindPacked},
		{"ZIP", "a.csv", "PK\x03\x04" + whole, source.KindPacked},
		{"ZIP of another suffix", "a.json", "PK\x03\x04" + whole, source.KindPacked},
		{"ZIP that is not packed", "a.csv", "PK\x03\x04,LabUId,x\n", source.KindPacked},
		{"zstd", "a.csv", "\x28\xb5\x2f\xfd", source.KindPacked},
		{"zstd of pzstd", "a.csv", "\x50\x2a\x4d\x18\x04\x00\x00\x00", source.KindPacked},
		{"Base64", "labA.b64", base64.StdEncoding.EncodeToString([]byte(whole)), source.KindPacked},
		{"Base64 in lines, of gzip", "labA.txt", lined(base64.StdEncoding.EncodeToString([]byte(gzipped(t, whole)))), source.KindPacked},
		{"database", "a.db", "SQLite format 3\x00" + strings.Repeat("a text ", 99), source.KindDatabase},
		{"Parquet", "a", "PAR1" + strings.Repeat("a text ", 99), source.KindDatabase},
		{"pointer", "a.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:01\nsize 1\n", source.KindPointer},
		{"records in JSON", "a.json", `[{"LabUId":"36f675cc-81e7-4ef5-a8e2-5d940ed90475","ResourceOwner":"ann@contoso.com"}]`, source.KindRows},
		{"records of Format-List", "a.txt", "\r\nLabUId        : 36f675cc-81e7-4ef5-a8e2-5d940ed90475\r\nResourceOwner : ann@contoso.com\r\n", source.KindRows},
		{"records of Format-Table", "a.txt", "LabUId                               ResourceOwner\n------                               -------------\n36f675cc-81e7-4ef5-a8e2-5d940ed90475 ann@contoso.com\n", source.KindRows},
		{"records in YAML", "a.yaml", "- LabUId: 36f675cc-81e7-4ef5-a8e2-5d940ed90475\n  ResourceOwner: ann@contoso.com\n", source.KindRows},
		{"records in TOML", "a.toml", "[[vm]]\nLabUId = \"36f675cc-81e7-4ef5-a8e2-5d940ed90475\"\nResourceOwner = \"ann@contoso.com\"\n", source.KindRows},
		{"records in LDIF", "a", "LabUId: 36f675cc-81e7-4ef5-a8e2-5d940ed90475\nLeasedByVmId: x\n", source.KindRows},
		{"records in an INI file", "a.ini", "[vm]\nLabUId=36f675cc-81e7-4ef5-a8e2-5d940ed90475\nResourceOwner=ann@contoso.com\n", source.KindRows},
		{"records in attributes of XML", "a.xml", `<r><vm LabUId="36f675cc-81e7-4ef5-a8e2-5d940ed90475" ResourceOwner="ann@contoso.com"/></r>`, source.KindRows},
		{"a workbook in XML", "a.xml", `<Workbook><Data ss:Type="String">LabUId</Data><Data>ResourceOwner</Data><Data>36f675cc-81e7-4ef5-a8e2-5d940ed90475</Data></Workbook>`, source.KindRows},
		{"names without a record", "notes.txt", "Ask for LabUId and ResourceOwner.\n", source.KindOther},
		{"names in documentation", "readme.md", "LabUId: 36f675cc-81e7-4ef5-a8e2-5d940ed90475, ResourceOwner: ann@contoso.com\n", source.KindOther},
		{"other names", "a.txt", "MyLabUId : 36f675cc-81e7-4ef5-a8e2-5d940ed90475\nResourceOwners : ann@contoso.com\n", source.KindOther},
		{"records without a suffix", "a", `{"LabUId":"36f675cc-81e7-4ef5-a8e2-5d940ed90475","LeasedByVmId":"x"}`, source.KindRows},
		{"names in JSON", "a.json", `["LabUId","ResourceOwner"]`, source.KindOther},
		{"tar", "a", tar, source.KindArchive},
		{"7z", "a.7z", "7z\xbc\xaf\x27\x1c", source.KindArchive},
		{"LZMA", "labA", "\x5d\x00\x00\x80\x00\xff\xff", source.KindArchive},
		{"damaged archive", "a.zip", "\x01\x02", source.KindArchive},
		{"encrypted", "labA.csv.enc", random(), source.KindBinary},
		{"armoured", "labA.asc", "-----BEGIN PGP MESSAGE-----\n\nhQ==\n", source.KindEncrypted},

		{"digest of an export", "virtualmachines.csv.sha256", "0123  virtualmachines.csv\n", source.KindOther},
		{"documentation of disks", "disks.md", "# Disks\n", source.KindOther},
		{"list of disks", "our-disks.json", "[1]", source.KindOther},
		{"about exports", "README.md", "LabUId and ResourceUId, " + row, source.KindOther},
		{"picture", "disks.png", "\x89PNG", source.KindOther},
		{"picture without a suffix", "logo", "\x89PNG" + random(), source.KindOther},
		{"other table", "costs.csv", "Name,Cost\nann,3\n", source.KindOther},
		{"marker of the service", "20260630.txt", "", source.KindOther},
		{"document", "a.docx", "PK\x03\x04", source.KindOther},
		{"list", "holds.csv", "labuid;Reason\n", source.KindOther},
		{"list of GUIDs", "holds.csv", "LabUId,reason\n36f675cc-81e7-4ef5-a8e2-5d940ed90475,x\n", source.KindOther},
		{"film", "a.mp4", random(), source.KindOther},
		{"long text", "a.txt", strings.Repeat("A long text, with commas.\n", 2000), source.KindOther},
		{"sign of a job", "_SUCCESS", "", source.KindOther},
		{"beside files of macOS", "._vm.csv", "\x00\x05\x16\x07\x00\x02\x00\x00LabUId,ResourceUId", source.KindOther},
	}
}

func TestKindOfAFileIsKnownByNameAndText(t *testing.T) {
	t.Parallel()
	for _, test := range kindTests(t) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			have, err := source.KindOf("a/.git/"+test.path, iotest.HalfReader(strings.NewReader(test.text)), []string{"LabUId", "reason"})
			require.NoError(t, err)
			assert.Equal(t, test.want, have, "%v", have)
		})
	}
}

func TestKindOfAFileThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	failure := errors.New("the network is down")
	for _, n := range []int{0, 1, 16 << 10, 17 << 10} {
		r := &failingReader{strings.Repeat("A long text.\n", 2000)[:n], failure}
		kind, err := source.KindAt("a.txt", r)
		require.Equal(t, failure, err)
		assert.Zero(t, kind)
	}
}

// A failingReader reads a text, and fails.
type failingReader struct {
	text string
	err  error
}

func (r *failingReader) Read(p []byte) (int, error) {
	n := copy(p, r.text)
	if r.text = r.text[n:]; n == 0 {
		return 0, r.err
	}
	return n, nil
}
