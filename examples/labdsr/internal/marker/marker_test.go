package marker_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// fill makes a folder with two files and their marker.
func fill(t *testing.T) string {
	t.Helper()
	dir, files := t.TempDir(), map[string]*marker.File{}
	odd := "a b/\"c\"\n.csv"
	if runtime.GOOS == "windows" {
		odd = "a b/c.csv"
	}
	for name, text := range map[string]string{odd: "one", "d.csv": "two"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		files[name] = &marker.File{}
		files[name].Add([]byte(text[:1]))
		files[name].Add([]byte(text[1:]))
	}
	put(t, dir, marker.Begun+string(marker.Lines(files)))
	return dir
}

func put(t *testing.T, dir, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, marker.Name), []byte(text), 0o600))
}

func TestCheckHoldsAMarkerToItsWord(t *testing.T) {
	t.Parallel()
	edit := func(edit func(text string) string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			text, err := os.ReadFile(filepath.Join(dir, marker.Name))
			require.NoError(t, err)
			put(t, dir, edit(string(text)))
		}
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T, dir string)
		want   bool
		is     bool // there is a marker, begun or whole
	}{
		{"unchanged", func(*testing.T, string) {}, true, true},
		{"no marker", func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, marker.Name))) }, false, false},
		{"link for a marker", func(t *testing.T, dir string) {
			other := filepath.Join(t.TempDir(), "other")
			require.NoError(t, os.Rename(filepath.Join(dir, marker.Name), other))
			require.NoError(t, os.Symlink(other, filepath.Join(dir, marker.Name)))
		}, false, false},
		{"empty marker", edit(func(string) string { return "" }), false, false},
		{"begun marker", edit(func(string) string { return marker.Begun }), false, true},
		{"marker without its last line", edit(func(text string) string { return strings.TrimSuffix(text, "files: 2\n") }), false, true},
		{"marker with a line more", edit(func(text string) string { return text + "x\n" }), false, true},
		{"marker with a word more", edit(func(text string) string { return strings.Replace(text, "\"d.csv\"", "\"d.csv\" x", 1) }), false, true},
		{"marker with a word more in its last line", edit(func(text string) string { return strings.TrimSpace(text) + " x\n" }), false, true},
		{"marker with a line twice", edit(func(text string) string {
			lines := strings.SplitAfter(text, "\n")
			return strings.Join(slices.Insert(lines, 1, lines[1]), "")
		}), false, true},
		{"marker without a file", edit(func(text string) string {
			return strings.Join(strings.SplitAfter(text, "\n")[:2], "") + "files: 1\n"
		}), false, true},
		{"marker with a path that leads out", edit(func(text string) string {
			return strings.Replace(text, `"d.csv"`, `"../d.csv"`, 1)
		}), false, true},
		{"other first line", edit(func(text string) string { return "x" + text }), false, false},
		{"file with other text", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "d.csv"), []byte("twp"), 0o600))
		}, false, true},
		{"file of another size", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "d.csv"), []byte("two "), 0o600))
		}, false, true},
		{"hidden file", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "a b", ".x"), nil, 0o600))
		}, false, true},
		{"marker in a folder below", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "a b", marker.Name), []byte(marker.Begun), 0o600))
		}, false, true},
		{"folder", func(t *testing.T, dir string) { require.NoError(t, os.Mkdir(filepath.Join(dir, "x"), 0o700)) }, false, true},
		{"files of file managers", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "a b", ".DS_Store"), nil, 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "thumbs.db"), nil, 0o600))
		}, true, true},
		{"folder with the name of a file manager's file", func(t *testing.T, dir string) {
			require.NoError(t, os.Mkdir(filepath.Join(dir, ".DS_Store"), 0o700))
		}, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := fill(t)
			test.change(t, dir)
			have, err := marker.Check(dir)
			require.NoError(t, err)
			assert.Equal(t, test.want, have)
			assert.Equal(t, test.is, marker.Is(filepath.Join(dir, marker.Name)))
			assert.False(t, marker.Is(filepath.Join(dir, "d.csv")))
		})
	}
}

// TestOnlyMarkersAreReadWhole asks about large files. It is not parallel, because it measures
// the heap of the process.
func TestOnlyMarkersAreReadWhole(t *testing.T) {
	const size, most = 256 << 20, 16 << 20
	for _, name := range []string{"virtualmachines.csv", marker.Name} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.NoError(t, os.Truncate(path, size)) // takes no room on the disk
		assert.Less(t, csvschematest.PeakHeap(func() { assert.False(t, marker.IsWhole(path)) }), uint64(most), name)
	}
}
