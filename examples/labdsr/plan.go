package main

import (
	"context"

	"github.com/spf13/cobra"
)

// A planCommand shows what anonymize would do.
type planCommand struct {
	planFlags
	force bool
}

func newPlan(a *app) *cobra.Command {
	var f planCommand
	cmd := newCommand("plan --virtualmachines F… [--disks F…] --at T", "Show what anonymize would do, and write no export",
		`Plan shows which rows are due at an instant, which will be due later, which are on
hold, and what a person has to decide. With --json it also lists the resources and
the days.`,
		func(ctx context.Context) error { return f.run(ctx, a) })
	f.add(cmd, a)
	addForce(cmd, &f.force)
	return cmd
}

func (f *planCommand) run(ctx context.Context, a *app) error {
	p, err := f.ready(ctx, a)
	if err != nil {
		return err
	}
	reviewOut, err := f.review.begin(a, f.force)
	if err != nil {
		return err
	}
	if err := f.readRows(ctx, a, p); err != nil {
		return err
	}
	p.policy.Preview = true
	if err := f.make(ctx, a, p); err != nil {
		return err
	}
	if reviewOut, err = writeReview(reviewOut, p.questions, p.of); err != nil {
		return err
	}
	if err := a.outputs.Commit(reviewOut); err != nil {
		return err
	}
	a.tellPlan(p)
	a.tellDecisions(p.decided)
	a.tellUndecided(p, f.review.review)
	r := a.newPlanResult(p, f.review.review)
	switch err := f.policy.refuseUnmet(p.unmet.holds); {
	case err != nil:
		r.Status = statusUndecided
		a.con.Line("next", "correct the holds: with them anonymize fails, unless --allow-unmet-holds says that they are on resources of other exports")
	case !p.isUndecided():
		a.con.Line("next", "labdsr anonymize with the same flags and --out DIR")
	}
	a.result = result{&r, &r.Outcome, &r.Inputs}
	return nil
}
