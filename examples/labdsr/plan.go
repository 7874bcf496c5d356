package main

import (
	"context"

	"github.com/spf13/cobra"
)

// A planCommand tells what anonymize would do.
type planCommand struct {
	planFlags
	force bool
}

func newPlan(a *app) *cobra.Command {
	var f planCommand
	cmd := &cobra.Command{
		Use:   "plan --virtualmachines F… [--disks F…] --at T",
		Short: "Tell what anonymize would do, and write nothing",
		Long: `Plan tells which rows are due at an instant, which will be, which are on hold, and
what a person has to decide. It writes no export. With --json it says so row by
row and day by day.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), a) },
	}
	f.add(cmd)
	addForce(cmd, &f.force)
	return cmd
}

func (f *planCommand) run(ctx context.Context, a *app) error {
	p, err := f.ready(ctx, a)
	if err != nil {
		return err
	}
	review, err := a.newReview(&f.review, f.force)
	if err != nil {
		return err
	}
	if err := f.make(ctx, a, p); err != nil {
		return err
	}
	if err := a.writeReview(review, p.questions); err != nil {
		return err
	}
	if err := a.commit(reviewIf(review, p.questions)); err != nil {
		return err
	}
	a.tellPlan(p)
	a.tellDecisions(p.decided)
	a.tellQuestions(p.questions, f.review.review)
	if len(p.questions) == 0 {
		a.con.line("next", "labdsr anonymize with the same flags and --out DIR")
	}
	a.result = newPlanResult(a, p, f.review.review)
	return nil
}
