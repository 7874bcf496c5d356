package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/dsr/deadline"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// A deadlineCommand computes the last day to answer a request.
type deadlineCommand struct {
	received string
	extended bool
	holidays []string
}

func newDeadline(a *app) *cobra.Command {
	var f deadlineCommand
	cmd := newCommand("deadline --received DATE [--extended] [--holidays F]", "Compute the last day to answer a request",
		`Deadline computes the last day to answer a request: one month after receipt, or
three months if the request was extended (Article 12(3) GDPR), counted by Regulation
(EEC, Euratom) No 1182/71. A file of holidays has one date such as 2026-12-25 on each
line, perhaps with a name after it. This is not legal advice.`,
		func(context.Context) error { return f.run(a) })
	cmd.Flags().StringVar(&f.received, "received", "", "`day` on which the request arrived, such as 2026-08-03")
	cmd.Flags().BoolVar(&f.extended, "extended", false, "the request is extended by two months")
	cmd.Flags().StringArrayVar(&f.holidays, "holidays", nil, "`file` with public holidays, one a line; may be repeated")
	return cmd
}

func newLastDay(d deadline.Deadline) results.LastDay {
	last := results.LastDay{Day: d.Day, Months: d.Months, Counted: d.Counted, Passed: []results.PassedDay{}, WeekendsOnly: d.WeekendsOnly}
	for _, p := range d.Passed {
		last.Passed = append(last.Passed, results.PassedDay(p))
	}
	return last
}

func (f *deadlineCommand) run(a *app) error {
	if f.received == "" {
		return fault.Usage("--received is needed: the day on which the request arrived, such as 2026-08-03")
	}
	received, err := deadline.ParseDate(f.received)
	if err != nil {
		return fault.Usage("--received is no day such as 2026-08-03")
	}
	holidays, err := lists.Holidays(f.holidays)
	if err != nil {
		return err
	}
	request := deadline.Request{Received: received, Extended: f.extended, Holidays: holidays}
	d, err := request.Deadlines()
	if err != nil {
		return err
	}
	a.con.Line("answer", "%s", d.Answer)
	for _, p := range d.Answer.Passed {
		a.con.Line("", "not on %s: %s", p.Day, p.Cause)
	}
	if d.IsExtended() {
		a.con.Line("notice", "of the extension and its reasons %s", d.Notice)
	}
	a.con.Line("", "without undue delay in any case (Article 12(3) GDPR)")
	if d.WeekendsOnly() {
		a.con.Warn("holidays", "none were given for the year: only weekends moved the day; give --holidays")
	}
	r := &results.Deadline{Received: received, Extended: f.extended, Answer: newLastDay(d.Answer), Notice: newLastDay(d.Notice)}
	a.result = result{r, &r.Outcome, nil}
	return nil
}
