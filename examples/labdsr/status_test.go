package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestExitStatusesPromiseWhatTheReadmeSays runs cases of every row of the table.
func TestExitStatusesPromiseWhatTheReadmeSays(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("programFor makes no program of Windows")
	}
	const (
		plan  = "--virtualmachines exports --at 2026-07-01T09:00:00Z"
		alice = "--virtualmachines exports --subject-file alice.txt"
	)
	statuses := map[int]bool{}
	for _, test := range []struct {
		status int
		line   string
		made   []string // outputs that are there afterwards, and were not before
	}{
		{statusDone, "plan " + plan, nil},
		{statusDone, "anonymize --receipt receipt --review review.csv --out new " + plan, []string{"new", "receipt"}},
		{statusDone, "anonymize --force --out clean " + plan, nil},
		{statusDone, "access --virtualmachines exports --subject nobody@contoso.com --out new.zip", []string{"new.zip"}},
		{statusDone, "verify --before exports --after clean --at 2026-01-01T09:00:00Z", nil},
		{statusDone, "man --out man", []string{"man"}},
		{statusFailed, "anonymize --out clean " + plan, nil},
		{statusFailed, "anonymize --force --out exports/new " + plan, nil},
		{statusFailed, "anonymize --force --out copy " + plan, nil},
		{statusFailed, "anonymize --out new --receipt alice.txt --force " + plan, nil},
		{statusFailed, "anonymize --out new --receipt new/receipt " + plan, nil},
		{statusFailed, "anonymize --out new --erase none.txt " + plan, nil},
		{statusFailed, "filter --out new --review clean " + alice, nil},
		{statusFailed, "plan --virtualmachines none --at 2026-07-01T09:00:00Z --review new.csv", nil},
		{statusFailed, "anonymize --out new --holds mistyped.csv " + plan, nil},
		{statusUsage, "anonymize --out new --virtualmachines exports", nil},
		{statusUsage, "anonymize --force --out clean --replace pseudonym " + plan, nil},
		{statusUsage, "anonymize --force --out clean --none " + plan, nil},
		{statusUsage, "access --out new.zip --virtualmachines exports", nil},
		{statusUsage, "none", nil},
		{statusUndecided, "access --out new.zip --review review.csv --receipt receipt " + alice, []string{"new.zip", "receipt", "review.csv"}},
		{statusUndecided, "filter --out new " + alice, []string{"new"}},
		{statusUndecided, "plan --holds mistyped.csv --review review.csv " + plan, nil},
		{statusUnverified, "verify --before exports --after clean --at 2026-07-01T09:00:00Z", nil},
	} {
		statuses[test.status] = true
		t.Run(strconv.Itoa(test.status)+" "+test.line, func(t *testing.T) {
			t.Parallel()
			dir, labdsr := t.TempDir(), programFor(t)
			require.NoError(t, os.CopyFS(filepath.Join(dir, "exports"), os.DirFS("../quickstart/exports")))
			require.NoError(t, os.CopyFS(filepath.Join(dir, "copy"), os.DirFS("../quickstart/exports")))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "alice.txt"), []byte(cookbookFiles["alice.txt"]), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "mistyped.csv"), []byte(strings.Replace(cookbookFiles["holds.csv"], "0f21ddb6", "0f21ddb7", 1)), 0o600))
			earlier := exec.Command(labdsr, strings.Fields("anonymize --virtualmachines exports --at 2026-01-01T09:00:00Z --out clean")...)
			earlier.Dir = dir
			require.NoError(t, earlier.Run())
			before, was := digestOfTree(t, dir), entries(t, dir)

			c := exec.Command(labdsr, append([]string{"--json"}, strings.Fields(test.line)...)...)
			c.Dir = dir
			stdout, _ := c.Output() // the status says it
			require.Equal(t, test.status, c.ProcessState.ExitCode(), "%s", stdout)
			var result struct{ Status int }
			require.NoError(t, json.Unmarshal(stdout, &result))
			assert.Equal(t, test.status, result.Status)
			want := append(slices.Clone(test.made), was...)
			slices.Sort(want)
			assert.Equal(t, want, entries(t, dir))
			if test.status != statusDone && test.status != statusUndecided {
				assert.Equal(t, before, digestOfTree(t, dir))
			}
		})
	}
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(readme), "| exit status |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := regexp.MustCompile(`(?m)^\| (\d) \|`).FindAllStringSubmatch(table, -1)
	assert.Len(t, rows, len(statuses))
	for _, row := range rows {
		status, err := strconv.Atoi(row[1])
		require.NoError(t, err)
		assert.Contains(t, statuses, status)
	}
}

// entries returns the names in a folder, in order.
func entries(t *testing.T, dir string) (all []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range list {
		all = append(all, entry.Name())
	}
	return all
}

// digestOfTree returns the names, sizes and times of all files below a folder. Whoever
// writes one again changes its time.
func digestOfTree(t *testing.T, dir string) (all []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		if path != dir {
			all = append(all, path+" "+strconv.FormatInt(info.Size(), 10)+" "+info.ModTime().String())
		}
		return nil
	}))
	return all
}
