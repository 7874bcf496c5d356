package main

import (
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

func newStats(s anonymize.Stats) results.Stats {
	return results.Stats{
		Rows: s.Rows, Due: s.Due, NotYetDue: s.NotYetDue, NotDeleted: s.NotDeleted, Unreadable: s.Unreadable,
		Undecided: s.Undecided, Held: s.Held, Changed: s.Changed, Parts: s.Parts, Owners: s.Owners, Addresses: s.Addresses,
		UserSegments: s.UserSegments, Occurrences: s.Occurrences, Anonymous: s.Anonymous, Names: s.Names, DerivedNames: s.DerivedNames,
		NextDue: results.Instant(s.NextDue),
	}
}

func (a *app) newPlanResult(p *planning, review string) results.Plan {
	report, names := p.plan.Report(), a.exports.Names(a.con.Hide)
	r := results.Plan{
		At: results.Instant(p.at), Policy: p.policy.Terms(), Total: newStats(p.total), Files: []results.PlanFile{}, Days: []results.DueDay{},
		Findings: []results.Finding{}, Requests: []results.Request{},
		Unmet:    results.Unmet{Holds: []results.Place{}, Requests: p.unmet.requests, Decisions: p.unmet.decisions},
		ToDecide: questionsOf(p.questions), NotListed: p.unlisted,
	}
	for _, f := range p.files {
		r.Files = append(r.Files, results.PlanFile{File: names[f.FileID], Stats: newStats(f.Stats)})
	}
	for _, d := range report.Days {
		r.Days = append(r.Days, results.DueDay{Date: results.DateOf(d.Date), Rows: d.Rows})
	}
	for _, f := range report.Findings {
		code, _ := f.Kind.MarshalText() // never fails
		r.Findings = append(r.Findings, results.Finding{
			Key: a.key(f.Key), Kind: results.FindingKind(code), Rows: f.Rows, File: names[f.FileID], Line: f.Line,
			Made: results.Instant(f.Made), Reason: a.con.Hide(f.Reason), Until: results.Instant(f.Until),
		})
	}
	for _, hold := range p.unmet.holds {
		r.Unmet.Holds = append(r.Unmet.Holds, results.Place{File: a.con.Hide(hold.Path), Line: int64(hold.Line)})
	}
	for _, q := range report.Requests {
		one := results.Request{Kind: q.Kind, Answers: []results.Answer{}}
		for _, answer := range q.Answers {
			one.Answers = append(one.Answers, results.Answer{
				Key: a.key(answer.Key), Fate: answer.Fate, Rows: answer.Rows, At: results.Instant(answer.At), Reason: a.con.Hide(answer.Reason),
			})
		}
		r.Requests = append(r.Requests, one)
	}
	if p.isUndecided() {
		r.Status, r.Review = statusUndecided, a.con.Hide(review)
	}
	return r
}

// tellPlan says what becomes of the rows.
func (a *app) tellPlan(p *planning) {
	report := p.plan.Report()
	total := p.total
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
