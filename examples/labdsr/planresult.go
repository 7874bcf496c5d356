package main

import (
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
)

// A planResult is what --json writes of plan.
type planResult struct {
	outcome
	At       string          `json:"at"`
	Policy   anonymize.Terms `json:"policy"`
	Total    statsJSON       `json:"total"`
	Files    []planFileJSON  `json:"files"`
	Days     []dayJSON       `json:"days"` // when rows that are not yet due will be
	Findings []findingJSON   `json:"findings"`
	Requests []requestJSON   `json:"requests"` // of --erase, then of --removed, in the order of their lines
	Unmet    unmetJSON       `json:"unmet"`
	ToDecide []questionJSON  `json:"toDecide"`
	Review   string          `json:"review,omitempty"`
}

// An unmetJSON says what was given and is about nothing in these exports.
type unmetJSON struct {
	Holds     []placeJSON `json:"holds"`
	Requests  int         `json:"requests"`  // how many
	Decisions int         `json:"decisions"` // how many; or about nothing that is to be decided
}

type statsJSON struct {
	Rows         int64  `json:"rows"`
	Due          int64  `json:"due"`
	NotYetDue    int64  `json:"notYetDue"`
	NotDeleted   int64  `json:"notDeleted"`
	Unreadable   int64  `json:"unreadable"`
	Undecided    int64  `json:"undecided"`
	Held         int64  `json:"held"`
	Changed      int64  `json:"changed"`
	Parts        int64  `json:"parts"`
	Owners       int64  `json:"owners"`
	Addresses    int64  `json:"addresses"`
	UserSegments int64  `json:"userSegments"`
	Occurrences  int64  `json:"occurrences"`
	Anonymous    int64  `json:"anonymous"`
	Names        int64  `json:"names"`
	DerivedNames int64  `json:"derivedNames"`
	NextDue      string `json:"nextDue,omitempty"`
}

func newStatsJSON(s anonymize.Stats) statsJSON {
	return statsJSON{
		Rows: s.Rows, Due: s.Due, NotYetDue: s.NotYetDue, NotDeleted: s.NotDeleted, Unreadable: s.Unreadable,
		Undecided: s.Undecided, Held: s.Held, Changed: s.Changed, Parts: s.Parts, Owners: s.Owners, Addresses: s.Addresses,
		UserSegments: s.UserSegments, Occurrences: s.Occurrences, Anonymous: s.Anonymous, Names: s.Names, DerivedNames: s.DerivedNames,
		NextDue: instantOr(s.NextDue),
	}
}

type planFileJSON struct {
	File string `json:"file"`
	statsJSON
}

type dayJSON struct {
	Date string `json:"date"`
	Rows int64  `json:"rows"`
}

type findingJSON struct {
	keyJSON
	Kind   string `json:"kind"`
	Rows   int64  `json:"rows"`
	File   string `json:"file"` // of the first of them
	Line   int64  `json:"line"`
	Made   string `json:"made,omitempty"`
	Reason string `json:"reason,omitempty"`
	Until  string `json:"until,omitempty"`
}

// A placeJSON is a line of a list, such as that of a hold.
type placeJSON struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

type requestJSON struct {
	Kind    string       `json:"kind"`
	Answers []answerJSON `json:"answers"`
}

type answerJSON struct {
	keyJSON
	Outcome string `json:"outcome"`
	Rows    int64  `json:"rows"`
	At      string `json:"at,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

func newPlanResult(a *app, p *planning, review string) *planResult {
	report, names := p.plan.Report(), a.exports.Names(a.con.Hide)
	r := &planResult{
		At: console.Instant(p.at), Policy: p.policy.Terms(), Total: newStatsJSON(report.Total), Files: []planFileJSON{}, Days: []dayJSON{},
		Findings: []findingJSON{}, Requests: []requestJSON{}, Unmet: unmetJSON{[]placeJSON{}, p.unmet.requests, p.unmet.decisions}, ToDecide: questionsJSON(p.questions),
	}
	for _, f := range report.Files {
		r.Files = append(r.Files, planFileJSON{names[f.FileID], newStatsJSON(f.Stats)})
	}
	for _, d := range report.Days {
		r.Days = append(r.Days, dayJSON{d.Date.Format(time.DateOnly), d.Rows})
	}
	for _, f := range report.Findings {
		r.Findings = append(r.Findings, findingJSON{a.keyJSON(f.Key), f.Kind.String(), f.Rows, names[f.FileID], f.Line, instantOr(f.Made), a.con.Hide(f.Reason), instantOr(f.Until)})
	}
	for _, hold := range p.unmet.holds {
		r.Unmet.Holds = append(r.Unmet.Holds, placeJSON{a.con.Hide(hold.Path), hold.Line})
	}
	for _, q := range report.Requests {
		j := requestJSON{q.Kind.String(), []answerJSON{}}
		for _, answer := range q.Answers {
			j.Answers = append(j.Answers, answerJSON{a.keyJSON(answer.Key), answer.Fate.String(), answer.Rows, instantOr(answer.At), a.con.Hide(answer.Reason)})
		}
		r.Requests = append(r.Requests, j)
	}
	if p.isUndecided() {
		r.Status, r.Review = statusUndecided, a.con.Hide(review)
	}
	return r
}

// tellPlan says what becomes of the rows.
func (a *app) tellPlan(p *planning) {
	report := p.plan.Report()
	total := report.Total
	a.con.Line("read", "%s of %s", console.Count(total.Rows, "row"), console.Count(len(a.exports.List), "export"))
	a.con.Line("due", "%s at %s: %s", console.Count(total.Due, "row"), console.Minute(p.at), whyDue(p.policy, total.Due))
	if total.NotYetDue > 0 {
		a.con.Line("later", "%s; the next on %s", console.Count(total.NotYetDue, "row"), console.Minute(total.NextDue))
	}
	if total.Held > 0 {
		a.con.Line("held", "%s", console.Count(total.Held, "row"))
	}
	if n := report.Rows[anonymize.Stale]; n > 0 {
		them := console.Agree(n, "it", "them")
		kept := "kept; --stale delete treats " + them + " as deleted when the newest export that has " + them + " was made"
		if p.policy.DeleteStale {
			kept = "treated as deleted when the newest export that has " + them + " was made, if that is known"
		}
		a.con.Warn("stale", "%s of %s that may be long gone: %s", console.Count(n, "row"), console.Agree(n, "a resource", "resources"), kept)
	}
	if n := report.Rows[anonymize.DifferentDates]; n > 0 {
		a.con.Warn("dates", "%s of %s with different dates of deletion: the latest counts", console.Count(n, "row"), console.Agree(n, "a resource", "resources"))
	}
	if n := report.Rows[anonymize.NearRequest]; n > 0 {
		a.con.Warn("near", "%s %s what is near an identifier that was asked for", console.Count(n, "row"), console.Agree(n, "keeps", "keep"))
	}
	if total.DerivedNames > 0 {
		a.con.Warn("names", "%s due %s a name that seems to be made of an address", console.Count(total.DerivedNames, "row"), console.Agree(total.DerivedNames, "keeps", "keep"))
		if !p.policy.Names {
			a.con.Line("", "--names replaces those that certainly are")
		}
	}
	a.tellRequests(report)
}

const day = 24 * time.Hour

// whyDue says why so many rows are due.
func whyDue(p *anonymize.Policy, rows int64) string {
	retention := p.Retention.String()
	if p.Retention%day == 0 {
		retention = console.Count(int64(p.Retention/day), "day")
	}
	why := console.Agree(rows, "its", "their") + " resource was deleted " + retention + " ago or earlier"
	if len(p.Requests) > 0 {
		why += ", or a request asks for it"
	}
	return why
}

// tellRequests says what becomes of each request of a person, by the number of its line.
func (a *app) tellRequests(report *anonymize.Report) {
	for i, q := range report.Requests {
		rows := map[fate.Fate]int64{}
		for _, answer := range q.Answers {
			rows[answer.Fate] += answer.Rows
		}
		text := ""
		for f := fate.GoesNow; f <= fate.KeptUndecided; f++ {
			if rows[f] > 0 {
				text += ", " + console.Count(rows[f], "row") + " " + f.String()
			}
		}
		if text == "" {
			text = ", no row in these exports"
		}
		a.con.Line("request", "number %d (%s): %s", i+1, q.Kind, text[len(", "):])
	}
}
