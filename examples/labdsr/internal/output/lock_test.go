package output_test

import (
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
