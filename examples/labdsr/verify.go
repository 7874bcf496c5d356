package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
)

// A verifyCommand checks that the files that anonymize wrote follow the policy.
type verifyCommand struct {
	before, after []string
	exportedAt    string
	zone          string
	at            string
	review        reviewFlags // decisions alone
	policy        policyFlags
	receipt       string
	changed       func(flag string) bool // whether a flag was given
}

func newVerify(a *app) *cobra.Command {
	var f verifyCommand
	cmd := newCommand("verify --before DIR --after DIR --at T", "Check that anonymized exports are what the policy makes of them",
		`Verify reads the exports before and after. It checks that every identifier that had to
go is gone, and that no other byte changed. It decides on its own what had to go: give
it the flags that anonymize had, or the receipt, which holds the policy and the instant.
With the key of the receipt it also checks that the files have the digests in the
receipt.`,
		func(ctx context.Context) error { return f.run(ctx, a) })
	f.changed = cmd.Flags().Changed
	flags := cmd.Flags()
	flags.StringArrayVar(&f.before, "before", nil, "`folder` or file of the exports before; may be repeated")
	flags.StringArrayVar(&f.after, "after", nil, "`folder` that anonymize wrote")
	addExportedAt(cmd, &f.exportedAt)
	addZone(cmd, &f.zone)
	addAt(cmd, &f.at, "`instant` that anonymize was given (RFC 3339)")
	f.policy.add(cmd)
	f.review.addDecisions(cmd, "`file` of decisions that anonymize was given")
	flags.StringVar(&f.receipt, "receipt", "", "`file` of the receipt of anonymize, from which the policy and the instant are taken")
	return cmd
}

// A verifyResult is what --json writes of verify.
type verifyResult struct {
	outcome
	At       string        `json:"at"`
	OK       bool          `json:"ok"`
	Pairs    int           `json:"pairs"` // of files that were compared
	Rows     int64         `json:"rows"`
	Changed  int64         `json:"changed"`
	Replaced int64         `json:"replaced"`
	Failed   int64         `json:"failed"`
	Failures []failureJSON `json:"failures"` // the first of them
}

type failureJSON struct {
	File   string `json:"file"`
	Line   int64  `json:"line,omitempty"`
	Column string `json:"column,omitempty"` // documented name
	Number int    `json:"number,omitempty"` // of the column in the file, from 1
	Kind   string `json:"kind"`
}

func (f *verifyCommand) run(ctx context.Context, a *app) error {
	if len(f.before) == 0 || len(f.after) != 1 {
		return fault.Usage("--before and one --after are needed: the folder of the exports, and the folder that anonymize wrote")
	}
	sealed, policy, now, err := f.terms(a)
	if err != nil {
		return err
	}
	decided, err := review.Read(f.review.decisions)
	if err != nil {
		return err
	}
	if err := decided.CheckPlan(); err != nil {
		return err
	}
	var places []place
	for _, path := range f.before {
		places = append(places, place{path, 0})
	}
	if err := a.find(ctx, places, policy.Zone, f.exportedAt); err != nil {
		return err
	}
	if err := f.policy.addHolds(ctx, a, policy); err != nil {
		return err
	}
	if policy.Decisions, err = decided.ForPlan(ctx, a.exports, a.con.Hide); err != nil {
		return err
	}
	if err := sameTerms(sealed, policy); err != nil {
		return err
	}
	r, err := f.verify(ctx, a, policy, now, sealed)
	if err != nil {
		return err
	}
	f.tell(a, r, sealed, policy)
	return nil
}

// terms returns the policy and the instant of the receipt, if there is one, or else of
// the flags.
func (f *verifyCommand) terms(a *app) (*receipt.Receipt, *anonymize.Policy, time.Time, error) {
	none := time.Time{}
	if f.receipt == "" {
		if f.at == "" {
			return nil, nil, none, fault.Usage("--at is needed: the instant that anonymize was given; or its --receipt")
		}
		now, err := parseInstant("at", f.at)
		if err != nil {
			return nil, nil, none, err
		}
		zone, err := parseZone(f.zone)
		if err != nil {
			return nil, nil, none, err
		}
		policy, err := f.policy.policy(a, zone, now)
		return nil, policy, now, err
	}
	for _, name := range append([]string{"at"}, policyNames...) {
		if f.changed(name) {
			return nil, nil, none, fault.Usage("--%s is taken from the receipt: give one of them", name)
		}
	}
	data, err := os.ReadFile(f.receipt)
	if err != nil {
		return nil, nil, none, err
	}
	sealed, err := receipt.Open(data)
	var terms anonymize.Terms
	if err != nil || sealed.Action != "anonymize" || json.Unmarshal(sealed.Policy, &terms) != nil {
		return nil, nil, none, fault.In(f.receipt, fault.WithHint(errors.New("no receipt of anonymize, or one that was changed"), "it has to be the file as it was written"))
	}
	policy, err := terms.Policy()
	if err != nil {
		return nil, nil, none, fault.In(f.receipt, err)
	}
	// Identifiers with no instant of their own were asked for at that of the receipt.
	return &sealed, policy, sealed.At, f.policy.complete(a, policy, sealed.At)
}

// sameTerms refuses a policy that is not that of the receipt.
func sameTerms(sealed *receipt.Receipt, policy *anonymize.Policy) error {
	if sealed == nil {
		return nil
	}
	var terms anonymize.Terms
	if err := json.Unmarshal(sealed.Policy, &terms); err != nil {
		return err
	}
	have := policy.Terms()
	for _, one := range []struct {
		what, flags string
		said, given int
	}{
		{"hold", "--holds", terms.Holds, have.Holds},
		{"request", "--erase and --removed", terms.Requests, have.Requests},
		{"decision", "--decisions", terms.Decisions, have.Decisions},
	} {
		if one.said != one.given {
			return fault.Usage("the receipt is of a run with %s, and this is one with %d: give the same %s", console.Count(one.said, one.what), one.given, one.flags)
		}
	}
	return nil
}

// verify compares all files.
func (f *verifyCommand) verify(ctx context.Context, a *app, policy *anonymize.Policy, now time.Time, sealed *receipt.Receipt) (*verifyResult, error) {
	r := &verifyResult{At: console.Instant(now), Failures: []failureJSON{}}
	after, err := f.pairs(ctx, a, r)
	if err != nil || r.Failed > 0 {
		return r, err // the rest would be about other files
	}
	if sealed != nil && !policy.Key.IsZero() {
		if err := f.digests(ctx, a, policy.Key, sealed, r); err != nil {
			return nil, err
		}
	}
	a.con.Show("verifying", a.policyBytes(policy))
	v, err := verify.Exports(ctx, policy, now, a.exports.List, after)
	if err != nil {
		return nil, err
	}
	r.Pairs, r.Rows, r.Changed, r.Replaced = v.Files, v.Rows, v.Changed, v.Replaced
	r.Failed += v.Failed
	for _, failure := range v.Failures {
		r.Failures = append(r.Failures, failureJSON{
			File: f.afterPath(a, a.exports.File(failure.FileID)),
			Line: failure.Line, Column: failure.Column.String(), Number: failure.Number, Kind: failure.Kind.String(),
		})
	}
	return r, nil
}

// pairs returns the exports after, in the order of those before. A file that is
// missing, and an export that is there besides, are failures.
func (f *verifyCommand) pairs(ctx context.Context, a *app, r *verifyResult) ([]csvschema.Export, error) {
	names, err := a.exports.OutputNames()
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(f.after[0]); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fault.WithHint(fmt.Errorf("%s: is no folder", f.after[0]), "--after is the folder that anonymize wrote")
	}
	fail := func(path, kind string) {
		r.Failed++
		r.Failures = append(r.Failures, failureJSON{File: path, Kind: kind})
	}
	after := make([]csvschema.Export, len(a.exports.List))
	expected := map[string]bool{}
	for _, before := range a.exports.Files {
		path := filepath.Join(f.after[0], filepath.FromSlash(names[before]))
		expected[path] = true
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			fail(path, "file missing")
			continue
		}
		inputs.AddSource(&after[before.Export-1], inputs.Plain(path, before.Role))
	}
	others := inputs.Finder{Read: a.con.Advance, Lists: a.finder.Lists}
	if err := others.Find(ctx, f.after[0], 0); err != nil && len(expected) == 0 {
		return nil, err
	}
	for _, file := range others.Files() {
		if !expected[file.Path] {
			fail(file.Path, "file added")
		}
	}
	slices.SortStableFunc(r.Failures, func(a, b failureJSON) int { return len(a.Kind) - len(b.Kind) })
	return after, nil
}

// afterPath returns the path of what anonymize wrote for a file.
func (f *verifyCommand) afterPath(a *app, before *inputs.File) string {
	names, err := a.exports.OutputNames()
	if err != nil || before == nil {
		return f.after[0]
	}
	return filepath.Join(f.after[0], filepath.FromSlash(names[before]))
}

// digests compares the files with the digests of the receipt.
func (f *verifyCommand) digests(ctx context.Context, a *app, key identity.SecretKey, sealed *receipt.Receipt, r *verifyResult) error {
	a.con.Show("digesting", 2*a.exports.Size(0))
	compare := func(file *inputs.File, digest *evidence.Digest, all []receipt.File) error {
		if err := file.CopyTo(ctx, digest); err != nil {
			return err
		}
		if !digest.IsIn(all) {
			r.Failed++
			r.Failures = append(r.Failures, failureJSON{File: file.Path, Kind: "not the file of the receipt"})
		}
		return nil
	}
	for _, before := range a.exports.Files {
		if err := compare(before, evidence.NewDigest(key, before), sealed.Inputs); err != nil {
			return err
		}
		after := inputs.Plain(f.afterPath(a, before), before.Role)
		if err := compare(after, evidence.NewDigest(key, before), sealed.Outputs); err != nil {
			return err
		}
	}
	return nil
}

func (f *verifyCommand) tell(a *app, r *verifyResult, sealed *receipt.Receipt, policy *anonymize.Policy) {
	a.result = r
	r.OK = r.Failed == 0
	if r.OK {
		a.con.Line("verified", "%s in %s, read again: %s %s gone, nothing else changed", console.Count(r.Rows, "row"), console.Count(r.Pairs, "file"), console.Count(r.Replaced, "identifier"), console.Agree(r.Replaced, "is", "are"))
		if sealed != nil && policy.Key.IsZero() {
			a.con.Line("", "the digests of the receipt were not checked: that takes --key-file")
		} else if sealed != nil {
			a.con.Line("", "the files are those of the receipt")
		}
		return
	}
	r.Status = statusUnverified
	const shown = 20
	a.con.Warn("failed", "%s; what was written is not what the policy asks for:", console.Count(r.Failed, "place"))
	for n, failure := range r.Failures {
		if n == shown {
			a.con.Line("", "… and %d more", r.Failed-shown)
			break
		}
		place := failure.File
		if failure.Line > 0 {
			place += fmt.Sprintf(" line %d", failure.Line)
		}
		switch {
		case failure.Column != "":
			place += ", column " + failure.Column
		case failure.Number > 0:
			place += fmt.Sprintf(", column number %d", failure.Number)
		}
		a.con.Line("", "%s: %s", place, failure.Kind)
	}
	a.con.Line("next", "do not use these files; if the flags are those that anonymize had, run anonymize again")
	for n := range r.Failures {
		r.Failures[n].File = a.con.Hide(r.Failures[n].File)
	}
}
