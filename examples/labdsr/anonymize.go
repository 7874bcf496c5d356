package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// An anonymizeCommand writes exports again without the identifiers that are due.
type anonymizeCommand struct {
	planFlags
	receipt receiptFlags
	out     string
	force   bool
}

func newAnonymize(a *app) *cobra.Command {
	var f anonymizeCommand
	cmd := &cobra.Command{
		Use:   "anonymize --virtualmachines F… [--disks F…] --at T --out DIR",
		Short: "Write exports again without the identifiers that are due",
		Long: `Anonymize writes every file again. From rows whose resource was deleted at least
30 days before --at, and from those that a request is about, identifiers go from
every column; all else is the same bytes. The inputs stay as they are: replace or
delete them when labdsr verify has found nothing.

One pair of inputs gives DIR/virtualmachines.csv and DIR/disks.csv; several keep
their paths below DIR, relative to their deepest common folder. Compressed inputs
come out plain, and a ZIP becomes a folder.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), a) },
	}
	f.add(cmd)
	addOut(cmd, &f.out, "`folder` for the anonymized exports")
	addForce(cmd, &f.force)
	f.receipt.add(cmd)
	return cmd
}

// An anonymizeResult is what --json writes of anonymize.
type anonymizeResult struct {
	*planResult
	Out     string   `json:"out"`
	Outputs []string `json:"outputs"` // below out, in the order of the files
	Receipt string   `json:"receipt,omitempty"`
	Head    string   `json:"head,omitempty"` // of the receipt; to be kept elsewhere
}

func (f *anonymizeCommand) run(ctx context.Context, a *app) error {
	if f.out == "" {
		return usagef("--out is needed: a folder for the anonymized exports")
	}
	p, err := f.ready(ctx, a)
	if err != nil {
		return err
	}
	names, err := a.exports.outputNames()
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
	evidence, err := f.receipt.begin(a, p.policy.Key, f.force)
	if err != nil {
		return err
	}
	if err := f.make(ctx, a, p); err != nil {
		return err
	}
	written, err := a.apply(ctx, p.plan, out, names, evidence)
	if err != nil {
		return err
	}
	if err := a.writeReview(review, p.questions); err != nil {
		return err
	}
	err = evidence.seal(ctx, a, receipt.Receipt{
		Action: "anonymize", At: p.at, Outputs: written, Counts: countsOf(p.plan.Report().Total, len(p.questions)),
	}, p.policy)
	if err != nil {
		return err
	}
	if err := a.commit(out, evidence.output(), reviewIf(review, p.questions)); err != nil {
		return err
	}
	f.tell(a, p, names, evidence)
	return nil
}

// apply writes all files, and returns what a receipt says of them, if there is to be
// one.
func (a *app) apply(ctx context.Context, plan *anonymize.Plan, out *output, names map[*input]string, evidence *evidence) ([]receipt.File, error) {
	a.con.show("writing", a.exports.size(0))
	var written []receipt.File
	for _, i := range a.exports.inputs {
		var stats anonymize.Stats
		digest := evidence.newDigest(i.export, i.number, i.role)
		err := out.write(names[i], func(w io.Writer) error {
			var err error
			stats, err = plan.Apply(ctx, i.export, i.number, i.role, digest.beside(w))
			return err
		})
		if err != nil {
			return nil, err
		}
		if digest != nil {
			written = append(written, digest.file(stats.Rows))
		}
	}
	return written, nil
}

func countsOf(s anonymize.Stats, questions int) map[string]int64 {
	return map[string]int64{"rows": s.Rows, "due": s.Due, "changed": s.Changed, "held": s.Held, "undecided": int64(questions)}
}

func (f *anonymizeCommand) tell(a *app, p *planned, names map[*input]string, evidence *evidence) {
	total := p.plan.Report().Total
	a.tellPlan(p)
	a.con.line("changed", "%s, in %s: %s, %s, %s", count(total.Changed, "row"), f.out, count(total.Owners, "owner"),
		count(total.Addresses, "other address"), count(total.UserSegments+total.Occurrences, "object ID"))
	if total.Names > 0 {
		a.con.line("", "%s of machines and disks replaced", count(total.Names, "name"))
	}
	r := &anonymizeResult{planResult: newPlanResult(a, p, f.review.review), Out: a.con.hide(f.out)}
	for _, i := range a.exports.inputs {
		r.Outputs = append(r.Outputs, names[i])
	}
	if evidence != nil {
		a.tellReceipt(evidence, f.receipt.receipt)
		r.Receipt, r.Head = a.con.hide(f.receipt.receipt), evidence.head.String()
	}
	a.tellDecisions(p.decided)
	a.tellQuestions(p.questions, f.review.review)
	a.con.line("next", "labdsr verify --before INPUTS --after %s --at %s; then replace the inputs", f.out, instant(p.at))
	if total.Changed > 0 {
		a.con.line("remember", "%s", anonymize.Reminder)
	}
	a.result = r
}
