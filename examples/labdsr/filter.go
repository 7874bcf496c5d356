package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// A filterCommand hands out a person's rows as they stand, for internal work.
type filterCommand struct {
	inputs  inputFlags
	subject subjectFlags
	review  reviewFlags
	out     string
	force   bool
}

func newFilter(a *app) *cobra.Command {
	var f filterCommand
	cmd := &cobra.Command{
		Use:   "filter --subject ID… --virtualmachines F… [--disks F…] --out DIR",
		Short: "Write a person's rows as plain CSV, for internal work",
		Long: `Filter writes the rows of one person, each file with the header and the bytes
of its input. Nothing is merged and nothing is hidden: rows may name other people,
and the summary counts the cells that do. What a person receives is made by
labdsr access.

One pair of inputs gives DIR/virtualmachines.csv and DIR/disks.csv; several keep
their paths below DIR, relative to their deepest common folder.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), a) },
	}
	f.subject.add(cmd)
	f.inputs.add(cmd)
	addOut(cmd, &f.out, "`folder` for the rows")
	addForce(cmd, &f.force)
	f.review.add(cmd)
	return cmd
}

func addOut(cmd *cobra.Command, out *string, usage string) {
	cmd.Flags().StringVar(out, "out", "", usage)
}

func addForce(cmd *cobra.Command, force *bool) {
	cmd.Flags().BoolVar(force, "force", false, "replace outputs that exist already")
}

// A filterResult is what --json writes of filter.
type filterResult struct {
	outcome
	searchResult
	CellsNamingOthers int64  `json:"cellsNamingOthers"`
	Out               string `json:"out"`
	Review            string `json:"review,omitempty"`
}

func (f *filterCommand) run(ctx context.Context, a *app) error {
	subject, err := f.subject.subject(a)
	if err != nil {
		return err
	}
	if f.out == "" {
		return usagef("--out is needed: a folder for the rows")
	}
	decided, err := f.review.read()
	if err != nil {
		return err
	}
	if err := decided.check(theirs, other); err != nil {
		return err
	}
	zone, err := f.inputs.find(ctx, a)
	if err != nil {
		return err
	}
	out, err := a.newOutput(f.out, true, f.force)
	if err != nil {
		return err
	}
	review, err := a.newReview(&f.review, f.force)
	if err != nil {
		return err
	}
	w, err := newRowWriter(a.exports, out, subject)
	if err != nil {
		return err
	}
	defer w.discard()
	report, err := f.filter(ctx, a, w, subject, zone, decided)
	if err != nil {
		return err
	}
	if err := w.finish(); err != nil {
		return err
	}
	questions := a.questionsOf(report)
	if err := a.writeReview(review, questions); err != nil {
		return err
	}
	if err := a.commit(out, reviewIf(review, questions)); err != nil {
		return err
	}
	f.tell(a, report, w, questions, decided)
	return nil
}

// filter writes the rows.
func (f *filterCommand) filter(ctx context.Context, a *app, w *rowWriter, subject dsr.Subject, zone *time.Location, decided *decisions) (*dsr.Report, error) {
	a.con.show("filtering", a.searchBytes())
	return dsr.Filter(ctx, a.exports.list, []dsr.Subject{subject}, func(m dsr.Match) error {
		return w.write(m.Export, m.File, m.Record)
	}, &dsr.Options{Zone: zone, Decide: a.decide(decided)})
}

// searchBytes is how much a search reads: disks twice, virtual machines once, as a
// rule.
func (a *app) searchBytes() int64 {
	return a.exports.size(csvschema.VirtualMachines) + 2*a.exports.size(csvschema.Disks)
}

func reviewIf(o *output, questions []question) *output {
	if len(questions) == 0 {
		return nil
	}
	return o
}

// commit gives all outputs their names; nil ones are left out, and removed in the
// end.
func (a *app) commit(all ...*output) error {
	for _, o := range all {
		if o == nil {
			continue
		}
		if err := o.commit(); err != nil {
			return err
		}
	}
	return nil
}

func (f *filterCommand) tell(a *app, report *dsr.Report, w *rowWriter, questions []question, decided *decisions) {
	r := &filterResult{searchResult: newSearchResult(report, questions), CellsNamingOthers: w.others, Out: a.con.hide(f.out)}
	a.tellScope(report)
	a.tellFound(report, f.out)
	a.tellDecisions(decided)
	if w.others > 0 {
		a.con.warn("others", "%s in these rows %s somebody else", count(w.others, "cell"), agree(w.others, "names", "name"))
	}
	if subject := report.Subjects[0]; subject.VirtualMachines.Theirs()+subject.Disks.Theirs() > 0 {
		a.con.line("", "these rows are for internal work; what the person receives is made by: labdsr access")
	}
	a.tellQuestions(questions, f.review.review)
	if len(questions) > 0 {
		r.Status, r.Review = statusUndecided, a.con.hide(f.review.review)
	}
	a.result = r
}
