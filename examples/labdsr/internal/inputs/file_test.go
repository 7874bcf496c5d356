package inputs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

// TestFileThatChangesIsNoticed writes into a file while one pass reads it.
func TestFileThatChangesIsNoticed(t *testing.T) {
	t.Parallel()
	const text = machinesHeader + "lab,vm,id,ann\nlab,vm,id,bob\n"
	for _, test := range []struct{ name, path, data, with string }{
		{"plain, of the same length", "vm.csv", text, strings.ReplaceAll(text, "ann", "eve")},
		{"plain, longer", "vm.csv", text, text + "lab,vm,id,eve\n"},
		{"gzip", "vm.csv.gz", gzipped(t, text), gzipped(t, text)},
		{"ZIP", "vm.zip", zipped(t, "vm.csv", text), zipped(t, "vm.csv", text)},
	} {
		for _, before := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, before %t", test.name, before), func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), test.path)
				write(t, path, test.data)
				require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)))
				var f inputs.Finder
				require.NoError(t, f.Find(t.Context(), path, 0))
				file := f.Files()[0]
				rows := 0
				require.NoError(t, file.Each(t.Context(), func(csvschema.Record) (bool, error) { rows++; return true, nil }))
				assert.Equal(t, 2, rows)
				if before {
					write(t, path, test.with)
				}
				err := file.Each(t.Context(), func(csvschema.Record) (bool, error) {
					write(t, path, test.with)
					return true, nil
				})
				require.ErrorIs(t, err, csvschema.ErrSourceChanged)
				require.ErrorContains(t, err, test.path)
				require.ErrorIs(t, file.CopyTo(t.Context(), io.Discard), csvschema.ErrSourceChanged)
				e := f.Group(time.UTC, time.Time{})
				in, err := e.List[0].VirtualMachines[0].Open(t.Context())
				require.ErrorIs(t, err, csvschema.ErrSourceChanged)
				assert.Nil(t, in)
			})
		}
	}
}

func TestPlainFileThatChangesIsNoticed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vm.csv")
	write(t, path, machinesHeader+"lab,vm,id,ann\n")
	require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)))
	file := inputs.Plain(path, csvschema.VirtualMachines)
	change := func(csvschema.Record) (bool, error) {
		write(t, path, machinesHeader+"lab,vm,id,bob\n")
		return true, nil
	}
	require.ErrorIs(t, file.Each(t.Context(), change), csvschema.ErrSourceChanged)
	require.NoError(t, file.CopyTo(t.Context(), io.Discard))
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
