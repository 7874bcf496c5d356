package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// arguments returns the command line of a job.
func arguments(j *job, more ...string) []string {
	args := []string{j.Action, "--input", j.Roots[0], "--out", j.Out, "--key", j.Key, "--subjects", j.Subjects, "--at", j.At.Format(time.RFC3339)}
	for flag, all := range map[string][]string{"--holds": j.Holds, "--erase": j.Erase, "--removed": j.Removed} {
		for _, list := range all {
			args = append(args, flag, list)
		}
	}
	return append(args, more...)
}

// lasting returns what is in an output and stays the same: not the reports of runs, and of
// receipts only which there are, since each holds other random bytes.
func lasting(t *testing.T, j *job) tree {
	t.Helper()
	files := tree{}
	for name, text := range treeAt(t, j.Out) {
		switch {
		case strings.HasPrefix(name, runsFolder+"/"), name == claimFile: // of each run, and of each output
		case strings.HasPrefix(name, receiptsFolder+"/"):
			files[name] = "a receipt"
		default:
			files[name] = text
		}
	}
	return files
}

// heldJob returns a job over labs, with a hold and a request if there can be some.
func heldJob(t *testing.T, action string, files tree) *job {
	t.Helper()
	j := newTestJob(t, action, files)
	if action == anonymizing {
		hold(t, j, labUID(0)+","+deleted+",,")
		j.Erase = []string{listFile(t, j, "erase", "alice.archer@contoso.com\n")}
	}
	return j
}

// undisturbed returns what a run of another job of the same files leaves.
func undisturbed(t *testing.T, action string, files tree) tree {
	t.Helper()
	j := heldJob(t, action, files)
	mustRun(t, j)
	return lasting(t, j)
}

// publishes waits until the program has published a number of files, for as long as a slow
// machine may take.
func publishes(j *job, files int) bool {
	for until := time.Now().Add(3 * time.Minute); time.Now().Before(until); time.Sleep(2 * time.Millisecond) {
		found, _ := filepath.Glob(path.Join(j.Out, receiptsFolder, "*.json"))
		others, _ := filepath.Glob(path.Join(j.Out, unitsFolder, "*.json"))
		if len(found)+len(others) >= files {
			return true
		}
	}
	return false
}

func TestAfterAKillTheNextRunDoesTheRest(t *testing.T) {
	needsRunner(t)
	files := labs(t, 60)
	for _, action := range []string{anonymizing, access} {
		t.Run(action, func(t *testing.T) {
			want := undisturbed(t, action, files)
			j := heldJob(t, action, files)
			inTheMiddle := 0
			for round := 0; round < 4 || inTheMiddle == 0 && round < 40; round++ {
				c := program(t, arguments(j)...)
				require.NoError(t, c.Start())
				require.True(t, publishes(j, 1+round%4*12))
				time.Sleep(rand.N(5 * time.Millisecond))
				require.NoError(t, c.Process.Kill())
				_ = c.Wait()
				got := lasting(t, j)
				n := 0
				for name, text := range got {
					if strings.HasPrefix(name, unfinished) {
						continue
					}
					n++
					require.Equal(t, want[name], text, "round %d left half of %s", round, name)
				}
				if n < len(want) {
					inTheMiddle++
				} else if inTheMiddle == 0 { // the run was done before it was killed
					j = heldJob(t, action, files)
				}
			}
			assert.Positive(t, inTheMiddle, "no run was killed in the middle")
			text, err := program(t, arguments(j)...).CombinedOutput()
			require.NoError(t, err, string(text))
			assert.Equal(t, want, lasting(t, j))
			assert.NoDirExists(t, path.Join(j.Out, unfinished))
		})
	}
}

// jobServer starts prism in a process of its own, and returns where it listens.
func jobServer(t *testing.T) string {
	t.Helper()
	c := program(t, "prism")
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _, _ = c.Process.Kill(), c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	words := strings.Fields(line)
	return words[len(words)-1]
}

// ownWorkers returns the flags for workers in processes of their own.
func ownWorkers(endpoint string) []string {
	return []string{"--runner", "universal", "--endpoint", endpoint, "--environment_type", "PROCESS"}
}

func TestWorkersInProcessesOfTheirOwn(t *testing.T) {
	needsRunner(t)
	files := labs(t, 10)
	for _, action := range []string{anonymizing, access} {
		t.Run(action, func(t *testing.T) {
			want := undisturbed(t, action, files)
			endpoint := jobServer(t)
			for _, flags := range [][]string{ownWorkers(endpoint), {"--runner", "universal", "--endpoint", endpoint, "--environment_type", "LOOPBACK"}} {
				j := heldJob(t, action, files)
				text, err := program(t, arguments(j, flags...)...).CombinedOutput()
				require.NoError(t, err, string(text))
				assert.Equal(t, want, lasting(t, j))
			}
		})
	}
}

func TestAWorkerThatIsKilledFailsTheRunAndTheNextDoesTheRest(t *testing.T) {
	needsRunner(t)
	files := labs(t, 60)
	want := undisturbed(t, anonymizing, files)
	j := heldJob(t, anonymizing, files)
	for try := 1; !killsWorker(t, j); try++ {
		require.Less(t, try, 10, "the worker was killed too late")
		j = heldJob(t, anonymizing, files)
	}
	for name, text := range lasting(t, j) {
		if !strings.HasPrefix(name, unfinished) {
			require.Equal(t, want[name], text, "half of %s", name)
		}
	}

	text, err := program(t, arguments(j, ownWorkers(jobServer(t))...)...).CombinedOutput()
	require.NoError(t, err, string(text))
	assert.Equal(t, want, lasting(t, j))
}

// killsWorker kills the worker of a run of 60 files, which then fails, and reports whether
// it did so before all were done.
func killsWorker(t *testing.T, j *job) bool {
	t.Helper()
	c := program(t, arguments(j, ownWorkers(jobServer(t))...)...)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	require.NoError(t, c.Start())
	require.True(t, publishes(j, 2))
	if worker := workerOf(t); worker > 0 {
		_ = exec.Command("kill", "-KILL", strconv.Itoa(worker)).Run() // or it is done
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(8 * time.Second): // prism may wait for a worker that is gone, for ever
		require.NoError(t, c.Process.Kill())
		err = <-ended
	}
	if len(treeAt(t, path.Join(j.Out, receiptsFolder))) == 60 {
		return false
	}
	require.Error(t, err, said.String())
	return true
}

// workerOf returns the process of the worker, which the job server started, or 0 if it has
// ended.
func workerOf(t *testing.T) int {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		words := strings.Split(string(text), "\x00")
		if err == nil && len(words) > 2 && words[0] == self && words[1] == "--worker=true" && isBelowUs(path.Base(path.Dir(name))) {
			pid, err := strconv.Atoi(path.Base(path.Dir(name)))
			require.NoError(t, err)
			return pid
		}
	}
	return 0
}

// isBelowUs reports whether this process started a process, or one that started it.
func isBelowUs(pid string) bool {
	for pid != "" && pid != "1" && pid != "0" {
		if pid == fmt.Sprint(os.Getpid()) {
			return true
		}
		text, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			return false
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		words := strings.Fields(rest)
		if len(words) < 2 {
			return false
		}
		pid = words[1]
	}
	return false
}
