package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/lists"
)

const (
	exists      = "exists"
	planChoices = exists + ", or the day of its deletion such as 2026-05-01"
	nearChoices = other + "; or, if it is the same person, ask for that account, too"
)

// OfPlan returns the resources that stay only because the exports contradict
// themselves, and those that hold an identifier near one that a request names, unless d
// says that it is somebody else's. Hide takes identifiers out of a path.
func (d *Decisions) OfPlan(ctx context.Context, plan *anonymize.Plan, e *inputs.Exports, hide func(string) string) ([]Question, error) {
	open := map[csvschema.KeyHash]Question{}
	ask := func(f anonymize.Finding, choices string) {
		if hash := f.Key.Hash(); hash != (csvschema.KeyHash{}) && open[hash].Reason == "" {
			open[hash] = Question{Key: f.Key, Reason: f.Kind.String(), Choices: choices}
		}
	}
	for _, f := range plan.Report().Findings {
		switch f.Kind {
		case anonymize.ActiveWithDate, anonymize.InactiveWithoutDate, anonymize.UnreadableDate:
			if fate := plan.Keeping(f.Key).Fate; fate == csvschema.KeptExisting || fate == csvschema.KeptUndecided {
				ask(f, planChoices)
			}
		case anonymize.NearRequest:
			ask(f, nearChoices)
		case anonymize.Held, anonymize.Stale, anonymize.DifferentDates, anonymize.UnreadableStatus: // decided, or no contradiction that keeps anything
		}
	}
	var questions []Question
	for _, file := range e.Files {
		if len(open) == 0 {
			break
		}
		err := file.Each(ctx, func(rec csvschema.Record) (bool, error) {
			hash := rec.KeyHash()
			if q, ok := open[hash]; ok && q.Key.Role() == file.Role {
				delete(open, hash)
				q.File, q.Line = hide(file.Path), rec.Line()
				if one := d.about(q); one != nil && one.decision == other && q.Choices == nearChoices {
					one.used = true
				} else {
					questions = append(questions, q)
				}
			}
			return len(open) > 0, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return questions, nil
}

// CheckPlan refuses decisions that do not say whether a resource was deleted.
func (d *Decisions) CheckPlan() error {
	if d == nil {
		return nil
	}
	for _, one := range d.list {
		if one.decision == other {
			continue
		}
		if _, err := one.deleted(); err != nil {
			return d.notAChoice(one, "write %s; %s if the row is not the person's", planChoices, other)
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

// ForPlan returns the decisions as the library knows them, the first for each key. Only
// the row of a disk holds its whole key, so the files of disks are read. Hide takes
// identifiers out of a path, as in [Decisions.OfPlan].
func (d *Decisions) ForPlan(ctx context.Context, e *inputs.Exports, hide func(string) string) ([]anonymize.Decision, error) {
	if d == nil {
		return nil, nil
	}
	var all []anonymize.Decision
	add := func(one *decision, key csvschema.Key) error {
		deleted, err := one.deleted()
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(have anonymize.Decision) bool { return have.Key == key }) {
			all = append(all, anonymize.Decision{Key: key, Deleted: deleted})
		}
		one.used = true
		return nil
	}
	for _, one := range d.list {
		if one.role == csvschema.VirtualMachines && one.decision != other {
			machine := csvschema.VirtualMachineRow{LabUId: one.lab, ResourceUId: one.resource}
			if err := add(one, machine.Key()); err != nil {
				return nil, err
			}
		}
	}
	for _, file := range e.Files {
		here := d.disksOf(file, hide)
		if len(here) == 0 {
			continue
		}
		err := file.Each(ctx, func(rec csvschema.Record) (bool, error) {
			for _, one := range here {
				if one.line != rec.Line() {
					continue
				}
				key := rec.Key()
				if key.LabUId() != one.lab || key.ResourceUId() != one.resource {
					return false, fault.In(d.path, fault.WithHint(fmt.Errorf("line %d: another disk stands on that line of the input", one.number),
						"the inputs are not those of the review; begin again with --review"))
				}
				if err := add(one, key); err != nil {
					return false, err
				}
			}
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// disksOf returns the decisions about disks of one file.
func (d *Decisions) disksOf(file *inputs.File, hide func(string) string) []*decision {
	var here []*decision
	for _, one := range d.list {
		if one.role == csvschema.Disks && one.decision != other && file.Role == one.role && one.input == hide(file.Path) {
			here = append(here, one)
		}
	}
	return here
}
