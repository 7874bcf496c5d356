// Package nightly keeps a folder of exports to the 30-day policy: every night it plans,
// writes, verifies, and seals a receipt.
package nightly

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// A Job is what runs every night. Only one may run at a time, and nothing else may write to
// the exports meanwhile: what it wrote would be replaced.
type Job struct {
	Exports  string            // folder of exports, in any layout; what is due is replaced in them
	Receipts string            // folder of the receipts, on the same disk and not below Exports
	Policy   *anonymize.Policy // with the holds, requests and decisions of that night; nil is the documented one
	Key      identity.SecretKey
}

// Run runs the job. It returns what the plan found, for people to look at, with the counts of
// what was done, and the head of the chain of receipts, which is to be kept elsewhere.
//
// No file is replaced before all of them are written and verified. If the job is stopped
// while it replaces them, the next night does the rest.
func (j *Job) Run(ctx context.Context, now time.Time) (report *anonymize.Report, head identity.Digest, err error) {
	found, err := source.Find(ctx, os.DirFS(j.Exports), nil)
	if err != nil {
		return nil, head, err
	}
	plan, err := j.Policy.Plan(ctx, now, found.Exports)
	if err != nil {
		return nil, head, err
	}
	planned := *plan.Report()
	report = &planned
	if len(report.UnmetHolds)+len(report.UnmetDecisions) > 0 {
		return report, head, fmt.Errorf("%d holds and %d decisions meet no row: are they mistyped?", len(report.UnmetHolds), len(report.UnmetDecisions))
	}
	work, err := os.MkdirTemp(j.Receipts, "unfinished-")
	if err != nil {
		return report, head, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	report.Total = anonymize.Stats{} // with what is replaced
	written := slices.Clone(found.Files)
	for i, f := range found.Files {
		err := create(filepath.Join(work, f.Path), func(w io.Writer) error {
			var packed io.WriteCloser
			if filepath.Ext(f.Path) == ".gz" {
				packed = gzip.NewWriter(w)
				w = packed
			}
			stats, err := plan.Apply(ctx, f.FileID, w)
			report.Total.Add(stats)
			if packed != nil {
				err = errors.Join(err, packed.Close())
			}
			return err
		})
		if err != nil {
			return report, head, err
		}
		written[i].Source = source.FromFS(os.DirFS(work), f.Path)
	}
	after := source.Group(written, nil)
	proof, err := verify.Exports(ctx, j.Policy, now, found.Exports, after)
	if err != nil {
		return report, head, err
	}
	if !proof.OK() {
		return report, head, fmt.Errorf("%d places are not as planned; the first: %v", proof.Failed, proof.Failures[0])
	}
	if head, err = j.seal(ctx, now, found.Exports, after, proof); err != nil {
		return report, head, err
	}
	for _, f := range found.Files {
		if err := os.Rename(filepath.Join(work, f.Path), filepath.Join(j.Exports, f.Path)); err != nil {
			return report, head, err
		}
	}
	return report, head, nil
}

// seal writes the next receipt of the chain.
func (j *Job) seal(ctx context.Context, now time.Time, before, after []csvschema.Export, proof *verify.Verification) (head identity.Digest, err error) {
	r := receipt.Receipt{Action: "anonymize", At: now, Counts: maps.Collect(proof.All())}
	names, err := filepath.Glob(filepath.Join(j.Receipts, "*.json")) // in their order
	if err != nil {
		return head, err
	}
	if len(names) > 0 {
		last, err := os.ReadFile(names[len(names)-1])
		if err != nil {
			return head, err
		}
		r.Previous = receipt.Head(last)
	}
	if r.Policy, err = json.Marshal(j.Policy.Terms()); err != nil {
		return head, err
	}
	if r.Inputs, err = receipt.Files(ctx, j.Key, before); err != nil {
		return head, err
	}
	if r.Outputs, err = receipt.Files(ctx, j.Key, after); err != nil {
		return head, err
	}
	sealed, err := receipt.Seal(r, &receipt.Options{Key: j.Key})
	if err != nil {
		return head, err
	}
	err = create(filepath.Join(j.Receipts, fmt.Sprintf("%06d.json", len(names)+1)), func(w io.Writer) error {
		_, err := w.Write(sealed)
		return err
	})
	return receipt.Head(sealed), err
}

// create writes a new file, and its folders.
func create(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // again, after an error
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}
