package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
)

// A report holds all measurements of a run.
type report struct {
	Go           string
	Platform     string
	GOMAXPROCS   int
	Rounds       int
	IdleMemory   uint64 // memory of an idle child process
	Measurements []measurement
	Linear       []measurement // in pairs: a file, and one of four times the size
}

// A measurement is the measurement of a rival at a task.
type measurement struct {
	Task, Dialect, Rival string
	Slow, Limit          bool
	Bytes                int64     // size of the input
	Seconds              []float64 // by round
	Heap, Memory         uint64    // peaks, as in result
}

// measure runs everything that is configured.
func measure(ctx context.Context, progress io.Writer, c *config) (rep *report, err error) {
	for _, r := range c.rivals {
		if err := r.installed(); err != nil {
			return nil, err
		}
	}
	idle, err := runChild(ctx, &job{})
	if err != nil {
		return nil, err
	}
	rep = &report{
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, GOMAXPROCS: runtime.GOMAXPROCS(0),
		Rounds: c.rounds, IdleMemory: idle.Memory,
	}
	dir, err := os.MkdirTemp(c.dir, "labdsr-benchmarks-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m := &measurer{config: c, dir: dir, progress: progress}
	for _, d := range c.dialects {
		for _, many := range []bool{false, true} {
			measured, err := m.dialect(ctx, d, many)
			if err != nil {
				return nil, err
			}
			rep.Measurements = append(rep.Measurements, measured...)
		}
	}
	if c.linear {
		if rep.Linear, err = m.linear(ctx); err != nil {
			return nil, err
		}
	}
	return rep, nil
}

// A measurer generates files and runs rivals on them.
type measurer struct {
	*config
	dir      string
	progress io.Writer
}

// A contender is a rival at a task, with its files and its measurement.
type contender struct {
	*rival
	*dataset
	measurement
}

// dialect measures the tasks in one dialect, either those with one subject or those
// with many.
func (m *measurer) dialect(ctx context.Context, d dialect, many bool) ([]measurement, error) {
	var todo []task
	disks := false
	for _, t := range m.tasks {
		if t.many == many {
			todo = append(todo, t)
			disks = disks || t.disks
		}
	}
	if len(todo) == 0 {
		return nil, nil
	}
	large, err := newDataset(m.dir, int64(m.size), d, many, disks)
	if err != nil {
		return nil, err
	}
	small := large
	if m.slowSize < m.size {
		if small, err = newDataset(m.dir, int64(m.slowSize), d, many, disks); err != nil {
			return nil, err
		}
	}
	var all []measurement
	for _, t := range todo {
		var contenders []*contender
		for _, r := range m.rivals {
			if !r.limit && !r.can(t) {
				continue
			}
			files := large
			if r.slow {
				files = small
			}
			contenders = append(contenders, newContender(&r, files, t, d))
		}
		if t.kind == anonymizing {
			for _, c := range contenders {
				if err := m.checkOutput(ctx, c.rival, small, d); err != nil {
					return nil, c.failed(err)
				}
			}
		}
		measured, err := m.rounds(ctx, contenders, t, d)
		if err != nil {
			return nil, err
		}
		all = append(all, measured...)
	}
	if small != large {
		err = small.remove()
	}
	return all, errors.Join(err, large.remove())
}

func newContender(r *rival, files *dataset, t task, d dialect) *contender {
	return &contender{rival: r, dataset: files, measurement: measurement{
		Task: t.name, Dialect: d.name, Rival: r.name, Slow: r.slow, Limit: r.limit, Bytes: files.bytes(t),
	}}
}

func (c *contender) failed(err error) error {
	return fmt.Errorf("%s, %s, %s: %w", c.Task, c.Dialect, c.Rival, err)
}

// rounds runs all contenders in turn: once to warm up and to measure the heap, and then
// in every round. Each round begins with another contender.
func (m *measurer) rounds(ctx context.Context, contenders []*contender, t task, d dialect) ([]measurement, error) {
	for round := range m.config.rounds + 1 {
		if _, err := fmt.Fprintf(m.progress, "%s, %s: round %d of %d\n", t.name, d.name, round, m.config.rounds); err != nil {
			return nil, err
		}
		for i := range contenders {
			c := contenders[(i+round)%len(contenders)]
			j := c.job(c.rival, t.kind, d)
			j.Heap = round == 0
			r, err := runJob(ctx, c.rival, j)
			if err == nil && c.limit {
				err = c.judgeLimit(t, r)
			} else if err == nil {
				err = c.judge(t, r)
			}
			if err != nil {
				return nil, c.failed(err)
			}
			if round == 0 {
				c.Heap = r.Heap
				continue
			}
			c.Seconds = append(c.Seconds, r.Seconds)
			c.Memory = max(c.Memory, r.Memory)
		}
	}
	all := make([]measurement, len(contenders))
	for i, c := range contenders {
		all[i] = c.measurement
	}
	return all, nil
}

// job returns the job of a rival on the files.
func (s *dataset) job(r *rival, k kind, d dialect) *job {
	return &job{Rival: r.name, Kind: k, Machines: s.machines, Disks: s.disks, Owners: s.owners, Quoted: d.name != "plain", CRLF: d.crlf}
}

// checkOutput lets a rival write an anonymized file, and checks every row of it.
func (m *measurer) checkOutput(ctx context.Context, r *rival, files *dataset, d dialect) error {
	if r.limit {
		return nil
	}
	j := files.job(r, anonymizing, d)
	j.Out = filepath.Join(m.dir, "anonymized.csv")
	if _, err := runJob(ctx, r, j); err != nil {
		return err
	}
	return errors.Join(files.judgeOutput(j.Out), os.Remove(j.Out))
}

// linear measures labdsr on two files. The second is four times as large.
func (m *measurer) linear(ctx context.Context) ([]measurement, error) {
	d, r := dialects[0], &rivals[0]
	var sets []*dataset
	for _, times := range []int64{1, 4} {
		s, err := newDataset(m.dir, times*int64(m.size), d, false, false)
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	var all []measurement
	for _, t := range tasks {
		if t.disks || t.many || t.kind == typed {
			continue
		}
		contenders := []*contender{newContender(r, sets[0], t, d), newContender(r, sets[1], t, d)}
		measured, err := m.rounds(ctx, contenders, t, d)
		if err != nil {
			return nil, err
		}
		all = append(all, measured...)
	}
	return all, errors.Join(sets[0].remove(), sets[1].remove())
}

// runJob runs a job in a process of its own.
func runJob(ctx context.Context, r *rival, j *job) (result, error) {
	if r.program != "" {
		return runProgram(ctx, r, j)
	}
	return runChild(ctx, j)
}

// runChild runs a job in a child process of this program.
func runChild(ctx context.Context, j *job) (result, error) {
	exe, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	in, err := json.Marshal(j)
	if err != nil {
		return result{}, err
	}
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, exe, childArgument)
	cmd.Env = environment()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &complaints
	if err := cmd.Run(); err != nil {
		return result{}, fmt.Errorf("%w: %s", err, bytes.TrimSpace(complaints.Bytes()))
	}
	var r result
	return r, json.Unmarshal(out.Bytes(), &r)
}

// environment returns the environment of child processes. They have the GOMAXPROCS of
// this process.
func environment() []string {
	return append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(runtime.GOMAXPROCS(0)))
}

// speeds returns the least, median and most GB/s of the rounds.
func (m *measurement) speeds() (least, median, most float64) {
	if len(m.Seconds) == 0 {
		return 0, 0, 0
	}
	seconds := slices.Sorted(slices.Values(m.Seconds))
	gb := float64(m.Bytes) / 1e9
	n := len(seconds)
	return gb / seconds[n-1], gb / ((seconds[(n-1)/2] + seconds[n/2]) / 2), gb / seconds[0]
}
