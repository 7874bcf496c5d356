package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
)

// reviewFlags say where questions go and where decisions come from.
type reviewFlags struct{ review, decisions string }

func (f *reviewFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.review, "review", "", "`file` for the rows that a person must decide about; written if there are any")
	f.addDecisions(cmd, "`file` of --review with the last column filled in")
}

func (f *reviewFlags) addDecisions(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVar(&f.decisions, "decisions", "", usage)
}

// begin begins the output of the questions. It is nil if nobody asked for it.
func (f *reviewFlags) begin(a *app, force bool) (*output.Output, error) {
	if f.review == "" {
		return nil, nil //nolint:nilnil // no output is an output that is not written
	}
	return a.outputs.Begin(f.review, reviewKind, force)
}

// ofSearch returns what asks about the rows of a person, and of which files and which
// person a review is: without a key of the controller it is about those files alone. It
// refuses decisions about others. The origin is zero if nothing needs it.
func (f *reviewFlags) ofSearch(ctx context.Context, a *app, decided *review.Decisions, subject dsr.Subject, key identity.SecretKey) (review.Search, review.Origin, error) {
	search, err := review.NewSearch(a.exports, a.con.Hide).WithKey(key, subject, decided)
	if err != nil {
		return search, review.Origin{}, err
	}
	if !decided.NeedsFiles() && (f.review == "" || !key.IsZero()) {
		return search, review.Origin{}, decided.CheckOrigin(review.Origin{})
	}
	fingerprints, err := a.fingerprints(ctx)
	if err != nil {
		return search, review.Origin{}, err
	}
	of, err := a.checkOrigin(review.OfSearch(a.exports, fingerprints, a.con.Hide, subject.Identifiers()), decided)
	return search, of, err
}

// ofPlan is ofSearch for the review of a plan, which is of files and of all requests.
func (f *reviewFlags) ofPlan(ctx context.Context, a *app, decided *review.Decisions, policy *anonymize.Policy) (review.Origin, error) {
	if f.review == "" && decided == nil {
		return review.Origin{}, nil
	}
	fingerprints, err := a.fingerprints(ctx)
	if err != nil {
		return review.Origin{}, err
	}
	return a.checkOrigin(review.OfPlan(a.exports, fingerprints, a.con.Hide, policy.Requests), decided)
}

func (a *app) fingerprints(ctx context.Context) (map[csvschema.FileID][sha256.Size]byte, error) {
	a.con.Show("comparing", a.exports.Size(0))
	return a.exports.Fingerprints(ctx)
}

func (a *app) checkOrigin(of review.Origin, decided *review.Decisions) (review.Origin, error) {
	if decided != nil && decided.IsOld() {
		a.con.Warn("decisions", "%s does not say of which files it is: an earlier version wrote it", decided.Path())
	}
	return of, decided.CheckOrigin(of)
}

// writeReview writes the questions to an output, which may be nil. It returns the output
// to commit: nil if there are no questions.
func writeReview(o *output.Output, questions []review.Question, of review.Origin) (*output.Output, error) {
	if o == nil || len(questions) == 0 {
		return nil, nil //nolint:nilnil // nothing to commit
	}
	return o, o.Write("", func(w io.Writer) error { return review.Write(w, questions, of) })
}

// tellDecisions says how many decisions were used. Nil means that none were given.
func (a *app) tellDecisions(d *review.Decisions) {
	if d == nil {
		return
	}
	used, unused := d.Count()
	a.con.Line("decided", "%s taken from %s", console.Count(used, "decision"), d.Path())
	if unused > 0 {
		a.con.Warn("", "%s about nothing that is to be decided here", console.Count(unused, "decision"))
	}
}

// questions returns what a person has to decide about the findings of a search.
func (a *app) questions(ctx context.Context, s review.Search, report *dsr.Report) ([]review.Question, error) {
	open := s.Questions(report)
	a.con.Show("looking again", a.exports.Size(0))
	return open, s.Compete(ctx, a.exports, report, open, a.con.Reading)
}

// tellQuestions says what a person has to decide, and how.
func (a *app) tellQuestions(questions []review.Question, path string) {
	if len(questions) == 0 {
		return
	}
	const shown = 10
	a.con.Warn("to decide", "%s, by a person; left out for this reason:", console.Count(len(questions), "row"))
	for i, q := range questions {
		if i == shown {
			a.con.Line("", "… and %d more", len(questions)-shown)
			break
		}
		a.con.Line("", "%s line %d: %s", q.File, q.Line, q.Reason)
		var places []string
		for _, p := range q.Competing {
			places = append(places, fmt.Sprintf("%s line %d", p.File, p.Line))
		}
		if len(places) > 0 {
			a.con.Line("", "  compare: %s", console.Some(places))
		}
	}
	if path == "" {
		a.con.Line("next", "run it again with --review FILE, fill in the last column, and give the file as --decisions")
		return
	}
	a.con.Line("next", "fill in the last column of %s, and run it again with --decisions %s", path, path)
}
