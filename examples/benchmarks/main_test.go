package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test program run the job of a rival.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == childArgument {
		if err := program(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// configured returns the config of a command line, for small files.
func configured(t *testing.T, args ...string) *config {
	t.Helper()
	c, err := parseFlags(io.Discard, append([]string{"-size", "1MiB", "-slow-size", "512KiB", "-rounds", "1", "-dir", t.TempDir()}, args...))
	require.NoError(t, err)
	return c
}

func TestSizesHaveUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]size{"1": 1, "64MiB": 64 << 20, "1GiB": 1 << 30, "3KiB": 3 << 10, "1000000": 1_000_000} {
		var s size
		require.NoError(t, s.Set(text), text)
		assert.Equal(t, want, s)
		assert.Equal(t, text, s.String())
	}
	for _, text := range []string{"", "MiB", "-1", "0", "1MB", "1.5GiB", "64 MiB", "9999999GiB", "99999999999999999999"} {
		var s size
		assert.Error(t, s.Set(text), text)
	}
}

func TestFlagsAreChecked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-tasks", "filter,nothing"},
		{"-shapes", "one-lab,"},
		{"-rivals", "awk"},
		{"-rounds", "0"},
		{"-size", "big"},
		{"argument"},
	} {
		_, err := parseFlags(io.Discard, args)
		require.Error(t, err, args)
	}
	c, err := parseFlags(io.Discard, []string{"-tasks", "linear,filter", "-rivals", "wc,labdsr"})
	require.NoError(t, err)
	assert.True(t, c.linear)
	assert.Equal(t, "filter", list(c.tasks, taskName))
	assert.Equal(t, "wc,labdsr", list(c.rivals, rivalName))
	assert.Len(t, c.shapes, 2)
	assert.Equal(t, size(1<<30), c.size)
}

func TestTablesOfAREADMEAreReplaced(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(name, []byte("before\n"+tablesBegin+"old\n"+tablesEnd+"after\n"), 0o600))
	for range 2 {
		require.NoError(t, replaceTables(name, []byte("new\n")))
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, "before\n"+tablesBegin+"\nnew\n\n"+tablesEnd+"after\n", string(text))
	}
	require.NoError(t, os.WriteFile(name, []byte("nothing\n"), 0o600))
	require.Error(t, replaceTables(name, nil))
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, text, 0o600))
	require.NoError(t, replaceTables(name, nil))
}
