package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/receipt"
)

// quickstart runs the program in a folder of its own and returns what it prints.
func quickstart(t *testing.T, out string) string {
	t.Helper()
	var printed bytes.Buffer
	require.NoError(t, run(t.Context(), &printed, out))
	return printed.String()
}

func rowsOf(t *testing.T, path string) [][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	require.NoError(t, err)
	return rows[1:]
}

// answered returns the entries of the package that the person receives.
func answered(t *testing.T, out string) map[string]string {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(out, answerFile))
	require.NoError(t, err)
	defer func() { require.NoError(t, archive.Close()) }()
	entries := map[string]string{}
	for _, f := range archive.File {
		text, err := fs.ReadFile(archive, f.Name)
		require.NoError(t, err)
		entries[f.Name] = string(text)
	}
	return entries
}

func TestAnswerHoldsThePersonsRows(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	quickstart(t, out)
	entries := answered(t, out)
	for file, want := range map[string][]string{
		"virtualmachines.csv": {"alice041", "build-01", "alice042", "web-07", "db-3", "env-web", "FTEST-ALICE"},
		"disks.csv":           {"data-alice", "web-07-data", "build-01"},
	} {
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(entries[file], "\uFEFF"))).ReadAll()
		require.NoError(t, err)
		var names []string
		for _, row := range rows[1:] {
			names = append(names, row[7])
		}
		assert.Equal(t, want, names, file)
	}
	assert.Contains(t, entries["index.html"], "Found as yours: 7 virtual machines and 3 disks.")
	assert.Contains(t, entries["index.html"], "Your identifiers are about to be removed from the record.")
	assert.Contains(t, entries, "machine/export2-virtualmachines1.csv")
	assert.NotContains(t, entries, "machine/export2-disks1.csv", "nothing there is theirs")
}

func TestAnonymizedExportsNameNobodyWhoIsDue(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	quickstart(t, out)
	rows := rowsOf(t, filepath.Join(out, "anonymized", "fabrikam-test", "virtualmachines.csv"))
	require.Len(t, rows, 4)
	assert.Equal(t, "removed@anonymized.invalid", rows[0][10])
	assert.Contains(t, rows[1][10], "#EXT#", "not deleted")
	assert.Equal(t, "removed@anonymized.invalid", rows[2][10])
	assert.Equal(t, "carol.clark@fabrikam.com", rows[3][10], "not yet due")
	disks := rowsOf(t, filepath.Join(out, "anonymized", "fabrikam-test", "disks.csv"))
	assert.Contains(t, disks[0][5], "/users/616e6f6e-796d-8000-8000-000000000000/")
}

func TestReceiptsAreAChainOfTheAnswerAndTheErasure(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	quickstart(t, out)
	var chain [][]byte
	for _, name := range []string{"access.json", "anonymize.json"} {
		sealed, err := os.ReadFile(filepath.Join(out, "receipts", name))
		require.NoError(t, err)
		chain = append(chain, sealed)
	}
	require.NoError(t, receipt.Verify(chain, receipt.Head(chain[1])))
	erased, err := receipt.Open(chain[1])
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"rows": 23, "changed": 9, "replaced": 9}, erased.Counts)
	assert.Len(t, erased.Inputs, 4)
	for i, f := range erased.Outputs {
		info, err := os.Stat(filepath.Join(out, "anonymized", filepath.FromSlash(fileName(labs[f.Export-1], f.Role))))
		require.NoError(t, err)
		assert.Equal(t, info.Size(), f.Bytes)
		assert.NotEqual(t, erased.Inputs[i].Digest, f.Digest)
	}
	answered, err := receipt.Open(chain[0])
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(out, answerFile))
	require.NoError(t, err)
	require.Len(t, answered.Outputs, 1)
	assert.Equal(t, info.Size(), answered.Outputs[0].Bytes)
	assert.Equal(t, map[string]int64{"virtual machines": 7, "disks": 3, "undecided": 3}, answered.Counts, "a dangling disk is no row to decide")
	for _, identifier := range identifiers {
		assert.NotContains(t, string(chain[0])+string(chain[1]), identifier)
	}
}

func TestOwnOutputIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	quickstart(t, out)
	left := filepath.Join(out, "left.csv")
	require.NoError(t, os.WriteFile(left, nil, 0o600))
	quickstart(t, out)
	assert.NoFileExists(t, left)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing is left beside the output")
}

func TestForeignFolderIsRefused(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(path string) error{
		"folder":            func(path string) error { return os.Mkdir(path, 0o700) },
		"file":              func(path string) error { return os.WriteFile(path, []byte("mine"), 0o600) },
		"dead link":         func(path string) error { return os.Symlink(path+"-nowhere", path) },
		"marker is no file": func(path string) error { return os.MkdirAll(filepath.Join(path, marker), 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			require.NoError(t, prepare(out))
			before, err := os.Lstat(out)
			require.NoError(t, err)
			require.Error(t, run(t.Context(), &bytes.Buffer{}, out))
			after, err := os.Lstat(out)
			require.NoError(t, err)
			assert.True(t, os.SameFile(before, after))
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Len(t, entries, 1)
		})
	}
}

func TestInterruptedRunLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var printed bytes.Buffer
	require.ErrorIs(t, run(ctx, &printed, filepath.Join(dir, "out")), context.Canceled)
	assert.Zero(t, printed.Len())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestSummaryThatCannotBePrintedIsAnError(t *testing.T) {
	t.Parallel()
	closed := errors.New("closed pipe")
	require.ErrorIs(t, run(t.Context(), brokenWriter{closed}, filepath.Join(t.TempDir(), "out")), closed)
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }
