package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	signals "os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/internal/memtest"
)

// largeExport writes an export of so many bytes to a folder.
func largeExport(t *testing.T, dir string, size int64) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o700))
	large := csvschematest.NewLarge(1, size, nil)
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		file, err := os.Create(filepath.Join(dir, role.String()+".csv"))
		require.NoError(t, err)
		_, err = io.Copy(file, large.Reader(role))
		require.NoError(t, err)
		require.NoError(t, file.Close())
	}
}

// digestOf returns a digest of all names and contents below a folder.
func digestOf(t *testing.T, dir string) string {
	t.Helper()
	hash := sha256.New()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		_, _ = hash.Write([]byte(strings.TrimPrefix(path, dir) + "\x00"))
		_, _ = hash.Write(data)
		return err
	}))
	return string(hash.Sum(nil))
}

// madeHere begins the names of what a run has not finished.
const madeHere = ".labdsr-"

// traces returns the names in a folder of what a run has not finished.
func traces(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, madeHere+"*"))
	require.NoError(t, err)
	return found
}

func anonymizeCommandLine(program, dir, out string) *exec.Cmd {
	return exec.Command(program, "anonymize", "--virtualmachines", filepath.Join(dir, "in"), "--at", "2026-07-01T09:00:00Z",
		"--out", out, "--receipt", out+".json", "--force")
}

func TestKilledRunLeavesNothingThatLooksComplete(t *testing.T) {
	t.Parallel()
	rounds := 100
	if isRace {
		rounds = 20
	}
	dir, labdsr := memtest.Folder(t), programFor(t)
	largeExport(t, filepath.Join(dir, "in"), 2<<20)
	whole, out := filepath.Join(dir, "whole"), filepath.Join(dir, "out")
	begun := time.Now()
	require.NoError(t, anonymizeCommandLine(labdsr, dir, whole).Run())
	lasts, want := time.Since(begun), digestOf(t, whole)

	inTheMiddle, completed := 0, 0
	// This machine may be much slower now than it was a moment ago.
	for round := 0; round < rounds || (inTheMiddle == 0 || completed == 0) && round < 5*rounds; round++ {
		_, err := os.Stat(out)
		wasThere := err == nil
		c := anonymizeCommandLine(labdsr, dir, out)
		require.NoError(t, c.Start())
		time.Sleep(rand.N(lasts + lasts/4))
		require.NoError(t, c.Process.Kill())
		lasts += lasts / 20 // unless this run is done
		_ = c.Wait()        // killed, or done before
		if _, err := os.Stat(filepath.Join(dir, madeHere+"out.new")); err == nil {
			inTheMiddle++
		}
		_, err = os.Stat(out)
		if errors.Is(err, fs.ErrNotExist) {
			require.False(t, wasThere, "round %d left nothing of an output that was there", round)
			continue
		}
		completed++
		lasts -= lasts / 10
		require.Equal(t, want, digestOf(t, out), "round %d left half an output", round)
		if round%2 == 0 { // else it is replaced
			require.NoError(t, os.RemoveAll(out))
		}
	}
	assert.Positive(t, inTheMiddle, "no round was killed in the middle")
	assert.Positive(t, completed, "no round was completed")

	// The next run cleans up after all of them.
	require.NoError(t, anonymizeCommandLine(labdsr, dir, out).Run())
	assert.Equal(t, want, digestOf(t, out))
	assert.Empty(t, traces(t, dir))
}

func TestInterruptedRunLeavesNothing(t *testing.T) {
	t.Parallel()
	dir, labdsr := t.TempDir(), programFor(t)
	largeExport(t, filepath.Join(dir, "in"), 16<<20)
	heard := make(chan os.Signal, 1)
	signals.Notify(heard, syscall.SIGHUP) // or else labdsr ignores what nohup lets the test ignore
	defer signals.Stop(heard)
	out := filepath.Join(dir, "out")
	interrupt := func(signal syscall.Signal) (status int, stderr string) {
		c := anonymizeCommandLine(labdsr, dir, out)
		var told bytes.Buffer
		c.Stderr = &told
		require.NoError(t, c.Start())
		require.Eventually(t, func() bool {
			_, err := os.Stat(out)
			return err == nil || len(traces(t, dir)) > 0
		}, patience, time.Millisecond)
		require.NoError(t, c.Process.Signal(signal))
		_ = c.Wait()
		return c.ProcessState.ExitCode(), told.String()
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE} {
		status, stderr := interrupt(signal)
		for try := 1; status == statusDone && try < 10; try++ { // the signal came too late
			require.NoError(t, os.RemoveAll(out))
			status, stderr = interrupt(signal)
		}
		assert.Equal(t, statusFailed, status)
		assert.Contains(t, stderr, "labdsr: interrupted")
		assert.NoDirExists(t, out)
		assert.Empty(t, traces(t, dir))
	}
}

func TestInterruptIsHeardWhileNothingComesIn(t *testing.T) {
	t.Parallel()
	c := exec.Command(programFor(t), "plan", "--virtualmachines", "-", "--at", "2026-07-01T09:00:00Z")
	in, err := c.StdinPipe() // never closed
	require.NoError(t, err)
	temp := t.TempDir()
	c.Env = append(os.Environ(), "TMPDIR="+temp)
	require.NoError(t, c.Start())
	_, err = in.Write([]byte("LabUId"))
	require.NoError(t, err)
	require.Eventually(t, waits(c), patience, time.Millisecond)
	entries, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, entries, "what is spooled has a name")
	require.NoError(t, c.Process.Signal(os.Interrupt))
	_ = c.Wait()
	assert.Equal(t, statusFailed, c.ProcessState.ExitCode())
}
