package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// checkPlaces refuses flags that do not go together.
func (f *anonymizeCommand) checkPlaces() error {
	switch {
	case !f.inPlace && f.dryRun:
		return fault.Usage("--dry-run is for --in-place: give it, too, or use labdsr plan")
	case f.delete && (!f.inPlace || f.dryRun):
		return fault.Usage("--delete-copies is for --in-place, and not with --dry-run")
	case !f.inPlace && f.out == "":
		return fault.Usage("--out is needed: a folder for the anonymized exports; or --in-place, for those in a container")
	case f.inPlace && f.out != "":
		return fault.Usage("--in-place is instead of --out: give one of them")
	case f.dryRun && f.receipt.receipt != "":
		return fault.Usage("--receipt is of what was written: not with --dry-run")
	}
	return nil
}

// runInPlace replaces the blobs that hold the exports.
func (f *anonymizeCommand) runInPlace(ctx context.Context, a *app) error {
	p, err := f.ready(ctx, a)
	if err != nil {
		return err
	}
	if !f.dryRun && p.at.After(a.now()) {
		return fault.Usage("--at is in the future, and what is replaced in place does not come back: wait until then, or see it with --dry-run")
	}
	targets, err := a.targets()
	if err != nil {
		return err
	}
	b, err := f.begin(ctx, a, p)
	if err != nil {
		return err
	}
	a.con.Show("digesting", a.exports.Size(0))
	if err := b.proof.ReadInputs(ctx, a.exports); err != nil { // they will be others
		return err
	}
	var mu sync.Mutex // of digests
	digests := map[csvschema.FileID]*evidence.Digest{}
	a.con.Show("verifying", a.policyBytes(p.policy))
	rewrite, err := azure.Prepare(ctx, p.plan, p.policy, p.at, a.exports.List, targets, func(id csvschema.FileID) io.Writer {
		mu.Lock()
		defer mu.Unlock()
		digests[id] = b.proof.Digest(a.exports.File(id))
		return digests[id].Beside(advancing{a.con})
	})
	if err != nil {
		return a.notPrepared(err)
	}
	if !f.dryRun {
		a.con.Show("replacing", a.exports.Size(0))
		a.replacing.Store(true)
		_ = rewrite.Replace(ctx) // each blob says what became of it
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	p.files, p.total = nil, anonymize.Stats{}
	var written []receipt.File
	for _, one := range rewrite.Files {
		p.files = append(p.files, anonymize.FileReport{FileID: one.FileID, Stats: one.Stats})
		if one.Err == nil {
			p.total.Add(one.Stats)
			if digest := digests[one.FileID]; digest != nil {
				written = append(written, digest.File(one.Stats.Rows))
			}
		}
	}
	if err := f.finish(ctx, a, p, b, written, nil); err != nil {
		return err
	}
	copies := noCopies()
	if f.delete {
		var containers []*azure.Container
		var verified []storedBlob
		for _, one := range rewrite.Files {
			if !slices.Contains(containers, one.Container) {
				containers = append(containers, one.Container)
			}
			switch one.Outcome {
			case azure.Replaced:
				verified = append(verified, storedBlob{one.Container, one.After})
			case azure.Unchanged:
				verified = append(verified, storedBlob{one.Container, one.Blob})
			case azure.Due, azure.Left, azure.Failed:
			}
		}
		if copies, err = a.copies(ctx, containers, verified); err != nil {
			return err
		}
	}
	f.tellInPlace(a, p, rewrite, b.proof, copies)
	return nil
}

// An advancing writer moves the progress.
type advancing struct{ con *console.Console }

func (w advancing) Write(p []byte) (int, error) {
	w.con.Advance(len(p))
	return len(p), nil
}

// targets returns the blobs of all exports. A file that cannot be replaced in place is an
// error.
func (a *app) targets() ([]azure.Target, error) {
	var all []azure.Target
	for _, file := range a.exports.Files {
		name, plain := file.Stored()
		found, ok := a.storage.listed[name]
		switch {
		case name == "" || !ok:
			return nil, fault.In(file.Path, fault.WithHint(errors.New("is in no container"), "--in-place replaces blobs; what is made of other files goes to --out"))
		case !plain:
			return nil, fault.In(file.Path, fault.WithHint(errors.New("is compressed, and cannot be replaced in place"),
				"unpack it, or let --out write it plain, replace it by that, and delete it"))
		}
		all = append(all, azure.Target{FileID: file.FileID, Container: found.container, Blob: found.blob})
	}
	return all, nil
}

// notPrepared returns the error of what would have been written.
func (a *app) notPrepared(err error) error {
	if errors.Is(err, azure.ErrNotAsPlanned) || errors.Is(err, azure.ErrNotAsVerified) {
		return fault.Unverified(fault.WithHint(errors.New("what was to be written is not what the policy asks for"), "nothing was written; this is a defect of labdsr: please report it"))
	}
	return told(err)
}

// outcomes are those of package azure as results have them.
var outcomes = map[azure.Outcome]results.BlobOutcome{
	azure.Due: results.BlobDue, azure.Unchanged: results.BlobUnchanged, azure.Replaced: results.BlobReplaced,
	azure.Left: results.BlobLeft, azure.Failed: results.BlobFailed,
}

func (f *anonymizeCommand) tellInPlace(a *app, p *planning, rewrite *azure.Rewrite, proof *evidence.Evidence, copies results.CopiesFound) {
	total := p.total
	a.tellPlan(p)
	r := &results.InPlace{Plan: a.newPlanResult(p, f.review.review), DryRun: f.dryRun, Blobs: []results.ReplacedBlob{}, CopiesFound: copies}
	names := a.exports.Names(a.con.Hide)
	var left, failed []string
	for _, one := range rewrite.Files {
		b := results.ReplacedBlob{File: names[one.FileID], Outcome: outcomes[one.Outcome], Changed: one.Stats.Changed}
		path := a.exports.Path(one.FileID)
		if one.Err != nil {
			err := told(one.Err)
			text := fault.Text(err, a.exports.PathOf)
			if hint := fault.Hint(err); hint != "" {
				text += "; " + hint
			}
			b.Why = a.con.Hide(text)
			if one.Outcome == azure.Left {
				left = append(left, path)
			} else {
				failed = append(failed, path+": "+text)
			}
		}
		r.Blobs = append(r.Blobs, b)
	}
	changed, which := "changed", fmt.Sprintf("%s replaced", console.Count(rewrite.Count(azure.Replaced), "blob"))
	if f.dryRun {
		changed, which = "would change", fmt.Sprintf("%s of %d", console.Count(rewrite.Count(azure.Due), "blob"), len(rewrite.Files))
	}
	a.con.Line(changed, "%s, in %s: %s, %s, %s", console.Count(total.Changed, "row"), which, console.Count(total.Owners, "owner"),
		console.Count(total.Addresses, "other address"), console.Count(total.UserSegments+total.Occurrences, "object ID"))
	if total.Names > 0 {
		a.con.Line("", "%s of machines and disks replaced", console.Count(total.Names, "name"))
	}
	v := rewrite.Verification
	a.con.Line("verified", "%s in %s, before anything was written: %s %s gone, nothing else changed", console.Count(v.Rows, "row"), console.Count(v.Files, "blob"),
		console.Count(v.Replaced, "identifier"), console.Agree(v.Replaced, "is", "are"))
	r.Receipt = a.tellReceipt(proof, f.receipt.receipt)
	a.tellDecisions(p.decided)
	a.tellUndecided(p, f.review.review)
	if n := len(left); n > 0 {
		a.con.Warn("left", "%s that somebody changed meanwhile: %s", console.Count(n, "blob"), strings.Join(left, ", "))
	}
	for _, text := range failed {
		a.con.Warn("failed", "%s", text)
	}
	if len(left)+len(failed) > 0 {
		r.Status = statusFailed
		a.con.Line("next", "run it again: it replaces what is left, and nothing else")
	}
	if f.delete && a.tellCopies(copies, true) {
		r.Status = statusFailed
	}
	if total.Changed > 0 && !f.dryRun {
		if !f.delete {
			a.con.Line("next", "labdsr copies with the same inputs: copies of these blobs still hold what was erased")
		}
		a.con.Line("remember", "%s", anonymize.Reminder)
	}
	a.result = result{r, &r.Outcome, &r.Inputs}
}
