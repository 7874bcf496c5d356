// Package access answers the requests of people for their data (Article 15 GDPR) over the
// exports of several labs. What must be decided is asked once: decisions are kept in a
// database, and apply to later exports, too.
package access

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
)

// A Service answers requests. Make it with [New].
type Service struct {
	db  *sql.DB
	key identity.SecretKey // of the digests in db; whoever has both can tell whose rows were decided about
	// Policy says until when rows are kept; the packages say it, too. Nil is the documented one.
	Policy *anonymize.Policy
	// Options are those of the packages: the language, the controller.
	Options response.Options
}

// New returns a service that keeps decisions in a table of the database.
func New(ctx context.Context, db *sql.DB, key identity.SecretKey) (*Service, error) {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS decisions (
		request TEXT NOT NULL, finding TEXT NOT NULL, decision TEXT NOT NULL, decided_by TEXT NOT NULL, decided_at TEXT NOT NULL,
		PRIMARY KEY (request, finding))`)
	return &Service{db: db, key: key}, err
}

// A Question is a row that a person must look at.
type Question struct {
	ID identity.Digest // the same in later exports
	dsr.Finding
}

// An Answer says what a package lacks.
type Answer struct {
	Open  []Question        // to be decided before the package is sent
	Unmet []identity.Digest // decisions that answer no question: their rows are gone, or have changed
}

// Answer writes the package for the person who made a request, as of now. With an error
// what was written must be thrown away.
func (s *Service) Answer(ctx context.Context, w io.Writer, exports fs.FS, request string, person dsr.Subject, now time.Time) (*Answer, error) {
	found, err := source.Find(ctx, exports, nil)
	if err != nil {
		return nil, err
	}
	var policy anonymize.Policy
	if s.Policy != nil {
		policy = *s.Policy
	}
	policy.KeepUnreadableDates = true // a bad date costs nobody the answer
	plan, err := policy.Plan(ctx, now, found.Exports)
	if err != nil {
		return nil, err
	}
	stored, err := s.stored(ctx, request)
	if err != nil {
		return nil, err
	}
	decisions := dsr.NewDecisions(s.key, []dsr.Subject{person}, stored)
	options := s.Options
	options.Made, options.Keep, options.Filter.Decide = now, plan.Keeping, decisions.Decide
	report, err := response.Write(ctx, w, found.Exports, person, &options)
	if err != nil {
		return nil, err
	}
	if len(report.Subjects[0].NotAPerson) > 0 {
		return nil, errors.New("an object ID of the request is that of a lab, a resource or a subscription")
	}
	answer := &Answer{Unmet: decisions.Unmet()}
	for _, f := range report.Findings {
		if f.Subject != dsr.NoSubject { // a disk that may be anybody's
			answer.Open = append(answer.Open, Question{ID: f.Digest(s.key, person), Finding: f})
		}
	}
	return answer, nil
}

// Show calls emit for the row of each question, and for the rows of virtual machines that
// compete with it. They name people, and are for whoever decides.
func (s *Service) Show(ctx context.Context, exports fs.FS, open []Question, emit func(dsr.Shown) error) error {
	found, err := source.Find(ctx, exports, nil)
	if err != nil {
		return err
	}
	var findings []dsr.Finding
	for _, q := range open {
		findings = append(findings, q.Finding)
	}
	return dsr.Show(ctx, found.Exports, findings, emit, &s.Options.Filter)
}

// Decide keeps the answer to a question, which replaces an earlier one.
func (s *Service) Decide(ctx context.Context, request string, q Question, d dsr.Decision, by string, now time.Time) error {
	if d == dsr.Theirs && !q.TakesTheirs {
		return dsr.ErrDecision // every later search would fail
	}
	code, err := d.MarshalText()
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?)",
		request, q.ID.String(), string(code), by, now.UTC().Format(time.RFC3339))
	return err
}

// stored returns the decisions about a request.
func (s *Service) stored(ctx context.Context, request string) (map[identity.Digest]dsr.Decision, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT finding, decision FROM decisions WHERE request = ?", request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	stored := map[identity.Digest]dsr.Decision{}
	for rows.Next() {
		var finding, code []byte
		var digest identity.Digest
		var decision dsr.Decision
		if err := rows.Scan(&finding, &code); err != nil {
			return nil, err
		}
		if err := errors.Join(digest.UnmarshalText(finding), decision.UnmarshalText(code)); err != nil {
			return nil, err
		}
		stored[digest] = decision
	}
	return stored, rows.Err()
}
