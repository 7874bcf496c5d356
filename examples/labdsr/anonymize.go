package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// An anonymizeCommand writes exports again without the identifiers that are due.
type anonymizeCommand struct {
	planFlags
	receipt receiptFlags
	out     string
	inPlace bool
	dryRun  bool
	delete  bool // copies
	force   bool
}

func newAnonymize(a *app) *cobra.Command {
	var f anonymizeCommand
	cmd := newCommand("anonymize --virtualmachines F… [--disks F…] --at T {--out DIR | --in-place}", "Write exports again without the identifiers that are due",
		`Anonymize writes every file again. A row is due if its resource was deleted at least
30 days before --at, or if a request asks for it. Identifiers in due rows are replaced
in every column; everything else keeps its bytes. The inputs do not change: replace or
delete them after labdsr verify has found nothing.

One pair of inputs gives DIR/virtualmachines.csv and DIR/disks.csv. More inputs keep
their paths below DIR, relative to their deepest common folder. Compressed inputs
come out plain, and a ZIP becomes a folder.

With --in-place it replaces exports in a container of Azure Blob Storage. What it would
write is verified first. Then each blob in which something is due is replaced on the
condition that nobody has changed it, and read back. At any moment each is what it was
or what it is to be, and whole; run it again after it was interrupted. A blob that
somebody changed meanwhile, or that cannot be written, is left and named, and the exit
status is 1.`,
		func(ctx context.Context) error { return f.run(ctx, a) })
	f.add(cmd, a)
	addOut(cmd, &f.out, "`folder` for the anonymized exports, or the URL of a prefix in a container")
	cmd.Flags().BoolVar(&f.inPlace, "in-place", false, "replace the exports where they are, in a container, instead of --out")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "with --in-place: say what would be replaced, after it was verified, and write nothing")
	cmd.Flags().BoolVar(&f.delete, "delete-copies", false, "with --in-place: also delete snapshots and versions of the blobs, which still hold what was erased")
	addForce(cmd, &f.force)
	f.receipt.add(cmd)
	return cmd
}

// anonymizeAction is the action in the receipts of anonymize.
const anonymizeAction = "anonymize"

func (f *anonymizeCommand) run(ctx context.Context, a *app) error {
	if err := f.checkPlaces(); err != nil {
		return err
	}
	if f.inPlace {
		return f.runInPlace(ctx, a)
	}
	p, err := f.ready(ctx, a)
	if err != nil {
		return err
	}
	names, err := a.exports.OutputNames()
	if err != nil {
		return err
	}
	out, err := a.outputs.Begin(f.out, output.Folder(), f.force)
	if err != nil {
		return err
	}
	b, err := f.begin(ctx, a, p)
	if err != nil {
		return err
	}
	written, err := a.apply(ctx, p, out, names, b.proof)
	if err != nil {
		return err
	}
	if err := f.finish(ctx, a, p, b, written, out); err != nil {
		return err
	}
	f.tell(a, p, names, b.proof)
	return nil
}

// What was begun is what a run makes beside the exports.
type begun struct {
	proof           *evidence.Evidence
	receipt, review *output.Output // nil if they are not asked for
}

// begin makes the plan, and begins what is beside the exports.
func (f *anonymizeCommand) begin(ctx context.Context, a *app, p *planning) (b begun, err error) {
	if b.review, err = f.review.begin(a, f.force); err != nil {
		return b, err
	}
	if b.proof, b.receipt, err = f.receipt.begin(a, p.policy.Key, f.force); err != nil {
		return b, err
	}
	if err := f.readRows(ctx, a, p); err != nil {
		return b, err
	}
	if err := f.policy.refuseUnmet(p.unmet.holds); err != nil {
		return b, err
	}
	return b, f.make(ctx, a, p)
}

// finish writes what is beside the exports, and gives all outputs their names. Out is that of
// the exports, or nil.
func (f *anonymizeCommand) finish(ctx context.Context, a *app, p *planning, b begun, written []receipt.File, out *output.Output) error {
	review, err := writeReview(b.review, p.questions, p.of)
	if err != nil {
		return err
	}
	err = a.seal(ctx, b.proof, b.receipt, receipt.Receipt{
		Action: anonymizeAction, At: p.at, Outputs: written, Counts: countsOf(p.total, len(p.questions)),
	}, p.policy)
	if err != nil {
		return err
	}
	return a.outputs.Commit(out, b.receipt, review)
}

// apply writes all files, and notes what was replaced in them. It returns what a receipt says
// about them, if there is to be one.
func (a *app) apply(ctx context.Context, p *planning, out *output.Output, names map[*inputs.File]string, proof *evidence.Evidence) ([]receipt.File, error) {
	a.con.Show("writing", a.exports.Size(0))
	var written []receipt.File
	p.files, p.total = nil, anonymize.Stats{}
	for _, file := range a.exports.Files {
		var stats anonymize.Stats
		digest := proof.Digest(file)
		err := out.Write(names[file], func(w io.Writer) error {
			var err error
			stats, err = p.plan.Apply(ctx, file.FileID, digest.Beside(w))
			return err
		})
		if err != nil {
			return nil, err
		}
		p.files = append(p.files, anonymize.FileReport{FileID: file.FileID, Stats: stats})
		p.total.Add(stats)
		if digest != nil {
			written = append(written, digest.File(stats.Rows))
		}
	}
	return written, nil
}

func countsOf(s anonymize.Stats, questions int) map[string]int64 {
	return map[string]int64{"rows": s.Rows, "due": s.Due, "changed": s.Changed, "held": s.Held, "undecided": int64(questions)}
}

func (f *anonymizeCommand) tell(a *app, p *planning, names map[*inputs.File]string, proof *evidence.Evidence) {
	total := p.total
	a.tellPlan(p)
	a.con.Line("changed", "%s, in %s: %s, %s, %s", console.Count(total.Changed, "row"), f.out, console.Count(total.Owners, "owner"),
		console.Count(total.Addresses, "other address"), console.Count(total.UserSegments+total.Occurrences, "object ID"))
	if total.Names > 0 {
		a.con.Line("", "%s of machines and disks replaced", console.Count(total.Names, "name"))
	}
	r := &results.Anonymize{Plan: a.newPlanResult(p, f.review.review), Out: a.con.Hide(f.out)}
	for _, file := range a.exports.Files {
		r.Outputs = append(r.Outputs, a.con.Hide(names[file]))
	}
	r.Receipt = a.tellReceipt(proof, f.receipt.receipt)
	a.tellDecisions(p.decided)
	a.tellUndecided(p, f.review.review)
	a.con.Line("next", "labdsr verify --before INPUTS --after %s --at %s; then replace the inputs", f.out, console.Instant(p.at))
	if total.Changed > 0 {
		a.con.Line("remember", "%s", anonymize.Reminder)
	}
	a.result = result{r, &r.Outcome, &r.Inputs}
}
