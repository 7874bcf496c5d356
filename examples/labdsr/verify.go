package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
	"github.com/labdsr/labdsr/examples/labdsr/results"
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
	publicKeys    []string
	head          string
	changed       func(flag string) bool // whether a flag was given
}

func newVerify(a *app) *cobra.Command {
	var f verifyCommand
	cmd := newCommand("verify --before DIR --after DIR --at T", "Check that anonymized exports are what the policy makes of them",
		`Verify reads the exports before and after. It checks that every identifier that had to
go is gone, and that no other byte changed. It decides on its own what had to go: give
it the flags that anonymize had, or the receipt, which holds the policy and the instant.

A receipt takes the key that made it, or the public half of the one that signed it:
without them anybody may have written it, and the policy in it. With the key verify also
checks that the files are exactly those of the receipt, by their digests. A receipt that
was forged or changed is exit status 4 before anything else is read. An old receipt is a
true one: --head, which was kept elsewhere, tells that it is this one.

Every file below --after is accounted for. One that is missing or was added, also a
hidden one, a link, or one that cannot be read is a failure.`,
		func(ctx context.Context) error { return f.run(ctx, a) })
	f.changed = cmd.Flags().Changed
	flags := cmd.Flags()
	flags.StringArrayVar(&f.before, "before", nil, "`folder` or file of the exports before; may be repeated")
	flags.StringArrayVar(&f.after, "after", nil, "`folder` that anonymize wrote, or the URL of a container or prefix that holds what it wrote")
	addIgnore(cmd, a)
	addStorage(cmd, a)
	addExportedAt(cmd, &f.exportedAt)
	addZone(cmd, &f.zone)
	addAt(cmd, &f.at, "`instant` that anonymize was given (RFC 3339)")
	f.policy.add(cmd)
	f.review.addDecisions(cmd, "`file` of decisions that anonymize was given")
	flags.StringVar(&f.receipt, "receipt", "", "`file` of the receipt of anonymize, from which the policy and the instant are taken; needs --key-file or --public-key")
	addPublicKey(cmd, &f.publicKeys, "the receipt")
	flags.StringVar(&f.head, "head", "", "`head` of the receipt, which was kept elsewhere: 64 hexadecimal digits")
	return cmd
}

// A verification is the result of verify while it is made.
type verification struct{ results.Verify }

// maxFailures is how many failures of whole files are listed.
const maxFailures = 100

// fail adds a failure that belongs to no line.
func (r *verification) fail(path string, kind results.FailureKind) {
	r.add(results.Failure{File: path, Kind: kind})
}

func (r *verification) add(one results.Failure) {
	if r.Failed++; len(r.Failures) < maxFailures {
		r.Failures = append(r.Failures, one)
	}
}

// isShown reports whether all that failed are files of the names that the system adds.
func (r *verification) isShown() bool {
	return int64(len(r.Failures)) == r.Failed && !slices.ContainsFunc(r.Failures, func(one results.Failure) bool { return one.Kind != results.FileOfSystem })
}

func (f *verifyCommand) run(ctx context.Context, a *app) error {
	if len(f.before) == 0 || len(f.after) != 1 {
		return fault.Usage("--before and one --after are needed: the folder of the exports, and the folder that anonymize wrote")
	}
	sealed, err := f.open()
	if err != nil {
		return err
	}
	policy, now, err := f.terms(a, sealed)
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
	unmet, err := f.policy.readRows(ctx, a, policy, now)
	if err != nil {
		return err
	}
	if err := f.policy.refuseUnmet(unmet); err != nil {
		return err
	}
	if _, err := f.review.ofPlan(ctx, a, decided, policy); err != nil {
		return err
	}
	if policy.Decisions, err = decided.ForPlan(ctx, a.exports, a.con.Hide); err != nil {
		return err
	}
	if err := sameTerms(sealed, policy); err != nil {
		return err
	}
	r := &verification{results.Verify{At: results.Instant(now), Policy: policy.Terms(), ConfirmedBy: f.confirmedBy(sealed), Failures: []results.Failure{}}}
	if err := f.verify(ctx, a, policy, now, sealed, r); err != nil {
		return err
	}
	f.tell(a, r, sealed)
	return nil
}

// open returns the receipt, which its keys confirm, or nil if none is given.
func (f *verifyCommand) open() (*evidence.Confirmed, error) {
	if f.receipt == "" {
		if len(f.publicKeys) > 0 || f.head != "" {
			return nil, fault.Usage("--public-key and --head are about a receipt: give --receipt, too")
		}
		return nil, nil //nolint:nilnil // no flag is no receipt
	}
	for _, name := range append([]string{"at"}, policyNames...) {
		if f.changed(name) {
			return nil, fault.Usage("--%s is taken from the receipt: give one of them", name)
		}
	}
	if f.policy.keyFile == "" && len(f.publicKeys) == 0 {
		return nil, fault.WithHint(fault.Usage("--receipt needs --key-file or --public-key: without a key nobody knows who wrote it, and the policy in it"),
			"give the key of the run that wrote it, or the public half of the key that signed it")
	}
	head, err := parseHead(f.head)
	if err != nil {
		return nil, err
	}
	key, err := f.policy.key()
	if err != nil {
		return nil, err
	}
	sealed, err := openAnonymized(f.receipt, key, f.publicKeys)
	switch {
	case err != nil:
		return nil, err
	case f.head != "" && sealed.Head != head:
		return nil, fault.In(f.receipt, fault.Unverified(fault.WithHint(errors.New("not the receipt of --head"), "it is an old one or of another run, or something was added to it")))
	}
	return &sealed, nil
}

// openAnonymized returns the receipt of a run of anonymize. The secret key confirms it, unless
// it is zero, and the public keys in files do.
func openAnonymized(path string, key identity.SecretKey, public []string) (evidence.Confirmed, error) {
	var checks evidence.Checks
	if !key.IsZero() {
		checks.AddSecret(key)
	}
	if err := addPublicKeys(&checks, public); err != nil {
		return evidence.Confirmed{}, err
	}
	sealed, err := checks.Open(path)
	switch {
	case evidence.IsUnconfirmed(err):
		return evidence.Confirmed{}, fault.Unverified(err)
	case err != nil:
		return evidence.Confirmed{}, err
	case sealed.Action != anonymizeAction:
		return evidence.Confirmed{}, fault.In(path, fault.Unverified(fault.WithHint(errors.New("no receipt of anonymize"), "give the receipt of the run that wrote the files")))
	}
	return sealed, nil
}

// confirmedBy returns what confirms the receipt.
func (f *verifyCommand) confirmedBy(sealed *evidence.Confirmed) []results.Confirmation {
	by := []results.Confirmation{}
	if sealed != nil && f.policy.keyFile != "" {
		by = append(by, results.ByKey)
	}
	if sealed != nil && len(f.publicKeys) > 0 {
		by = append(by, results.BySignature)
	}
	if sealed != nil && f.head != "" {
		by = append(by, results.ByHead)
	}
	return by
}

// parseHead reads the value of --head. It is zero for "".
func parseHead(text string) (identity.Digest, error) {
	var head identity.Digest
	if text == "" {
		return head, nil
	}
	if err := head.UnmarshalText([]byte(strings.ToLower(text))); err != nil {
		return head, fault.Usage("--head is no head of a receipt: 64 hexadecimal digits")
	}
	return head, nil
}

// terms returns the policy and the instant of the receipt, if there is one, or else of
// the flags.
func (f *verifyCommand) terms(a *app, sealed *evidence.Confirmed) (*anonymize.Policy, time.Time, error) {
	none := time.Time{}
	if sealed == nil {
		if f.at == "" {
			return nil, none, fault.Usage("--at is needed: the instant that anonymize was given; or its --receipt")
		}
		now, err := parseInstant("at", f.at)
		if err != nil {
			return nil, none, err
		}
		zone, err := parseZone(f.zone)
		if err != nil {
			return nil, none, err
		}
		policy, err := f.policy.policy(a, zone, now)
		return policy, now, err
	}
	terms, err := termsOf(sealed)
	if err != nil {
		return nil, none, err
	}
	policy, err := terms.Policy()
	if err != nil {
		return nil, none, fault.In(f.receipt, err)
	}
	// Identifiers with no instant of their own were asked for at that of the receipt.
	return policy, sealed.At, f.policy.complete(a, policy, sealed.At)
}

// termsOf returns the policy of a receipt. One that says more than this program knows is
// an error: files would be held to a part of it.
func termsOf(sealed *evidence.Confirmed) (anonymize.Terms, error) {
	var terms anonymize.Terms
	d := json.NewDecoder(bytes.NewReader(sealed.Policy))
	d.DisallowUnknownFields()
	if err := d.Decode(&terms); err != nil || terms.Anonymous {
		return terms, fault.In(sealed.Path, fault.WithHint(errors.New("the policy of the receipt is not one of this program"), "another version wrote it: verify with that one"))
	}
	return terms, nil
}

// sameTerms refuses a policy that is not that of the receipt.
func sameTerms(sealed *evidence.Confirmed, policy *anonymize.Policy) error {
	if sealed == nil {
		return nil
	}
	terms, err := termsOf(sealed)
	if err != nil {
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
func (f *verifyCommand) verify(ctx context.Context, a *app, policy *anonymize.Policy, now time.Time, sealed *evidence.Confirmed, r *verification) error {
	after, err := f.pairs(ctx, a, r)
	if err != nil {
		return err
	}
	if sealed != nil {
		if err := f.compare(ctx, a, policy.Key, sealed, after, r); err != nil {
			return err
		}
	}
	if !after.isWhole() {
		return nil // there is nothing to compare
	}
	a.con.Show("verifying", a.policyBytes(policy))
	v, err := verify.Exports(ctx, policy, now, a.exports.List, after.exports)
	if err != nil {
		return err
	}
	after.checkSame(a.exports.Files, r)
	r.Pairs, r.Rows, r.Changed, r.Replaced = v.Files, v.Rows, v.Changed, v.Replaced
	r.Failed += v.Failed
	for _, failure := range v.Failures {
		code, _ := failure.Kind.MarshalText() // never fails
		r.Failures = append(r.Failures, results.Failure{
			File: after.pathOf(a.exports.File(failure.FileID)),
			Line: failure.Line, Column: failure.Column, Number: failure.Number, Kind: results.FailureKind(code),
		})
	}
	if r.Failed > 0 {
		return nil // then the marker is of other files in any case
	}
	return after.checkMarker(r)
}

func (f *verifyCommand) tell(a *app, r *verification, sealed *evidence.Confirmed) {
	a.result = result{&r.Verify, &r.Outcome, &r.Inputs}
	r.OK = r.Failed == 0
	if sealed != nil {
		r.Receipt, r.Request = results.Receipt{Path: a.con.Hide(f.receipt), Head: sealed.Head}, a.con.Hide(sealed.Request)
		of := ""
		if sealed.Request != "" {
			of = ", of request " + sealed.Request
		}
		a.con.Line("receipt", "%s%s: %s", f.receipt, of, f.whoConfirms(sealed))
	}
	a.con.Line("policy", "at %s: %s", console.Instant(r.At), termsText(r.Policy))
	if r.OK {
		a.con.Line("verified", "%s in %s, read again: %s %s gone, nothing else changed", console.Count(r.Rows, "row"), console.Count(r.Pairs, "file"), console.Count(r.Replaced, "identifier"), console.Agree(r.Replaced, "is", "are"))
		switch {
		case sealed != nil && !r.Digests && sealed.IsSealed:
			a.con.Warn("", "the digests of the receipt were not checked, only sizes: that takes --key-file")
		case sealed != nil && !r.Digests:
			a.con.Warn("", "the digests of the receipt cannot be checked, only sizes were: it has no seal of a --key-file")
		case sealed != nil:
			a.con.Line("", "the files are those of the receipt")
		}
		return
	}
	r.Status = statusUnverified
	if r.isShown() {
		a.con.Warn("failed", "%s; the exports are what the policy asks for, and nothing else may be there:", console.Count(r.Failed, "place"))
		a.tellFailures(r.Failures, r.Failed)
		a.con.Line("next", "remove this, and run labdsr verify again")
		return
	}
	a.con.Warn("failed", "%s; what was written is not what the policy asks for:", console.Count(r.Failed, "place"))
	a.tellFailures(r.Failures, r.Failed)
	a.con.Line("next", "do not use these files; if the flags are those that anonymize had, run anonymize again")
}

// tellFailures says what failed, and takes identifiers out of the failures for --json.
func (a *app) tellFailures(failures []results.Failure, failed int64) {
	const shown = 20
	for n, failure := range failures {
		if n == shown {
			a.con.Line("", "… and %d more", failed-shown)
			break
		}
		place := failure.File
		if failure.Line > 0 {
			place += fmt.Sprintf(" line %d", failure.Line)
		}
		switch {
		case failure.Column != 0:
			place += ", column " + failure.Column.String()
		case failure.Number > 0:
			place += fmt.Sprintf(", column number %d", failure.Number)
		}
		words := failure.Kind.String()
		switch {
		case failure.Other != "":
			words += " " + failure.Other
		case failure.Missing != nil:
			words += ": " + csvschema.FileID(*failure.Missing).String()
		}
		a.con.Line("", "%s: %s", place, words)
	}
	for n := range failures {
		failures[n].File, failures[n].Other = a.con.Hide(failures[n].File), a.con.Hide(failures[n].Other)
	}
}

// whoConfirms says by what the receipt is confirmed.
func (f *verifyCommand) whoConfirms(sealed *evidence.Confirmed) string {
	text := "signed"
	switch {
	case f.policy.keyFile != "" && len(f.publicKeys) > 0:
		text = "sealed with the key, and signed"
	case f.policy.keyFile != "":
		text = "sealed with the key"
	}
	if sealed.Unchecked != "" {
		text += "; its " + sealed.Unchecked
	}
	if f.head == "" {
		text += "; --head would tell whether it is an old one"
	}
	return text
}

// termsText says in words what a policy is.
func termsText(t anonymize.Terms) string {
	text := "retention " + t.Retention
	if d, err := time.ParseDuration(t.Retention); err == nil && d%day == 0 {
		text = "retention " + console.Count(int64(d/day), "day")
	}
	text += ", zone " + t.Zone + ", replacement " + t.Replacement.String()
	for _, one := range []struct {
		is   bool
		flag string
	}{{t.Names, "--names"}, {t.DeleteStale, "--stale delete"}, {t.KeepUnreadableDates, "--keep-unreadable-dates"}} {
		if one.is {
			text += ", " + one.flag
		}
	}
	return text + "; " + console.Count(t.Holds, "hold") + ", " + console.Count(t.Requests, "request") + ", " + console.Count(t.Decisions, "decision")
}
