package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// A rival does some kinds of tasks. It is either Go code that runs in a child process
// of this program, or a program of its own.
type rival struct {
	name   string
	slow   bool // measured with a smaller file
	limit  bool // reads the bytes and gives no answer
	native bool // its memory is not on the Go heap
	// does holds the tasks that it does in Go.
	does map[kind]func(context.Context, *job) (answer, error)
	// program is the name of the program, and apt its Debian package, or "" if it is built
	// of this repository.
	program, apt string
	// arguments returns the arguments of the program for a task, or nil if the program
	// does not do the task.
	arguments func(*job) []string
}

var rivals = []rival{
	{name: "labdsr", does: labdsr(0)},
	{name: "labdsr-1", slow: true, does: labdsr(1)},
	{name: "labdsr-command", program: "labdsr", arguments: command},
	{name: "encoding/csv", slow: true, does: encodingCSV},
	{name: "gocsv", slow: true, does: naiveGocsv},
	{name: "csvutil", slow: true, does: csvutilDecoder},
	{name: "duckdb", native: true, does: duckDB},
	{name: "miller", slow: true, program: "mlr", apt: "miller", arguments: miller},
	{name: "wc", limit: true, program: "wc", apt: "coreutils", arguments: func(j *job) []string { return append([]string{"-l"}, j.files()...) }},
	{name: "cat", limit: true, program: "cat", apt: "coreutils", arguments: (*job).files},
}

// can reports whether the rival does a task.
func (r *rival) can(t task) bool {
	if r.arguments != nil {
		return r.arguments(&job{Kind: t.kind, owners: make([]string, t.subjects)}) != nil
	}
	return r.does[t.kind] != nil
}

// prepare builds the program into a folder, or returns an error if it is missing, which
// says how to install it.
func (r *rival) prepare(ctx context.Context, dir string) error {
	if r.program == "" {
		return nil
	}
	if r.apt == "" {
		out, err := exec.CommandContext(ctx, "go", "build", "-C", filepath.Join("..", r.program), "-o", filepath.Join(dir, r.program), ".").CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", r.name, err, out)
		}
		return nil
	}
	if _, err := exec.LookPath(r.program); err != nil {
		return fmt.Errorf("%s: the program %s is not installed: apt-get install -y %s", r.name, r.program, r.apt)
	}
	return nil
}

// A job describes one run of a rival to its process.
type job struct {
	Rival    string
	Kind     kind
	Machines string
	Disks    string    // only for tasks that read disks
	After    string    // what a clean-up wrote of Machines, only for verifying
	Owners   string    // file with the addresses of the subjects
	ObjectID string    // of the first subject
	Now      time.Time // instant of the clean-up
	Rows     int64     // of Machines
	Out      string    // file for what is written; "" means the null device
	Programs string    // folder of the programs that were built
	Heap     bool      // measure the heap, which takes time

	owners []string
	duck   *duck
	start  time.Time
}

// files returns the files that the job reads.
func (j *job) files() []string {
	files := []string{j.Machines}
	for _, more := range []string{j.Disks, j.After} {
		if more != "" {
			files = append(files, more)
		}
	}
	return files
}

// create opens the file for what is written.
func (j *job) create() (*os.File, error) {
	if j.Out == "" {
		return os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	}
	return os.Create(j.Out)
}

// finish closes what create returned, after it is on the disk.
func (j *job) finish(out *os.File) error {
	if j.Out == "" {
		return out.Close()
	}
	return errors.Join(out.Sync(), out.Close())
}

// theirs returns a function that reports whether an owner is a subject.
func (j *job) theirs() func(owner string) bool {
	if len(j.owners) == 1 {
		return func(owner string) bool { return strings.EqualFold(owner, j.owners[0]) }
	}
	set := make(map[string]bool, len(j.owners))
	for _, owner := range j.owners {
		set[strings.ToLower(owner)] = true
	}
	return func(owner string) bool { return set[strings.ToLower(owner)] }
}

// readOwners reads the addresses of the subjects.
func (j *job) readOwners() error {
	list, err := os.ReadFile(j.Owners)
	if err == nil {
		j.owners = strings.Fields(string(list))[1:]
	}
	return err
}

// A result is the result of one run.
type result struct {
	Seconds float64
	Hits    int64
	Rows    int64
	Due     int64
	Digest  string
	Heap    uint64 // peak of the Go heap, including garbage; 0 if not measured
	Memory  uint64 // peak resident set of the process; 0 if unknown
}

// of takes over an answer.
func (r *result) of(a *answer) error {
	if err := a.open(); err != nil {
		return err
	}
	r.Hits, r.Rows, r.Due, r.Digest = int64(len(a.uids)), a.rows, a.due, a.digest()
	return nil
}

// child reads a job from r, runs it in this process and writes the result to w. It
// times only the task itself.
func child(ctx context.Context, w io.Writer, r io.Reader) error {
	var j job
	if err := json.NewDecoder(r).Decode(&j); err != nil {
		return err
	}
	if j.Rival == "" { // the memory of an idle process
		return json.NewEncoder(w).Encode(result{Memory: peakMemory("self")})
	}
	i := slices.IndexFunc(rivals, func(r rival) bool { return r.name == j.Rival })
	if i < 0 || rivals[i].does[j.Kind] == nil {
		return errors.New("no such job")
	}
	err := j.readOwners()
	if err != nil {
		return err
	}
	if rivals[i].native {
		if j.duck, err = openDuck(ctx); err != nil {
			return err
		}
		defer j.duck.close()
	}
	var a answer
	var res result
	do := func() {
		j.begin()
		a, err = rivals[i].does[j.Kind](ctx, &j)
		res.Seconds = time.Since(j.start).Seconds()
	}
	if j.Heap && !rivals[i].native {
		res.Heap = csvschematest.PeakHeap(do)
	} else {
		do()
	}
	if err != nil {
		return err
	}
	res.Memory = peakMemory("self")
	if err := res.of(&a); err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(res)
}

// begin starts the clock. A rival calls it again after what is not part of the task.
func (j *job) begin() { j.start = time.Now() }

// quietly closes a file that was only read or is no longer needed.
func quietly(c io.Closer) { _ = c.Close() }
