package output_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

// A store is a container of texts by their names.
type store struct {
	texts  map[string]string
	full   int // how many can be put before Put fails; 0 for all
	stuck  bool
	number int
}

var errFull = errors.New("full")

func (*store) Has(name string) bool { return strings.Contains(name, "://") }

func (s *store) Check(name string, folder bool) error {
	for there := range s.texts {
		if there == name || folder && strings.HasPrefix(there, name+"/") {
			return fmt.Errorf("%s: exists already", name)
		}
	}
	return nil
}

func (s *store) Put(name string, content io.Reader) error {
	text, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	if _, ok := s.texts[name]; ok {
		return fs.ErrExist
	}
	if s.number++; s.full > 0 && s.number > s.full {
		return errFull
	}
	s.texts[name] = string(text)
	return nil
}

func (s *store) Remove(name string) error {
	if s.stuck {
		return errFull
	}
	delete(s.texts, name)
	return nil
}

// setOf returns a set whose files without names are in a folder, which is returned, too.
func setOf(t *testing.T, s *store) (set *output.Set, dir string) {
	t.Helper()
	dir = t.TempDir()
	return &output.Set{Store: s, Temporary: func() (*os.File, error) { return os.CreateTemp(dir, "") }}, dir
}

func TestStoredOutputAppearsWithTheLast(t *testing.T) {
	t.Parallel()
	s, dir := &store{texts: map[string]string{}}, t.TempDir()
	set, _ := setOf(t, s)
	receipt := begin(t, set, filepath.Join(dir, "receipt"), false, false)
	zip, rows := begin(t, set, "https://a/c/x.zip", false, false), begin(t, set, "https://a/c/rows/", true, false)
	require.NoError(t, zip.Write("", say("zip")))
	require.NoError(t, rows.Write("b/disks.csv", say("one,")))
	require.ErrorIs(t, rows.Write("b/disks.csv", say("again")), fs.ErrExist)
	file, err := rows.Append("b/disks.csv")
	require.NoError(t, err)
	require.NoError(t, file.Finish(say("two")(file)))
	_, err = rows.Append("none")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, receipt.Write("", say("receipt")))
	assert.Empty(t, s.texts)
	require.NoError(t, set.Commit(zip, rows, nil, receipt))
	assert.Empty(t, set.Keep())
	assert.Equal(t, map[string]string{"https://a/c/x.zip": "zip", "https://a/c/rows/b/disks.csv": "one,two"}, s.texts)
	assert.Equal(t, "receipt", read(t, filepath.Join(dir, "receipt")))
}

func TestNothingIsLeftInAStore(t *testing.T) {
	t.Parallel()
	for _, full := range []int{1, 2, 0} {
		s, dir := &store{texts: map[string]string{}, full: full}, t.TempDir()
		set, _ := setOf(t, s)
		receipt, rows := begin(t, set, filepath.Join(dir, "receipt"), false, false), begin(t, set, "https://a/c/rows", true, false)
		for _, name := range []string{"a", "b", "c"} {
			require.NoError(t, rows.Write(name, say(name)))
		}
		require.NoError(t, receipt.Write("", say("receipt")))
		err := set.Commit(rows, receipt)
		if full > 0 {
			require.ErrorIs(t, err, errFull)
		}
		assert.Empty(t, set.Discard())
		assert.Empty(t, s.texts, "also when only the result could not be written")
		assert.Empty(t, names(t, dir))
	}
}

func TestWhatCannotBeRemovedFromAStoreIsTold(t *testing.T) {
	t.Parallel()
	s := &store{texts: map[string]string{}, stuck: true}
	set, _ := setOf(t, s)
	one := begin(t, set, "https://a/c/x.zip", false, false)
	require.NoError(t, one.Write("", say("zip")))
	require.NoError(t, set.Commit(one))
	assert.Equal(t, []string{"https://a/c/x.zip exists now, and is whole: full"}, set.Discard())
}

func TestStoredOutputsAreRefused(t *testing.T) {
	t.Parallel()
	s := &store{texts: map[string]string{"https://a/c/there": "", "https://a/c/rows/there": ""}}
	for _, test := range []struct {
		name, path string
		folder     bool
		want       string
	}{
		{"there", "https://a/c/there", false, "exists already"},
		{"not empty", "https://a/c/rows", true, "exists already"},
		{"a folder", "https://a/c/x/", false, "names a folder"},
		{"in inputs", "https://A/in/x/../y", false, "lies in a folder of inputs"},
		{"the inputs", "https://a/in/", true, "lies in a folder of inputs"},
		{"another output", "https://a/c/other", false, "is another output of this run"},
		{"in another output", "https://a/c/other/x", false, "is another output of this run"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set, _ := setOf(t, s)
			set.Protect("--virtualmachines", "https://a/in")
			begin(t, set, "https://a/c/other", true, false)
			for _, force := range []bool{false, true} {
				_, err := set.Begin(test.path, kind(test.folder), force)
				assert.ErrorContains(t, err, test.want)
			}
		})
	}
}

func TestFileThatCameMeanwhileIsNotReplaced(t *testing.T) {
	t.Parallel()
	s := &store{texts: map[string]string{}}
	set, _ := setOf(t, s)
	one := begin(t, set, "https://a/c/x.zip", false, false)
	require.NoError(t, one.Write("", say("zip")))
	s.texts["https://a/c/x.zip"] = "theirs"
	require.ErrorContains(t, set.Commit(one), "https://a/c/x.zip: exists by now")
	assert.Empty(t, set.Discard())
	assert.Equal(t, "theirs", s.texts["https://a/c/x.zip"])
}
