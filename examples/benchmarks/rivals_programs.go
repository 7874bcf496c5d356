package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// miller returns the arguments of mlr, or nil for the tasks that it does not do. Miller
// cannot use two files in one expression. Its strptime needs two digits for month, day
// and hour.
func miller(j *job) []string {
	arguments := []string{"-S", "--icsv", "--ocsv"}
	if j.Quoted {
		arguments = append(arguments, "--quote-all")
	}
	switch {
	case j.Kind == filter && len(j.owners) == 1:
		arguments = append(arguments, "filter", `$ResourceOwner == "`+j.owners[0]+`"`)
	case j.Kind == filter:
		arguments = append(arguments, "join", "-j", "ResourceOwner", "-f", j.Owners)
	case j.Kind == anonymizing:
		arguments = append(arguments, "put", `$DeletedDate != "" && $ResourceOwner != "" {
	var d = gsub($DeletedDate, "\b([0-9])\b", "0\1");
	if (strptime(d, "%m/%d/%Y %I:%M:%S %p") <= `+strconv.FormatInt(due.Unix(), 10)+`) {
		$ResourceOwner = "`+identity.ReplacementAddress+`"
	}
}`)
	default:
		return nil
	}
	return append(arguments, j.Machines)
}

// runProgram runs a job in a program. It times the whole process.
func runProgram(ctx context.Context, r *rival, j *job) (result, error) {
	list, err := os.ReadFile(j.Owners)
	if err != nil {
		return result{}, err
	}
	j.owners = strings.Fields(string(list))[1:]
	cmd := exec.CommandContext(ctx, r.program, r.arguments(j)...)
	cmd.Env = environment()
	var answered, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &answered, &complaints
	if r.name == "cat" || j.Kind == anonymizing && !r.limit {
		out, err := j.create()
		if err != nil {
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
	err = cmd.Wait()
	res := result{Seconds: time.Since(start).Seconds(), Memory: memory(), Rows: -1, Due: -1}
	switch {
	case err != nil:
		return result{}, fmt.Errorf("%w: %s", err, &complaints)
	case r.name == "wc":
		fields := strings.Fields(answered.String()) // the last line has the total and a name
		if len(fields) < 2 {
			return result{}, errors.New("wc counted nothing")
		}
		res.Rows, err = strconv.ParseInt(fields[len(fields)-2], 10, 64)
	case !r.limit && j.Kind == filter:
		res.Hits, res.Digest, err = readHits(&answered)
	}
	return res, err
}

// readHits returns the number of rows in a CSV text, and their digest.
func readHits(text io.Reader) (int64, string, error) {
	records, err := csv.NewReader(text).ReadAll()
	if err != nil || len(records) == 0 {
		return 0, "", err
	}
	uid := slices.Index(records[0], csvschema.ResourceUId.String())
	if uid < 0 {
		return 0, "", errors.New("rows without a ResourceUId")
	}
	var a answer
	for _, record := range records[1:] {
		a.hit(record[uid])
	}
	return int64(len(a.uids)), a.digest(), nil
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
