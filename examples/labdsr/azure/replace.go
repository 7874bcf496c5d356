package azure

import (
	"context"
	"io"
	"io/fs"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
)

// Replace writes a blob again, whole or not at all, and reads it again. Its metadata,
// headers, tags, access tier and encryption scope stay; names of metadata, in which letter
// case does not matter, may get another one. An error of write is returned as it is, and the
// blob stays what it was.
//
// If somebody has changed the blob since it was listed, the error is
// [csvschema.ErrSourceChanged], and nothing is written. A blob with a lease, a legal hold
// or an immutability policy, one in the archive tier, one that is no block blob, a snapshot
// and a version cannot be replaced.
func (c *Container) Replace(ctx context.Context, b Blob, write func(io.Writer) error) (Blob, error) {
	return c.replace(ctx, b, write, func(*staging) error { return nil })
}

// opReplace is in errors of Replace.
const opReplace = "replace"

// replace is Replace with a check before the blob becomes another one.
func (c *Container) replace(ctx context.Context, b Blob, write func(io.Writer) error, check func(*staging) error) (Blob, error) {
	if !b.isKnown {
		known, err := c.Blob(ctx, b.Name)
		if err != nil {
			return Blob{}, changed(err)
		}
		known.number, known.ETag, known.Size = b.number, b.ETag, b.Size // what the caller has seen
		b = known
	}
	o, err := c.replaceable(ctx, b)
	if err != nil {
		return Blob{}, err
	}
	s := c.stage(ctx, opReplace, b)
	if err := s.fill(write); err != nil {
		return Blob{}, err
	}
	if err := check(s); err != nil {
		return Blob{}, newError(opReplace, b.place(), err)
	}
	return s.commit(o)
}

// replaceable returns how a blob is to be committed so that what belongs to it stays, or
// why it cannot be replaced.
func (c *Container) replaceable(ctx context.Context, b Blob) (*blockblob.CommitBlockListOptions, error) {
	refuse := func(err error, hint string) error {
		return &Error{Op: opReplace, Place: b.place(), Err: err, Hint: hint}
	}
	switch {
	case b.ETag == "" || b.Snapshot != "" || b.VersionID != "" || b.Deleted:
		return nil, refuse(fs.ErrInvalid, "only the blob itself can be replaced, as it was listed")
	case b.kind != "" && b.kind != blob.BlobTypeBlockBlob:
		return nil, refuse(fs.ErrInvalid, "only block blobs can be replaced")
	case b.ownerKey:
		return nil, refuse(fs.ErrPermission, "the blob is encrypted with a key that only its owner has")
	}
	client := c.client.NewBlobClient(b.Name)
	p, err := client.GetProperties(ctx, &blob.GetPropertiesOptions{AccessConditions: ifMatch(b.ETag)})
	if err != nil {
		return nil, changed(newError(opReplace, b.place(), err))
	}
	switch {
	case value(p.LeaseStatus) == lease.StatusTypeLocked:
		return nil, refuse(fs.ErrPermission, "somebody has a lease on the blob: break it, or wait")
	case value(p.AccessTier) == string(blob.AccessTierArchive):
		return nil, refuse(fs.ErrPermission, "the blob is in the archive tier: rehydrate it first")
	}
	o := &blockblob.CommitBlockListOptions{HTTPHeaders: &b.headers, Metadata: b.metadata, AccessConditions: ifMatch(b.ETag)}
	if p.AccessTier != nil && !value(p.AccessTierInferred) {
		o.Tier = new(blob.AccessTier(*p.AccessTier))
	}
	if value(p.TagCount) > 0 {
		tags, err := client.GetTags(ctx, nil)
		if err != nil {
			err = newError("read the tags of", b.place(), err)
			if e, ok := err.(*Error); ok && e.Err == fs.ErrPermission {
				e.Hint = "without the right to read and write tags they would be lost: Storage Blob Data Owner has it"
			}
			return nil, err
		}
		o.Tags = map[string]string{}
		for _, tag := range tags.BlobTagSet {
			o.Tags[value(tag.Key)] = value(tag.Value)
		}
	}
	return o, nil
}
