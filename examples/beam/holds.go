package main

import (
	"context"
	"fmt"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

// NOTE. A hold that is on no row is mistyped, and what it was to keep would go. No step but
// the one that makes units knows that of a hold:
//
//	look    which holds the rows of a file meet  numbers of holds, for each file
//	group   which holds no row meets             refuses all units
//	work    the rows of the holds                keeps them
//
// Each step reads the lists itself, and checks that they are those that the run began with.

// searched searches the rows of a chunk.
func searched(c *csvschema.Chunk, search *lists.HoldSearch) *lists.HoldSearch {
	for i := range c.Len() {
		search.Note(c.Record(i))
	}
	return search
}

// checkHolds looks for holds that are on no row: one that is mistyped lets go what it was to
// keep. Unless the user says that there may be some, no unit is worked on.
func (g *grouper) checkHolds(all []looked, rest *outcome) (refused bool, err error) {
	given, err := g.Job.given()
	if err != nil || given.holds == nil {
		return false, err
	}
	seen, unread := lists.Sights{}, 0
	for _, l := range all {
		seen.Add(l.Holds)
		if l.Fault != "" {
			unread++
		}
	}
	why := ""
	unmet, ended, err := given.holds.Unmet(seen, g.Job.At)
	if err != nil {
		why = hidden(err.Error())
	} else if len(unmet) > 0 && !g.Job.AllowUnmetHolds {
		why = fmt.Sprintf("holds that are on no row: %d; a mistyped hold keeps nothing: correct it, or if it is on a resource of other exports, give --allow-unmet-holds", len(unmet))
	}
	rest.Holds.Ended = ended
	for _, hold := range unmet {
		rest.Holds.Unmet = append(rest.Holds.Unmet, place{hidden(hold.Path), hold.Line})
	}
	if why == "" {
		return false, nil
	}
	if unread > 0 {
		why += fmt.Sprintf("; files that cannot be read, and may have such a row: %d", unread)
	}
	rest.Failures = []failure{{Error: why}}
	return true, nil
}

// policy returns the policy for a unit, with all holds.
func (w *worker) policy(ctx context.Context, exports []csvschema.Export) (*anonymize.Policy, error) {
	policy, err := w.Job.policy()
	if err != nil || w.given.holds == nil {
		return policy, err
	}
	search := w.given.holds.Search()
	for i, e := range exports {
		for k, from := range e.Disks { // whose keys their rows alone have
			id := csvschema.FileID{Export: i + 1, File: k + 1, Role: csvschema.Disks}
			if err := csvschema.ForEachChunk(ctx, csvschema.NewFile(id, from, csvschema.FileOptions{
				Required: func(csvschema.Role) []csvschema.Column {
					return []csvschema.Column{csvschema.LabUId, csvschema.ResourceUId}
				},
				SinglePass: true,
			}), csvschema.Pass[struct{}]{
				Work: func(*csvschema.Chunk) (none struct{}) { return none },
				Emit: func(c *csvschema.Chunk, _ struct{}) error {
					searched(c, search)
					return nil
				},
			}); err != nil {
				return nil, err
			}
		}
	}
	policy.Holds = search.ForPolicy()
	return policy, policy.Validate()
}
