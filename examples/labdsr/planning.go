package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

// planFlags are what a plan depends on.
type planFlags struct {
	inputs inputFlags
	policy policyFlags
	review reviewFlags
	at     string
}

func (f *planFlags) add(cmd *cobra.Command, a *app) {
	f.inputs.add(cmd, a)
	addAt(cmd, &f.at, "`instant` at which identifiers have to be gone, such as 2026-07-01T09:00:00Z (RFC 3339)")
	f.policy.add(cmd)
	f.review.add(cmd)
}

// A planning is a plan, what it depends on, and what a person has to decide about it.
type planning struct {
	plan      *anonymize.Plan
	files     []anonymize.FileReport // as the plan has them, or as they were written
	total     anonymize.Stats
	policy    *anonymize.Policy
	at        time.Time
	decided   *review.Decisions
	of        review.Origin
	questions []review.Question
	unmet     unmet
	unlisted  int64 // rows about which a person may have to decide, and which are too many to list
}

// An unmet is what was given and is about nothing in the exports.
type unmet struct {
	holds               []lists.Hold // that have not ended
	requests, decisions int          // how many
}

// ready reads all that a plan needs except the rows of the exports.
func (f *planFlags) ready(ctx context.Context, a *app) (*planning, error) {
	p := &planning{}
	if f.at == "" {
		return nil, fault.Usage("--at is needed: the instant at which identifiers have to be gone, such as 2026-07-01T09:00:00Z")
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
	if p.decided, err = review.Read(f.review.decisions); err != nil {
		return nil, err
	}
	if err := p.decided.CheckPlan(); err != nil {
		return nil, err
	}
	return p, f.inputs.find(ctx, a, zone)
}

// readRows reads the rows of the exports for what the policy needs of them.
func (f *planFlags) readRows(ctx context.Context, a *app, p *planning) (err error) {
	p.unmet.holds, err = f.policy.readRows(ctx, a, p.policy, p.at)
	return err
}

// make makes the plan, after readRows.
func (f *planFlags) make(ctx context.Context, a *app, p *planning) error {
	var err error
	if p.of, err = f.review.ofPlan(ctx, a, p.decided, p.policy); err != nil {
		return err
	}
	if p.policy.Decisions, err = p.decided.ForPlan(ctx, a.exports, a.con.Hide); err != nil {
		return err
	}
	a.con.Show("planning", a.policyBytes(p.policy))
	if p.plan, err = p.policy.Plan(ctx, p.at, a.exports.List); err != nil {
		return err
	}
	p.files, p.total = p.plan.Report().Files, p.plan.Report().Total
	p.questions, p.unlisted = p.decided.OfPlan(p.plan, a.exports, a.con.Hide)
	for _, request := range p.plan.Report().Requests {
		if len(request.Answers) == 0 {
			p.unmet.requests++
		}
	}
	if p.decided != nil {
		_, p.unmet.decisions = p.decided.Count()
	}
	return nil
}

// isUndecided reports whether a person has to decide about a row.
func (p *planning) isUndecided() bool { return len(p.questions) > 0 || p.unlisted > 0 }

// tellUndecided says what a person has to decide, and how.
func (a *app) tellUndecided(p *planning, review string) {
	a.tellQuestions(p.questions, review)
	if p.unlisted > 0 {
		a.con.Warn("", "%s more, to be listed when these are decided", console.Count(p.unlisted, "row"))
	}
}

// policyBytes returns how many bytes planning or verifying a policy reads, at most.
func (a *app) policyBytes(p *anonymize.Policy) int64 {
	passes := int64(2)
	if p.Names {
		passes = 4
	}
	return passes * a.exports.Size(0)
}
