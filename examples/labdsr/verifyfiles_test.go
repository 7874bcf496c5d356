package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/results"

	"github.com/labdsr/labdsr/csvschema"
)

func TestFileThatIsWrittenWhileItIsVerifiedFails(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"nothing":  func(string) error { return nil },
		"rewrite":  func(path string) error { return os.WriteFile(path, []byte("other"), 0o600) },
		"longer":   func(path string) error { return os.WriteFile(path, []byte("a longer one"), 0o600) },
		"removed":  os.Remove,
		"renamed":  func(path string) error { return os.Rename(path, path+"2") },
		"replaced": func(path string) error { return os.Rename(path+"-other", path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			before, after := filepath.Join(dir, "before"), filepath.Join(dir, "after")
			past := time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)
			for _, folder := range []string{before, after} {
				require.NoError(t, os.Mkdir(folder, 0o700))
			}
			const export = "LabUId,ResourceUId,ResourceId,ResourceOwner\n"
			require.NoError(t, os.WriteFile(filepath.Join(before, "vm.csv"), []byte(export), 0o600))
			path := filepath.Join(after, "virtualmachines.csv")
			for _, one := range []string{path, path + "-other"} {
				require.NoError(t, os.WriteFile(one, []byte("first"), 0o600))
				require.NoError(t, os.Chtimes(one, past, past))
			}
			a := &app{}
			require.NoError(t, a.finder.Find(t.Context(), before, csvschema.VirtualMachines))
			a.exports = a.finder.Group(time.UTC, time.Time{})
			f, r := verifyCommand{after: []string{after}}, &verification{}
			folder, err := f.pairs(t.Context(), a, r)
			require.NoError(t, err)
			require.Equal(t, []results.Failure{{File: path + "-other", Kind: results.FileAdded}}, r.Failures)
			require.NoError(t, change(path))
			folder.checkSame(a.exports.Files, r)
			if name == "nothing" {
				assert.Len(t, r.Failures, 1)
				return
			}
			assert.Equal(t, results.Failure{File: path, Kind: results.FileRewritten}, r.Failures[1])
		})
	}
}
