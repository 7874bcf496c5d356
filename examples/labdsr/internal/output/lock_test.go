package output_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

func TestOnlyOneRunWritesAnOutput(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	var first, second output.Set
	o := begin(t, &first, out, false, false)
	_, err := second.Begin(out, kind(false), false)
	require.ErrorContains(t, err, "another run is writing it")
	second.Discard()
	require.NoError(t, o.Write("", say(ours+"one")), "the second run removed what the first is writing")
	require.NoError(t, first.Commit(o))
	first.Keep()
	assert.Equal(t, ours+"one", read(t, out))
	begin(t, &second, out, false, true) // the lock is free
	second.Discard()
}

func TestLockInAFolderThatGoesAway(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "dir")
	require.NoError(t, os.Mkdir(dir, 0o700))
	var s output.Set
	tries := 0
	s.Fault(func(op, _ string) error {
		if tries++; op == "open" && tries == 1 {
			return os.Remove(dir)
		} else if tries > 10 {
			return errors.New("tries for ever")
		}
		return nil
	})
	_, err := s.Begin(filepath.Join(dir, "out"), output.Folder(), false)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
