package review

import (
	"context"
	"encoding"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// The decisions about a row that may be a person's.
const (
	theirs = "theirs"
	other  = "other"
)

// notTheirs are the choices for a row that the identifiers of the person do not reach.
const notTheirs = other + "; if it is the same person, give that account as --subject or --owner, too"

// nearTheirs are the choices for a row that nearly names the person.
const nearTheirs = other + " or " + theirs + "; if it is the same person, give that account as --subject or --owner, too"

// A wording is what a person has to decide about findings of a kind: as codes, and in words.
type wording struct {
	kind            results.QuestionKind
	takes           []results.Choice
	reason, choices string
}

var (
	theirsOrOther = []results.Choice{results.Theirs, results.Other}
	otherAlone    = []results.Choice{results.Other}

	wordings = map[dsr.FindingKind]wording{
		dsr.Undetermined: {
			codeOf(dsr.Undetermined), theirsOrOther,
			"may be theirs: several machines had its machine's ID, and the dates do not tell which", theirs + " or " + other,
		},
		dsr.NearMatch: {
			codeOf(dsr.NearMatch), theirsOrOther,
			"its owner, its name or a user in its paths looks like the person: the same one under another account?", nearTheirs,
		},
		dsr.AliasCandidate: {
			codeOf(dsr.AliasCandidate), otherAlone,
			"two cells or rows of the machine name different people: one of them the person under another name?", notTheirs,
		},
	}
	ownedByNobody = wording{ // an AliasCandidate, too
		results.OwnedByNobody, theirsOrOther,
		"its owner is nobody, and its environment the person's", theirs + " or " + other,
	}
)

// codeOf returns the code of a kind of finding.
func codeOf(kind encoding.TextMarshaler) results.QuestionKind {
	code, _ := kind.MarshalText() // never fails
	return results.QuestionKind(code)
}

// A Search says what a person has to decide about the rows of a data subject.
type Search struct {
	names  map[csvschema.FileID]string
	hide   func(string) string
	person *keyedPerson // nil without a key
}

// NewSearch returns a search of exports. Hide takes identifiers out of a text.
func NewSearch(e *inputs.Exports, hide func(string) string) Search {
	return Search{names: e.Names(hide), hide: hide}
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

// maxCompeting is how many rows a question lists at most.
const maxCompeting = 10

// Compete adds to the questions of a report the rows of virtual machines that compete, up to
// ten for each. It reads the exports again if there are any.
func (s Search) Compete(ctx context.Context, e *inputs.Exports, report *dsr.Report, questions []Question, progress func(csvschema.Progress)) error {
	var findings []dsr.Finding
	var of []*Question
	next := 0
	for _, f := range report.Findings {
		if f.Subject == dsr.NoSubject {
			continue
		}
		if f.Kind == dsr.Undetermined || f.Kind == dsr.AliasCandidate {
			findings, of = append(findings, f), append(of, &questions[next])
		}
		next++
	}
	if len(findings) == 0 {
		return nil
	}
	return dsr.Show(ctx, e.List, findings, func(row dsr.Shown) error {
		if q := of[row.Finding]; row.Competes && len(q.Competing) < maxCompeting {
			q.Competing = append(q.Competing, Place{s.names[row.FileID], row.Line})
		}
		return nil
	}, &dsr.Options{Progress: progress})
}

// question returns what a person has to decide about a finding, if anything. Nobody
// has to decide about a dangling disk, which belongs to no subject.
func (s Search) question(f dsr.Finding) (Question, bool) {
	if f.Subject == dsr.NoSubject {
		return Question{}, false
	}
	w, ok := wordings[f.Kind]
	switch {
	case f.Kind == dsr.AliasCandidate && f.TakesTheirs:
		w = ownedByNobody
	case !ok:
		w = wording{codeOf(f.Kind), otherAlone, f.Kind.String(), notTheirs}
	}
	q := newQuestion(f.Key, s.names[f.FileID], f.Line, w, s.hide)
	if s.person != nil {
		q.of = s.person.of(f)
	}
	return q, true
}

// Decide returns what a person decided about a finding, for a search. It records which
// decisions were used.
func (s Search) Decide(d *Decisions) func(dsr.Finding) dsr.Decision {
	return func(f dsr.Finding) dsr.Decision {
		q, ok := s.question(f)
		if !ok {
			return dsr.Undecided
		}
		if d != nil && d.stored != nil {
			if decision := d.stored.Decide(f); decision != dsr.Undecided {
				return decision
			}
		}
		switch one := d.about(q); {
		case one != nil && one.isKeyed(): // the row was another one
		case one != nil && one.decision == other:
			one.used = true
			return dsr.NotTheirs
		case one != nil && one.decision == theirs && f.TakesTheirs:
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
		if one.decision == theirs && one.reason == wordings[dsr.AliasCandidate].reason {
			return d.notAChoice(one, "write %s", notTheirs)
		}
	}
	return nil
}
