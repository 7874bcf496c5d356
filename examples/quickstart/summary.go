package main

import (
	"fmt"
	"io"
	"path"
	"text/tabwriter"

	"github.com/labdsr/labdsr/anonymize"
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
func summary(w io.Writer, out string, report *dsr.Report, stats anonymize.Stats) error {
	p := &printer{w: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	scope, subject := report.Scope, report.Subjects[0]
	p.line("1. What do you hold on me? (one person, %d identifiers)\n", len(identifiers))
	p.line("read\t%d exports of %d labs: %d virtual machines, %d disks, dated %s to %s",
		scope.Exports, len(scope.Labs), scope.VirtualMachines, scope.Disks,
		scope.First.Format("2 January 2006"), scope.Last.Format("2 January 2006"))
	found := subject.VirtualMachines.Theirs() + subject.Disks.Theirs()
	p.line("theirs\t%d rows, in %s", found, path.Join(out, "answer"))
	for _, rule := range []dsr.Rule{dsr.RuleOwner, dsr.RuleEnvironment, dsr.RuleUserPath, dsr.RuleLease, dsr.RuleResource} {
		if n := subject.VirtualMachines.ByRule(rule) + subject.Disks.ByRule(rule); n > 0 {
			p.line("\t%d: %s", n, rule)
		}
	}
	p.line("to decide\t%d rows, which were not handed out for this reason:", len(report.Findings))
	for _, f := range report.Findings {
		p.line("\t%s/%s.csv line %d: %s", labs[f.Export-1], f.Role, f.Line, explanations[f.Kind])
	}
	p.line("\n2. The 30-day policy, at %s\n", now.Format("2 January 2006 15:04 MST"))
	p.line("due\t%d of %d rows: deleted 30 days ago or earlier", stats.Due, stats.Rows)
	p.line("anonymized\t%d of them, in %s: %d owners, %d other addresses, %d object IDs",
		stats.Changed, path.Join(out, "anonymized"), stats.Owners, stats.Addresses, stats.UserSegments+stats.Occurrences)
	p.line("not yet due\t%d rows; the next one on %s", stats.NotYetDue, stats.NextDue.Format("2 January 2006 15:04:05 MST"))
	p.line("names\tstay; in %d of the rows due, the machine's name seems to be made of its owner's address", stats.DerivedNames)
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
