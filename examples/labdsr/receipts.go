package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// A receiptsCheckCommand checks that receipts are one chain.
type receiptsCheckCommand struct {
	paths                []string
	keyFiles, publicKeys []string
	head                 string
}

func newReceipts(a *app) *cobra.Command {
	cmd := newCommand("receipts", "Check a chain of receipts", "", func(context.Context) error {
		return fault.Usage("which command? there is: labdsr receipts check")
	})
	cmd.AddCommand(newReceiptsCheck(a))
	return cmd
}

func newReceiptsCheck(a *app) *cobra.Command {
	var f receiptsCheckCommand
	cmd := newCommand("check DIR|FILE… --head H --key-file F", "Check that receipts are one whole chain",
		`Check reads receipts, each a file of its own, and every file of a folder. It puts them
in order, each after the one that it follows (--previous), and prints a line for each. It
tells which are of an earlier instant than the one before.

With --key-file every receipt must be sealed with that key, and with --public-key signed
with that one: else anybody may have written it. With --head, which was kept elsewhere,
the chain must end with that receipt: else receipts may be missing at its end, and nobody
can notice. One of the three is needed.

A file that is no receipt, a receipt that was forged or changed, one that is there twice
or missing, two that follow the same one, and a chain with another end are exit status 4.
Exit status 1 says that the receipts could not be read.`, nil)
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f.paths = args
		return f.run(cmd.Context(), a)
	}
	flags := cmd.Flags()
	flags.StringVar(&f.head, "head", "", "`head` of the last receipt, which was kept elsewhere: 64 hexadecimal digits")
	flags.StringArrayVar(&f.keyFiles, "key-file", nil, "`file` with the secret key of the runs; may be repeated, if it was replaced")
	addPublicKey(cmd, &f.publicKeys, "each receipt")
	return cmd
}

// checks returns the keys by which the receipts are confirmed, and the head.
func (f *receiptsCheckCommand) checks(r *results.Receipts) (checks evidence.Checks, head identity.Digest, err error) {
	if len(f.keyFiles) == 0 && len(f.publicKeys) == 0 && f.head == "" {
		return checks, head, fault.WithHint(fault.Usage("--head, --key-file or --public-key is needed: without them anybody may have written the receipts"),
			"give the key of the runs, and the head of the last receipt, which was kept elsewhere")
	}
	if head, err = parseHead(f.head); err != nil {
		return checks, head, err
	}
	for _, path := range f.keyFiles {
		key, err := lists.Key(path)
		if err != nil {
			return checks, head, err
		}
		checks.AddSecret(key)
	}
	if err := addPublicKeys(&checks, f.publicKeys); err != nil {
		return checks, head, err
	}
	for _, by := range []struct {
		is   bool
		what results.Confirmation
	}{{checks.Seal(), results.ByKey}, {checks.Signature(), results.BySignature}, {f.head != "", results.ByHead}} {
		if by.is {
			r.ConfirmedBy = append(r.ConfirmedBy, by.what)
		}
	}
	return checks, head, nil
}

func (f *receiptsCheckCommand) run(ctx context.Context, a *app) error {
	if len(f.paths) == 0 {
		return fault.Usage("which receipts? give a folder, or files")
	}
	r := &results.Receipts{ConfirmedBy: []results.Confirmation{}, Receipts: []results.ChainedReceipt{}, Failures: []results.Failure{}}
	checks, head, err := f.checks(r)
	if err != nil {
		return err
	}
	fail := func(path string, kind results.FailureKind) {
		r.Failed++
		r.Failures = append(r.Failures, results.Failure{File: path, Kind: kind})
	}
	var all []evidence.Confirmed
	add := func(path string) error {
		one, err := checks.Open(path)
		switch {
		case evidence.IsUnconfirmed(err):
			fail(path, evidence.Why(err))
		case err != nil:
			return err
		default:
			one.Inputs, one.Outputs = nil, nil // a chain may be long
			all = append(all, one)
		}
		return nil
	}
	for _, path := range f.paths {
		if err := f.each(ctx, path, add, fail); err != nil {
			return err
		}
	}
	chain, flaws := evidence.Chain(all)
	if len(flaws) == 0 && f.head != "" {
		flaws = evidence.CheckHead(chain, head)
	}
	for _, flaw := range flaws {
		fail(flaw.Path, flaw.Kind)
		r.Failures[len(r.Failures)-1].Other = flaw.Seen
	}
	if len(all) == 0 && r.Failed == 0 {
		fail(f.paths[0], results.NoReceipts)
	}
	f.tell(a, r, chain)
	return nil
}

// each calls add for the file of a path, or for each file of a folder and those below it.
func (f *receiptsCheckCommand) each(ctx context.Context, path string, add func(path string) error, fail func(path string, kind results.FailureKind)) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	switch {
	case info.Mode().IsRegular():
		return add(path)
	case !info.IsDir():
		fail(path, results.FileSpecial)
		return nil
	}
	var failed error
	err = eachFile(ctx, path, func(path string, wrong results.FailureKind) {
		switch {
		case wrong != "":
			fail(path, wrong)
		case failed == nil:
			failed = add(path)
		}
	}, func(string) {})
	if err == nil {
		err = failed
	}
	return err
}

func (f *receiptsCheckCommand) tell(a *app, r *results.Receipts, chain []evidence.Confirmed) {
	a.result = result{r, &r.Outcome, nil}
	r.OK = r.Failed == 0
	if !r.OK {
		r.Status = statusUnverified
		a.con.Warn("failed", "%s; these receipts are not one whole chain:", console.Count(r.Failed, "place"))
		a.tellFailures(r.Failures, r.Failed)
		a.con.Line("next", "do not rely on these receipts; compare them with the copies and the heads that were kept elsewhere")
		return
	}
	for i, one := range chain {
		j := results.ChainedReceipt{
			Number: i + 1, File: a.con.Hide(one.Path), At: results.Instant(one.At), Action: a.con.Hide(one.Action), Request: a.con.Hide(one.Request),
			Counts: map[string]int64{}, Head: one.Head, Earlier: i > 0 && one.At.Before(chain[i-1].At),
		}
		said := []string{one.Path + ": " + console.Minute(one.At), one.Action}
		if one.Request != "" {
			said = append(said, "request "+one.Request)
		}
		for _, name := range slices.Sorted(maps.Keys(one.Counts)) {
			j.Counts[a.con.Hide(name)] = one.Counts[name]
			said = append(said, fmt.Sprintf("%s %d", name, one.Counts[name]))
		}
		r.Receipts = append(r.Receipts, j)
		a.con.Line(strconv.Itoa(i+1), "%s", strings.Join(said, ", "))
		if j.Earlier {
			a.con.Warn("", "earlier than the receipt before it: was --at of this run, or of that one, the wrong instant?")
		}
	}
	var by []string
	for _, what := range r.ConfirmedBy {
		by = append(by, string(what))
	}
	a.con.Line("chain", "%s, one after the other; confirmed by: %s", console.Count(len(chain), "receipt"), strings.Join(by, ", "))
	if f.head == "" {
		a.con.Warn("", "receipts that are missing at the end cannot be noticed: that takes --head, kept elsewhere")
		a.con.Line("head", "%s", chain[len(chain)-1].Head)
	}
	unchecked := map[string]int64{}
	for _, one := range chain {
		unchecked[one.Unchecked]++
	}
	delete(unchecked, "")
	if len(f.keyFiles) == 0 && len(f.publicKeys) == 0 {
		a.con.Line("", "the head alone says that these are the receipts; who wrote them takes --key-file or --public-key")
		return
	}
	for _, what := range slices.Sorted(maps.Keys(unchecked)) {
		a.con.Line("", "of %s the %s", console.Count(unchecked[what], "receipt"), what)
	}
}
