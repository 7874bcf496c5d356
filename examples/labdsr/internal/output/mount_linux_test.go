package output_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

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
