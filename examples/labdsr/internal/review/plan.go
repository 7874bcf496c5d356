package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

const (
	exists      = "exists"
	planChoices = exists + ", or the day of its deletion such as 2026-05-01"
	keyChoices  = exists + "; if one was deleted, correct the rows: several resources have this ID, and one date is not that of all"
	rowChoices  = exists + "; if it was deleted, correct the row: without an ID, nothing else can be decided about it"
	nearChoices = other + "; or, if it is the same person, ask for that account, too: by its address or object ID, or by owner: and the whole text of ResourceOwner; if it is neither, correct the row"
)

// OfPlan returns the resources that stay only because the exports contradict
// themselves, and those that hold an identifier near one that a request names, unless d
// says what becomes of them. The second result is how many rows the report counts and
// does not list, so that nobody can be asked about them. Hide takes identifiers out of a
// text.
func (d *Decisions) OfPlan(plan *anonymize.Plan, e *inputs.Exports, hide func(string) string) ([]Question, int64) {
	report, names := plan.Report(), e.Names(hide)
	unlisted := map[anonymize.FindingKind]int64{}
	for kind, rows := range report.Rows {
		if !needsNobody(kind) {
			unlisted[kind] = rows
		}
	}
	isSeveral := map[csvschema.KeyHash]bool{} // resources have the key
	for _, f := range report.Findings {
		if f.Kind == anonymize.DifferentIDs {
			isSeveral[f.Key.Hash()] = true
		}
	}
	isAsked := map[csvschema.KeyHash]bool{} // about a contradiction
	var findings []anonymize.Finding
	for _, f := range report.Findings {
		if needsNobody(f.Kind) {
			continue
		}
		unlisted[f.Kind] -= f.Rows
		if f.Kind != anonymize.NearRequest {
			hash, becomes := f.Key.Hash(), f.Fate
			if hash != (csvschema.KeyHash{}) {
				becomes = plan.Keeping(f.Key).Fate
			}
			if isAsked[hash] || becomes != fate.KeptExisting && becomes != fate.KeptUndecided {
				continue
			}
			isAsked[hash] = hash != (csvschema.KeyHash{})
		}
		findings = append(findings, f)
	}
	slices.SortStableFunc(findings, func(a, b anonymize.Finding) int {
		return cmp.Or(cmp.Compare(a.FileID.Export, b.FileID.Export), cmp.Compare(a.FileID.Role, b.FileID.Role),
			cmp.Compare(a.FileID.File, b.FileID.File), cmp.Compare(a.Line, b.Line))
	})
	var questions []Question
	for _, f := range findings {
		w, answer := wording{codeOf(f.Kind), []results.Choice{results.Exists, results.Day}, f.Kind.String(), planChoices}, ""
		switch {
		case f.Kind == anonymize.NearRequest:
			w.takes, w.reason, w.choices, answer = otherAlone, w.reason+", in "+console.Count(f.Rows, "row"), nearChoices, other
		case f.Key.Hash() == csvschema.KeyHash{}:
			w.takes, w.choices, answer = []results.Choice{results.Exists}, rowChoices, exists
		case isSeveral[f.Key.Hash()]:
			w.takes, w.choices = []results.Choice{results.Exists}, keyChoices
		}
		q := newQuestion(f.Key, names[f.FileID], f.Line, w, hide)
		q.Rows = f.Rows
		if one := d.about(q); one != nil && one.decision == answer {
			one.used = true
		} else {
			questions = append(questions, q)
		}
	}
	var more int64
	for _, rows := range unlisted {
		more += rows
	}
	return questions, more
}

// needsNobody reports whether nobody has to decide about findings of a kind: they are
// decided, or no contradiction that keeps anything.
func needsNobody(kind anonymize.FindingKind) bool {
	switch kind { //nolint:exhaustive // the other kinds need somebody
	case anonymize.Held, anonymize.Stale, anonymize.DifferentDates, anonymize.UnreadableStatus, anonymize.NoResource:
		return true
	}
	return false
}

// isNear reports whether it was asked about what is near an identifier of a request.
func (a asked) isNear() bool { return strings.HasPrefix(a.reason, anonymize.NearRequest.String()) }

// isOfNoResource reports whether it was asked about a row without an ID.
func (a asked) isOfNoResource() bool {
	return csvschema.VirtualMachineRow{LabUId: a.lab, ResourceUId: a.resource}.Key().Hash() == csvschema.KeyHash{}
}

// CheckPlan refuses decisions that are no choices of a plan.
func (d *Decisions) CheckPlan() error {
	if d == nil {
		return nil
	}
	for _, one := range d.list {
		if one.isNear() {
			if one.decision != other {
				return d.notAChoice(one, "write %s", nearChoices)
			}
			continue
		}
		deleted, err := one.deleted()
		switch {
		case err != nil:
			return d.notAChoice(one, "write %s", planChoices)
		case !deleted.IsZero() && one.isOfNoResource():
			return d.notAChoice(one, "write %s", rowChoices)
		}
	}
	return nil
}

// deleted returns when the resource was deleted, as a person decided; zero if it exists.
func (d *decision) deleted() (time.Time, error) {
	if d.decision == exists {
		return time.Time{}, nil
	}
	return lists.Day(d.decision)
}

// ForPlan returns the decisions as the library knows them. Only a row holds the whole
// key of its resource, so the files that decisions are about are read. Hide takes
// identifiers out of a text, as in [Decisions.OfPlan].
func (d *Decisions) ForPlan(ctx context.Context, e *inputs.Exports, hide func(string) string) ([]anonymize.Decision, error) {
	if d == nil {
		return nil, nil
	}
	var all []anonymize.Decision
	first := map[csvschema.Key]*decision{}
	add := func(one *decision, key csvschema.Key) error {
		if hide(key.LabUId()) != one.lab || hide(key.ResourceUId()) != one.resource {
			return fault.In(d.path, fault.WithHint(fmt.Errorf("line %d: another resource is on that line of the input", one.number),
				"the inputs are not those of the review; begin again with --review"))
		}
		if key.Hash() == (csvschema.KeyHash{}) {
			return nil // OfPlan finds the decision
		}
		deleted, err := one.deleted()
		if err != nil {
			return err
		}
		if earlier := first[key]; earlier == nil {
			first[key] = one
			all = append(all, anonymize.Decision{Key: key, Deleted: deleted})
		} else if before, _ := earlier.deleted(); !before.Equal(deleted) {
			return d.contradicts(one, earlier)
		}
		one.used = true
		return nil
	}
	names, about := e.Names(hide), d.byFile()
	for _, file := range e.Files {
		here := about[reviewed{file.Role, names[file.FileID]}]
		if len(here) == 0 {
			continue
		}
		err := file.Each(ctx, func(rec csvschema.Record) (bool, error) {
			for _, one := range here[rec.Line()] {
				if err := add(one, rec.Key()); err != nil {
					return false, err
				}
			}
			delete(here, rec.Line())
			return len(here) > 0, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// A reviewed is a file as a review names it.
type reviewed struct {
	role  csvschema.Role
	input string
}

// byFile returns the decisions about resources by their files and lines.
func (d *Decisions) byFile() map[reviewed]map[int64][]*decision {
	all := map[reviewed]map[int64][]*decision{}
	for _, one := range d.list {
		if one.isNear() {
			continue
		}
		in := reviewed{one.role, one.input}
		if all[in] == nil {
			all[in] = map[int64][]*decision{}
		}
		all[in][one.line] = append(all[in][one.line], one)
	}
	return all
}
