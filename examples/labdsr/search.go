package main

import (
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
)

// A searchResult is what --json writes of a search for a person's rows.
type searchResult struct {
	Scope      scopeJSON      `json:"scope"`
	Found      foundJSON      `json:"found"`
	NoDataHeld bool           `json:"noDataHeld"` // these exports hold no row of the person, as far as the identifiers tell
	ToDecide   []questionJSON `json:"toDecide"`
	Unmet      unmetDecisions `json:"unmet"`
	Dangling   int64          `json:"dangling"` // disks whose machine is in no export: they may be anybody's
}

// An unmetDecisions says how many decisions are about nothing that is to be decided here.
type unmetDecisions struct {
	Decisions int `json:"decisions"`
}

type scopeJSON struct {
	Exports         int       `json:"exports"`
	VirtualMachines int64     `json:"virtualMachines"` // rows that were read
	Disks           int64     `json:"disks"`
	First           string    `json:"first,omitempty"` // earliest and latest date in the rows
	Last            string    `json:"last,omitempty"`
	Labs            []labJSON `json:"labs"`
}

type labJSON struct {
	LabUId           string `json:"labUId"` // as the library spells it
	VirtualMachines  int64  `json:"virtualMachines"`
	Disks            int64  `json:"disks"`
	WithoutDisksFile bool   `json:"withoutDisksFile"`
}

type foundJSON struct {
	VirtualMachines int64            `json:"virtualMachines"`
	Disks           int64            `json:"disks"`
	ByRule          map[string]int64 `json:"byRule"`
}

// rules are the rules in the output of --json, in the order of the library.
var rules = []struct {
	rule dsr.Rule
	name string
}{
	{dsr.RuleOwner, "owner"},
	{dsr.RuleEnvironment, "environment"},
	{dsr.RuleUserPath, "userPath"},
	{dsr.RuleLease, "lease"},
	{dsr.RuleResource, "resource"},
	{dsr.RuleDecision, "decision"},
}

func (a *app) newSearchResult(report *dsr.Report, questions []review.Question, decided *review.Decisions) searchResult {
	subject := report.Subjects[0]
	r := searchResult{
		Scope: a.scopeJSON(report.Scope),
		Found: foundJSON{
			VirtualMachines: subject.VirtualMachines.Theirs(), Disks: subject.Disks.Theirs(), ByRule: map[string]int64{},
		},
		NoDataHeld: report.NoDataHeld(0), ToDecide: questionsJSON(questions), Dangling: report.Dangling,
	}
	if decided != nil {
		_, r.Unmet.Decisions = decided.Count()
	}
	for _, rule := range rules {
		r.Found.ByRule[rule.name] = byRule(report, rule.rule)
	}
	return r
}

func (a *app) scopeJSON(scope dsr.Scope) scopeJSON {
	s := scopeJSON{
		Exports: scope.Exports, VirtualMachines: scope.VirtualMachines, Disks: scope.Disks,
		First: instantOr(scope.First), Last: instantOr(scope.Last), Labs: []labJSON{},
	}
	for _, lab := range scope.Labs {
		lab.LabUId = a.con.Hide(lab.LabUId)
		s.Labs = append(s.Labs, labJSON(lab))
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

// searchBytes returns how many bytes a search reads: as a rule, virtual machines once
// and disks twice.
func (a *app) searchBytes() int64 {
	return a.exports.Size(csvschema.VirtualMachines) + 2*a.exports.Size(csvschema.Disks)
}

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
		if n := byRule(report, rule.rule); n > 0 {
			a.con.Line("", "%d: %s", n, rule.rule)
		}
	}
}
