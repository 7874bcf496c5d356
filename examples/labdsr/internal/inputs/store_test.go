package inputs_test

import (
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// A store is a container of texts by their names, at https://store/c.
type store struct {
	texts   map[string]string
	opened  map[string]int
	changed bool // since the listing
}

const container = "https://store/c"

func (*store) Has(name string) bool { return strings.HasPrefix(name, "https://") }

func (s *store) List(_ context.Context, name string) ([]inputs.Stored, error) {
	if s.opened == nil {
		s.opened = map[string]int{}
	}
	prefix := strings.TrimPrefix(strings.TrimPrefix(name, container), "/")
	var all []inputs.Stored
	for _, blob := range slices.Sorted(maps.Keys(s.texts)) {
		below, ok := strings.CutPrefix(blob, prefix)
		if !ok || prefix != "" && below != "" {
			continue
		}
		text := s.texts[blob]
		all = append(all, inputs.Stored{
			Name: container + "/" + blob, Below: below, Size: int64(len(text)),
			Open: func(ctx context.Context) (io.ReadCloser, error) {
				s.opened[blob]++
				if s.changed {
					return nil, csvschema.ErrSourceChanged
				}
				return io.NopCloser(strings.NewReader(text)), ctx.Err()
			},
		})
	}
	return all, nil
}

// TestContainerIsSearchedAsAFolder has the same files in a container and in a folder: the
// same is found, in the same order, with the same names of outputs.
func TestContainerIsSearchedAsAFolder(t *testing.T) {
	t.Parallel()
	const lab = "contoso-dev/36f675cc-81e7-4ef5-a8e2-5d940ed90475/25-06-2026/full/"
	files := map[string]string{
		lab + "virtualmachines.csv": machinesHeader + "l,r,i,ann\n", lab + "disks.csv": disksHeader,
		"a/machines.txt": machinesHeader, "a-b/machines.txt": machinesHeader, "a/b/disks.gz": gzipped(t, disksHeader), "a/costs.csv": "Name,Cost\n",
		"z.zip": zipped(t, "virtualmachines.csv", machinesHeader, "notes.txt", "none\n"), "old/a.xlsx": "PK\x03\x04",
		"a/.labdsr": marker.Begun + "files: 0\n", ".labdsr": marker.Begun,
	}
	dir, s := t.TempDir(), &store{texts: files}
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	stored := maps.Clone(files)
	stored["a/b/"], stored["empty/"] = "", "" // folders
	s.texts = stored
	var want, have []string
	for place, all := range map[string]*[]string{dir: &want, container: &have} {
		f := inputs.Finder{Store: s, Ignore: []string{"old"}}
		t.Cleanup(f.Close)
		require.NoError(t, f.Find(t.Context(), place, csvschema.VirtualMachines))
		e := f.Group(time.UTC, time.Time{})
		names, err := e.OutputNames()
		require.NoError(t, err)
		for _, file := range e.Files {
			var text strings.Builder
			require.NoError(t, file.CopyTo(t.Context(), &text))
			*all = append(*all, file.String(), strings.TrimPrefix(filepath.ToSlash(file.Path), filepath.ToSlash(place)+"/"), names[file], text.String(), e.List[file.Export-1].Made.String())
		}
		for _, name := range slices.Concat(e.LeftAlone, e.Ignored) {
			*all = append(*all, strings.TrimPrefix(filepath.ToSlash(name), filepath.ToSlash(place)+"/"))
		}
	}
	assert.Len(t, want, 6*5+2+1)
	assert.Equal(t, want, have[:len(want)])
	for name, n := range s.opened {
		most := 2 // to find it, and to copy it
		assert.LessOrEqual(t, n, most, name)
	}
}

func TestFileOfAContainer(t *testing.T) {
	t.Parallel()
	s := &store{texts: map[string]string{"a/vm.csv": machinesHeader, "a/vm.csv.gz": gzipped(t, machinesHeader), "a/z.zip": zipped(t, "disks.csv", disksHeader), "a/notes": "x\n"}}
	f := inputs.Finder{Store: s}
	t.Cleanup(f.Close)
	for name, plain := range map[string]bool{"/a/vm.csv": true, "/a/vm.csv.gz": false, "/a/z.zip": false} {
		role := csvschema.VirtualMachines
		if strings.HasSuffix(name, ".zip") {
			role = csvschema.Disks
		}
		require.NoError(t, f.Find(t.Context(), container+name, role))
		file := f.Files()[len(f.Files())-1]
		stored, is := file.Stored()
		assert.Equal(t, container+name, stored)
		assert.Equal(t, plain, is, name)
	}
	require.NoError(t, f.Find(t.Context(), container+"/a/vm.csv", csvschema.VirtualMachines), "again")
	assert.Equal(t, []string{container + "/a/vm.csv"}, f.Group(time.UTC, time.Time{}).Twice)
	err := f.Find(t.Context(), container+"/a/vm.csv", csvschema.Disks)
	require.EqualError(t, err, container+"/a/vm.csv: this is a virtualmachines file")
	err = f.Find(t.Context(), container+"/a/notes", 0)
	require.ErrorContains(t, err, "no export")
	err = f.Find(t.Context(), container+"/none", 0)
	assert.EqualError(t, err, container+"/none: no exports in this container, or below this name in it")
}

func TestWhatMayBeAnExportInAContainerIsNotPassedOver(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a//vm.csv": "is no path", "a/../vm.csv": "is no path", `a\vm.csv`: "is no path", "a/vm.csv/": "is no path", ".vm.csv": "is hidden", "disks.csv": "has the name of an export",
	} {
		text := machinesHeader
		if name == "disks.csv" {
			text = "nothing\n"
		}
		f := inputs.Finder{Store: &store{texts: map[string]string{"b/vm.csv": machinesHeader, name: text}}}
		err := f.Find(t.Context(), container, 0)
		require.ErrorContains(t, err, container+"/"+name+": ", name)
		require.ErrorContains(t, err, want)
		assert.NotEmpty(t, fault.Hint(err))
		f.Ignore = []string{strings.ReplaceAll(strings.TrimSuffix(name, "/"), `\`, `\\`)}
		assert.NoError(t, f.Find(t.Context(), container, 0), name)
	}
}

func TestChangedFileOfAContainerIsNoticed(t *testing.T) {
	t.Parallel()
	s := &store{texts: map[string]string{"vm.csv": machinesHeader}}
	f := inputs.Finder{Store: s}
	require.NoError(t, f.Find(t.Context(), container, 0))
	s.changed = true
	err := f.Files()[0].CopyTo(t.Context(), io.Discard)
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
	require.ErrorContains(t, err, container+"/vm.csv: ")
	s.changed = false
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, f.Find(ctx, container, 0), context.Canceled)
}

// TestLargeFileOfAContainer has a ZIP and a text of which finding them reads more than it
// holds.
func TestLargeFileOfAContainer(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	rows := strings.Repeat("36f675cc-81e7-4ef5-a8e2-5d940ed90475,0f21ddb6-6cad-4a26-8d11-6ece1738f7d9,i,ann\n", 100_000)
	s := &store{texts: map[string]string{"a.zip": zipped(t, "disks.csv", disksHeader+rows), "b.csv": machinesHeader + rows}}
	f := inputs.Finder{Store: s}
	require.NoError(t, f.Find(t.Context(), container, 0))
	for _, file := range f.Files() {
		for range 2 {
			var text strings.Builder
			require.NoError(t, file.CopyTo(t.Context(), &text))
			assert.Equal(t, rows, text.String()[len(file.Header):])
		}
	}
	f.Close()
	entries, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, entries)
}
