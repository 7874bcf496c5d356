package main

import (
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// rules are the rules in the order of the library.
var rules = []dsr.Rule{dsr.RuleOwner, dsr.RuleEnvironment, dsr.RuleUserPath, dsr.RuleLease, dsr.RuleResource, dsr.RuleDecision}

func (a *app) newSearch(report *dsr.Report, questions []review.Question, decided *review.Decisions) results.Search {
	subject := report.Subjects[0]
	r := results.Search{
		Scope: a.scope(report.Scope),
		Found: results.Found{
			VirtualMachines: subject.VirtualMachines.Theirs(), Disks: subject.Disks.Theirs(), ByRule: map[dsr.Rule]int64{},
		},
		NoDataHeld: report.NoDataHeld(0), ToDecide: questionsOf(questions), Dangling: report.Dangling,
	}
	if decided != nil {
		_, r.Unmet.Decisions = decided.Count()
	}
	for _, rule := range rules {
		r.Found.ByRule[rule] = byRule(report, rule)
	}
	return r
}

func (a *app) scope(scope dsr.Scope) results.Scope {
	s := results.Scope{
		Exports: scope.Exports, VirtualMachines: scope.VirtualMachines, Disks: scope.Disks,
		First: results.Instant(scope.First), Last: results.Instant(scope.Last), Labs: []results.Lab{},
	}
	for _, lab := range scope.Labs {
		s.Labs = append(s.Labs, results.Lab{
			LabUID: a.con.Hide(lab.LabUId), VirtualMachines: lab.VirtualMachines, Disks: lab.Disks, WithoutDisksFile: lab.WithoutDisksFile,
		})
	}
	return s
}

// theirs returns how many rows are the person's.
func theirs(report *dsr.Report) int64 {
	return report.Subjects[0].VirtualMachines.Theirs() + report.Subjects[0].Disks.Theirs()
}

// byRule returns how many rows are the person's by a rule.
func byRule(report *dsr.Report, rule dsr.Rule) int64 {
	return report.Subjects[0].VirtualMachines.ByRule(rule) + report.Subjects[0].Disks.ByRule(rule)
}

// searchBytes returns how many bytes a search reads: as a rule, each file once.
func (a *app) searchBytes() int64 { return a.exports.Size(0) }

// tellScope says what was read, and what may be missing from it.
func (a *app) tellScope(report *dsr.Report) {
	scope := report.Scope
	dated := ""
	if !scope.First.IsZero() {
		dated = ", dated " + console.Day(scope.First) + " to " + console.Day(scope.Last)
	}
	a.con.Line("read", "%s of %s: %s, %s%s", console.Count(scope.Exports, "export"), console.Count(len(scope.Labs), "lab"),
		console.Count(scope.VirtualMachines, "virtual machine"), console.Count(scope.Disks, "disk"), dated)
	without := 0
	for _, lab := range scope.Labs {
		if lab.WithoutDisksFile {
			without++
		}
	}
	if without > 0 {
		a.con.Warn("", "%s without a disks file: disks may be missing from the answer", console.Count(without, "lab"))
	}
	for _, f := range scope.Files {
		path := a.exports.Path(f.FileID)
		if n := len(f.UnknownColumns); n > 0 {
			a.con.Warn("", "%s: %s not documented, and not looked at", path, console.Count(n, "column"))
		}
		if f.UnreadableDates > 0 {
			a.con.Warn("", "%s: %s with a date that cannot be read", path, console.Count(f.UnreadableDates, "row"))
		}
	}
	if n := report.Dangling; n > 0 {
		a.con.Line("", "%s of %s in none of these exports: anybody's", console.Count(n, "disk"), console.Agree(n, "a machine that is", "machines that are"))
	}
}

// tellFound says what was found, and what it means if nothing was.
func (a *app) tellFound(report *dsr.Report, out string) {
	subject := report.Subjects[0]
	if theirs(report) == 0 {
		a.con.Line("found", "no row of the person in these exports")
		if report.NoDataHeld(0) {
			a.con.Line("", "this says nothing of other labs, periods and systems, nor of other identifiers of the person")
		}
	} else {
		a.con.Line("found", "%s: %s, %s; in %s", console.Count(theirs(report), "row"), console.Count(subject.VirtualMachines.Theirs(), "virtual machine"),
			console.Count(subject.Disks.Theirs(), "disk"), out)
	}
	for _, rule := range rules {
		if n := byRule(report, rule); n > 0 {
			a.con.Line("", "%d: %s", n, rule)
		}
	}
}
