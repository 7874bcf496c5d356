package output_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

// put makes a folder as this program does, with one file.
func put(t *testing.T, folder, text string) {
	t.Helper()
	var s output.Set
	temp := filepath.Join(t.TempDir(), "out")
	o := begin(t, &s, temp, true, false)
	require.NoError(t, o.Write("vm.csv", say(text)))
	require.NoError(t, s.Commit(o))
	require.Empty(t, s.Keep())
	require.NoError(t, os.Rename(temp, folder))
}

func TestRunAfterAKilledOneCleansUp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		trace string // what the killed run left
		there bool   // an output is at the place
		want  string // what is there before the next commit; "" for nothing
	}{
		{"killed while writing", ".labdsr-out.new", false, ""},
		{"killed while writing over another", ".labdsr-out.new", true, "there"},
		{"killed between moving aside and renaming", ".labdsr-out.old", false, "trace"},
		{"killed before the old one was removed", ".labdsr-out.old", true, "there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			put(t, filepath.Join(dir, test.trace), "trace")
			if test.there {
				put(t, out, "there")
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, ".labdsr-out.lock"), nil, 0o600))

			var s output.Set
			o := begin(t, &s, out, true, true)
			if test.want == "" {
				assert.NoDirExists(t, out)
			} else {
				assert.Equal(t, test.want, read(t, filepath.Join(out, "vm.csv")))
			}
			require.NoError(t, o.Write("vm.csv", say("new")))
			require.NoError(t, s.Commit(o))
			assert.Empty(t, s.Keep())
			assert.Equal(t, "new", read(t, filepath.Join(out, "vm.csv")))
			assert.Equal(t, []string{"out"}, names(t, dir))
		})
	}
}

// TestNothingOfSomebodyElseIsTrusted plants what a run could leave, but did not.
func TestNothingOfSomebodyElseIsTrusted(t *testing.T) {
	t.Parallel()
	folder := func(t *testing.T, path string) { // no marker
		require.NoError(t, os.Mkdir(path, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(path, "vm.csv"), []byte("theirs"), 0o600))
	}
	writable := func(t *testing.T, path string) { // anybody may have put the marker there
		put(t, path, "theirs")
		require.NoError(t, os.Chmod(path, 0o777))
	}
	changed := func(t *testing.T, path string) {
		put(t, path, "theirs")
		require.NoError(t, os.WriteFile(filepath.Join(path, "vm.csv"), []byte("edited"), 0o600))
	}
	added := func(t *testing.T, path string) {
		put(t, path, "theirs")
		require.NoError(t, os.WriteFile(filepath.Join(path, "notes.txt"), nil, 0o600))
	}
	unfinished := func(t *testing.T, path string) { // no run gives the file that mode
		put(t, path, "theirs")
		require.NoError(t, os.WriteFile(filepath.Join(path, marker.Name), []byte(marker.Begun), 0o600))
		require.NoError(t, os.Chmod(filepath.Join(path, "vm.csv"), 0o644))
	}
	link := func(t *testing.T, path string) {
		there := filepath.Join(filepath.Dir(path), "there")
		put(t, there, "theirs")
		require.NoError(t, os.Symlink(there, path))
	}
	dangling := func(t *testing.T, path string) {
		require.NoError(t, os.Symlink(filepath.Join(filepath.Dir(path), "there"), path))
	}
	pipe := func(t *testing.T, path string) { makePipe(t, path) }
	for _, test := range []struct {
		name, suffix string
		plant        func(t *testing.T, path string)
	}{
		{"new without a marker", ".new", folder},
		{"new in a folder of everybody", ".new", writable},
		{"new that was changed", ".new", changed},
		{"new with another file", ".new", added},
		{"unfinished new with another file", ".new", unfinished},
		{"link for new", ".new", link},
		{"old without a marker", ".old", folder},
		{"old in a folder of everybody", ".old", writable},
		{"old that was changed", ".old", changed},
		{"link for old", ".old", link},
		{"link for a lock", ".lock", link},
		{"link to nothing for a lock", ".lock", dangling},
		{"folder for a lock", ".lock", folder},
		{"pipe for a lock", ".lock", pipe},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" {
				t.Skip("there are neither modes nor pipes")
			}
			dir := t.TempDir()
			test.plant(t, filepath.Join(dir, ".labdsr-out"+test.suffix))
			before := names(t, dir)
			var s output.Set
			_, err := s.Begin(filepath.Join(dir, "out"), output.Folder(), true)
			require.ErrorContains(t, err, ".labdsr-out"+test.suffix+": is in the way, and may be somebody else's")
			assert.Empty(t, s.Discard())
			assert.Equal(t, before, names(t, dir))
			if test.name != "link to nothing for a lock" && test.name != "pipe for a lock" {
				assert.FileExists(t, filepath.Join(dir, ".labdsr-out"+test.suffix, "vm.csv"))
			}
		})
	}
}

func TestAnotherOwnerIsNotTrusted(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	for _, suffix := range []string{".new", ".old"} {
		dir := t.TempDir()
		planted := filepath.Join(dir, ".labdsr-out"+suffix)
		put(t, planted, "theirs")
		require.NoError(t, os.Chown(planted, 12345, 12345))
		var s output.Set
		_, err := s.Begin(filepath.Join(dir, "out"), output.Folder(), true)
		require.ErrorContains(t, err, "may be somebody else's")
		s.Discard()
		assert.FileExists(t, filepath.Join(planted, "vm.csv"))
	}
}

func TestMarkerIsStable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a"), "text")
	put(t, filepath.Join(dir, "b"), "text")
	put(t, filepath.Join(dir, "c"), "texd")
	text := read(t, filepath.Join(dir, "a", marker.Name))
	assert.Equal(t, text, read(t, filepath.Join(dir, "b", marker.Name)))
	assert.NotEqual(t, text, read(t, filepath.Join(dir, "c", marker.Name)))
}
