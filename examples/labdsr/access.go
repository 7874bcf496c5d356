package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/dsr/response"
)

// An accessCommand makes what a person receives.
type accessCommand struct {
	inputs     inputFlags
	subject    subjectFlags
	review     reviewFlags
	policy     policyFlags
	receipt    receiptFlags
	controller string
	language   string
	at         string
	out        string
	force      bool
}

func newAccess(a *app) *cobra.Command {
	var f accessCommand
	cmd := &cobra.Command{
		Use:   "access --subject ID… --virtualmachines F… [--disks F…] --out package.zip",
		Short: "Make the package that a person receives",
		Long: `Access makes what a person receives who asked "what do you hold on me?": a ZIP
file with a report for people, tables for spreadsheets and data for programs. What
names other people is hidden in it.

What only the controller knows is in the file of --controller, YAML or JSON, with
these keys: ` + controllerKeys + `.
Without it the report says that it is a draft.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), a) },
	}
	f.subject.add(cmd)
	f.inputs.add(cmd)
	addOut(cmd, &f.out, "ZIP `file` for the package")
	addForce(cmd, &f.force)
	addAt(cmd, &f.at, "`instant` of the answer (RFC 3339; default now)")
	cmd.Flags().StringVar(&f.language, "lang", "en", "`language` of the report: "+languages())
	cmd.Flags().StringVar(&f.controller, "controller", "", "`file` with what only the controller can say (Article 15 GDPR)")
	f.policy.addRetention(cmd)
	f.policy.addKeyFile(cmd, "the digests of a receipt")
	f.receipt.add(cmd)
	f.review.add(cmd)
	return cmd
}

func languages() string {
	var all []string
	for _, tag := range response.Languages() {
		all = append(all, tag.String())
	}
	return strings.Join(all, ", ")
}

// An accessResult is what --json writes of access.
type accessResult struct {
	outcome
	searchResult
	At      string `json:"at"`
	Out     string `json:"out"`
	Draft   bool   `json:"draft"`  // something that only the controller knows is missing
	Hidden  int64  `json:"hidden"` // places that name somebody else
	Review  string `json:"review,omitempty"`
	Receipt string `json:"receipt,omitempty"`
	Head    string `json:"head,omitempty"` // of the receipt; to be kept elsewhere
}

// An answering is what an answer depends on beside the exports.
type answering struct {
	subject  dsr.Subject
	decided  *decisions
	policy   *anonymize.Policy
	options  *response.Options
	evidence *evidence
	out      *output
	review   *output
}

// ready reads all that an answer depends on, and begins the outputs.
func (f *accessCommand) ready(ctx context.Context, a *app) (*answering, error) {
	r := &answering{}
	var err error
	if r.subject, err = f.subject.subject(a); err != nil {
		return nil, err
	}
	if f.out == "" {
		return nil, usagef("--out is needed: a ZIP file for the package")
	}
	r.options = &response.Options{Made: a.now().UTC().Truncate(time.Second)}
	if f.at != "" {
		if r.options.Made, err = parseInstant("at", f.at); err != nil {
			return nil, err
		}
	}
	if r.options.Language, err = parseLanguage(f.language); err != nil {
		return nil, err
	}
	if r.options.Controller, err = readController(f.controller); err != nil {
		return nil, err
	}
	if r.decided, err = f.review.read(); err != nil {
		return nil, err
	}
	if err := r.decided.check(theirs, other); err != nil {
		return nil, err
	}
	zone, err := parseZone(f.inputs.zone)
	if err != nil {
		return nil, err
	}
	r.options.Filter.Zone, r.options.Filter.Decide = zone, a.decide(r.decided)
	if r.policy, err = f.policy.policy(a, zone, r.options.Made); err != nil {
		return nil, err
	}
	if _, err = f.inputs.find(ctx, a); err != nil {
		return nil, err
	}
	if r.out, err = a.newOutput(f.out, false, f.force); err != nil {
		return nil, err
	}
	if r.review, err = a.newReview(&f.review, f.force); err != nil {
		return nil, err
	}
	r.evidence, err = f.receipt.begin(a, r.policy.Key, f.force)
	return r, err
}

func parseLanguage(text string) (language.Tag, error) {
	for _, tag := range response.Languages() {
		if strings.EqualFold(tag.String(), text) {
			return tag, nil
		}
	}
	return language.Tag{}, usagef("--lang is one of %s", languages())
}

func (f *accessCommand) run(ctx context.Context, a *app) error {
	r, err := f.ready(ctx, a)
	if err != nil {
		return err
	}
	if err := f.policy.addHolds(ctx, a, r.policy); err != nil {
		return err
	}
	if r.options.Keep, err = keep(ctx, a, r.policy, r.options.Made); err != nil {
		return err
	}
	d := r.evidence.newDigest(0, 0, 0)
	var report *dsr.Report
	a.con.show("answering", a.searchBytes())
	err = r.out.write("", func(w io.Writer) error {
		b := bufio.NewWriter(d.beside(w))
		if report, err = response.Write(ctx, b, a.exports.list, r.subject, r.options); err != nil {
			return err
		}
		return b.Flush()
	})
	if err != nil {
		return err
	}
	questions := a.questionsOf(report)
	if err := a.writeReview(r.review, questions); err != nil {
		return err
	}
	if r.evidence != nil {
		subject := report.Subjects[0]
		err = r.evidence.seal(ctx, a, receipt.Receipt{
			Action: "access", At: r.options.Made, Outputs: []receipt.File{d.file(0)}, Counts: map[string]int64{
				"virtual machines": subject.VirtualMachines.Theirs(), "disks": subject.Disks.Theirs(), "undecided": int64(len(questions)),
			},
		}, nil)
		if err != nil {
			return err
		}
	}
	if err := a.commit(r.out, r.evidence.output(), reviewIf(r.review, questions)); err != nil {
		return err
	}
	f.tell(a, r, report, questions)
	return nil
}

// keep returns what tells until when the record of a resource is kept: a plan of the
// policy.
func keep(ctx context.Context, a *app, policy *anonymize.Policy, at time.Time) (func(csvschema.Key) response.Keeping, error) {
	p := *policy
	p.KeepUnreadableDates, p.MaxFindings = true, -1 // only what becomes of single resources is asked for
	a.con.show("planning", 2*a.exports.size(0))
	plan, err := p.Plan(ctx, at, a.exports.list)
	if err != nil {
		return nil, err
	}
	return func(key csvschema.Key) response.Keeping {
		status := plan.Status([]csvschema.Key{key})[0]
		kept := response.Keeping{At: status.At, Reason: status.Reason}
		switch status.Outcome {
		case anonymize.AnonymizedNow:
			kept.State = response.KeptNot
		case anonymize.DueLater:
			kept.State = response.KeptUntil
		case anonymize.KeptExisting:
			kept.State = response.KeptExisting
		case anonymize.KeptHeld:
			kept.State = response.KeptHeld
		case anonymize.KeptUndecided:
			kept.State = response.KeptUndecided
		}
		return kept
	}, nil
}

func (f *accessCommand) tell(a *app, r *answering, report *dsr.Report, questions []question) {
	result := &accessResult{
		searchResult: newSearchResult(report, questions), At: instant(r.options.Made), Out: a.con.hide(f.out), Draft: isDraft(r.options.Controller),
	}
	a.tellScope(report)
	a.tellFound(report, f.out)
	if result.Hidden = report.Subjects[0].Hidden.Places(); result.Hidden > 0 {
		a.con.line("hidden", "%s in them, which %s somebody else", count(result.Hidden, "place"), agree(result.Hidden, "names", "name"))
	}
	if result.Draft {
		a.con.warn("draft", "the report lacks what only the controller can say: give all of it with --controller")
	}
	if r.evidence != nil {
		a.tellReceipt(r.evidence, f.receipt.receipt)
		result.Receipt, result.Head = a.con.hide(f.receipt.receipt), r.evidence.head.String()
	}
	a.tellDecisions(r.decided)
	a.tellQuestions(questions, f.review.review)
	if len(questions) > 0 {
		a.con.line("", "%s must not be sent before that", f.out)
		result.Status, result.Review = statusUndecided, a.con.hide(f.review.review)
	} else {
		a.con.line("next", "look through %s, and send it to the person by a way that nobody else can read", f.out)
	}
	a.result = result
}
