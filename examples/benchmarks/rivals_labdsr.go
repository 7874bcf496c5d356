package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
)

// labdsr returns the tasks of the library with a number of workers. 0 means one worker
// for each processor. Writing rows always uses one.
func labdsr(workers int) map[kind]func(context.Context, *job) (answer, error) {
	with := func(do func(context.Context, *job, int) (answer, error)) func(context.Context, *job) (answer, error) {
		return func(ctx context.Context, j *job) (answer, error) { return do(ctx, j, workers) }
	}
	does := map[kind]func(context.Context, *job) (answer, error){
		filter:      with(labdsrFilter),
		filterDisks: with(labdsrFilter),
		cleaning:    with(labdsrCleanUp),
		verifying:   with(labdsrVerify),
		planning:    with(labdsrPlan),
		accessing:   with(labdsrAccess),
		reading:     with(labdsrRead),
	}
	if workers == 0 {
		does[writing] = labdsrWrite
	}
	return does
}

// exportOf returns an export of files. There may be no disks.
func exportOf(machines, disks string) []csvschema.Export {
	source := func(name string) []csvschema.Source {
		if name == "" {
			return nil
		}
		return []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) { return os.Open(name) }}}
	}
	return []csvschema.Export{{VirtualMachines: source(machines), Disks: source(disks)}}
}

// labdsrFilter filters both files, or machines only, and records the rows of the disks or
// of the machines.
func labdsrFilter(ctx context.Context, j *job, workers int) (answer, error) {
	role := csvschema.VirtualMachines
	if j.Kind == filterDisks {
		role = csvschema.Disks
	}
	subjects := make([]dsr.Subject, len(j.owners))
	for i, owner := range j.owners {
		var err error
		if subjects[i], err = dsr.ParseSubject(owner); err != nil {
			return answer{}, err
		}
	}
	a := answer{rows: -1, due: -1}
	_, err := dsr.Filter(ctx, exportOf(j.Machines, j.Disks), subjects, func(m dsr.Match) error {
		if m.Key.Role() == role {
			a.hit(string(m.Record.Value(csvschema.ResourceUId)))
		}
		return nil
	}, &dsr.Options{Workers: workers})
	return a, err
}

// labdsrCleanUp plans, and carries the plan out.
func labdsrCleanUp(ctx context.Context, j *job, workers int) (answer, error) {
	policy := anonymize.Policy{Workers: workers}
	plan, err := policy.Plan(ctx, j.Now, exportOf(j.Machines, ""))
	if err != nil {
		return answer{}, err
	}
	out, err := j.create()
	if err != nil {
		return answer{}, err
	}
	stats, err := plan.Apply(ctx, plan.Report().Files[0].FileID, out)
	return answer{rows: stats.Rows, due: stats.Changed}, errors.Join(err, j.finish(out))
}

func labdsrPlan(ctx context.Context, j *job, workers int) (answer, error) {
	policy := anonymize.Policy{Workers: workers}
	plan, err := policy.Plan(ctx, j.Now, exportOf(j.Machines, ""))
	if err != nil {
		return answer{}, err
	}
	total := plan.Report().Total
	return answer{rows: total.Rows, due: total.Due}, nil
}

func labdsrVerify(ctx context.Context, j *job, workers int) (answer, error) {
	policy := anonymize.Policy{Workers: workers}
	v, err := verify.Exports(ctx, &policy, j.Now, exportOf(j.Machines, ""), exportOf(j.After, ""))
	if err != nil {
		return answer{}, err
	}
	if !v.OK() {
		return answer{}, fmt.Errorf("%w: %d failures", errWrong, v.Failed)
	}
	return answer{rows: v.Rows, due: v.Changed}, nil
}

func labdsrAccess(ctx context.Context, j *job, workers int) (answer, error) {
	subject, err := dsr.ParseSubject(j.owners[0], j.ObjectID)
	if err != nil {
		return answer{}, err
	}
	var pack bytes.Buffer
	_, err = response.Write(ctx, &pack, exportOf(j.Machines, ""), subject, &response.Options{Filter: dsr.Options{Workers: workers}})
	return answer{rows: -1, due: -1, zip: pack.Bytes()}, err
}

// labdsrRead decodes rows.
func labdsrRead(_ context.Context, j *job, workers int) (answer, error) {
	in, err := os.Open(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	a := answer{due: -1}
	theirs := j.theirs()
	for row, err := range csvschema.NewReader[csvschema.VirtualMachineRow](in, &csvschema.ReaderOptions{Workers: workers}).All() {
		if err != nil {
			return answer{}, err
		}
		a.rows++
		if theirs(row.ResourceOwner.Reveal()) {
			a.hit(row.ResourceUId)
		}
	}
	return a, nil
}

func labdsrWrite(_ context.Context, j *job) (answer, error) {
	in, err := os.Open(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	var sample []csvschema.VirtualMachineRow
	for row, err := range csvschema.NewReader[csvschema.VirtualMachineRow](in, nil).All() {
		if err != nil {
			return answer{}, err
		}
		if sample = append(sample, row); len(sample) == sampleRows {
			break
		}
	}
	return writeSample(j, sample, func(out io.Writer) (func(*csvschema.VirtualMachineRow) error, func() error) {
		w := csvschema.NewWriter[csvschema.VirtualMachineRow](out, nil)
		return func(row *csvschema.VirtualMachineRow) error { return w.Write(*row) }, w.Close
	})
}

// command returns the arguments of the command line of labdsr, or nil for the tasks that
// it does not do.
func command(j *job) []string {
	arguments := []string{"--virtualmachines", j.Machines, "--json"}
	if j.Disks != "" {
		arguments = append(arguments, "--disks", j.Disks)
	}
	at := []string{"--at", j.Now.Format(time.RFC3339)}
	person := []string{"--subject", j.ObjectID}
	for _, owner := range j.owners {
		person = append(person, "--subject", owner)
	}
	switch {
	case (j.Kind == filter || j.Kind == filterDisks) && len(j.owners) == 1:
		return append(append([]string{"filter", "--out", j.Out}, arguments...), person...)
	case j.Kind == accessing:
		return append(append(append([]string{"access", "--out", j.Out}, arguments...), at...), person...)
	case j.Kind == cleaning:
		return append(append([]string{"anonymize", "--out", j.Out}, arguments...), at...)
	case j.Kind == planning:
		return append(append([]string{"plan"}, arguments...), at...)
	case j.Kind == tabling:
		return append(append([]string{"tables", "--with-owners", "--delete-after", "90d", "--out", j.Out}, arguments...), at...)
	case j.Kind == verifying:
		return append([]string{"verify", "--json", "--before", j.Machines, "--after", filepath.Dir(j.After)}, at...)
	}
	return nil
}

// commandAnswer returns the answer of the command line of labdsr, from what it printed and
// wrote. What it wrote is a file afterwards.
func commandAnswer(j *job, printed []byte) (answer, error) {
	var said struct {
		Rows, Changed int64
		OK            bool
		Total         struct{ Rows, Due, Changed int64 }
		Machines      struct{ Rows int64 }
	}
	a := answer{rows: -1, due: -1}
	err := json.Unmarshal(printed, &said)
	if err != nil {
		return answer{}, err
	}
	switch j.Kind {
	case cleaning:
		a.rows, a.due = said.Total.Rows, said.Total.Changed
		err = j.takeOut(csvschema.VirtualMachines.String() + ".csv")
	case tabling:
		a.rows = said.Machines.Rows
		err = j.takeOut("machines.parquet")
	case planning:
		a.rows, a.due = said.Total.Rows, said.Total.Due
	case verifying:
		if !said.OK {
			return answer{}, fmt.Errorf("%w: failures", errWrong)
		}
		a.rows, a.due = said.Rows, said.Changed
	case filter, filterDisks:
		role := csvschema.VirtualMachines
		if j.Kind == filterDisks {
			role = csvschema.Disks
		}
		text, err := os.Open(filepath.Join(j.Out, role.String()+".csv"))
		if err != nil {
			return answer{}, err
		}
		defer quietly(text)
		if err := a.read(text); err != nil {
			return answer{}, err
		}
		return a, os.RemoveAll(j.Out)
	case accessing:
		if a.zip, err = os.ReadFile(j.Out); err == nil {
			err = os.Remove(j.Out)
		}
	case reading, writing:
	}
	return a, err
}

// takeOut makes a file that was written into a folder the only output.
func (j *job) takeOut(name string) error {
	folder := j.Out + ".folder"
	return errors.Join(os.Rename(j.Out, folder), os.Rename(filepath.Join(folder, name), j.Out), os.RemoveAll(folder))
}
