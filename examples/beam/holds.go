package main

import (
	"context"
	"fmt"
	"maps"

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

// noted returns a search that has noted the rows of a chunk.
func noted[S interface{ Note(csvschema.Record) }](c *csvschema.Chunk, search S) S {
	for i := range c.Len() {
		search.Note(c.Record(i))
	}
	return search
}

// check looks for holds that are on no row: one that is mistyped lets go what it was to
// keep. It looks for requests, too, whose object ID is that of something else. Unless the
// user says that there may be such holds, no unit is worked on.
func (g *grouper) check(all []looked, rest *outcome) (refused bool, err error) {
	given, err := g.Job.given()
	if err != nil {
		return false, err
	}
	seen, notPeople, unread := lists.Sights{}, map[int]csvschema.Column{}, 0
	for _, l := range all {
		seen.Add(l.Holds)
		maps.Copy(notPeople, l.NotPeople)
		if l.Fault != "" {
			unread++
		}
	}
	if given.holds != nil {
		if why := g.checkHolds(given.holds, seen, rest); why != "" {
			if unread > 0 {
				why += fmt.Sprintf("; files that cannot be read, and may have such a row: %d", unread)
			}
			rest.Failures = append(rest.Failures, failure{Error: why})
		}
	}
	for i, request := range given.requests {
		if column := notPeople[i]; column != 0 {
			rest.Failures = append(rest.Failures, failure{Error: fmt.Sprintf("the object ID of request number %d (%s) is in column %s of these exports: it is no person's", i+1, request.Kind, column)})
		}
	}
	if len(rest.Failures) > 0 {
		return true, nil
	}
	for i, request := range given.requests { // of those of which nothing is held, too
		rest.Requests = append(rest.Requests, requestOutcome{Request: i + 1, Kind: request.Kind})
	}
	return false, nil
}

// checkHolds notes which holds keep nothing, and returns why that is an error, or "".
func (g *grouper) checkHolds(holds *lists.Holdings, seen lists.Sights, rest *outcome) (why string) {
	unmet, ended, err := holds.Unmet(seen, g.Job.At)
	if err != nil {
		return hidden(err.Error())
	}
	rest.Holds.Ended = ended
	for _, hold := range unmet {
		rest.Holds.Unmet = append(rest.Holds.Unmet, place{hidden(hold.Path), hold.Line})
	}
	if len(unmet) == 0 || g.Job.AllowUnmetHolds {
		return ""
	}
	return fmt.Sprintf("holds that are on no row: %d; a mistyped hold keeps nothing: correct it, or if it is on a resource of other exports, give --allow-unmet-holds", len(unmet))
}

// policy returns the policy for a unit, and its terms. It has the requests, and the holds
// that are on a row of the unit: a list may be long, and there are many units. The terms
// count all holds, as those of labdsr do.
func (w *worker) policy(ctx context.Context, exports []csvschema.Export) (policy *anonymize.Policy, terms anonymize.Terms, err error) {
	if policy, err = w.Job.policy(); err != nil {
		return nil, terms, err
	}
	policy.Requests = w.given.requests
	terms = policy.Terms()
	if w.given.holds == nil {
		return policy, terms, policy.Validate()
	}
	search := w.given.holds.Search()
	for i, e := range exports {
		for k, from := range e.VirtualMachines {
			if err := noteFile(ctx, csvschema.FileID{Export: i + 1, File: k + 1, Role: csvschema.VirtualMachines}, from, search); err != nil {
				return nil, terms, err
			}
		}
		for k, from := range e.Disks {
			if err := noteFile(ctx, csvschema.FileID{Export: i + 1, File: k + 1, Role: csvschema.Disks}, from, search); err != nil {
				return nil, terms, err
			}
		}
	}
	policy.Holds, terms.Holds = search.Met()
	return policy, terms, policy.Validate()
}

// noteFile notes the rows of a file.
func noteFile(ctx context.Context, id csvschema.FileID, from csvschema.Source, search *lists.HoldSearch) error {
	return csvschema.ForEachChunk(ctx, csvschema.NewFile(id, from, csvschema.FileOptions{
		Required: func(csvschema.Role) []csvschema.Column {
			return []csvschema.Column{csvschema.LabUId, csvschema.ResourceUId}
		},
		SinglePass: true,
	}), csvschema.Pass[struct{}]{
		Work: func(*csvschema.Chunk) (none struct{}) { return none },
		Emit: func(c *csvschema.Chunk, _ struct{}) error {
			noted(c, search)
			return nil
		},
	})
}
