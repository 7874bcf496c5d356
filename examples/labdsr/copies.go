package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// A copiesCommand finds and deletes copies of blobs that may hold what was erased.
type copiesCommand struct {
	places  []string
	delete  bool
	receipt string
	policy  policyFlags // the key alone
	public  []string
}

func newCopies(a *app) *cobra.Command {
	var f copiesCommand
	cmd := newCommand("copies --virtualmachines URL… [--delete-copies --receipt FILE --key-file FILE]", "Find copies of blobs that still hold what was erased, and delete them",
		`Copies counts the snapshots, the versions and the soft-deleted blobs in containers of
Azure Blob Storage. Each may hold what was erased from its blob, unless it has the same
bytes. It says what the account keeps in spite of deleting, as far as that can be seen.

With --delete-copies it deletes copies of blobs that were verified: those whose bytes
are those of the receipt of anonymize --in-place. The receipt takes the key that made
it. Copies of all other blobs stay. A blob that was deleted itself has no such bytes:
its copies stay, too.`,
		func(ctx context.Context) error { return f.run(ctx, a) })
	flags := cmd.Flags()
	flags.StringArrayVar(&f.places, "virtualmachines", nil, "`URL` of a container with exports of both kinds, or of a prefix in it; may be repeated")
	addIgnore(cmd, a)
	addStorage(cmd, a)
	flags.BoolVar(&f.delete, "delete-copies", false, "delete the copies of blobs that are those of --receipt")
	flags.StringVar(&f.receipt, "receipt", "", "`file` of the receipt of anonymize --in-place")
	f.policy.addKeyFile(cmd, "the seal and the digests of the receipt")
	addPublicKey(cmd, &f.public, "the receipt")
	return cmd
}

func (f *copiesCommand) run(ctx context.Context, a *app) error {
	switch {
	case len(f.places) == 0:
		return fault.Usage("--virtualmachines is needed: the URL of a container")
	case slices.ContainsFunc(f.places, func(name string) bool { return !isURL(name) }):
		return fault.Usage("--virtualmachines must be the URL of a container: files have no such copies")
	case f.delete && (f.receipt == "" || f.policy.keyFile == ""):
		return fault.Usage("--delete-copies needs --receipt and --key-file: only copies of blobs that were verified are deleted")
	case !f.delete && (f.receipt != "" || f.policy.keyFile != "" || len(f.public) > 0):
		return fault.Usage("--receipt, --key-file and --public-key are for --delete-copies: give it, too")
	}
	var verified []storedBlob
	if f.delete {
		var err error
		if verified, err = f.verified(ctx, a); err != nil {
			return err
		}
	}
	var containers []*azure.Container
	for _, name := range f.places {
		c, err := a.storage.open(name)
		if err != nil {
			return fault.In(name, err)
		}
		if !slices.Contains(containers, c) {
			containers = append(containers, c)
		}
	}
	r := &results.Copies{CopiesFound: noCopies()}
	found, err := a.copies(ctx, containers, verified)
	if err != nil {
		return err
	}
	r.CopiesFound = found
	if a.tellCopies(found, f.delete) {
		r.Status = statusFailed
	}
	a.result = result{r, &r.Outcome, nil}
	return nil
}

// verified returns the blobs whose bytes are those of an output of the receipt.
func (f *copiesCommand) verified(ctx context.Context, a *app) ([]storedBlob, error) {
	key, err := f.policy.key()
	if err != nil {
		return nil, err
	}
	sealed, err := openAnonymized(f.receipt, key, f.public)
	if err != nil {
		return nil, err
	}
	said := map[identity.Digest]int64{}
	for _, file := range sealed.Outputs {
		said[file.Digest] = file.Bytes
	}
	var places []place
	for _, name := range f.places {
		places = append(places, place{name, 0})
	}
	if err := a.find(ctx, places, time.UTC, ""); err != nil {
		return nil, err
	}
	proof, err := evidence.New(evidence.Options{Key: key})
	if err != nil {
		return nil, err
	}
	a.con.Show("digesting", a.exports.Size(0))
	var all []storedBlob
	var others []string
	for _, file := range a.exports.Files {
		digest := proof.Digest(file)
		if err := file.CopyTo(ctx, digest); err != nil {
			return nil, err
		}
		is := digest.File(0)
		name, plain := file.Stored()
		if size, ok := said[is.Digest]; ok && size == is.Bytes && plain {
			all = append(all, a.storage.listed[name])
		} else {
			others = append(others, file.Path)
		}
	}
	a.con.Line("verified", "%s %s those of the receipt", console.Count(len(all), "blob"), console.Agree(len(all), "is one of", "are"))
	if n := len(others); n > 0 {
		a.con.Warn("", "%s %s not, and %s copies stay: %s", console.Count(n, "blob"), console.Agree(n, "is", "are"), console.Agree(n, "its", "their"), console.Some(others))
	}
	return all, nil
}

func noCopies() results.CopiesFound {
	return results.CopiesFound{Blobs: []results.BlobCopies{}, Notes: []string{}}
}

// copies lists the copies in containers, and deletes those of blobs that were verified.
func (a *app) copies(ctx context.Context, containers []*azure.Container, verified []storedBlob) (results.CopiesFound, error) {
	found, at := noCopies(), map[string]int{}
	for _, c := range containers {
		copies, err := c.Copies(ctx)
		if err != nil {
			return found, fault.In(c.String(), told(err))
		}
		var blobs []azure.Blob
		for _, one := range verified {
			if one.container == c {
				blobs = append(blobs, one.blob)
			}
		}
		_ = c.DeleteCopies(ctx, copies, blobs) // each copy says what became of it
		if ctx.Err() != nil {
			return found, ctx.Err()
		}
		for _, one := range copies.Copies {
			if one.Same {
				continue
			}
			name := a.con.Hide(a.storage.urls[c] + "/" + one.Name)
			i, ok := at[name]
			if !ok {
				i = len(found.Blobs)
				at[name], found.Blobs = i, append(found.Blobs, results.BlobCopies{File: name})
			}
			a.countCopy(&found, &found.Blobs[i], one)
		}
		for _, note := range copies.Retention.Notes() {
			if !slices.Contains(found.Notes, note) {
				found.Notes = append(found.Notes, note)
			}
		}
	}
	return found, nil
}

// countCopy counts a copy of a blob, and what became of it.
func (a *app) countCopy(found *results.CopiesFound, b *results.BlobCopies, one azure.Copy) {
	switch one.Kind {
	case azure.Snapshot:
		b.Snapshots++
	case azure.Version:
		b.Versions++
	case azure.SoftDeleted:
		b.SoftDeleted++
	}
	switch one.State {
	case azure.Kept:
		found.Kept++
		fallthrough
	case azure.Gone:
		b.Deleted++
		found.Deleted++
	case azure.NotDeleted:
		if b.Failed++; b.Why == "" {
			err := told(one.Err)
			b.Why = a.con.Hide(fault.Text(err, func(*csvschema.Error) string { return "" }))
			if hint := fault.Hint(err); hint != "" {
				b.Why += "; " + a.con.Hide(hint)
			}
		}
	case azure.There:
	}
}

// tellCopies says what there is of copies, and returns whether some could not be deleted.
func (a *app) tellCopies(found results.CopiesFound, deletes bool) (failed bool) {
	var all results.BlobCopies
	for _, b := range found.Blobs {
		all.Snapshots, all.Versions, all.SoftDeleted = all.Snapshots+b.Snapshots, all.Versions+b.Versions, all.SoftDeleted+b.SoftDeleted
		all.Failed += b.Failed
	}
	n := all.Snapshots + all.Versions + all.SoftDeleted
	if n == 0 {
		a.con.Line("copies", "none that may hold what was erased is seen")
	} else {
		a.con.Warn("copies", "%s of %s that may hold what was erased: %s, %s, %d soft-deleted", console.Count(n, "copy"), console.Count(len(found.Blobs), "blob"),
			console.Count(all.Snapshots, "snapshot"), console.Count(all.Versions, "version"), all.SoftDeleted)
	}
	if deletes {
		a.con.Line("deleted", "%s", console.Count(found.Deleted, "copy"))
	}
	if found.Kept > 0 {
		a.con.Warn("", "%d of them can be restored until the account's retention ends, or nobody can tell", found.Kept)
	}
	const shown = 10
	told := 0
	for _, b := range found.Blobs {
		if b.Failed == 0 {
			continue
		}
		if told++; told > shown {
			a.con.Line("", "… and more")
			break
		}
		a.con.Warn("failed", "%s of %s: %s", console.Count(b.Failed, "copy"), b.File, b.Why)
	}
	for i, note := range found.Notes {
		label := ""
		if i == 0 {
			label = "account"
		}
		a.con.Line(label, "%s", note)
	}
	if n > 0 && !deletes {
		a.con.Line("next", "labdsr copies --delete-copies with the receipt of anonymize --in-place")
	}
	return all.Failed > 0
}
