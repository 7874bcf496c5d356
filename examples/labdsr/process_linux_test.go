package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/memtest"
)

// shell runs a script in a folder that has the exports of the quickstart, and returns
// the exit status and what was written to standard error. The script finds labdsr.
func shell(t *testing.T, dir, script string) (int, string) {
	t.Helper()
	c := shellCommand(t, dir, script)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	_ = c.Run() // the status says it
	return c.ProcessState.ExitCode(), stderr.String()
}

func shellCommand(t *testing.T, dir, script string) *exec.Cmd {
	t.Helper()
	c := exec.Command("bash", "-o", "pipefail", "-c", script)
	c.Dir = dir
	c.Env = append(os.Environ(), "PATH="+filepath.Dir(programFor(t))+":"+os.Getenv("PATH"))
	return c
}

func withExports(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "exports"), os.DirFS("../quickstart/exports")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key"), []byte(strings.Repeat("k", 32)), 0o600))
	return dir
}

const (
	anonymizeHere = "labdsr anonymize --virtualmachines exports --at 2026-07-01T09:00:00Z --key-file key"
	writeHere     = anonymizeHere + " --out clean --receipt receipt --force"
)

// TestFullStandardOutputWritesNothing has nobody who reads the result.
func TestFullStandardOutputWritesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, script, want string }{
		{"full", writeHere + " --json > /dev/full", "labdsr: standard output: no space left on device"},
		{"not for writing", writeHere + " --json 1< /dev/null", "labdsr: standard output: bad file descriptor"},
		{"pipe without a reader", "exec 3> >(:); wait $!; " + writeHere + " --json >&3", ""},
		{"help", "labdsr --help > /dev/full", "labdsr: standard output: no space left on device"},
		{"completion", "labdsr completion bash > /dev/full", "no space left on device"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := withExports(t)
			for _, before := range []string{"nothing", "an output"} {
				digest := digestOf(t, dir)
				status, stderr := shell(t, dir, test.script)
				assert.Equal(t, statusFailed, status)
				assert.Contains(t, stderr, test.want)
				assert.Equal(t, digest, digestOf(t, dir), "over %s", before)
				status, stderr = shell(t, dir, strings.Replace(writeHere, "2026-07-01", "2026-01-01", 1)) // another output
				require.Zero(t, status, stderr)
			}
		})
	}
}

// TestNobodyReadsTheSummary is no reason to stop after all was written.
func TestNobodyReadsTheSummary(t *testing.T) {
	t.Parallel()
	dir := withExports(t)
	status, _ := shell(t, dir, "exec 3> >(:); wait $!; "+writeHere+" 2>&3")
	assert.Zero(t, status)
	assert.FileExists(t, filepath.Join(dir, "clean", "contoso-dev", "disks.csv"))
	assert.FileExists(t, filepath.Join(dir, "receipt"))
	assert.Empty(t, traces(t, dir))
}

// TestFullDiskWritesNothing limits the size of files, which works on every system.
func TestFullDiskWritesNothing(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"nothing", "outputs"} {
		dir := withExports(t)
		run := func(line string) {
			t.Helper()
			digest := digestOf(t, dir)
			status, stderr := shell(t, dir, "ulimit -f 1; "+line) // blocks of 1,024 bytes
			assert.Equal(t, statusFailed, status)
			assert.Contains(t, stderr, "file too large")
			assert.Contains(t, stderr, "hint: nothing was written; make room")
			assert.Equal(t, digest, digestOf(t, dir), "over %s", before)
		}
		if before == "outputs" {
			status, stderr := shell(t, dir, strings.Replace(writeHere, "2026-07-01", "2026-01-01", 1))
			require.Zero(t, status, stderr)
		}
		run(writeHere)
		run("labdsr access --owner contoso --subject alice.archer@contoso.com --virtualmachines exports --out package.zip --force")
		run("labdsr filter --subject alice.archer@contoso.com --virtualmachines exports --out rows --force")
	}
}

// TestFewOpenFiles reads and writes more files than may be open.
func TestFewOpenFiles(t *testing.T) {
	t.Parallel()
	dir := memtest.Folder(t)
	const header = "LabUId,ResourceUId,ResourceId,ResourceOwner,DeletedDate\n"
	for n := range 600 {
		folder := filepath.Join(dir, "exports", fmt.Sprint(n))
		require.NoError(t, os.MkdirAll(folder, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "virtualmachines.csv"), fmt.Appendf(nil, header+"lab%d,vm,id,ann@contoso.com,\nlab%d,vm2,id2,bob@contoso.com,\n", n, n), 0o600))
	}
	for _, line := range []string{
		"labdsr filter --subject ann@contoso.com --virtualmachines exports --out rows",
		"labdsr access --subject ann@contoso.com --virtualmachines exports --out package.zip",
		"labdsr anonymize --virtualmachines exports --at 2026-07-01T09:00:00Z --out clean",
		"labdsr verify --before exports --after clean --at 2026-07-01T09:00:00Z",
	} {
		status, stderr := shell(t, dir, "ulimit -n 64; "+line)
		require.Zero(t, status, stderr)
	}
	text, err := os.ReadFile(filepath.Join(dir, "rows", "599", "virtualmachines.csv"))
	require.NoError(t, err)
	assert.Equal(t, header+"lab599,vm,id,ann@contoso.com,\n", string(text))
}

// patience is how long a test waits for what comes at once, unless the machine has other
// things to do.
const patience = time.Minute

// stop sends signals to a run that waits for the other end of a pipe, and returns the
// exit status and how long the run took to end.
func stop(t *testing.T, c *exec.Cmd, isReady func() bool, signals ...syscall.Signal) (int, time.Duration) {
	t.Helper()
	require.NoError(t, c.Start())
	require.Eventually(t, isReady, patience, time.Millisecond)
	begun := time.Now()
	for _, signal := range signals {
		require.NoError(t, c.Process.Signal(signal))
		time.Sleep(20 * time.Millisecond)
	}
	done := make(chan struct{})
	go func() { _ = c.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		require.NoError(t, c.Process.Kill())
		<-done
		t.Error("the run went on")
	}
	return c.ProcessState.ExitCode(), time.Since(begun)
}

// waits returns a function that reports whether all threads of a process have been waiting
// for some time: it has done all that it can do.
func waits(c *exec.Cmd) func() bool {
	const often = 200 // times, a millisecond apart
	times := 0
	return func() bool {
		times++
		states, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", c.Process.Pid)) // the pattern is good
		for _, path := range states {
			stat, _ := os.ReadFile(path)
			if _, state, _ := bytes.Cut(stat, []byte(") ")); !bytes.HasPrefix(state, []byte("S")) {
				times = 0
			}
		}
		return times >= often
	}
}

// TestPipesWithoutAWriterHearSignals opens pipes that nobody opens for writing.
func TestPipesWithoutAWriterHearSignals(t *testing.T) {
	t.Parallel()
	const at = " --at 2026-07-01T09:00:00Z --out clean"
	for _, test := range []struct{ name, line string }{
		{"input", "labdsr anonymize --virtualmachines pipe" + at},
		{"list", "labdsr access --virtualmachines exports --subject-file pipe --out package.zip"},
		{"key", "labdsr anonymize --virtualmachines exports --key-file pipe" + at},
		{"decisions", "labdsr anonymize --virtualmachines exports --decisions pipe" + at},
		{"receipt", "labdsr anonymize --virtualmachines exports --previous pipe --receipt receipt" + at},
		{"holds, which are read last", "labdsr anonymize --virtualmachines exports --holds pipe" + at},
		{"verify", "labdsr verify --before pipe --after clean --at 2026-07-01T09:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := withExports(t)
			require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
			before := entries(t, dir)
			c := shellCommand(t, dir, "exec "+test.line)
			var stderr bytes.Buffer
			c.Stderr = &stderr
			status, _ := stop(t, c, waits(c), syscall.SIGTERM)
			assert.Equal(t, statusFailed, status)
			assert.Contains(t, stderr.String(), "labdsr: interrupted\n  hint: nothing was written; run it again\n")
			assert.Equal(t, before, entries(t, dir))
		})
	}
}

func TestSecondInterruptEndsAtOnce(t *testing.T) {
	t.Parallel()
	dir := withExports(t)
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	// A machine that has other things to do may make one signal of two, or end a run late.
	for try := 1; ; try++ {
		c := shellCommand(t, dir, "exec "+writeHere+" --holds pipe")
		status, took := stop(t, c, func() bool { return len(traces(t, dir)) >= 3 }, syscall.SIGINT, syscall.SIGINT)
		assert.Equal(t, statusFailed, status)
		assert.Empty(t, traces(t, dir))
		assert.NoDirExists(t, filepath.Join(dir, "clean"))
		if took < graceTime {
			return
		}
		require.Less(t, try, 10, "the second signal ends nothing")
	}
}

func TestIgnoredHangUpStaysIgnored(t *testing.T) {
	t.Parallel()
	c := shellCommand(t, t.TempDir(), "trap '' HUP; exec labdsr plan --virtualmachines - --at 2026-07-01T09:00:00Z")
	in, err := c.StdinPipe()
	require.NoError(t, err)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	require.NoError(t, c.Start())
	_, err = in.Write([]byte("LabUId,ResourceUId,ResourceId,"))
	require.NoError(t, err)
	require.Eventually(t, waits(c), patience, time.Millisecond)
	require.NoError(t, c.Process.Signal(syscall.SIGHUP))
	_, err = in.Write([]byte("ResourceOwner,DeletedDate\nlab,vm,id,ann@contoso.com,\n"))
	require.NoError(t, err)
	require.NoError(t, in.Close())
	require.NoError(t, c.Wait(), stderr.String())
}
