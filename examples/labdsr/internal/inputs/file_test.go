package inputs_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

func TestEachStopsWhereItIsTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vm.csv")
	write(t, path, machinesHeader+strings.Repeat("lab,vm,id,ann\n", 3))
	file := inputs.Plain(path, csvschema.VirtualMachines)
	stop := errors.New("stop")
	for _, test := range []struct {
		name string
		more bool
		err  error
		want int
	}{
		{"to the end", true, nil, 3},
		{"no more", false, nil, 1},
		{"error", true, stop, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rows := 0
			err := file.Each(t.Context(), func(csvschema.Record) (bool, error) { rows++; return test.more, test.err })
			assert.Equal(t, test.err, err)
			assert.Equal(t, test.want, rows)
		})
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vm.csv")
	write(t, path, machinesHeader+"lab,vm,id,ann\n")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	file := inputs.Plain(path, csvschema.VirtualMachines)
	require.ErrorIs(t, file.CopyTo(ctx, io.Discard), context.Canceled)
	assert.ErrorIs(t, file.Each(ctx, func(csvschema.Record) (bool, error) { return true, nil }), context.Canceled)
}

func TestErrorsNameTheFileAndNoCell(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vm.csv")
	write(t, path, machinesHeader+"canary,vm,id,ann\ncanary\n")
	err := inputs.Plain(path, csvschema.VirtualMachines).Each(t.Context(), func(csvschema.Record) (bool, error) { return true, nil })
	require.ErrorContains(t, err, "vm.csv: line 3")
	assert.NotContains(t, err.Error(), "canary")
}

func TestIsBelow(t *testing.T) {
	t.Parallel()
	at := func(path string) string { return filepath.FromSlash(path) }
	assert.True(t, inputs.IsBelow(at("/a/b"), at("/a")))
	assert.True(t, inputs.IsBelow(at("/a"), at("/a")))
	assert.False(t, inputs.IsBelow(at("/ab"), at("/a")))
	assert.False(t, inputs.IsBelow(at("/"), at("/a")))
}
