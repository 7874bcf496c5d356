package main

import (
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// A question is a row, or a resource, about which a person has to decide.
type question struct {
	key     csvschema.Key
	file    string // where it stands, or stands first; no identifier is in it
	line    int64
	reason  string
	choices string // what can be decided
}

// A questionJSON is a question in the output of --json.
type questionJSON struct {
	keyJSON
	File    string `json:"file"`
	Line    int64  `json:"line"`
	Reason  string `json:"reason"`
	Choices string `json:"choices"`
}

func questionsJSON(questions []question) []questionJSON {
	all := []questionJSON{}
	for _, q := range questions {
		all = append(all, questionJSON{newKeyJSON(q.key), q.file, q.line, q.reason, q.choices})
	}
	return all
}

// The decisions about a row of a person who asks.
const (
	theirs = "theirs"
	other  = "other"
)

// reasons say what a person has to decide about a finding, and choices what the
// decision can be.
var reasons = map[dsr.FindingKind]struct{ reason, choices string }{
	dsr.Undetermined: {
		"may be theirs: several machines had its machine's ID, and the dates do not tell which", theirs + " or " + other,
	},
	dsr.NearMatch: {
		"its owner looks like the person: the same one under another account?", other + "; if it is the same person, give that account as --subject, too",
	},
	dsr.AliasCandidate: {
		"owner and environment name different people: one of them the person under another name?", other + "; if it is the same person, give that account as --subject, too",
	},
}

// questionsOf returns what a person has to decide about the person who asked.
func (a *app) questionsOf(report *dsr.Report) []question {
	var open []question
	for _, f := range report.Findings {
		if q, ok := a.questionOf(f); ok {
			open = append(open, q)
		}
	}
	return open
}

// questionOf returns what a person has to decide about a finding, if anything.
func (a *app) questionOf(f dsr.Finding) (question, bool) {
	words, ok := reasons[f.Kind]
	if !ok || f.Subject == dsr.NoSubject {
		return question{}, false
	}
	return question{f.Key, a.con.hide(a.exports.path(f.Export, f.File, f.Role)), f.Line, words.reason, words.choices}, true
}

// decide returns what tells a search what a person decided.
func (a *app) decide(decided *decisions) func(dsr.Finding) dsr.Decision {
	return func(f dsr.Finding) dsr.Decision {
		q, ok := a.questionOf(f)
		if !ok {
			return dsr.Undecided
		}
		switch d := decided.about(q); {
		case d != nil && d.decision == other:
			d.used = true
			return dsr.NotTheirs
		case d != nil && d.decision == theirs && f.Kind == dsr.Undetermined:
			d.used = true
			return dsr.Theirs
		}
		return dsr.Undecided
	}
}

// tellQuestions says what is to be decided, and how.
func (a *app) tellQuestions(questions []question, review string) {
	if len(questions) == 0 {
		return
	}
	const shown = 10
	a.con.warn("to decide", "%s, by a person; left out for this reason:", count(len(questions), "row"))
	for i, q := range questions {
		if i == shown {
			a.con.line("", "… and %d more", len(questions)-shown)
			break
		}
		a.con.line("", "%s line %d: %s", q.file, q.line, q.reason)
	}
	if review == "" {
		a.con.line("next", "run it again with --review FILE, fill in the last column, and give the file as --decisions")
		return
	}
	a.con.line("next", "fill in the last column of %s, and run it again with --decisions %s", review, review)
}
