package dsr

import (
	"errors"

	"github.com/labdsr/labdsr/csvschema"
)

// ErrDecision says that [Options.Decide] returned [Theirs] for a finding that does not
// take it (see [Finding.TakesTheirs]), or no Decision at all.
var ErrDecision = errors.New("decision that the finding does not take")

// decide returns what was decided about a finding. The error is ErrDecision if the finding
// does not take that.
func (s *search) decide(f Finding) (Decision, error) {
	if s.options.Decide == nil || f.Subject == NoSubject {
		return Undecided, nil
	}
	d := s.options.Decide(f)
	if d > NotTheirs || d == Theirs && !f.TakesTheirs {
		return Undecided, &csvschema.Error{FileID: f.FileID, Line: f.Line, Err: ErrDecision}
	}
	return d, nil
}
