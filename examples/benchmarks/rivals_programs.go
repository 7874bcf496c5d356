package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// miller returns the arguments of mlr, or nil for the tasks that it does not do. Miller
// cannot use two files in one expression. Its strptime needs two digits for month, day
// and hour.
func miller(j *job) []string {
	arguments := []string{"-S", "--icsv", "--ocsv", "--quote-all"}
	switch {
	case j.Kind == filter && len(j.owners) == 1:
		arguments = append(arguments, "filter", `$ResourceOwner == "`+j.owners[0]+`"`)
	case j.Kind == filter:
		arguments = append(arguments, "join", "-j", "ResourceOwner", "-f", j.Owners)
	case j.Kind == cleaning:
		arguments = append(arguments, "put", `$DeletedDate != "" {
	var d = gsub($DeletedDate, "\b([0-9])\b", "0\1");
	if (strptime(d, "%m/%d/%Y %I:%M:%S %p") <= `+strconv.FormatInt(dueBy(j.Now).Unix(), 10)+`) {
		if ($ResourceOwner != "") {
			$ResourceOwner = "`+identity.ReplacementAddress+`"
		}
		$EnvironmentId = sub($EnvironmentId, "`+userPattern+`", "\1" . "`+identity.ReplacementObjectID+`")
	}
}`)
	default:
		return nil
	}
	return append(arguments, j.Machines)
}

// runProgram runs a job in a program. It times the whole process, and until what it wrote
// is on the disk.
func runProgram(ctx context.Context, r *rival, j *job) (result, error) {
	if err := j.readOwners(); err != nil {
		return result{}, err
	}
	program := r.program
	if r.apt == "" {
		program = filepath.Join(j.Programs, program)
	}
	cmd := exec.CommandContext(ctx, program, r.arguments(j)...)
	cmd.Env = environment()
	var printed, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &complaints
	var out *os.File
	if r.name == "cat" || r.apt != "" && !r.limit && j.Kind == cleaning {
		var err error
		if out, err = j.create(); err != nil {
			return result{}, err
		}
		defer quietly(out)
		cmd.Stdout = out
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	memory := watch(cmd.Process.Pid)
	err := cmd.Wait()
	if out != nil {
		err = errors.Join(err, j.finish(out))
	}
	res := result{Seconds: time.Since(start).Seconds(), Memory: memory()}
	if err != nil {
		return result{}, fmt.Errorf("%w: %s", err, &complaints)
	}
	a := answer{rows: -1, due: -1}
	switch {
	case r.apt == "":
		a, err = commandAnswer(j, printed.Bytes())
	case r.name == "wc":
		fields := strings.Fields(printed.String()) // the last line has the total and a name
		if len(fields) < 2 {
			return result{}, errors.New("wc counted nothing")
		}
		a.rows, err = strconv.ParseInt(fields[len(fields)-2], 10, 64)
	case !r.limit && j.Kind == filter:
		err = a.read(&printed)
	}
	return res, errors.Join(err, res.of(&a))
}

// watch samples the memory of a process. Call the returned function after the process
// has ended; it stops the sampling and returns the peak. The Maxrss of an ended process
// cannot be used: in Linux it starts with that of the parent process.
func watch(pid int) func() uint64 {
	var peak uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, peakMemory(strconv.Itoa(pid)))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return peak
	}
}

// peakMemory returns the peak resident set of a running process. It returns 0 if there
// is no proc file system or no such process.
func peakMemory(pid string) uint64 {
	text, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}
