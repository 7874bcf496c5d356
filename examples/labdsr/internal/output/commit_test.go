package output_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

func TestCommitReplacesNothingThatAppearedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		folder, force bool
		other         string
		want          string // "" if the new output appears
	}{
		{"file", false, false, "other", "exists already"},
		{"file of this program", false, false, ours, "exists already"},
		{"folder", true, false, "other", "exists already"},
		{"file with force", false, true, "other", "not only, what this program wrote"},
		{"file of this program, with force", false, true, ours, ""},
		{"folder with force", true, true, "other", "not only, what this program wrote"},
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
			require.NoError(t, os.WriteFile(file, []byte(test.other), 0o600))
			err := s.Commit(o)
			if test.want != "" {
				require.ErrorContains(t, err, test.want)
				assert.Empty(t, s.Discard())
				assert.Equal(t, test.other, read(t, file))
			} else {
				require.NoError(t, err)
				assert.Empty(t, s.Keep())
				assert.Equal(t, "new", read(t, file))
			}
			assert.Equal(t, []string{"out"}, names(t, dir))
		})
	}
}

func TestCommitFillsAnEmptyFolder(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	var s output.Set
	o := begin(t, &s, out, true, false)
	require.NoError(t, o.Write("a.csv", say("new")))
	require.NoError(t, s.Commit(o))
	assert.Empty(t, s.Keep())
	assert.Equal(t, []string{".labdsr", "a.csv"}, names(t, out))
}

func TestCommitOfOneFailureIsOfNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var s output.Set
	one, two := begin(t, &s, filepath.Join(dir, "one"), false, false), begin(t, &s, filepath.Join(dir, "two"), false, false)
	require.NoError(t, one.Write("", say("one"))) // nothing was written to the second
	require.Error(t, s.Commit(one, two))
	assert.Empty(t, s.Discard())
	assert.Empty(t, names(t, dir))
}

func TestDiscardSaysWhatItCannotPutBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	var s output.Set
	o := begin(t, &s, out, false, false)
	require.NoError(t, o.Write("", say("one")))
	require.NoError(t, s.Commit(o))
	s.Fault(func(op, _ string) error {
		if op == "rename" {
			return errors.New("no way")
		}
		return nil
	})
	assert.Equal(t, []string{out + " exists now, and is whole: no way"}, s.Discard())
	assert.Equal(t, "one", read(t, out))
}

func TestWhatAnotherProgramReplacedIsNotPutBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	var s output.Set
	o := begin(t, &s, out, false, false)
	require.NoError(t, o.Write("", say("one")))
	require.NoError(t, s.Commit(o))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other"), []byte("other"), 0o600))
	require.NoError(t, os.Rename(filepath.Join(dir, "other"), out))
	assert.Equal(t, []string{out + " exists now, and is whole: was replaced by another program"}, s.Discard())
	assert.Equal(t, "other", read(t, out))
}

// TestCommitIsNotOutrun changes what is there in the last moment before it is replaced.
func TestCommitIsNotOutrun(t *testing.T) {
	t.Parallel()
	for _, folder := range []bool{false, true} {
		for _, cannot := range []bool{false, true} {
			dir := t.TempDir()
			out, name, file := filepath.Join(dir, "out"), "", filepath.Join(dir, "out")
			if folder {
				name, file = "a.csv", filepath.Join(out, "b.csv")
				put(t, out, "old")
			} else {
				require.NoError(t, os.WriteFile(out, []byte(ours), 0o600))
			}
			var s output.Set
			o := begin(t, &s, out, folder, true)
			require.NoError(t, o.Write(name, say("new")))
			isLast := false
			s.Fault(func(op, _ string) error {
				if op == "exchange" && !isLast {
					isLast = true
					require.NoError(t, os.WriteFile(file, []byte("of somebody else"), 0o600))
				}
				if cannot && (op == "exchange" || op == "rename only new") {
					return output.ErrCannot
				}
				return nil
			})
			require.ErrorContains(t, s.Commit(o), "was changed while this ran")
			assert.Empty(t, s.Discard())
			assert.Equal(t, "of somebody else", read(t, file))
			assert.Equal(t, []string{"out"}, names(t, dir))
		}
	}
}
