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
	Task, Shape, Rival string
	Slow, Limit        bool
	Bytes              int64     // size of the input
	Rows               int64     // of virtual machines in the input
	Seconds            []float64 // by round
	Heap, Memory       uint64    // peaks, as in result
}

// measure runs everything that is configured.
func measure(ctx context.Context, progress io.Writer, c *config) (rep *report, err error) {
	dir, err := os.MkdirTemp(c.dir, "labdsr-benchmarks-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, r := range c.rivals {
		if err := r.prepare(ctx, dir); err != nil {
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
	m := &measurer{config: c, dir: dir, progress: progress}
	for _, in := range c.shapes {
		for _, subjects := range []int{1, 100, 10_000} {
			measured, err := m.shape(ctx, in, subjects)
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

// shape measures the tasks with a number of subjects on files of one shape.
func (m *measurer) shape(ctx context.Context, in shape, subjects int) ([]measurement, error) {
	var todo []task
	for _, t := range m.tasks {
		if t.subjects == subjects && (t.shapes || in.name == shapes[0].name) {
			todo = append(todo, t)
		}
	}
	if len(todo) == 0 {
		return nil, nil
	}
	large, err := newDataset(ctx, m.dir, int64(m.size), in, todo)
	if err != nil {
		return nil, err
	}
	small := large
	if m.slowSize < m.size {
		if small, err = newDataset(ctx, m.dir, int64(m.slowSize), in, todo); err != nil {
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
			contenders = append(contenders, newContender(&r, files, t, in))
		}
		measured, err := m.rounds(ctx, contenders, t, in)
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

func newContender(r *rival, files *dataset, t task, in shape) *contender {
	return &contender{rival: r, dataset: files, measurement: measurement{
		Task: t.name, Shape: in.name, Rival: r.name, Slow: r.slow, Limit: r.limit, Bytes: files.bytes(t), Rows: files.input(t).rows,
	}}
}

// rounds runs all contenders in turn: once to warm up and to measure the heap, and then
// in every round. Each round begins with another contender.
func (m *measurer) rounds(ctx context.Context, contenders []*contender, t task, in shape) ([]measurement, error) {
	for round := range m.config.rounds + 1 {
		if _, err := fmt.Fprintf(m.progress, "%s, %s: round %d of %d\n", t.name, in.name, round, m.config.rounds); err != nil {
			return nil, err
		}
		for i := range contenders {
			c := contenders[(i+round)%len(contenders)]
			r, err := m.run(ctx, c, t, round)
			if err != nil {
				return nil, fmt.Errorf("%s, %s, %s: %w", c.Task, c.Shape, c.Rival, err)
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

// run runs a contender once and checks its answer, and every file that it writes.
func (m *measurer) run(ctx context.Context, c *contender, t task, round int) (result, error) {
	j := c.job(c.rival, t)
	j.Heap, j.Programs = round == 0, m.dir
	isChecked := !c.limit && (t.kind == cleaning || t.kind == tabling || t.kind == writing && round == 0)
	if isChecked || t.kind == cleaning || c.apt == "" && c.program != "" {
		j.Out = filepath.Join(m.dir, "out")
	}
	r, err := runJob(ctx, c.rival, j)
	switch {
	case err != nil:
		return result{}, err
	case c.limit:
		return r, errors.Join(c.judgeLimit(t, r), os.RemoveAll(j.Out))
	}
	if err := c.judge(t, r); err != nil || !isChecked {
		return r, err
	}
	return r, c.judgeOutput(t, j)
}

// linear measures labdsr on two files. The second is four times as large.
func (m *measurer) linear(ctx context.Context) ([]measurement, error) {
	in, r := shapes[0], &rivals[0]
	var todo []task
	for _, t := range tasks {
		if t.subjects == 1 && r.can(t) {
			todo = append(todo, t)
		}
	}
	var sets []*dataset
	for _, times := range []int64{1, 4} {
		s, err := newDataset(ctx, m.dir, times*int64(m.size), in, todo)
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	var all []measurement
	for _, t := range todo {
		measured, err := m.rounds(ctx, []*contender{newContender(r, sets[0], t, in), newContender(r, sets[1], t, in)}, t, in)
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

// cost returns the median of seconds for each row of virtual machines.
func (m *measurement) cost() float64 {
	_, median, _ := m.speeds()
	return float64(m.Bytes) / 1e9 / median / float64(m.Rows)
}
