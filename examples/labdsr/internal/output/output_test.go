package output_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

// names returns the names of everything in a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := []string{}
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

// say returns what writes a text to an output.
func say(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// kind returns a kind of outputs. Its files are ours if they begin so.
func kind(folder bool) output.Kind {
	if folder {
		return output.Folder()
	}
	return output.Kind{Ours: func(file *os.File) bool {
		head := make([]byte, len(ours))
		_, err := io.ReadFull(file, head)
		return err == nil && string(head) == ours
	}}
}

const ours = "ours: "

// begin begins an output that must be allowed.
func begin(t *testing.T, s *output.Set, path string, folder, force bool) *output.Output {
	t.Helper()
	o, err := s.Begin(path, kind(folder), force)
	require.NoError(t, err)
	return o
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func TestOutputAppearsWholeWhenItIsCommitted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, folder := filepath.Join(dir, "file"), filepath.Join(dir, "folder")
	var s output.Set
	one, two := begin(t, &s, file, false, false), begin(t, &s, folder, true, false)
	require.NoError(t, one.Write("", say("one")))
	require.NoError(t, two.Write("a/b.csv", say("two")))
	assert.NoFileExists(t, file)
	assert.NoDirExists(t, folder)
	require.NoError(t, s.Commit(one, nil, two))
	assert.Empty(t, s.Keep())
	assert.Equal(t, []string{"file", "folder"}, names(t, dir))
	assert.Equal(t, "one", read(t, file))
	assert.Equal(t, "two", read(t, filepath.Join(folder, "a", "b.csv")))
	if runtime.GOOS != "windows" {
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode())
	}
}

func TestNothingIsLeftOfAnOutputThatIsNotCommitted(t *testing.T) {
	t.Parallel()
	dir, failed := t.TempDir(), errors.New("failed")
	var s output.Set
	o := begin(t, &s, filepath.Join(dir, "folder"), true, false)
	require.NoError(t, o.Write("a/b.csv", say("half")))
	err := o.Write("c.csv", func(io.Writer) error { return failed })
	assert.Equal(t, failed, err)
	assert.NotEmpty(t, names(t, dir))
	s.Discard()
	assert.Empty(t, names(t, dir))
}

func TestNamesInAFolderAreCreatedOnce(t *testing.T) {
	t.Parallel()
	var s output.Set
	defer s.Discard()
	o := begin(t, &s, filepath.Join(t.TempDir(), "folder"), true, false)
	require.NoError(t, o.Write("a.csv", say("one")))
	assert.ErrorIs(t, o.Write("a.csv", say("two")), os.ErrExist)
}
