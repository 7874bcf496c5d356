package main

import (
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// pipeline returns the pipeline of a job:
//
//	roots → list → look into each file → units of whole labs → work → report
//
// What flows is in elements.go.
func (j *job) pipeline() *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	numbers := make([]int, len(j.Roots))
	for i := range numbers {
		numbers[i] = i + 1
	}
	files := beam.ParDo(s.Scope("list"), &lister{*j}, beam.CreateList(s, numbers))
	seen := beam.ParDo(s.Scope("look"), &looker{Job: *j}, beam.Reshuffle(s, files))
	together := beam.GroupByKey(s, beam.AddFixedKey(s, seen))
	units, unread := beam.ParDo2(s.Scope("group"), &grouper{*j}, together)
	done := beam.ParDo(s.Scope("work"), &worker{Job: *j}, beam.Reshuffle(s, units))
	outcomes := beam.AddFixedKey(s, beam.Flatten(s, done, unread))
	beam.ParDo0(s.Scope("report"), &reporter{*j}, beam.GroupByKey(s, outcomes))
	return p
}
