package source_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
	"github.com/labdsr/labdsr/csvschema/source"
)

// layout are the files that the service writes, and some that lie beside them.
var layout = []string{
	"labresourceusage/Lab/36f675cc-81e7-4ef5-a8e2-5d940ed90475/26-6-2026/full/virtualmachines.csv", machinesHeader,
	"labresourceusage/Lab/36f675cc-81e7-4ef5-a8e2-5d940ed90475/26-6-2026/full/disks.csv", disksHeader,
	"labresourceusage/Lab/36f675cc-81e7-4ef5-a8e2-5d940ed90475/3-7-2026/26-6-2026/a", disksHeader,
	"labresourceusage/Lab/36f675cc-81e7-4ef5-a8e2-5d940ed90475/3-7-2026/26-6-2026/b", machinesHeader,
	"labresourceusage/Lab/20260626.txt", "",
	"labresourceusage/.DS_Store", "\x00\x00\x00\x01Bud1",
	"notes/README.md", "# Exports\n",
	"old/vm.xlsx", "PK\x03\x04",
}

// TestExportsAreFoundWhateverHoldsThem looks into a folder, a ZIP and memory.
func TestExportsAreFoundWhateverHoldsThem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, files(layout...)))
	sub, err := fs.Sub(files(append([]string{"beside.csv", row}, prefixed("below/", layout)...)...), "below")
	require.NoError(t, err)
	for name, fsys := range map[string]fs.FS{"memory": files(layout...), "folder": os.DirFS(dir), "ZIP": zipped(t, layout...), "below": sub} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := source.Find(t.Context(), fsys, &source.Options{Ignore: func(name string) bool { return name == "old" }})
			require.NoError(t, err)
			var have []string
			for _, file := range found.Files {
				have = append(have, fmt.Sprintf("%v %s", file.FileID, path.Base(file.Path)))
				_, err := read(t.Context(), file.Source)
				require.NoError(t, err)
			}
			assert.Equal(t, []string{
				"virtualmachines file 1 of export 1 virtualmachines.csv", "disks file 1 of export 1 disks.csv",
				"virtualmachines file 1 of export 2 b", "disks file 1 of export 2 a",
			}, have)
			require.Len(t, found.Exports, 2)
			assert.Equal(t, time.Date(2026, time.June, 27, 0, 0, 0, 0, time.UTC), found.Exports[0].Made)
			assert.Equal(t, time.Date(2026, time.July, 4, 0, 0, 0, 0, time.UTC), found.Exports[1].Made)
			assert.Equal(t, []source.Left{
				{Path: "labresourceusage/.DS_Store", Kind: source.KindOfSystem},
				{Path: "labresourceusage/Lab/20260626.txt", Kind: source.KindOther},
				{Path: "notes/README.md", Kind: source.KindOther},
				{Path: "old", Kind: source.KindIgnored},
			}, found.Left)
		})
	}
}

func prefixed(prefix string, entries []string) []string {
	var all []string
	for i := 0; i < len(entries); i += 2 {
		all = append(all, prefix+entries[i], entries[i+1])
	}
	return all
}

// TestEachFileIsAccountedFor puts a file of each kind beside an export: it is taken, left
// alone and told, or the search fails and names it.
func TestEachFileIsAccountedFor(t *testing.T) {
	t.Parallel()
	for _, test := range kindTests(t) {
		if strings.HasPrefix(test.text, "\x1f\x8b") {
			continue // it is unpacked
		}
		name := "lab/" + test.path
		want, err := source.KindAt(name, strings.NewReader(test.text))
		require.NoError(t, err)
		for _, text := range []string{test.text, gzipped(t, test.text)} {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				fsys := files("lab/good", whole, name, text)
				found, err := source.Find(t.Context(), fsys, nil)
				switch {
				case err != nil:
					e, ok := errors.AsType[*source.Error](err)
					require.True(t, ok)
					assert.Equal(t, name, e.Path)
					assert.Contains(t, err.Error(), name)
					require.ErrorIs(t, err, csvschema.ErrInput)
					if want == source.KindExport {
						require.ErrorAs(t, e.Err, new(*csvschema.Error))
						assert.Zero(t, e.Kind)
					} else {
						assert.True(t, want.IsDoubtful())
						assert.Equal(t, want, e.Kind)
						require.NoError(t, e.Err)
					}
				case want == source.KindExport:
					assert.Len(t, found.Files, 2)
				default:
					assert.Equal(t, []source.Left{{Path: name, Kind: want}}, found.Left)
					assert.False(t, want.IsDoubtful())
				}

				found, err = source.Find(t.Context(), fsys, &source.Options{Ignore: func(p string) bool { return p == name }})
				require.NoError(t, err)
				assert.Len(t, found.Files, 1)
				assert.Equal(t, []source.Left{{Path: name, Kind: source.KindIgnored}}, found.Left)
			})
		}
	}
}

func TestFilesThatCannotBeReadAreAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, files("lab/vm.csv", whole)))
	require.NoError(t, os.Symlink(filepath.Join(dir, "lab", "vm.csv"), filepath.Join(dir, "link.csv")))
	unreadable := files("lab/vm.csv", whole, "lab/x", "")
	unreadable["lab/x"].Mode = fs.ModeNamedPipe
	for _, test := range []struct {
		name string
		fsys fs.FS
		want string
	}{
		{"header", files("lab/vm.csv", "LabUId,ResourceUId\n"), "lab/vm.csv: export, line 1, column ResourceId: missing column"},
		{"damaged gzip", files("a.gz", gzipped(t, whole)[:10]), "a.gz: damaged gzip file"},
		{"gzip in gzip", files("a.gz", gzipped(t, gzipped(t, whole))), "a.gz: gzip file inside a gzip file"},
		{"no such folder", os.DirFS(filepath.Join(dir, "none")), ".: no such file or directory"},
		{"link", os.DirFS(dir), "link.csv: is no regular file"},
		{"pipe", unreadable, "lab/x: is no regular file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found, err := source.Find(t.Context(), test.fsys, nil)
			assert.Nil(t, found)
			require.ErrorContains(t, err, test.want)
			assert.True(t, strings.HasPrefix(err.Error(), "labdsr: "))
			assert.Equal(t, 1, strings.Count(err.Error(), "labdsr: "))
			e, ok := errors.AsType[*source.Error](err)
			require.True(t, ok)
			assert.Equal(t, e.Kind != source.KindSpecial && !errors.Is(err, fs.ErrNotExist), errors.Is(err, csvschema.ErrInput))
		})
	}
}

func TestNoExportIsAnError(t *testing.T) {
	t.Parallel()
	for _, fsys := range []fs.FS{files(), files("a.png", "\x89PNG"), files(".DS_Store", "")} {
		_, err := source.Find(t.Context(), fsys, nil)
		require.Equal(t, csvschema.ErrNoFiles, err)
	}
}

func TestSearchEndsWithTheContext(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"a.csv", "b.csv"} {
		ctx, cancel := context.WithCancel(t.Context())
		found, err := source.Find(ctx, files("a.csv", whole, "b.csv", whole), &source.Options{Ignore: func(name string) bool {
			if name == when {
				cancel()
			}
			return false
		}})
		assert.Nil(t, found)
		require.Equal(t, context.Canceled, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, fsys := range []fs.FS{files(), files("a.csv", whole)} {
		_, err := source.Find(ctx, fsys, nil)
		require.Equal(t, context.Canceled, err)
	}
}

func TestErrorsOfASearchAreAllTold(t *testing.T) {
	t.Parallel()
	fsys := files("vm.csv", whole)
	for i := range 25 {
		fsys[fmt.Sprintf("%02d.csv", i)] = &fstest.MapFile{}
	}
	_, err := source.Find(t.Context(), fsys, nil)
	require.ErrorContains(t, err, "labdsr: 00.csv: is empty: was the download cut off?; 01.csv: is empty")
	require.ErrorContains(t, err, "19.csv: is empty: was the download cut off?; and 5 more")
}

// A lockedFS refuses to open what has a lock in its name.
type lockedFS struct{ files fstest.MapFS }

func (fsys lockedFS) Open(name string) (fs.File, error) {
	if strings.Contains(name, "lock") || strings.Contains(name, "lost+found") {
		return nil, &fs.PathError{Op: "open", Path: "/home/ann/" + name, Err: fs.ErrPermission}
	}
	return fsys.files.Open(name)
}

func TestWhatNobodyMayOpen(t *testing.T) {
	t.Parallel()
	fsys := lockedFS{files("vm.csv", whole, "lost+found/x/y", "", "Thumbs.db/lock", "")}
	found, err := source.Find(t.Context(), fsys, nil)
	require.NoError(t, err)
	assert.Equal(t, []source.Left{{Path: "Thumbs.db/lock", Kind: source.KindOfSystem}, {Path: "lost+found", Kind: source.KindOfSystem}}, found.Left)
	fsys.files[".git/socket"] = &fstest.MapFile{Mode: fs.ModeSocket}
	found, err = source.Find(t.Context(), fsys, nil)
	require.NoError(t, err)
	assert.Equal(t, source.Left{Path: ".git/socket", Kind: source.KindOfSystem}, found.Left[0])
	fsys.files["locked/x"] = &fstest.MapFile{}
	fsys.files["x/lock"] = &fstest.MapFile{}
	_, err = source.Find(t.Context(), fsys, nil)
	require.ErrorIs(t, err, fs.ErrPermission)
	require.NotErrorIs(t, err, csvschema.ErrInput)
	assert.EqualError(t, err, "labdsr: locked: permission denied; x/lock: permission denied")
}

func TestErrorsOfASearchNameNoPerson(t *testing.T) {
	t.Parallel()
	const canary = leaktest.Canary
	fsys := files(canary+"/a.csv", "LabUId,ResourceUId\n"+canary, canary+"/b.csv", gzipped(t, whole)[:9], canary+"/c.csv", canary+","+row, canary+"/d.xlsx", "")
	fsys[canary+"/e"] = &fstest.MapFile{Mode: fs.ModeSocket}
	for _, fsys := range []fs.FS{
		fsys, lockedFS{files(canary+"/lock", "")}, zipped(t, canary+"/x", "", canary+"/x", ""), struct{ fs.FS }{zipped(t, canary+"/x", "", canary+"/x", "")}, zipped(t, canary+`\x`, ""), zipped(t, "../"+canary, ""),
	} {
		_, err := source.Find(t.Context(), fsys, nil)
		leaktest.AssertErrorHidesCanary(t, err)
	}
}

// TestFindReadsWhatItFinds compares a search with the exports that were written.
func TestFindReadsWhatItFinds(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(3, nil)
	fsys := fstest.MapFS{}
	want := map[string]int{}
	for i, file := range set.Files {
		name := fmt.Sprintf("%d/%d", file.Export, i)
		text, err := read(t.Context(), file.Source())
		require.NoError(t, err)
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
		want[text]++
	}
	found, err := source.Find(t.Context(), fsys, nil)
	require.NoError(t, err)
	assert.Len(t, found.Exports, len(set.Exports()))
	for _, export := range found.Exports {
		for _, s := range append(export.VirtualMachines, export.Disks...) {
			text, err := read(t.Context(), s)
			require.NoError(t, err)
			want[text]--
		}
	}
	for text, n := range want {
		assert.Zero(t, n, "of %d bytes", len(text))
	}
}
