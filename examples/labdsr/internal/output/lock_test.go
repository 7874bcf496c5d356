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
	_, err := second.Begin(out, false, false)
	require.ErrorContains(t, err, "another run is writing it")
	second.Discard()
	require.NoError(t, o.Write("", say("one")), "the second run removed what the first is writing")
	require.NoError(t, output.Commit(o))
	first.Discard()
	assert.Equal(t, "one", read(t, out))
	begin(t, &second, out, false, true) // the lock is free
	second.Discard()
}
