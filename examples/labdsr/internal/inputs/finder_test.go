package inputs_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// The headers have the columns that tell the two kinds of export apart, and no more.
const (
	machinesHeader = "LabUId,ResourceUId,ResourceId,ResourceOwner\n"
	disksHeader    = "LabUId,ResourceUId,ResourceId,LeasedByVmId\n"
)

// write writes a file, and the folders above it.
func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// paths returns the paths of files relative to a folder, with slashes.
func paths(t *testing.T, dir string, files []*inputs.File) []string {
	t.Helper()
	var all []string
	for _, file := range files {
		all = append(all, relative(t, dir, file.Path))
	}
	return all
}

func relative(t *testing.T, dir, path string) string {
	t.Helper()
	rel, err := filepath.Rel(dir, path)
	require.NoError(t, err)
	return filepath.ToSlash(rel)
}

func TestFolderIsSearchedForExports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a/machines.txt": machinesHeader, "a/b/disks": disksHeader,
		"a/costs.csv": "Name,Cost\n", "a/holds.csv": "LabUId,reason\n",
		".git/index": "DIRC\x00\x02", "a/.DS_Store": "\x00", "a/Thumbs.db": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a/desktop.ini": "",
		".git/refs/heads/disks.csv": "0f21ddb6\n", "$RECYCLE.BIN/S-1-5/desktop.ini": "[.ShellClassInfo]\r\n", "a/.~lock.virtualmachines.csv#": ",ann,host,;",
		"a/.labdsr": marker.Begun, "b/.labdsr": marker.Begun + "files: 0\n", ".labdsr-c.new/.labdsr": marker.Begun, ".labdsr-c.new/vm.csv": machinesHeader,
	} {
		write(t, filepath.Join(dir, name), text)
	}
	f := inputs.Finder{Lists: [][]string{{"LabUId", "reason"}}}
	require.NoError(t, f.Find(t.Context(), dir, csvschema.VirtualMachines))
	assert.Equal(t, []string{"a/b/disks", "a/machines.txt"}, paths(t, dir, f.Files()))
	e := f.Group(time.UTC, time.Time{})
	require.Len(t, e.LeftAlone, 2)
	assert.Equal(t, "a/costs.csv", relative(t, dir, e.LeftAlone[0]))
	assert.Equal(t, "a/holds.csv", relative(t, dir, e.LeftAlone[1]))
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

// TestNothingIsLeftAloneInSilence has one file beside an export: it makes the search fail,
// or is told.
func TestNothingIsLeftAloneInSilence(t *testing.T) {
	t.Parallel()
	const (
		row   = "36f675cc-81e7-4ef5-a8e2-5d940ed90475,0f21ddb6-6cad-4a26-8d11-6ece1738f7d9,/subscriptions/x/providers/microsoft.devtestlab/labs/y,ann\n"
		page  = "<!DOCTYPE html>\n<html><title>Sign in</title></html>\n"
		error = "\ufeff<?xml version=\"1.0\"?><Error><Code>BlobNotFound</Code></Error>"
		whole = machinesHeader + row
	)
	bytes := make([]byte, 20_000)
	_, _ = rand.NewChaCha8([32]byte{}).Read(bytes) // it returns no error
	random := string(bytes)
	for _, test := range []struct{ name, path, text, want string }{
		{"by its name", "virtualmachines.csv", "Name,Cost\n", "has the name of an export"},
		{"by its name, again", "disks (1).txt", "nothing\n", "has the name of an export"},
		{"empty and hidden", ".labs.csv", "", "is empty"},
		{"by its name, and unknown", "Virtual Machines", "\x01\x02\x03", "has the name of an export"},
		{"header with blanks", "a.csv", "Subscription Id, Lab U Id, Resource U Id\n", "nearly that of an export"},
		{"header with one letter wrong", "a.csv", "Name,LabUld,x\n", "nearly that of an export"},
		{"header without the IDs", "a.csv", "LabName;ResourceOwner;x\n", "nearly that of an export"},
		{"header far below", "a.csv", strings.Repeat("a title\n", 12) + "LabUId,ResourceUId\n", "nearly that of an export"},
		{"header in full width", "a.csv", "\uff2c\uff41\uff42\uff35\uff29\uff44,x\n", "line 1"},
		{"localised header", "maschinen.csv", "Labor,Ressource,Pfad,Besitzer\n" + row, "rows like those of an export"},
		{"localised header without rows", "maschinen.csv", "Abo;Labor;" + strings.Repeat("Spalte;", 13) + "\r\n", "nearly that of an export"},
		{"damaged archive", "a.zip", "\x01\x02", "is an archive"},
		{"beside files of macOS, and none", "._vm.csv", whole, "is hidden"},
		{"no header", "a.csv", row, "rows like those of an export"},
		{"sep", "a.csv", "sep=,\n" + whole, "sep="},
		{"type", "a.csv", "#TYPE x\n" + whole, "#TYPE"},
		{"title", "a.csv", "Usage\n" + whole, "title"},
		{"workbook", "a.xlsx", zipped(t, "[Content_Types].xml", "x", "xl/workbook.xml", "x"), "is a workbook"},
		{"workbook of another name", "a.csv", zipped(t, "[Content_Types].xml", "x", "xl/workbook.xml", "x"), "is a workbook"},
		{"old workbook", "a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook"},
		{"workbook in a ZIP", "a.zip", zipped(t, "b/c.xlsx", zipped(t, "xl/workbook.xml", "x")), "a.zip/b/c.xlsx: is a workbook"},
		{"web page", "a.csv", page, "is a web page"},
		{"error of the store", "blob", error, "is a web page"},
		{"empty", "a.csv", "", "is empty"},
		{"a mark alone", "a.csv", "\ufeff\r\n", "is empty"},
		{"empty in a ZIP", "a.zip", zipped(t, "b/a.csv", ""), "a.zip/b/a.csv: is empty"},
		{"gzip twice", "a.csv.gz", gzipped(t, gzipped(t, whole)), "packed more than once"},
		{"ZIP in a ZIP", "a.zip", zipped(t, "b.zip", zipped(t, "vm.csv", whole)), "packed more than once"},
		{"ZIP in a ZIP, of another suffix", "a.zip", zipped(t, "b.json", zipped(t, "vm.csv", whole)), "packed more than once"},
		{"ZIP in gzip", "a.zip.gz", gzipped(t, zipped(t, "vm.csv", whole)), "packed more than once"},
		{"tar", "a.tar", "virtualmachines.csv" + strings.Repeat("\x00", 238) + "ustar\x0000" + strings.Repeat("\x00", 247) + whole, "is an archive"},
		{"tar in gzip", "a.tar.gz", gzipped(t, "virtualmachines.csv"+strings.Repeat("\x00", 238)+"ustar\x0000"+strings.Repeat("\x00", 247)+whole), "is an archive"},
		{"7z", "a.7z", "7z\xbc\xaf\x27\x1c", "is an archive"},
		{"damaged gzip", "a.gz", "\x1f\x8b", "damaged gzip file"},
		{"remnant of a download", ".azDownload-8c8ad0c5-virtualmachines.csv", whole, "download that was cut off"},
		{"part of a download", "x.csv.crdownload", whole[:10], "download that was cut off"},
		{"hidden", ".vm.csv", whole, "is hidden"},
		{"in a hidden folder", ".old/vm.csv", whole, "is hidden"},
		{"hidden in a ZIP", "a.zip", zipped(t, ".x/vm.csv", whole), "a.zip/.x/vm.csv: is hidden"},
		{"lock of a spreadsheet", "~$vm.csv", whole, "is hidden"},
		{"twice in a ZIP", "a.zip", zipped(t, "vm.csv", whole, "vm.csv", machinesHeader), "in the ZIP file more than once"},
		{"backslash in a ZIP", "a.zip", zipped(t, `lab\vm.csv`, whole), "has a backslash"},
		{"repository", ".git/vm.csv", whole, "files of the system"},
		{"bin", "$RECYCLE.BIN/S-1-5/$RX.csv", row, "files of the system"},
		{"bin, packed", "$RECYCLE.BIN/S-1-5/$RX.csv.gz", gzipped(t, whole), "files of the system"},
		{"bin, archive", ".Trashes/x.7z", "7z\xbc\xaf\x27\x1c", "files of the system"},
		{"found after a crash", "lost+found/#12", whole, "files of the system"},
		{"clutter by name", "Thumbs.db", whole, "files of the system"},
		{"lock by name", ".~lock.virtualmachines.csv#", whole, "files of the system"},
		{"own by name", ".labdsr-vm.csv", whole, "files of the system"},
		{"own folder by name", ".labdsr-x/vm.csv", whole, "files of the system"},
		{"clutter in a ZIP", "a.zip", zipped(t, "__MACOSX/vm.csv", whole), "files of the system"},
		{"marker and export", ".labdsr", marker.Begun + whole, "is hidden"},
		{"folder by its attributes in a ZIP", "a.zip", zippedAs(t, "virtualmachines.csv", fs.ModeDir, whole), "is a folder in the ZIP file"},
		{"folder with data in a ZIP", "a.zip", strings.ReplaceAll(zipped(t, "virtualmachines.csv_", whole), "csv_", "csv/"), "is a folder in the ZIP file"},
		{"two ZIPs in one", "a.zip", zipped(t, "vm.csv", whole) + zipped(t, "x.txt", "x"), "belong to none of its entries"},
		{"two ZIPs in one, and the last is empty", "a.zip", zipped(t, "vm.csv", whole) + zipped(t), "belong to none of its entries"},
		{"ZIP that is like a document", "a.zip", zipped(t, "[Content_Types].xml", "x", "virtualmachines.csv", whole), "is in a document"},
		{"ZIP that is like a free document", "a.zip", zipped(t, "META-INF/manifest.xml", "x", "x/vm.bin", whole), "is in a document"},
		{"empty ZIP", "a.zip", zipped(t), "is empty"},
		{"ZIP of folders", "a.zip", zipped(t, "a/", "", "a/b/", ""), "is empty"},
		{"twice in a ZIP by another path", "a.zip", zipped(t, "vm.csv", whole, "./vm.csv", whole), "in the ZIP file more than once"},

		{"cut off after five bytes", "labA.csv", "Subsc", "nearly that of an export"},
		{"cut off after a name", "labA.txt", "\"SubscriptionId\",", "nearly that of an export"},
		{"Base64", "labA.b64", base64.StdEncoding.EncodeToString([]byte(whole)), "packed more than once"},
		{"Base64 in lines, of gzip", "labA.txt", lined(base64.StdEncoding.EncodeToString([]byte(gzipped(t, whole)))), "packed more than once"},
		{"LZMA", "labA", "\x5d\x00\x00\x80\x00\xff\xff", "is an archive"},
		{"part of a ZIP", "labA.z01", "PK\x07\x08PK\x03\x04", "is an archive"},
		{"EBCDIC", "labA.csv", ebcdic(t, whole), "nearly that of an export"},
		{"encrypted", "labA.csv.enc", random, "is no text"},
		{"columns", "labA.parquet", random, "is no text"},
		{"part of something", "labA.001", random, "is no text"},
		{"armoured", "labA.asc", "-----BEGIN PGP MESSAGE-----\n\nhQ==\n", "is encrypted"},
		{"age", "labA.age", "age-encryption.org/v1\n-> X25519 x\n", "is encrypted"},
		{"comments above", "a.txt", strings.Repeat("# "+strings.Repeat("x", 50)+"\n", 400) + whole, "nearly that of an export"},
		{"long title", "a.csv", strings.Repeat("x", 20_000) + "\n" + whole, "nearly that of an export"},
		{"rows below comments", "a.csv", strings.Repeat("# "+strings.Repeat("x", 50)+"\n", 400) + row, "rows like those of an export"},
		{"export below the header of a list", "holds.csv", "LabUId,reason\n" + whole, "nearly that of an export"},
		{"rows below the header of a list", "holds.csv", "LabUId,reason\n" + row, "nearly that of an export"},

		{"rows of another suffix", "virtualmachines-x.json", row, "rows like those of an export"},
		{"rows of a log", "x.log", row, "rows like those of an export"},
		{"rows of a document", "x.docx", row, "rows like those of an export"},
		{"page of a browser", "virtualmachines.csv.html", page, "is a web page"},
		{"error of the store as XML", "export.xml", error, "is a web page"},
		{"error of the store as JSON", "export.json", error, "is a web page"},
		{"empty JSON", "virtualmachines.json", "", "is empty"},
		{"empty log", "Disks (1).log", "", "is empty"},
		{"JSON rows in a ZIP", "a.zip", zipped(t, "virtualmachines.json", `[{"LabUId":"x"}]`), "is a web page"},

		{"records in JSON", "usage.json", `[{"LabUId":"36f675cc-81e7-4ef5-a8e2-5d940ed90475","ResourceOwner":"ann@contoso.com"}]`, "rows like those of an export"},
		{"records in lines of JSON", "usage.jsonl", "{\n  \"labUId\": \"36f675cc-81e7-4ef5-a8e2-5d940ed90475\",\n  \"leasedByVmId\": \"x\"}", "rows like those of an export"},
		{"records in XML", "usage.xml", "<a><LabUId>36f675cc-81e7-4ef5-a8e2-5d940ed90475</LabUId><ResourceOwner>x</ResourceOwner></a>", "rows like those of an export"},
		{"a table in HTML", "usage.html", "<tr><th>LabUId</th><th>ResourceOwner</th></tr><tr><td>36f675cc-81e7-4ef5-a8e2-5d940ed90475</td></tr>", "rows like those of an export"},
		{"records in SQL", "usage.sql", "INSERT INTO t (LabUId, ResourceOwner) VALUES ('36f675cc-81e7-4ef5-a8e2-5d940ed90475', 'x');", "rows like those of an export"},
		{"records without a suffix", "usage", `{"LabUId":"36f675cc-81e7-4ef5-a8e2-5d940ed90475","ResourceOwner":"ann@contoso.com"}`, "rows like those of an export"},
		{"pointer", "usage.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:01\nsize 1\n", "pointer of Git LFS"},
		{"pointer of another name", "usage.txt", "version https://git-lfs.github.com/spec/v1\noid sha256:01\nsize 1\n", "pointer of Git LFS"},
		{"database", "usage.db", "SQLite format 3\x00" + strings.Repeat("a text ", 99), "is a database"},
		{"Parquet", "usage", "PAR1" + strings.Repeat("a text ", 99), "is a database"},
		{"Avro", "usage.avro", "Obj\x01" + strings.Repeat("a text ", 99), "is a database"},
		{"workbook of a Mac", "a.numbers", zipped(t, "Index/Document.iwa", "x"), "is a workbook"},

		{"names in JSON", "columns.json", `["LabUId","ResourceOwner"]`, ""},
		{"names in a page", "docs.html", "<td>LabUId</td><td>ResourceOwner</td>", ""},
		{"result of this program", "result.json", `{"toDecide":[{"labUId":"36f675cc-81e7-4ef5-a8e2-5d940ed90475","resourceUId":"x","reason":"its ResourceOwner is odd"}]}`, ""},
		{"digest of an export", "virtualmachines.csv.sha256", "0123  virtualmachines.csv\n", ""},
		{"JSON on one line", "lab.json", `{"a":"/subscriptions/x","b":1,"c":2,"d":3,"e":4,"f":5,"g":6,"h":7}`, ""},
		{"documentation of disks", "disks.md", "# Disks\n", ""},
		{"list of disks", "our-disks.json", "[1]", ""},
		{"about exports", "README.md", "LabUId and ResourceUId, " + row, ""},
		{"picture", "disks.png", "\x89PNG", ""},
		{"JSON", "labs.json", "[\"/subscriptions/x\",1,2,3]", ""},
		{"other table", "costs.csv", "Name,Cost\nann,3\n", ""},
		{"marker of the service", "20260630.txt", "", ""},
		{"document", "a.docx", zipped(t, "[Content_Types].xml", "x", "word/document.xml", "x"), ""},
		{"document with a table", "a.pptx", zipped(t, "[Content_Types].xml", "x", "ppt/embeddings/a.xlsx", zipped(t, "xl/workbook.xml", "x"), "ppt/disks.xml", "<a/>"), ""},
		{"list", "holds.csv", "LabUId,reason\n", ""},
		{"list of GUIDs", "holds.csv", "LabUId,reason\n36f675cc-81e7-4ef5-a8e2-5d940ed90475,0f21ddb6-6cad-4a26-8d11-6ece1738f7d9\n", ""},
		{"picture without a suffix", "logo", "\x89PNG" + random, ""},
		{"film", "a.mp4", random, ""},
		{"old encoding", "a.txt", strings.Repeat("\xcf\xf0\xe8\xe2\xe5\xf2, ", 20), ""},
		{"colours of a terminal", "a.txt", "\x1b[31mred\x1b[0m\n", ""},
		{"long text", "a.txt", strings.Repeat("A long text, with commas.\n", 2000), ""},
		{"Base64 of something else", "a.b64", base64.StdEncoding.EncodeToString([]byte("Nothing that is an export.")), ""},
		{"usage of disks", "disk-usage.txt", "/dev/sda1 3%\n", ""},
		{"how-to", "virtual machines how-to.txt", "Press the button.\n", ""},
		{"drawing", "Disk.vsdx", "a drawing", ""},
		{"sign of a cache", "CACHEDIR.TAG", "", ""},
		{"sign of a page", ".nojekyll", "", ""},
		{"sign of a job", "_SUCCESS", "", ""},
		{"owner of a workbook", "~$report.xlsx", "\x03Ann" + strings.Repeat(" ", 50) + "\x03\x00A\x00n\x00n" + strings.Repeat(" \x00", 50), ""},
		{"list in other letters", "holds.csv", "labuid;Reason\n", ""},
		{"hidden, and none", ".profile", "x=1\n", ""},
		{"page", "index.html", page, ""},
		{"beside files of macOS", "._virtualmachines.csv", "\x00\x05\x16\x07\x00\x02", ""},
		{"beside files of macOS, with a header", "._virtualmachines.csv", "\x00\x05\x16\x07\x00\x02\x00\x00LabUId,ResourceUId", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "good.csv"), whole)
			write(t, filepath.Join(dir, "sub", filepath.FromSlash(test.path)), test.text)
			f := inputs.Finder{Lists: [][]string{{"LabUId", "reason"}}}
			err := f.Find(t.Context(), dir, 0)
			if test.want == "" {
				require.NoError(t, err)
				e := f.Group(time.UTC, time.Time{})
				assert.Equal(t, []string{filepath.Join(dir, "sub", filepath.FromSlash(test.path))}, e.LeftAlone)
				assert.Len(t, e.Files, 1)
				return
			}
			require.Error(t, err)
			said := fault.Text(err, (*inputs.Exports)(nil).PathOf) + " " + fault.Hint(err)
			assert.Contains(t, said, test.want)
			assert.Contains(t, said, strings.Split(filepath.ToSlash(test.path), "/")[0])
			for _, pattern := range []string{"sub", "s*/", "sub/" + strings.Split(test.path, "/")[0], "*/?*"} {
				f := inputs.Finder{Ignore: []string{"nothing", pattern}}
				require.NoError(t, f.Find(t.Context(), dir, 0), pattern)
				e := f.Group(time.UTC, time.Time{})
				assert.Len(t, e.Ignored, 1)
				assert.Len(t, e.Files, 1)
				assert.Empty(t, e.LeftAlone)
			}
		})
	}
}

func TestPatternsOfZIPs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.zip")
	write(t, path, zipped(t, "b/vm.csv", machinesHeader, "b/x.xlsx", "x"))
	f := inputs.Finder{Ignore: []string{"b/*.xlsx"}}
	require.NoError(t, f.Find(t.Context(), path, 0))
	assert.Len(t, f.Files(), 1)
	f = inputs.Finder{Ignore: []string{"["}}
	err := f.Find(t.Context(), path, 0)
	require.Error(t, err)
	assert.True(t, fault.IsUsage(err))
}

// TestAllDoubtsAreTold has more than one file that may be an export.
func TestAllDoubtsAreTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "vm.csv"), machinesHeader)
	for i := range 9 {
		write(t, filepath.Join(dir, fmt.Sprintf("x%d.csv", i)), "")
	}
	var f inputs.Finder
	err := f.Find(t.Context(), dir, 0)
	require.ErrorContains(t, err, "x0.csv: is empty")
	assert.Contains(t, fault.Hint(err), "x5.csv: is empty")
	assert.Contains(t, fault.Hint(err), "… and 3 more")
}

func TestLinksToFoldersAreNotPassedOver(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "vm.csv"), machinesHeader)
	write(t, filepath.Join(other, "vm.csv"), machinesHeader)
	if err := os.Symlink(other, filepath.Join(dir, "link")); err != nil {
		t.Skip("links need rights here")
	}
	var f inputs.Finder
	require.ErrorContains(t, f.Find(t.Context(), dir, 0), "link: is no regular file")
	f = inputs.Finder{Ignore: []string{"link"}}
	require.NoError(t, f.Find(t.Context(), dir, 0))
}

func TestDamagedExportIsNeverLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "good.csv"), machinesHeader)
	write(t, filepath.Join(dir, "spoilt.csv"), strings.ReplaceAll(machinesHeader, ",", ";"))
	var f inputs.Finder
	err := f.Find(t.Context(), dir, 0)
	require.Error(t, err)
	assert.Contains(t, fault.Text(err, (*inputs.Exports)(nil).PathOf), "spoilt.csv: line 1")
}

func TestFindRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "disks.csv"), disksHeader)
	write(t, filepath.Join(dir, "other.csv"), "Name,Cost\n")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "empty"), 0o700))
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, test := range []struct {
		name, path string
		ctx        context.Context
		want       string
	}{
		{"the other kind", "disks.csv", t.Context(), "disks.csv: this is a disks file"},
		{"no export", "other.csv", t.Context(), "other.csv: no export"},
		{"folder without exports", "empty", t.Context(), "empty: no exports in this folder"},
		{"nothing there", "none", t.Context(), "no such file"},
		{"interrupted", ".", stopped, "context canceled"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var f inputs.Finder
			require.ErrorContains(t, f.Find(test.ctx, filepath.Join(dir, test.path), csvschema.VirtualMachines), test.want)
			assert.Empty(t, f.Files())
		})
	}
}

func TestFileIsReadOnceByAllItsNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "vm.csv")
	write(t, path, machinesHeader)
	link := filepath.Join(dir, "link.csv")
	require.NoError(t, os.Link(path, link))
	var f inputs.Finder
	for _, name := range []string{path, path, link} {
		require.NoError(t, f.Find(t.Context(), name, 0))
	}
	assert.Len(t, f.Files(), 1)
	assert.Equal(t, []string{path, link}, f.Group(time.UTC, time.Time{}).Twice)
}
