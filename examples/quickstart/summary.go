package main

import (
	"fmt"
	"io"
	"path"
	"text/tabwriter"

	"github.com/labdsr/labdsr/dsr"
)

// explanations say what a person has to decide about a finding.
var explanations = map[dsr.FindingKind]string{
	dsr.Undetermined:   "may be theirs: several machines had its machine's ID, and the dates do not tell which",
	dsr.Dangling:       "may be anybody's: its machine is in none of the exports",
	dsr.NearMatch:      "its owner looks like the person: the same one under another account?",
	dsr.AliasCandidate: "owner and environment name different people: one of them the person under another name?",
}

// summary tells a lab administrator what was done and what is left to do. It
// names rows by file and line, nobody by name.
func summary(w io.Writer, out string, report *dsr.Report, erased *erasure) error {
	p := &printer{w: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	scope, subject := report.Scope, report.Subjects[0]
	p.line("1. What do you hold on me? (one person, %d identifiers)\n", len(identifiers))
	p.line("read\t%d exports of %d labs: %d virtual machines, %d disks, dated %s to %s",
		scope.Exports, len(scope.Labs), scope.VirtualMachines, scope.Disks,
		scope.First.Format("2 January 2006"), scope.Last.Format("2 January 2006"))
	found := subject.VirtualMachines.Theirs() + subject.Disks.Theirs()
	p.line("theirs\t%d rows, in %s", found, path.Join(out, answerFile))
	for _, rule := range []dsr.Rule{dsr.RuleOwner, dsr.RuleEnvironment, dsr.RuleUserPath, dsr.RuleLease, dsr.RuleResource} {
		if n := subject.VirtualMachines.ByRule(rule) + subject.Disks.ByRule(rule); n > 0 {
			p.line("\t%d: %s", n, rule)
		}
	}
	p.line("hidden\t%d places in them, which name somebody else", subject.Hidden.Places())
	p.line("to decide\t%d rows, which were not handed out for this reason:", len(report.Findings))
	for _, f := range report.Findings {
		p.line("\t%s/%s.csv line %d: %s", labs[f.Export-1], f.Role, f.Line, explanations[f.Kind])
	}
	total := erased.plan.Total
	p.line("\n2. The 30-day policy, at %s\n", now.Format("2 January 2006 15:04 MST"))
	p.line("planned\t%d of %d rows are due: their resource was deleted 30 days ago or earlier", total.Due, total.Rows)
	p.line("\t%d are not yet due; the next one on %s", total.NotYetDue, total.NextDue.Format("2 January 2006 15:04:05 MST"))
	p.line("\t%d rows are of resources on which the exports contradict themselves, or on hold", len(erased.plan.Findings))
	p.line("applied\t%d rows anonymized, in %s: %d owners, %d other addresses, %d object IDs",
		total.Changed, path.Join(out, "anonymized"), total.Owners, total.Addresses, total.UserSegments+total.Occurrences)
	p.line("\tnames stay; in %d of the rows due, the machine's name seems to be made of its owner's address", total.DerivedNames)
	p.line("verified\t%d rows in %d files, read again: %d identifiers are gone, nothing else changed", erased.proof.Rows, erased.proof.Files, erased.proof.Replaced)
	p.line("receipts\tof the answer and of this, chained, in %s", path.Join(out, "receipts"))
	return p.flush()
}

// A printer keeps the first error of its writer.
type printer struct {
	w   *tabwriter.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) flush() error {
	if p.err != nil {
		return p.err
	}
	return p.w.Flush()
}
