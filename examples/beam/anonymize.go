package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"reflect"
	"strings"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// Where the files of the output are.
const (
	exportsFolder  = "exports"
	receiptsFolder = "receipts"
)

// errNotAsPlanned says that what was written is not what the policy asks for.
type errNotAsPlanned struct{ failed int64 }

func (e errNotAsPlanned) Error() string {
	return fmt.Sprintf("what was written is not what the policy asks for, in %d places; nothing of it was published", e.failed)
}

// anonymize writes the exports of a unit as the policy asks for, verifies what it wrote,
// and publishes it: the files, and then the receipt, which says that they are whole.
func (w *worker) anonymize(ctx context.Context, u *unit, exports []csvschema.Export, dir string, out store, done *outcome) error {
	policy, terms, err := w.policy(ctx, exports)
	if err != nil {
		return err
	}
	key := w.given.key
	plan, err := policy.Plan(ctx, w.Job.At, exports)
	if err != nil {
		return err
	}
	report := plan.Report()
	total := anonymize.Stats{}
	after := make([]csvschema.Export, len(exports))
	var names, written []string
	for i, f := range report.Files { // in the order of the exports, virtual machines first
		name := fmt.Sprint(i)
		from := u.at(f.FileID)
		if err := writeFile(dir, name, func(to io.Writer) error {
			stats, err := apply(ctx, plan, f.FileID, isPacked(from), to)
			total.Add(stats)
			return err
		}); err != nil {
			return err
		}
		names, written = append(names, path.Join(exportsFolder, w.Job.name(from))), append(written, name)
		e := &after[f.Export-1]
		sources := &e.VirtualMachines
		if f.Role == csvschema.Disks {
			sources = &e.Disks
		}
		*sources = append(*sources, source.FromFS(os.DirFS(dir), name))
	}
	if w.written != nil {
		w.written(dir)
	}
	proof, err := verify.Exports(ctx, policy, w.Job.At, exports, after)
	if err != nil {
		return err
	}
	if !proof.OK() {
		return errNotAsPlanned{proof.Failed}
	}
	r := receipt.Receipt{Request: "", Action: anonymizing, At: w.Job.At, Counts: counts(report, total, proof)}
	if r.Policy, err = json.Marshal(terms); err != nil {
		return err
	}
	if r.Inputs, err = receipt.Files(ctx, key, exports); err != nil {
		return err
	}
	if r.Outputs, err = receipt.Files(ctx, key, after); err != nil {
		return err
	}
	for i, name := range names {
		if err := publish(ctx, out, name, path.Join(dir, written[i])); err != nil {
			return err
		}
	}
	done.Requests = requestsOf(report)
	name := path.Join(receiptsFolder, u.ID+".json")
	head, err := w.seal(ctx, r, key, name, dir, out)
	done.Counts, done.Head, done.Written = r.Counts, head.String(), append(names, name)
	return err
}

// isPacked reports whether a file says by its name that it is packed.
func isPacked(f file) bool { return strings.EqualFold(path.Ext(f.Path), ".gz") }

// apply writes a file as it was planned, and packs it if it was packed.
func apply(ctx context.Context, plan *anonymize.Plan, id csvschema.FileID, packed bool, to io.Writer) (anonymize.Stats, error) {
	if !packed {
		return plan.Apply(ctx, id, to)
	}
	z := gzip.NewWriter(to)
	stats, err := plan.Apply(ctx, id, z)
	if err != nil {
		return stats, err
	}
	return stats, z.Close()
}

// counts returns what a receipt says was done.
func counts(report *anonymize.Report, total anonymize.Stats, proof *verify.Verification) map[string]int64 {
	all := maps.Collect(total.All())
	for name, n := range proof.All() {
		all["verified."+name] = n
	}
	for kind, n := range report.Rows {
		code, _ := kind.MarshalText() // it never fails
		all["findings."+string(code)] = n
	}
	return all
}

// requestsOf returns what becomes of the requests of which a unit holds something.
func requestsOf(report *anonymize.Report) (all []requestOutcome) {
	for i, q := range report.Requests {
		one := requestOutcome{i + 1, q.Kind, map[fate.Fate]int64{}}
		for _, answer := range q.Answers {
			one.Rows[answer.Fate] += answer.Rows
		}
		if len(one.Rows) > 0 {
			all = append(all, one)
		}
	}
	return all
}

// seal publishes a receipt and returns its head. A receipt that is there already, of the
// same unit in an earlier attempt, must say the same; it then stays.
func (w *worker) seal(ctx context.Context, r receipt.Receipt, key identity.SecretKey, name, dir string, out store) (identity.Digest, error) {
	sealed, err := receipt.Seal(r, &receipt.Options{Key: key})
	if err != nil {
		return identity.Digest{}, err
	}
	const work = "receipt"
	if err := writeFile(dir, work, func(to io.Writer) error {
		_, err := to.Write(sealed)
		return err
	}); err != nil {
		return identity.Digest{}, err
	}
	if err := out.create(ctx, name, path.Join(dir, work)); !errors.Is(err, fs.ErrExist) {
		return receipt.Head(sealed), err
	}
	there, err := out.open(ctx, name)
	if err != nil {
		return identity.Digest{}, err
	}
	before, err := io.ReadAll(io.LimitReader(there, 64<<20))
	if err := errors.Join(err, there.Close()); err != nil {
		return identity.Digest{}, err
	}
	old, err := receipt.Open(before, receipt.MACKey(key))
	if err != nil {
		return identity.Digest{}, err
	}
	mine, err := receipt.Open(sealed)
	if err != nil {
		return identity.Digest{}, err
	}
	old.Nonce, mine.Nonce = [16]byte{}, [16]byte{}
	if !reflect.DeepEqual(old, mine) {
		return identity.Digest{}, errOther
	}
	return receipt.Head(before), nil
}
