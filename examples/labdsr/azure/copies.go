package azure

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. A blob that was replaced may live on beside itself:
//
//	snapshot      somebody made it                            can be deleted
//	version       the account keeps what is overwritten       can be deleted
//	soft-deleted  of a snapshot, a version or a blob that     the service keeps it for some days,
//	              was overwritten or deleted                  unless it may be deleted for good
//
// What is deleted is soft-deleted first, where the account is set so. A copy with the ETag of
// the blob has its bytes; any other may hold what was erased.

// Copies are what a storage account has besides the blobs.
type Copies struct {
	Copies    []Copy // in the order of their blobs' names
	Retention Retention
}

// A Copy is a snapshot, a version or a soft-deleted blob.
type Copy struct {
	Blob
	Kind CopyKind
	// Same says that it has the bytes that its blob has now. Any other may hold what was
	// erased from the blob.
	Same bool
	// Days are how many the service still keeps what is soft-deleted; 0 if it is not, or
	// nobody knows.
	Days int
	// Held says that a legal hold or an immutability policy protects it.
	Held bool
	// State is what [Container.DeleteCopies] did, and Err why it could not.
	State CopyState
	Err   error

	current azcore.ETag // of its blob; "" if there is none
}

// A CopyKind is what a copy is.
type CopyKind uint8

// The kinds.
const (
	Snapshot CopyKind = iota + 1
	Version
	// SoftDeleted copies are of blobs, snapshots or versions.
	SoftDeleted
)

var copyKinds = [...]string{Snapshot: "snapshot", Version: "version", SoftDeleted: "soft-deleted"}

// String returns the kind in words, and "" for any other value.
func (k CopyKind) String() string {
	if int(k) < len(copyKinds) {
		return copyKinds[k]
	}
	return ""
}

// MarshalText returns the code of the kind, which does not change, and "" for any other
// value.
func (k CopyKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// A CopyState is what became of a copy.
type CopyState uint8

// The states.
const (
	// There means that nobody deleted it.
	There CopyState = iota
	// Gone copies were deleted for good.
	Gone
	// Kept copies were deleted, and the service keeps them for some days, or nobody can tell
	// whether it does.
	Kept
	// NotDeleted copies could not be deleted.
	NotDeleted
)

var copyStates = [...]string{There: "there", Gone: "gone", Kept: "kept", NotDeleted: "not-deleted"}

// String returns the state in words, and "" for any other value.
func (s CopyState) String() string {
	if int(s) < len(copyStates) {
		return strings.ReplaceAll(copyStates[s], "-", " ")
	}
	return ""
}

// MarshalText returns the code of the state, which does not change, and "" for any other
// value.
func (s CopyState) MarshalText() ([]byte, error) {
	if int(s) < len(copyStates) {
		return []byte(copyStates[s]), nil
	}
	return nil, nil
}

// A Retention is what is known of how long an account keeps what is deleted.
type Retention struct {
	// AccountKnown says that the settings of the account could be read. SoftDeleteDays are
	// then how long deleted blobs stay, 0 if they do not, and Permanent says that they may
	// be deleted for good before.
	AccountKnown   bool
	SoftDeleteDays int
	Permanent      bool
	// ContainerKnown says that the settings of the container could be read.
	ContainerKnown                bool
	ImmutabilityPolicy, LegalHold bool
	// VersionsKnown says that versions could be listed, and Versions that there are some:
	// what is overwritten later is kept, too.
	VersionsKnown, Versions bool
	// Replicated is how many blobs are copied to another account.
	Replicated int
}

// Notes says in sentences what the account keeps in spite of deleting, and what nobody can
// tell from here.
func (r *Retention) Notes() []string {
	var notes []string
	note := func(is bool, format string, args ...any) {
		if is {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	note(r.SoftDeleteDays > 0, "what is deleted or overwritten is kept for %d days (soft delete)", r.SoftDeleteDays)
	note(!r.AccountKnown, "whether deleted blobs are kept (soft delete) cannot be read with this credential")
	note(r.Versions, "what is overwritten is kept as a version until somebody deletes it")
	note(!r.VersionsKnown, "versions cannot be listed in this account")
	note(r.LegalHold, "the container has a legal hold")
	note(r.ImmutabilityPolicy, "the container has an immutability policy")
	note(!r.ContainerKnown, "whether the container has a legal hold or an immutability policy cannot be read with this credential")
	note(r.Replicated > 0, "blobs that are copied to another account (object replication): %d", r.Replicated)
	return append(notes, "point-in-time restore and backups of the account cannot be read from here")
}

// Copies lists the snapshots, versions and soft-deleted blobs of the container, or below its
// prefix, and reads how long the account keeps what is deleted.
func (c *Container) Copies(ctx context.Context) (*Copies, error) {
	all := &Copies{}
	err := c.listCopies(ctx, all, container.ListBlobsInclude{Snapshots: true, Deleted: true, Versions: true, LegalHold: true, ImmutabilityPolicy: true})
	all.Retention.VersionsKnown = err == nil
	if e, ok := errors.AsType[*Error](err); ok && (e.Status == 400 || e.Status == 409) { // an account with folders has no versions
		*all = Copies{}
		err = c.listCopies(ctx, all, container.ListBlobsInclude{Snapshots: true, Deleted: true})
	}
	if err != nil {
		return nil, err
	}
	if p, err := c.account.GetProperties(ctx, nil); err == nil {
		keep := value(p.DeleteRetentionPolicy)
		all.Retention.AccountKnown = keep.Enabled != nil || p.HourMetrics != nil // a store that knows no soft delete says nothing of it
		if value(keep.Enabled) {
			all.Retention.SoftDeleteDays = int(value(keep.Days))
			all.Retention.Permanent = value(keep.AllowPermanentDelete)
		}
	} else if ctx.Err() != nil {
		return nil, newError("look at the account", "", ctx.Err())
	}
	if p, err := c.client.GetProperties(ctx, nil); err == nil && p.ETag != nil {
		all.Retention.ContainerKnown = true
		all.Retention.LegalHold, all.Retention.ImmutabilityPolicy = value(p.HasLegalHold), value(p.HasImmutabilityPolicy)
	}
	return all, ctx.Err()
}

// listCopies lists all that there is of each blob.
func (c *Container) listCopies(ctx context.Context, all *Copies, include container.ListBlobsInclude) error {
	current := map[string]azcore.ETag{}
	for items, err := range c.pages(ctx, include) {
		if err != nil {
			return newError("list copies", "", err)
		}
		for _, item := range items {
			b, err := listed(item)
			if err != nil {
				return err
			}
			if b.isFolder || !c.isBelow(b.Name) {
				continue
			}
			isVersion := value(item.VersionID) != "" && !value(item.IsCurrentVersion)
			all.Retention.Versions = all.Retention.Versions || value(item.VersionID) != ""
			if b.Snapshot == "" && !isVersion && !b.Deleted {
				current[b.Name] = b.ETag
				if len(item.OrMetadata) > 0 {
					all.Retention.Replicated++
				}
				continue
			}
			p := item.Properties
			one := Copy{Blob: b, Kind: Snapshot, Days: int(value(p.RemainingRetentionDays))}
			one.Held = value(p.LegalHold) || p.ImmutabilityPolicyExpiresOn != nil
			if b.Snapshot == "" {
				one.VersionID = value(item.VersionID)
				one.Kind = Version
			}
			if b.Deleted {
				one.Kind = SoftDeleted
			}
			one.number = len(all.Copies) + 1
			all.Copies = append(all.Copies, one)
		}
	}
	for i := range all.Copies {
		one := &all.Copies[i]
		one.current = current[one.Name]
		one.Same = one.ETag == one.current
	}
	return nil
}

// Count returns how many copies of a kind may hold what was erased, and are there or kept.
func (c *Copies) Count(k CopyKind) (n int) {
	for i := range c.Copies {
		if one := &c.Copies[i]; one.Kind == k && !one.Same && one.State != Gone {
			n++
		}
	}
	return n
}

// DeleteCopies deletes the copies of blobs that were verified, as they were listed after
// that: [Rewrite.Now]. Copies of other blobs, those with the same bytes, and those of a
// blob that somebody has changed since, stay. Each copy says what became of it. The error
// joins those of copies that could not be deleted.
func (c *Container) DeleteCopies(ctx context.Context, copies *Copies, verified []Blob) error {
	is := map[string]azcore.ETag{}
	for i := range verified {
		is[verified[i].Name] = verified[i].ETag
	}
	var all []error
	for i := range copies.Copies {
		one := &copies.Copies[i]
		tag, ok := is[one.Name]
		if !ok || one.Same || one.State == Gone {
			continue
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(append(all, newError("delete", one.place(), err))...)
		}
		if tag != one.current {
			one.State, one.Err = NotDeleted, newError("delete", one.place(), csvschema.ErrSourceChanged)
		} else {
			c.deleteCopy(ctx, one, &copies.Retention)
		}
		all = append(all, one.Err)
	}
	return errors.Join(all...)
}

// deleteCopy deletes a copy, for good if it may.
func (c *Container) deleteCopy(ctx context.Context, one *Copy, r *Retention) {
	client, err := c.at(one.Blob)
	isCopy := one.Snapshot != "" || one.VersionID != "" // or else deleting would be of the blob itself
	if !isCopy && one.Kind != SoftDeleted {
		err = errors.Join(err, fs.ErrInvalid)
	}
	if err == nil && one.Kind != SoftDeleted {
		_, err = client.Delete(ctx, nil)
		if err == nil && r.AccountKnown && r.SoftDeleteDays == 0 {
			one.State = Gone
			return
		}
		one.Days = r.SoftDeleteDays
	}
	if err == nil && r.Permanent && isCopy {
		_, err = client.Delete(ctx, &blob.DeleteOptions{BlobDeleteType: new(blob.DeleteTypePermanent)})
		if err == nil {
			one.State, one.Days = Gone, 0
			return
		}
	}
	one.State = Kept
	if err != nil {
		one.State, one.Err = NotDeleted, newError("delete", one.place(), err)
	}
}

// Now returns the blobs that are verified: those that were replaced, as they are now, and
// those from which nothing had to go.
func (r *Rewrite) Now() []Blob {
	var all []Blob
	for _, f := range r.Files {
		switch f.Outcome {
		case Replaced:
			all = append(all, f.After)
		case Unchanged:
			all = append(all, f.Blob)
		case Due, Left, Failed:
		}
	}
	return all
}
