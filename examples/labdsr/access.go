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
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// An accessCommand makes the package that a person receives.
type accessCommand struct {
	inputs     inputFlags
	subject    subjectFlags
	people     string
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
	cmd := newCommand("access --subject ID… --virtualmachines F… [--disks F…] --out package.zip", "Make the package that a person receives",
		`Access makes the package for a person who asked "what do you hold on me?": a ZIP file
with a report for people, tables for spreadsheets and data for programs. Whatever names
other people is hidden in it.

The file of --controller holds what only the controller knows. It is YAML or JSON with
these keys: `+lists.ControllerKeys+`.
Without it the report says that it is a draft.

With --people it makes the packages of many people in one search: DIR/person-N.zip is that
of line N of the file. Where somebody has to decide about rows of a person first, the
summary names the line, and the exit status is 3: answer these with --subject.`,
		func(ctx context.Context) error { return f.run(ctx, a) })
	f.subject.add(cmd)
	cmd.Flags().StringVar(&f.people, "people", "", "`file` with one person a line: identifiers with commas between them; instead of --subject")
	f.inputs.add(cmd, a)
	addOut(cmd, &f.out, "ZIP `file` for the package, or the URL of a blob; with --people a folder for all packages, or the URL of a prefix")
	addForce(cmd, &f.force)
	addAt(cmd, &f.at, "`instant` of the answer (RFC 3339; default now)")
	cmd.Flags().StringVar(&f.language, "lang", "en", "`language` of the report: "+languages())
	cmd.Flags().StringVar(&f.controller, "controller", "", "`file` with what only the controller can say (Article 15 GDPR)")
	f.policy.addRetention(cmd)
	f.policy.addKeyFile(cmd, "the seal and the digests of a receipt, and decisions about rows in any export")
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

// An answering is what an answer depends on besides the rows of the exports.
type answering struct {
	subjects   []dsr.Subject
	lines      []int // of --people, one for each subject; nil for one person
	decided    *review.Decisions
	of         review.Origin
	search     review.Search
	policy     *anonymize.Policy
	options    *response.Options
	proof      *evidence.Evidence
	out        *output.Output
	reviewOut  *output.Output
	receiptOut *output.Output
}

// ready reads all that an answer depends on, and begins the outputs.
func (f *accessCommand) ready(ctx context.Context, a *app) (*answering, error) {
	r := &answering{}
	var err error
	if r.subjects, r.lines, err = f.subjects(ctx, a); err != nil {
		return nil, err
	}
	r.options = &response.Options{Made: a.now().UTC().Truncate(time.Second), Spool: &spool{make: a.finder.Temporary}}
	if f.at != "" {
		if r.options.Made, err = parseInstant("at", f.at); err != nil {
			return nil, err
		}
	}
	if r.options.Language, err = parseLanguage(f.language); err != nil {
		return nil, err
	}
	if r.options.Controller, err = lists.Controller(f.controller); err != nil {
		return nil, err
	}
	if r.decided, err = review.Read(f.review.decisions); err != nil {
		return nil, err
	}
	if err := r.decided.CheckSearch(); err != nil {
		return nil, err
	}
	zone, err := parseZone(f.inputs.zone)
	if err != nil {
		return nil, err
	}
	if r.policy, err = f.policy.policy(a, zone, r.options.Made); err != nil {
		return nil, err
	}
	if err := f.inputs.findAll(ctx, a, zone); err != nil {
		return nil, err
	}
	if r.search, r.of, err = f.review.ofSearch(ctx, a, r.decided, r.subjects[0], r.policy.Key); err != nil {
		return nil, err
	}
	for _, name := range a.exports.Ignored {
		r.options.NotRead = append(r.options.NotRead, a.con.Hide(inputs.Tidy(name)))
	}
	r.options.Filter = dsr.Options{Zone: zone, Decide: r.search.Decide(r.decided), Progress: a.con.Reading}
	kind := packageKind
	if r.lines != nil {
		kind = output.Folder()
	}
	if r.out, err = a.outputs.Begin(f.out, kind, f.force); err != nil {
		return nil, err
	}
	if r.reviewOut, err = f.review.begin(a, f.force); err != nil {
		return nil, err
	}
	r.proof, r.receiptOut, err = f.receipt.begin(a, r.policy.Key, f.force)
	return r, err
}

func parseLanguage(text string) (language.Tag, error) {
	for _, tag := range response.Languages() {
		if strings.EqualFold(tag.String(), text) {
			return tag, nil
		}
	}
	return language.Tag{}, fault.Usage("--lang is one of %s", languages())
}

func (f *accessCommand) run(ctx context.Context, a *app) error {
	r, err := f.ready(ctx, a)
	if err != nil {
		return err
	}
	if _, err := f.policy.readRows(ctx, a, r.policy, r.options.Made); err != nil {
		return err
	}
	if r.options.Keep, err = keep(ctx, a, r.policy, r.options.Made); err != nil {
		return err
	}
	if r.lines != nil {
		return f.runPeople(ctx, a, r)
	}
	digest := r.proof.Digest(&inputs.File{}) // the package is no file of an export
	var report *redact.Report
	a.con.Show("answering", a.searchBytes())
	err = r.out.Write("", func(w io.Writer) error {
		b := bufio.NewWriter(digest.Beside(w))
		if report, err = response.Write(ctx, b, a.exports.List, r.subjects[0], r.options); err != nil {
			return err
		}
		return b.Flush()
	})
	if err != nil {
		return err
	}
	if err := checkIDs(report.Report, 0); err != nil {
		return err
	}
	questions, err := a.questions(ctx, r.search, report.Report)
	if err != nil {
		return err
	}
	if r.reviewOut, err = writeReview(r.reviewOut, questions, r.of); err != nil {
		return err
	}
	if r.proof != nil {
		subject := report.Subjects[0]
		err = a.seal(ctx, r.proof, r.receiptOut, receipt.Receipt{
			Action: "access", At: r.options.Made, Outputs: []receipt.File{digest.File(0)}, Counts: map[string]int64{
				"virtual machines": subject.VirtualMachines.Theirs(), "disks": subject.Disks.Theirs(), "undecided": int64(len(questions)),
			},
		}, nil)
		if err != nil {
			return err
		}
	}
	if err := a.outputs.Commit(r.out, r.receiptOut, r.reviewOut); err != nil {
		return err
	}
	f.tell(a, r, report, questions)
	return nil
}

// keep plans the policy. The function that it returns says until when the record of a
// resource is kept.
func keep(ctx context.Context, a *app, policy *anonymize.Policy, at time.Time) (func(csvschema.Key) fate.Keeping, error) {
	p := *policy
	p.KeepUnreadableDates, p.MaxFindings = true, -1 // findings are not needed, only what becomes of each resource
	a.con.Show("planning", 2*a.exports.Size(0))
	plan, err := p.Plan(ctx, at, a.exports.List)
	if err != nil {
		return nil, err
	}
	return plan.Keeping, nil
}

func (f *accessCommand) tell(a *app, r *answering, report *redact.Report, questions []review.Question) {
	found := &results.Access{
		Search: a.newSearch(report.Report, questions, r.decided), At: results.Instant(r.options.Made), Out: a.con.Hide(f.out), Draft: isDraft(r.options.Controller),
	}
	a.tellScope(report.Report)
	a.tellFound(report.Report, f.out)
	if n := report.Hidden[0].Places(); n > 0 {
		found.Hidden = n
		a.con.Line("hidden", "%s in %s, which %s somebody else", console.Count(n, "place"), console.Agree(theirs(report.Report), "it", "them"), console.Agree(n, "names", "name"))
	}
	if found.Draft {
		a.con.Warn("draft", "the report lacks what only the controller can say: give all of it with --controller")
	}
	found.Receipt = a.tellReceipt(r.proof, f.receipt.receipt)
	a.tellDecisions(r.decided)
	a.tellQuestions(questions, f.review.review)
	if len(questions) > 0 {
		a.con.Line("", "%s must not be sent before that", f.out)
		found.Status, found.Review = statusUndecided, a.con.Hide(f.review.review)
	} else {
		a.con.Line("next", "look through %s, and send it to the person by a way that nobody else can read", f.out)
	}
	a.result = result{found, &found.Outcome, &found.Inputs}
}

// isDraft reports whether something is missing that the controller has to say by
// Article 15 GDPR.
func isDraft(c response.Controller) bool {
	for _, text := range []string{c.Name, c.Purposes, c.Categories, c.Recipients, c.Storage, c.Source, c.Automated, c.Transfers} {
		if strings.TrimSpace(text) == "" {
			return true
		}
	}
	return false
}
