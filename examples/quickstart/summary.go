package main

import (
	"fmt"
	"io"
	"path"
	"text/tabwriter"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// questions are what a person has to decide about a finding of each kind. There is
// none about a dangling disk, which concerns no subject in particular.
var questions = map[dsr.FindingKind]string{
	dsr.Undetermined:   "may be theirs: several machines had its machine's ID, and the dates do not tell which",
	dsr.NearMatch:      "its owner, its name or a user in its paths looks like the person: the same one under another account?",
	dsr.AliasCandidate: "two cells or rows of the machine name different people: one of them the person under another name?",
}

// toDecide returns the findings about the subject. A person has to decide each
// before the answer is sent.
func toDecide(report *redact.Report) []dsr.Finding {
	var open []dsr.Finding
	for _, f := range report.Findings {
		if f.Subject != dsr.NoSubject {
			open = append(open, f)
		}
	}
	return open
}

// rows returns how many rows the findings are about. There may be several findings
// about one row.
func rows(findings []dsr.Finding) int {
	type place struct {
		export, file int
		role         csvschema.Role
		row          int64
	}
	places := map[place]bool{}
	for _, f := range findings {
		places[place{f.Export, f.File, f.Role, f.Row}] = true
	}
	return len(places)
}

// summary tells a lab administrator what was done and what is left to do. It gives
// rows by file and line. It names nobody.
func summary(w io.Writer, out string, report *redact.Report, erased *erasure) error {
	p := &printer{w: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	p.line("1. What do you hold on me? (one person, %s)\n", count(len(identifiers), "identifier"))
	p.answer(out, report)
	p.line("\n2. The 30-day policy, at %s\n", now.Format("2 January 2006 15:04 MST"))
	p.erasure(out, erased)
	p.line("receipts\tone of the answer and one of the anonymized files, in a chain, in %s", path.Join(out, "receipts"))
	return p.flush()
}

// answer prints what was found, and what a person has to decide.
func (p *printer) answer(out string, report *redact.Report) {
	scope, subject := report.Scope, report.Subjects[0]
	p.line("read\t%s of %s: %s, %s, dated %s to %s",
		count(scope.Exports, "export"), count(len(scope.Labs), "lab"), count(scope.VirtualMachines, "virtual machine"), count(scope.Disks, "disk"),
		scope.First.Format("2 January 2006"), scope.Last.Format("2 January 2006"))
	if n := report.Dangling; n > 0 {
		p.line("\t%s %s dangling: %s in none of these exports, so %s may be anybody's",
			count(n, "disk"), agree(n, "is", "are"), agree(n, "its machine is", "their machines are"), agree(n, "it", "they"))
	}
	machines, disks := subject.VirtualMachines.Theirs(), subject.Disks.Theirs()
	p.line("found\t%s: %s, %s; in %s", count(machines+disks, "row"), count(machines, "virtual machine"), count(disks, "disk"), path.Join(out, answerFile))
	for _, rule := range []dsr.Rule{dsr.RuleOwner, dsr.RuleEnvironment, dsr.RuleUserPath, dsr.RuleLease, dsr.RuleResource} {
		if n := subject.VirtualMachines.ByRule(rule) + subject.Disks.ByRule(rule); n > 0 {
			p.line("\t%d: %s", n, rule)
		}
	}
	hidden := report.Hidden[0].Places()
	p.line("hidden\t%s in them, which %s somebody else", count(hidden, "place"), agree(hidden, "names", "name"))
	open := toDecide(report)
	p.line("to decide\t%s, by a person, before the answer is sent:", count(rows(open), "row"))
	for _, f := range open {
		p.line("\t%s/%s.csv line %d: %s", labs[f.Export-1], f.Role, f.Line, questions[f.Kind])
	}
}

// erasure prints what the policy did to the exports.
func (p *printer) erasure(out string, erased *erasure) {
	total, proof := erased.total, erased.proof
	p.line("planned\t%d of %s %s due: their resource was deleted 30 days ago or earlier",
		total.Due, count(total.Rows, "row"), agree(total.Due, "is", "are"))
	p.line("\t%s %s not yet due; the next on %s", count(total.NotYetDue, "row"), agree(total.NotYetDue, "is", "are"), total.NextDue.Format("2 January 2006 15:04:05 MST"))
	p.line("\t%s %s because the exports contradict themselves, %d because of a hold",
		count(total.Undecided, "row"), agree(total.Undecided, "stays", "stay"), total.Held)
	p.line("applied\t%s anonymized, in %s: %s, %s, %s", count(total.Changed, "row"), path.Join(out, "anonymized"),
		count(total.Owners, "owner"), counted(total.Addresses, "other address", "other addresses"), count(total.UserSegments+total.Occurrences, "object ID"))
	none := total.Due - (total.Changed - total.Parts)
	p.line("\t%s due %s nothing to replace", count(none, "row"), agree(none, "holds", "hold"))
	p.line("\t%s due %s a name that seems to be made of its owner's address", count(total.DerivedNames, "row"), agree(total.DerivedNames, "keeps", "keep"))
	p.line("verified\t%s in %s, read again: %s %s gone, nothing else changed", count(proof.Rows, "row"), count(proof.Files, "file"),
		count(proof.Replaced, "identifier"), agree(proof.Replaced, "is", "are"))
}

// count returns a number and its noun, in the plural unless the number is 1.
func count[N int | int64](n N, noun string) string { return counted(n, noun, noun+"s") }

// counted returns a number and the form of the noun that agrees with it.
func counted[N int | int64](n N, one, many string) string {
	return fmt.Sprintf("%d %s", n, agree(n, one, many))
}

// agree returns the form of a word that agrees with the number.
func agree[N int | int64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// A printer writes lines, until the first error of its writer.
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
