package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

// planFlags are what a plan depends on.
type planFlags struct {
	inputs inputFlags
	policy policyFlags
	review reviewFlags
	at     string
}

func (f *planFlags) add(cmd *cobra.Command) {
	f.inputs.add(cmd)
	addAt(cmd, &f.at, "`instant` at which identifiers have to be gone, such as 2026-07-01T09:00:00Z (RFC 3339)")
	f.policy.add(cmd)
	f.review.add(cmd)
}

func addAt(cmd *cobra.Command, at *string, usage string) {
	cmd.Flags().StringVar(at, "at", "", usage)
}

// A planned is a plan, and what a person has to decide about it.
type planned struct {
	plan      *anonymize.Plan
	policy    *anonymize.Policy
	at        time.Time
	decided   *decisions
	questions []question
}

// ready reads all that a plan needs but the exports.
func (f *planFlags) ready(ctx context.Context, a *app) (*planned, error) {
	p := &planned{}
	if f.at == "" {
		return nil, usagef("--at is needed: the instant at which identifiers have to be gone, such as 2026-07-01T09:00:00Z")
	}
	var err error
	if p.at, err = parseInstant("at", f.at); err != nil {
		return nil, err
	}
	zone, err := parseZone(f.inputs.zone)
	if err != nil {
		return nil, err
	}
	if p.policy, err = f.policy.policy(a, zone, p.at); err != nil {
		return nil, err
	}
	if p.decided, err = f.review.read(); err != nil {
		return nil, err
	}
	if err := p.decided.checkPlan(); err != nil {
		return nil, err
	}
	if _, err := f.inputs.find(ctx, a); err != nil {
		return nil, err
	}
	return p, nil
}

// make makes the plan.
func (f *planFlags) make(ctx context.Context, a *app, p *planned) error {
	if err := f.policy.addHolds(ctx, a, p.policy); err != nil {
		return err
	}
	var err error
	if p.policy.Decisions, err = a.planDecisions(ctx, p.decided); err != nil {
		return err
	}
	passes := int64(2)
	if p.policy.Names {
		passes = 4
	}
	a.con.show("planning", passes*a.exports.size(0))
	if p.plan, err = p.policy.Plan(ctx, p.at, a.exports.list); err != nil {
		return err
	}
	p.questions, err = a.planQuestions(ctx, p.plan)
	return err
}

const exists = "exists"

// checkPlan refuses decisions that are none about whether something was deleted.
func (d *decisions) checkPlan() error {
	if d == nil {
		return nil
	}
	for _, one := range d.list {
		if _, err := one.deleted(); err != nil {
			return &fileError{d.path, hinted(fmt.Errorf("line %d, column decision: not one of the choices", one.number), "write %s", planChoices)}
		}
	}
	return nil
}

// deleted returns when the resource was deleted by what a person decided; zero if it
// exists.
func (d *decision) deleted() (time.Time, error) {
	if d.decision == exists {
		return time.Time{}, nil
	}
	return parseDay(d.decision)
}

const planChoices = exists + ", or the day of its deletion such as 2026-05-01"

// planDecisions returns the decisions as the library knows them. The key of a disk is
// in its row only.
func (a *app) planDecisions(ctx context.Context, d *decisions) ([]anonymize.Decision, error) {
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
		if one.role == csvschema.VirtualMachines {
			machine := csvschema.VirtualMachineRow{LabUId: one.lab, ResourceUId: one.resource}
			if err := add(one, machine.Key()); err != nil {
				return nil, err
			}
		}
	}
	for _, i := range a.exports.inputs {
		var here []*decision
		for _, one := range d.list {
			if one.role == csvschema.Disks && i.role == one.role && one.input == a.con.hide(i.path) {
				here = append(here, one)
			}
		}
		if len(here) == 0 {
			continue
		}
		err := i.each(ctx, func(rec csvschema.Record) (bool, error) {
			for _, one := range here {
				if one.line != rec.Line() {
					continue
				}
				key := rec.Key()
				if key.LabUId() != one.lab || key.ResourceUId() != one.resource {
					return false, &fileError{d.path, hinted(fmt.Errorf("line %d: another disk stands on that line of the input", one.number),
						"the inputs are not those of the review; begin again with --review")}
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

// planQuestions returns the resources that stay only because the exports contradict
// themselves.
func (a *app) planQuestions(ctx context.Context, plan *anonymize.Plan) ([]question, error) {
	reasons := map[csvschema.Key]string{}
	var keys []csvschema.Key
	for _, f := range plan.Report().Findings {
		switch f.Kind {
		case anonymize.ActiveWithDate, anonymize.InactiveWithoutDate, anonymize.UnreadableDate:
			if reasons[f.Key] == "" {
				keys = append(keys, f.Key)
				reasons[f.Key] = f.Kind.String()
			}
		case anonymize.Held, anonymize.Stale, anonymize.DifferentDates, anonymize.UnreadableStatus: // decided, or no contradiction that keeps anything
		}
	}
	hasher := csvschema.NewKeyHasher()
	open := map[csvschema.KeyHash]csvschema.Key{}
	for _, s := range plan.Status(keys) {
		switch s.Outcome {
		case anonymize.KeptExisting, anonymize.KeptUndecided:
			open[hasher.Key(s.Key)] = s.Key
		case anonymize.AnonymizedNow, anonymize.DueLater, anonymize.KeptHeld:
		}
	}
	var questions []question
	for _, i := range a.exports.inputs {
		if len(open) == 0 {
			break
		}
		err := i.each(ctx, func(rec csvschema.Record) (bool, error) {
			hash := hasher.Record(rec)
			if key, ok := open[hash]; ok && key.Role() == i.role {
				questions = append(questions, question{key, a.con.hide(i.path), rec.Line(), reasons[key], planChoices})
				delete(open, hash)
			}
			return len(open) > 0, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return questions, nil
}
