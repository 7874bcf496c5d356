package output_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

func TestCommitReplacesOnlyWithForce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		folder, force bool
		want          string // "" if the new output appears
	}{
		{"file", false, false, "exists by now"},
		{"folder", true, false, "exists by now"},
		{"file with force", false, true, ""},
		{"folder with force", true, true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out, name := filepath.Join(dir, "out"), ""
			var s output.Set
			o := begin(t, &s, out, test.folder, test.force)
			file := out
			if test.folder {
				name, file = "a.csv", filepath.Join(out, "a.csv")
			}
			require.NoError(t, o.Write(name, say("new")))

			// Another program writes the output in the meantime.
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
			require.NoError(t, os.WriteFile(file, []byte("other"), 0o600))
			err := output.Commit(o)
			s.Discard()
			assert.Equal(t, []string{"out"}, names(t, dir))
			if test.want != "" {
				require.ErrorContains(t, err, test.want)
				assert.Equal(t, "other", read(t, file))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "new", read(t, file))
		})
	}
}

func TestCommitFillsAnEmptyFolder(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	var s output.Set
	o := begin(t, &s, out, true, false)
	require.NoError(t, o.Write("a.csv", say("new")))
	require.NoError(t, output.Commit(o))
	s.Discard()
	assert.Equal(t, []string{"a.csv"}, names(t, out))
}

func TestCommitStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var s output.Set
	one, two := begin(t, &s, filepath.Join(dir, "one"), false, false), begin(t, &s, filepath.Join(dir, "two"), false, false)
	require.NoError(t, two.Write("", say("two"))) // nothing was written to the first
	require.Error(t, output.Commit(one, two))
	s.Discard()
	assert.Empty(t, names(t, dir))
}
