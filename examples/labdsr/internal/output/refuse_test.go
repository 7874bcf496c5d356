package output_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

const export = "LabUId,ResourceUId,ResourceId,ResourceOwner\n"

// find returns the exports at a path.
func find(t *testing.T, path string) *inputs.Exports {
	t.Helper()
	var f inputs.Finder
	require.NoError(t, f.Find(t.Context(), path, 0))
	return f.Group(time.UTC, time.Time{})
}

func TestOutputsAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"searched/vm.csv": export, "given/vm.csv": export, "earlier/vm.csv": export, "home/vm.csv": export, "home/letter.txt": "Dear", "file": "text",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	searched, given := find(t, filepath.Join(dir, "searched")), find(t, filepath.Join(dir, "given", "vm.csv"))
	for _, test := range []struct {
		name, path    string
		folder, force bool
		exports       *inputs.Exports
		want          string // "" if it is allowed
	}{
		{"new", "new", true, false, searched, ""},
		{"no folder above", "none/new", true, false, nil, "does not exist"},
		{"file above", "file/new", true, false, nil, "no folder"},
		{"file there", "file", false, false, nil, "exists already"},
		{"file there, with force", "file", false, true, nil, ""},
		{"file for a folder", "file", true, true, nil, "of another kind"},
		{"folder for a file", "earlier", false, true, nil, "of another kind"},
		{"folder there", "earlier", true, false, nil, "exists already"},
		{"folder of exports, with force", "earlier", true, true, nil, ""},
		{"folder with other files, with force", "home", true, true, nil, "holds more than this program writes"},
		{"searched folder", "searched", true, true, searched, "a folder of inputs"},
		{"in a searched folder", "searched/new.zip", false, true, searched, "a folder of inputs"},
		{"over an input", "given/vm.csv", false, true, given, "an input is there"},
		{"over the folder of an input", "given", true, true, given, "an input is there"},
		{"beside an input", "given/new.csv", false, false, given, ""},
	} {
		t.Run(test.name, func(t *testing.T) { // one after the other: they lock the same outputs
			s := output.Set{Exports: test.exports}
			defer s.Discard()
			_, err := s.Begin(filepath.Join(dir, filepath.FromSlash(test.path)), test.folder, test.force)
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.want)
			}
		})
	}
}
