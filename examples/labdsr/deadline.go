package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/dsr/deadline"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/lists"
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

// A deadlineResult is what --json writes of deadline.
type deadlineResult struct {
	outcome
	Received string       `json:"received"`
	Extended bool         `json:"extended"`
	Answer   deadlineJSON `json:"answer"` // for the answer
	Notice   deadlineJSON `json:"notice"` // for the notice of an extension or a refusal
}

type deadlineJSON struct {
	Day          string       `json:"day"`
	Months       int          `json:"months"`
	Counted      string       `json:"counted"` // the last day before weekends and holidays are passed over
	Passed       []passedJSON `json:"passed"`
	WeekendsOnly bool         `json:"weekendsOnly"` // no holiday of the year was given
}

type passedJSON struct {
	Day   string `json:"day"`
	Cause string `json:"cause"`
}

func newDeadlineJSON(d deadline.Deadline) deadlineJSON {
	j := deadlineJSON{d.Day.String(), d.Months, d.Counted.String(), []passedJSON{}, d.WeekendsOnly}
	for _, p := range d.Passed {
		j.Passed = append(j.Passed, passedJSON{p.Day.String(), p.Cause.String()})
	}
	return j
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
	a.result = &deadlineResult{Received: received.String(), Extended: f.extended, Answer: newDeadlineJSON(d.Answer), Notice: newDeadlineJSON(d.Notice)}
	return nil
}
