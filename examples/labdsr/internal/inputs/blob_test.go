package inputs_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

func TestStandardInputIsReadOnceAndGone(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	f := inputs.Finder{Stdin: strings.NewReader(machinesHeader + "lab,vm,id,ann\n")}
	require.NoError(t, f.Find(t.Context(), inputs.Stdin, csvschema.VirtualMachines))
	require.ErrorIs(t, f.Find(t.Context(), inputs.Stdin, csvschema.Disks), inputs.ErrStdinTwice)
	for pass := range 2 {
		var b strings.Builder
		require.NoError(t, f.Files()[0].CopyTo(t.Context(), &b))
		assert.Equal(t, machinesHeader+"lab,vm,id,ann\n", b.String(), "pass %d", pass)
	}
	f.Close()
	entries, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, entries)
}
