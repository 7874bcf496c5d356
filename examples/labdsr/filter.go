package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// A filterCommand writes a person's rows as they are, for internal work.
type filterCommand struct {
	inputs  inputFlags
	subject subjectFlags
	review  reviewFlags
	policy  policyFlags // the key alone
	out     string
	force   bool
}

func newFilter(a *app) *cobra.Command {
	var f filterCommand
	cmd := newCommand("filter --subject ID… --virtualmachines F… [--disks F…] --out DIR", "Write a person's rows as plain CSV, for internal work",
		`Filter writes the rows of one person. Each output has the header and the bytes of its
input. Nothing is merged and nothing is hidden: rows may name other people, and the
summary counts the cells that do. To make what the person receives, use labdsr access.

One pair of inputs gives DIR/virtualmachines.csv and DIR/disks.csv. More inputs keep
their paths below DIR, relative to their deepest common folder.`,
		func(ctx context.Context) error { return f.run(ctx, a) })
	f.subject.add(cmd)
	f.inputs.add(cmd, a)
	addOut(cmd, &f.out, "`folder` for the rows, or the URL of a prefix in a container")
	addForce(cmd, &f.force)
	f.review.add(cmd)
	f.policy.addKeyFile(cmd, "decisions about rows in any export")
	return cmd
}

func (f *filterCommand) run(ctx context.Context, a *app) error {
	subject, err := f.subject.subject(ctx, a)
	if err != nil {
		return err
	}
	if f.out == "" {
		return fault.Usage("--out is needed: a folder for the rows")
	}
	decided, err := review.Read(f.review.decisions)
	if err != nil {
		return err
	}
	if err := decided.CheckSearch(); err != nil {
		return err
	}
	key, err := f.policy.key()
	if err != nil {
		return err
	}
	zone, err := parseZone(f.inputs.zone)
	if err != nil {
		return err
	}
	if err := f.inputs.findAll(ctx, a, zone); err != nil {
		return err
	}
	out, err := a.outputs.Begin(f.out, output.Folder(), f.force)
	if err != nil {
		return err
	}
	reviewOut, err := f.review.begin(a, f.force)
	if err != nil {
		return err
	}
	search, of, err := f.review.ofSearch(ctx, a, decided, subject, key)
	if err != nil {
		return err
	}
	w, err := newRowWriter(a.exports, out, subject)
	if err != nil {
		return err
	}
	defer w.discard()
	a.con.Show("filtering", a.searchBytes())
	report, err := dsr.Filter(ctx, a.exports.List, []dsr.Subject{subject}, func(m dsr.Match) error {
		return w.write(m.FileID, m.Record)
	}, &dsr.Options{Zone: zone, Decide: search.Decide(decided), Progress: a.con.Reading})
	if err != nil {
		return err
	}
	if err := checkIDs(report, 0); err != nil {
		return err
	}
	if err := w.finish(); err != nil {
		return err
	}
	questions, err := a.questions(ctx, search, report)
	if err != nil {
		return err
	}
	if reviewOut, err = writeReview(reviewOut, questions, of); err != nil {
		return err
	}
	if err := a.outputs.Commit(out, reviewOut); err != nil {
		return err
	}
	f.tell(a, report, w.others, questions, decided)
	return nil
}

func (f *filterCommand) tell(a *app, report *dsr.Report, others int64, questions []review.Question, decided *review.Decisions) {
	r := &results.Filter{Search: a.newSearch(report, questions, decided), CellsNamingOthers: others, Out: a.con.Hide(f.out)}
	a.tellScope(report)
	a.tellFound(report, f.out)
	a.tellDecisions(decided)
	rows := theirs(report)
	if others > 0 {
		a.con.Warn("others", "%s in %s %s somebody else", console.Count(others, "cell"), console.Agree(rows, "this row", "these rows"), console.Agree(others, "names", "name"))
	}
	if rows > 0 {
		a.con.Line("", "%s for internal work; what the person receives is made by: labdsr access", console.Agree(rows, "this row is", "these rows are"))
	}
	a.tellQuestions(questions, f.review.review)
	if len(questions) > 0 {
		r.Status, r.Review = statusUndecided, a.con.Hide(f.review.review)
	}
	a.result = result{r, &r.Outcome, &r.Inputs}
}
