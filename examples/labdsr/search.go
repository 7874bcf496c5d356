package main

import (
	"github.com/labdsr/labdsr/dsr"
)

// A searchResult is what --json writes of a search for a person's rows.
type searchResult struct {
	Scope      scopeJSON      `json:"scope"`
	Found      foundJSON      `json:"found"`
	NoDataHeld bool           `json:"noDataHeld"` // these exports hold no row of the person, as far as the identifiers tell
	ToDecide   []questionJSON `json:"toDecide"`
	Dangling   int64          `json:"dangling"` // disks whose machine is in no export: they may be anybody's
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

func newSearchResult(report *dsr.Report, questions []question) searchResult {
	scope, subject := report.Scope, report.Subjects[0]
	r := searchResult{
		Scope: scopeJSON{
			Exports: scope.Exports, VirtualMachines: scope.VirtualMachines, Disks: scope.Disks, Labs: []labJSON{},
		},
		Found: foundJSON{
			VirtualMachines: subject.VirtualMachines.Theirs(), Disks: subject.Disks.Theirs(), ByRule: map[string]int64{},
		},
		NoDataHeld: report.NoDataHeld(0), ToDecide: questionsJSON(questions), Dangling: report.Dangling,
	}
	if !scope.First.IsZero() {
		r.Scope.First, r.Scope.Last = instant(scope.First), instant(scope.Last)
	}
	for _, lab := range scope.Labs {
		r.Scope.Labs = append(r.Scope.Labs, labJSON(lab))
	}
	for _, rule := range rules {
		r.Found.ByRule[rule.name] = subject.VirtualMachines.ByRule(rule.rule) + subject.Disks.ByRule(rule.rule)
	}
	return r
}

// tellScope says what was read, and what may be missing from it.
func (a *app) tellScope(report *dsr.Report) {
	scope := report.Scope
	dated := ""
	if !scope.First.IsZero() {
		dated = ", dated " + day(scope.First) + " to " + day(scope.Last)
	}
	a.con.line("read", "%s of %s: %s, %s%s", count(scope.Exports, "export"), count(len(scope.Labs), "lab"),
		count(scope.VirtualMachines, "virtual machine"), count(scope.Disks, "disk"), dated)
	without := 0
	for _, lab := range scope.Labs {
		if lab.WithoutDisksFile {
			without++
		}
	}
	if without > 0 {
		a.con.warn("", "%s without a disks file: disks may be missing from the answer", count(without, "lab"))
	}
	for _, f := range scope.Files {
		path := a.exports.path(f.Export, f.File, f.Role)
		if n := len(f.UnknownColumns); n > 0 {
			a.con.warn("", "%s: %s not documented, and not looked at", path, count(n, "column"))
		}
		if f.UnreadableDates > 0 {
			a.con.warn("", "%s: %s with a date that cannot be read", path, count(f.UnreadableDates, "row"))
		}
	}
	if report.Dangling > 0 {
		a.con.line("", "%s of machines that are in none of these exports: anybody's", count(report.Dangling, "disk"))
	}
}

// tellFound says what was found, and what it means if nothing was.
func (a *app) tellFound(report *dsr.Report, out string) {
	subject := report.Subjects[0]
	rows := subject.VirtualMachines.Theirs() + subject.Disks.Theirs()
	if rows == 0 {
		a.con.line("found", "no row of the person in these exports")
		if report.NoDataHeld(0) {
			a.con.line("", "this says nothing of other labs, periods and systems, nor of other identifiers of the person")
		}
	} else {
		a.con.line("found", "%s: %s, %s; in %s", count(rows, "row"), count(subject.VirtualMachines.Theirs(), "virtual machine"),
			count(rows-subject.VirtualMachines.Theirs(), "disk"), out)
	}
	for _, rule := range rules {
		if n := subject.VirtualMachines.ByRule(rule.rule) + subject.Disks.ByRule(rule.rule); n > 0 {
			a.con.line("", "%d: %s", n, rule.rule)
		}
	}
}
