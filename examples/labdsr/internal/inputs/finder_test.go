package inputs_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
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
		".git/vm.csv": machinesHeader, "a/.hidden.csv": machinesHeader, "a/~$vm.csv": machinesHeader,
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
	assert.Len(t, e.Searched, 1)
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
