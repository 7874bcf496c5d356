package inputs_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func zstded(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return string(w.EncodeAll([]byte(text), nil))
}

func zipped(t *testing.T, entries ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		entry, err := w.Create(entries[i])
		require.NoError(t, err)
		_, err = io.WriteString(entry, entries[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String()
}

// zippedAs has one entry of that mode, whose sizes come before its bytes.
func zippedAs(t *testing.T, name string, mode fs.FileMode, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	header := &zip.FileHeader{Name: name, UncompressedSize64: uint64(len(text)), CompressedSize64: uint64(len(text)), CRC32: crc32.ChecksumIEEE([]byte(text))}
	header.SetMode(mode)
	entry, err := w.CreateRaw(header)
	require.NoError(t, err)
	_, err = io.WriteString(entry, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func TestPackedFilesAreReadPlain(t *testing.T) {
	t.Parallel()
	const text = machinesHeader + "lab,vm,id,ann\n"
	for _, test := range []struct{ name, path, data string }{
		{"plain", "vm.csv", text},
		{"gzip", "vm.csv.gz", gzipped(t, text)},
		{"gzip without its suffix", "vm.csv", gzipped(t, text)},
		{"zstd", "vm.csv.zst", zstded(t, text)},
		{"ZIP", "portal.zip", zipped(t, "lab/vm.csv", text, "__MACOSX/lab/._vm.csv", "\x00\x05\x16\x07")},
		{"gzip of several members", "vm.csv.gz", gzipped(t, text[:20]) + gzipped(t, text[20:])},
		{"gzip filled with zeros", "vm.csv.gz", gzipped(t, text) + strings.Repeat("\x00", 10_000)},
		{"zstd of several frames", "vm.csv.zst", zstded(t, text[:20]) + zstded(t, text[20:])},
		{"zstd of pzstd", "vm.csv.zst", "\x50\x2a\x4d\x18\x04\x00\x00\x00\x2a\x00\x00\x00" + zstded(t, text)},
		{"zstd of another skippable frame", "vm.csv.zst", "\x5f\x2a\x4d\x18\x00\x00\x00\x00" + zstded(t, text)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), test.path)
			write(t, path, test.data)
			read := 0
			f := inputs.Finder{Read: func(n int) { read += n }}
			require.NoError(t, f.Find(t.Context(), path, csvschema.VirtualMachines))
			require.Len(t, f.Files(), 1)
			file := f.Files()[0]
			assert.Equal(t, machinesHeader, string(file.Header))
			var b strings.Builder
			read = 0
			require.NoError(t, file.CopyTo(t.Context(), &b))
			assert.Equal(t, text, b.String())
			assert.Equal(t, f.Group(time.UTC, time.Time{}).Size(0), int64(read), "progress ends elsewhere")
		})
	}
}

func TestPackedFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	long := machinesHeader + strings.Repeat("lab,vm,id,ann\n", 10_000)
	whole := gzipped(t, long)
	for _, test := range []struct{ name, data, want string }{
		{"gzip cut off in the header", whole[:5], "damaged gzip file"},
		{"gzip and something else", gzipped(t, machinesHeader) + "\x00x", "damaged gzip file"},
		{"workbook", zipped(t, "xl/workbook.xml", ""), "is a workbook of a spreadsheet program"},
		{"gzip twice", gzipped(t, whole), "packed more than once"},
		{"tar in gzip", gzipped(t, "a"+strings.Repeat("\x00", 256)+"ustar\x00"), "is an archive"},
		{"empty ZIP", zipped(t), "is empty"},
		{"ZIP cut off", zipped(t, "vm.csv", long)[:100], "damaged ZIP file"},
		{"ZIP without an export", zipped(t, "readme.txt", "LabUId says it"), "no export in this ZIP file"},
		{"ZIP that leaves its folder", zipped(t, "../vm.csv", long), "outside of its folder"},
		{"ZIP of Windows that leaves its folder", zipped(t, `lab\..\..\vm.csv`, long), "outside of its folder"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "vm.csv")
			write(t, path, test.data)
			var f inputs.Finder
			assert.ErrorContains(t, f.Find(t.Context(), path, 0), test.want)
		})
	}

	path := filepath.Join(t.TempDir(), "vm.csv")
	write(t, path, whole[:len(whole)-9])
	var f inputs.Finder
	require.NoError(t, f.Find(t.Context(), path, 0))
	err := f.Files()[0].CopyTo(t.Context(), io.Discard)
	require.ErrorContains(t, err, "vm.csv: damaged gzip file")
	assert.Contains(t, fault.Hint(err), "cut off")
}

func TestTimeGrowsWithTheFilesInProportion(t *testing.T) { //nolint:paralleltest // measures time
	for name, isZIP := range map[string]bool{"ZIP": true, "folder": false} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // measures time
			csvschematest.AssertLinear(t, 100, func(size int) func() {
				dir := t.TempDir()
				var entries []string
				for i := range size {
					// Each in a folder of its own; all have the same name when it is hidden.
					entry := fmt.Sprintf("%d/virtualmachines.csv", i)
					if entries = append(entries, entry, machinesHeader); !isZIP {
						write(t, filepath.Join(dir, entry), machinesHeader)
					}
				}
				if isZIP {
					dir = filepath.Join(dir, "a.zip")
					write(t, dir, zipped(t, entries...))
				}
				return func() {
					var f inputs.Finder
					require.NoError(t, f.Find(t.Context(), dir, 0))
					e := f.Group(time.UTC, time.Time{})
					require.Len(t, e.Files, size)
					names := e.Names(func(string) string { return "hidden" })
					require.Len(t, names, size)
					for _, file := range e.Files {
						require.Same(t, file, e.File(file.FileID))
					}
				}
			})
		})
	}
}
