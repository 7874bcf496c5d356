package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// A verifyCommand holds what anonymize wrote to the policy.
type verifyCommand struct {
	before, after []string
	exportedAt    string
	zone          string
	at            string
	decisions     reviewFlags
	policy        policyFlags
	receipt       string
}

func newVerify(a *app) *cobra.Command {
	var f verifyCommand
	cmd := &cobra.Command{
		Use:   "verify --before DIR --after DIR --at T",
		Short: "Check that anonymized exports are what the policy makes of them",
		Long: `Verify reads the exports before and after and checks that every identifier that
had to go is gone, and that nothing else was changed by even a byte. It decides on
its own what had to go: give it the flags that anonymize had, or the receipt, which
holds the policy and the instant. With the key of the receipt it also checks that
the files are the very bytes that the receipt is about.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), a, cmd) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.before, "before", nil, "`folder` or file of the exports before; may be repeated")
	flags.StringArrayVar(&f.after, "after", nil, "`folder` that anonymize wrote")
	flags.StringVar(&f.exportedAt, "exported-at", "", "`instant` at which the exports were made, for those whose folder does not tell (RFC 3339)")
	addZone(cmd, &f.zone)
	addAt(cmd, &f.at, "`instant` that anonymize was given (RFC 3339)")
	f.policy.add(cmd)
	flags.StringVar(&f.decisions.decisions, "decisions", "", "`file` of decisions that anonymize was given")
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

func (f *verifyCommand) run(ctx context.Context, a *app, cmd *cobra.Command) error {
	if len(f.before) == 0 || len(f.after) != 1 {
		return usagef("--before and one --after are needed: the folder of the exports, and the folder that anonymize wrote")
	}
	sealed, policy, now, err := f.terms(a, cmd)
	if err != nil {
		return err
	}
	decided, err := f.decisions.read()
	if err != nil {
		return err
	}
	if err := decided.checkPlan(); err != nil {
		return err
	}
	if err := f.find(ctx, a, policy.Zone); err != nil {
		return err
	}
	if err := f.policy.addHolds(ctx, a, policy); err != nil {
		return err
	}
	if policy.Decisions, err = a.planDecisions(ctx, decided); err != nil {
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

// terms returns the policy and the instant: of the receipt, if there is one, or else of
// the flags.
func (f *verifyCommand) terms(a *app, cmd *cobra.Command) (*receipt.Receipt, *anonymize.Policy, time.Time, error) {
	none := time.Time{}
	if f.receipt == "" {
		if f.at == "" {
			return nil, nil, none, usagef("--at is needed: the instant that anonymize was given; or its --receipt")
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
		if cmd.Flags().Changed(name) {
			return nil, nil, none, usagef("--%s is taken from the receipt: give one of them", name)
		}
	}
	data, err := os.ReadFile(f.receipt)
	if err != nil {
		return nil, nil, none, err
	}
	sealed, err := receipt.Open(data)
	var terms anonymize.Terms
	if err != nil || sealed.Action != "anonymize" || json.Unmarshal(sealed.Policy, &terms) != nil {
		return nil, nil, none, &fileError{f.receipt, hinted(fmt.Errorf("no receipt of anonymize, or one that was changed"), "it has to be the file as it was written")}
	}
	policy, err := terms.Policy()
	if err != nil {
		return nil, nil, none, &fileError{f.receipt, err}
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
			return usagef("the receipt is of a run with %s, and this is one with %d: give the same %s", count(one.said, one.what), one.given, one.flags)
		}
	}
	return nil
}

// find finds the exports before.
func (f *verifyCommand) find(ctx context.Context, a *app, zone *time.Location) error {
	made := time.Time{}
	if f.exportedAt != "" {
		var err error
		if made, err = parseInstant("exported-at", f.exportedAt); err != nil {
			return err
		}
	}
	finder := &finder{con: a.con, stdin: a.stdin}
	for _, path := range f.before {
		if err := finder.find(ctx, path, 0); err != nil {
			return err
		}
	}
	a.exports = finder.group(zone, made)
	a.tellInputs()
	return nil
}

// verify compares all files.
func (f *verifyCommand) verify(ctx context.Context, a *app, policy *anonymize.Policy, now time.Time, sealed *receipt.Receipt) (*verifyResult, error) {
	r := &verifyResult{At: instant(now), Failures: []failureJSON{}}
	after, err := f.pairs(ctx, a, r)
	if err != nil || r.Failed > 0 {
		return r, err // the rest would be about other files
	}
	if sealed != nil && !policy.Key.IsZero() {
		if err := f.digests(ctx, a, policy.Key, sealed, r); err != nil {
			return nil, err
		}
	}
	passes := int64(2)
	if policy.Names {
		passes = 4
	}
	a.con.show("verifying", passes*a.exports.size(0))
	v, err := policy.Verify(ctx, now, a.exports.list, after)
	if err != nil {
		return nil, err
	}
	r.Pairs, r.Rows, r.Changed, r.Replaced = v.Files, v.Rows, v.Changed, v.Replaced
	r.Failed += v.Failed
	for _, failure := range v.Failures {
		r.Failures = append(r.Failures, failureJSON{
			File: f.afterPath(a, a.exports.of(failure.Export, failure.File, failure.Role)),
			Line: failure.Line, Column: failure.Column.String(), Number: failure.Number, Kind: failure.Kind.String(),
		})
	}
	return r, nil
}

// pairs returns the exports after, in the order of those before. A file that is
// missing, and an export that is there besides, are failures.
func (f *verifyCommand) pairs(ctx context.Context, a *app, r *verifyResult) ([]csvschema.Export, error) {
	names, err := a.exports.outputNames()
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(f.after[0]); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, hinted(fmt.Errorf("%s: is no folder", f.after[0]), "--after is the folder that anonymize wrote")
	}
	fail := func(path, kind string) {
		r.Failed++
		r.Failures = append(r.Failures, failureJSON{File: path, Kind: kind})
	}
	after := make([]csvschema.Export, len(a.exports.list))
	expected := map[string]bool{}
	for _, i := range a.exports.inputs {
		path := filepath.Join(f.after[0], filepath.FromSlash(names[i]))
		expected[path] = true
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			fail(path, "file missing")
			continue
		}
		source := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return os.Open(path) }}
		export := &after[i.export-1]
		if i.role == csvschema.Disks {
			export.Disks = append(export.Disks, source)
		} else {
			export.VirtualMachines = append(export.VirtualMachines, source)
		}
	}
	others := &finder{con: a.con}
	if err := others.search(ctx, f.after[0]); err != nil && len(expected) == 0 {
		return nil, err
	}
	for _, i := range others.inputs {
		if !expected[i.path] {
			fail(i.path, "file added")
		}
	}
	slices.SortStableFunc(r.Failures, func(a, b failureJSON) int { return len(a.Kind) - len(b.Kind) })
	return after, nil
}

func (f *verifyCommand) afterPath(a *app, i *input) string {
	names, err := a.exports.outputNames()
	if err != nil || i == nil {
		return f.after[0]
	}
	return filepath.Join(f.after[0], filepath.FromSlash(names[i]))
}

// digests compares the files with the digests of the receipt.
func (f *verifyCommand) digests(ctx context.Context, a *app, key identity.SecretKey, sealed *receipt.Receipt, r *verifyResult) error {
	e := &evidence{key: key}
	a.con.show("digesting", 2*a.exports.size(0))
	for _, i := range a.exports.inputs {
		before, after := e.newDigest(i.export, i.number, i.role), e.newDigest(i.export, i.number, i.role)
		if err := i.digest(ctx, before); err != nil {
			return err
		}
		path := f.afterPath(a, i)
		file := &input{content: &content{path: path, open: func() (io.ReadCloser, error) { return os.Open(path) }}}
		if err := file.digest(ctx, after); err != nil {
			return err
		}
		for _, one := range []struct {
			d    *digest
			path string
			all  []receipt.File
		}{{before, i.path, sealed.Inputs}, {after, path, sealed.Outputs}} {
			have := one.d.file(0)
			if !slices.ContainsFunc(one.all, func(f receipt.File) bool {
				return f.Export == have.Export && f.File == have.File && f.Role == have.Role && f.Digest == have.Digest
			}) {
				r.Failed++
				r.Failures = append(r.Failures, failureJSON{File: one.path, Kind: "not the file of the receipt"})
			}
		}
	}
	return nil
}

func (f *verifyCommand) tell(a *app, r *verifyResult, sealed *receipt.Receipt, policy *anonymize.Policy) {
	a.result = r
	r.OK = r.Failed == 0
	if r.OK {
		a.con.line("verified", "%s in %s, read again: %s %s gone, nothing else changed", count(r.Rows, "row"), count(r.Pairs, "file"), count(r.Replaced, "identifier"), agree(r.Replaced, "is", "are"))
		if sealed != nil && policy.Key.IsZero() {
			a.con.line("", "the digests of the receipt were not checked: that takes --key-file")
		} else if sealed != nil {
			a.con.line("", "the files are those of the receipt")
		}
		return
	}
	r.Status = statusUnverified
	const shown = 20
	a.con.warn("failed", "%s; what was written is not what the policy asks for:", count(r.Failed, "place"))
	for n, failure := range r.Failures {
		if n == shown {
			a.con.line("", "… and %d more", r.Failed-shown)
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
		a.con.line("", "%s: %s", place, failure.Kind)
	}
	a.con.line("next", "do not use these files; if the flags are those that anonymize had, run anonymize again")
	for n := range r.Failures {
		r.Failures[n].File = a.con.hide(r.Failures[n].File)
	}
}
