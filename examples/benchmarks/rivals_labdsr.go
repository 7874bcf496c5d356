package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// labdsr returns the tasks of the library with a number of workers. 0 means one worker
// for each processor. Decoding rows always uses one.
func labdsr(workers int) map[kind]func(context.Context, *job) (answer, error) {
	does := map[kind]func(context.Context, *job) (answer, error){
		filter: func(ctx context.Context, j *job) (answer, error) {
			return labdsrFilter(ctx, j, workers, csvschema.VirtualMachines)
		},
		filterDisks: func(ctx context.Context, j *job) (answer, error) {
			return labdsrFilter(ctx, j, workers, csvschema.Disks)
		},
		anonymizing: func(ctx context.Context, j *job) (answer, error) {
			return labdsrAnonymize(ctx, j, workers)
		},
	}
	if workers == 0 {
		does[typed] = labdsrTyped
	}
	return does
}

// labdsrFilter filters both files, or machines only, and records the rows of a role.
func labdsrFilter(ctx context.Context, j *job, workers int, role csvschema.Role) (answer, error) {
	subjects := make([]dsr.Subject, len(j.owners))
	for i, owner := range j.owners {
		var err error
		if subjects[i], err = dsr.ParseSubject(owner); err != nil {
			return answer{}, err
		}
	}
	source := func(name string) []csvschema.Source {
		return []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) { return os.Open(name) }}}
	}
	export := csvschema.Export{VirtualMachines: source(j.Machines)}
	if role == csvschema.Disks {
		export.Disks = source(j.Disks)
	}
	var a answer
	_, err := dsr.Filter(ctx, []csvschema.Export{export}, subjects, func(m dsr.Match) error {
		if m.Key.Role() == role {
			a.hit(string(m.Record.Value(csvschema.ResourceUId)))
		}
		return nil
	}, &dsr.Options{Workers: workers})
	return a, err
}

func labdsrAnonymize(ctx context.Context, j *job, workers int) (answer, error) {
	in, err := os.Open(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	out, err := j.create()
	if err != nil {
		return answer{}, err
	}
	policy := anonymize.Policy{Workers: workers}
	stats, err := policy.Copy(ctx, now, csvschema.VirtualMachines, out, in)
	return answer{rows: stats.Rows, due: stats.Changed}, errors.Join(err, out.Close())
}

func labdsrTyped(_ context.Context, j *job) (answer, error) {
	in, err := os.Open(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	var a answer
	theirs := j.theirs()
	for row, err := range csvschema.NewReader[csvschema.VirtualMachineRow](in, nil).All() {
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
