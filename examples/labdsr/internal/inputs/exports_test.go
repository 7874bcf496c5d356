package inputs_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

// group writes files with those names into a folder, and finds them all. A name that
// begins with "d" is a disks file.
func group(t *testing.T, dir string, made time.Time, names ...string) *inputs.Exports {
	t.Helper()
	for _, name := range names {
		text := machinesHeader
		if filepath.Base(name)[0] == 'd' {
			text = disksHeader
		}
		write(t, filepath.Join(dir, name), text)
	}
	var f inputs.Finder
	require.NoError(t, f.Find(t.Context(), dir, 0))
	return f.Group(time.UTC, made)
}

func TestFilesOfOneFolderAreOneExport(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		files []string
		want  []string // file, number of its export, its number
	}{
		{"one pair", []string{"vm", "disks"}, []string{"vm 1 1", "disks 1 1"}},
		{"several files of a kind", []string{"vm1", "vm2", "disks"}, []string{"vm1 1 1", "vm2 1 2", "disks 1 1"}},
		{"two exports", []string{"a/vm", "a/disks", "b/disks", "b/vm"}, []string{"a/vm 1 1", "a/disks 1 1", "b/vm 2 1", "b/disks 2 1"}},
		{"disks apart belong to the only export", []string{"a/disks", "b/vm", "b/disks"}, []string{"b/vm 1 1", "b/disks 1 1", "a/disks 1 2"}},
		{"disks apart belong to none of two", []string{"a/disks", "b/vm", "c/vm"}, []string{"b/vm 1 1", "c/vm 2 1", "a/disks 3 1"}},
		{"disks alone", []string{"a/disks", "b/disks"}, []string{"a/disks 1 1", "b/disks 2 1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			e := group(t, dir, time.Time{}, test.files...)
			var have []string
			exports := 0
			for _, file := range e.Files {
				have = append(have, fmt.Sprintf("%s %d %d", relative(t, dir, file.Path), file.Export, file.File))
				exports = max(exports, file.Export)
				assert.Same(t, file, e.File(file.FileID))
			}
			assert.Equal(t, test.want, have)
			assert.Len(t, e.List, exports)
		})
	}
}

func TestLayoutComesBeforeTheFlag(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC)
	e := group(t, t.TempDir(), made, "a/vm", "Lab/36f675cc-81e7-4ef5-a8e2-5d940ed90475/1-6-2026/full/vm")
	require.Len(t, e.List, 2)
	assert.Equal(t, time.Date(2026, time.June, 2, 0, 0, 0, 0, time.UTC), e.List[0].Made)
	assert.Equal(t, made, e.List[1].Made)
}

func TestPathsOfWhatTheLibraryNumbers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := group(t, dir, time.Time{}, "vm", "disks")
	disks := filepath.Join(dir, "disks")
	assert.Equal(t, disks, relativeTo(t, dir, e.Path(csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks})))
	assert.Equal(t, "disks", e.Path(csvschema.FileID{Export: 2, File: 1, Role: csvschema.Disks}), "an unknown file is named by its role")
	assert.Equal(t, disks, relativeTo(t, dir, e.PathOf(&csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks}})), "an error of a single file")
	assert.Empty(t, e.PathOf(&csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks, Export: 3, File: 1}}))
	assert.Empty(t, (*inputs.Exports)(nil).PathOf(&csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks}}))
	assert.Equal(t, int64(len(disksHeader)), e.Size(csvschema.Disks))
	assert.Equal(t, int64(len(disksHeader)+len(machinesHeader)), e.Size(0))
}

// relativeTo cleans a path that was found below a folder.
func relativeTo(t *testing.T, dir, path string) string {
	t.Helper()
	return filepath.Join(dir, filepath.FromSlash(relative(t, dir, path)))
}
