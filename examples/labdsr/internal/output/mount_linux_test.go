package output_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

// TestMountsAreTheSameFolders reaches folders by other paths that are no links.
func TestMountsAreTheSameFolders(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	for _, test := range []struct{ name, mounted, protect, out, want string }{
		{"searched folder", "exports", "exports", "mount/new", "a folder of inputs"},
		{"in a searched folder", "exports/sub", "exports", "mount/new", "a folder of inputs"},
		{"above a searched folder", "exports", "exports/sub", "mount/sub/new", "a folder of inputs"},
		{"searched by the other path", "exports", "mount", "exports/sub/new", "a folder of inputs"},
		{"list in an output", "earlier", "mount/vm.csv", "earlier", "the file of --erase is there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
			require.NoError(t, os.MkdirAll(at("exports/sub"), 0o700))
			require.NoError(t, os.Mkdir(at("mount"), 0o700))
			put(t, at("earlier"), "text")
			require.NoError(t, unix.Mount(at(test.mounted), at("mount"), "", unix.MS_BIND, ""))
			defer func() { assert.NoError(t, unix.Unmount(at("mount"), unix.MNT_DETACH)) }()
			var s output.Set
			s.Protect("--erase", at(test.protect))
			_, err := s.Begin(at(test.out), output.Folder(), true)
			require.ErrorContains(t, err, test.want)
			s.Discard()
		})
	}
}

// TestNothingIsRemovedThroughAMount mounts a folder into what would be removed.
func TestNothingIsRemovedThroughAMount(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	for _, test := range []struct {
		name, at string // at is what would be removed
		begun    bool   // its marker is not whole
		late     bool   // mounted when the new output has its name already
	}{
		{name: "output that is there", at: "out"},
		{name: "output that is replaced", at: "out", late: true},
		{name: "leftover", at: ".labdsr-out.new"},
		{name: "leftover of a run that was killed early", at: ".labdsr-out.new", begun: true},
		{name: "leftover on a system that cannot exchange", at: ".labdsr-out.old"},
	} {
		for _, what := range []string{"folder", "copy of what is there", "file"} {
			t.Run(test.name+", "+what, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
				var s output.Set
				o := begin(t, &s, at("first"), true, false)
				require.NoError(t, o.Write("a/vm.csv", say("old")))
				require.NoError(t, s.Commit(o))
				require.Empty(t, s.Keep())
				require.NoError(t, os.Rename(at("first"), at(test.at)))
				require.NoError(t, os.MkdirAll(at("precious/a"), 0o700))
				text := "data"
				if what != "folder" {
					text = "old"
				}
				require.NoError(t, os.WriteFile(at("precious/a/vm.csv"), []byte(text), 0o600))
				if test.begun {
					require.NoError(t, os.WriteFile(at(test.at+"/"+marker.Name), []byte(marker.Begun), 0o600))
				}
				place := "/a"
				if what == "file" {
					place = "/a/vm.csv"
				}
				mount := func(below string) {
					require.NoError(t, unix.Mount(at("precious"+place), at(below+place), "", unix.MS_BIND, ""))
				}
				defer func() {
					for _, below := range []string{"out", ".labdsr-out.new", ".labdsr-out.old"} {
						_ = unix.Unmount(at(below+place), unix.MNT_DETACH)
					}
				}()
				if test.late {
					o = begin(t, &s, at("out"), true, true)
					require.NoError(t, o.Write("vm.csv", say("new")))
					require.NoError(t, s.Commit(o))
					mount(".labdsr-out.new")
					assert.Len(t, s.Keep(), 1)
				} else {
					mount(test.at)
					_, err := s.Begin(at("out"), output.Folder(), true)
					require.Error(t, err)
					assert.Empty(t, s.Discard())
				}
				assert.Equal(t, text, read(t, at("precious/a/vm.csv")))
			})
		}
	}
}
