package review

import (
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

// The decisions about a row that may be a person's.
const (
	theirs = "theirs"
	other  = "other"
)

// notTheirs are the choices for a row that the identifiers of the person do not reach.
const notTheirs = other + "; if it is the same person, give that account as --subject, too"

// nearTheirs are the choices for a row that nearly names the person.
const nearTheirs = other + " or " + theirs + "; if it is the same person, give that account as --subject, too"

// words say what a person has to decide about a finding. Other findings need no
// decision.
var words = map[dsr.FindingKind]struct{ reason, choices string }{
	dsr.Undetermined:   {"may be theirs: several machines had its machine's ID, and the dates do not tell which", theirs + " or " + other},
	dsr.NearMatch:      {"its owner looks like the person: the same one under another account?", nearTheirs},
	dsr.AliasCandidate: {"owner and environment name different people: one of them the person under another name?", notTheirs},
}

// A Search says what a person has to decide about the rows of a data subject.
type Search struct {
	Exports *inputs.Exports
	Hide    func(string) string // takes identifiers out of a path
}

// Questions returns what a person has to decide about the findings of a search.
func (s Search) Questions(report *dsr.Report) []Question {
	var open []Question
	for _, f := range report.Findings {
		if q, ok := s.question(f); ok {
			open = append(open, q)
		}
	}
	return open
}

// question returns what a person has to decide about a finding, if anything. Nobody
// has to decide about a dangling disk, which belongs to no subject.
func (s Search) question(f dsr.Finding) (Question, bool) {
	w, ok := words[f.Kind]
	if !ok || f.Subject == dsr.NoSubject {
		return Question{}, false
	}
	return Question{f.Key, s.Hide(s.Exports.Path(f.FileID)), f.Line, w.reason, w.choices}, true
}

// Decide returns what a person decided about a finding, for a search. It records which
// decisions were used.
func (s Search) Decide(d *Decisions) func(dsr.Finding) dsr.Decision {
	return func(f dsr.Finding) dsr.Decision {
		q, ok := s.question(f)
		if !ok {
			return dsr.Undecided
		}
		switch one := d.about(q); {
		case one != nil && one.decision == other:
			one.used = true
			return dsr.NotTheirs
		case one != nil && one.decision == theirs && (f.Kind == dsr.Undetermined || f.Kind == dsr.NearMatch):
			one.used = true
			return dsr.Theirs
		}
		return dsr.Undecided
	}
}

// CheckSearch refuses decisions that are no choices of a search.
func (d *Decisions) CheckSearch() error {
	if d == nil {
		return nil
	}
	for _, one := range d.list {
		if one.decision != theirs && one.decision != other {
			return d.notAChoice(one, "write %s or %s, or nothing to decide later", theirs, other)
		}
	}
	return nil
}
