package azure

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/labdsr/labdsr/csvschema"
)

// A Blob is a blob as it was when it was listed. Its ETag says which bytes it had: all that
// this package reads or replaces is of these bytes.
type Blob struct {
	// Name is the whole name in the container. It may name a person.
	Name         string
	Size         int64
	ETag         azcore.ETag
	LastModified time.Time
	// Tier is the access tier, such as "Cool", or "".
	Tier string
	// ContentType is the header that the service sends with it.
	ContentType string

	// Snapshot is the time of a snapshot, and VersionID that of a version. Both are "" for
	// the blob itself.
	Snapshot, VersionID string
	// Deleted says that it was soft-deleted.
	Deleted bool

	number   int   // in the listing, from 1; 0 if it was not listed
	whole    int64 // size of the blob, if Size is that of a part of it
	kind     blob.BlobType
	isFolder bool
	isKnown  bool // what follows is known
	headers  blob.HTTPHeaders
	metadata map[string]*string
	scope    *string // encryption scope
	ownerKey bool    // it is encrypted with a key that the service does not keep
}

// place says which blob an error is about.
func (b *Blob) place() string {
	text := "blob"
	if b.number > 0 {
		text = fmt.Sprintf("blob %d", b.number)
	}
	text += " " + hide(b.Name)
	switch {
	case b.Snapshot != "":
		text += " (snapshot)"
	case b.VersionID != "":
		text += " (version)"
	}
	return text
}

// Blobs returns the blobs of the container, or those below its prefix, in the order of
// their names. They are listed by pages. The sequence can be ranged over again; then it
// asks the service again. An error comes once, at the end.
func (c *Container) Blobs(ctx context.Context) iter.Seq2[Blob, error] {
	return c.list(ctx, container.ListBlobsInclude{Metadata: true})
}

// list returns blobs and, as it is asked for, their copies.
func (c *Container) list(ctx context.Context, include container.ListBlobsInclude) iter.Seq2[Blob, error] {
	return func(yield func(Blob, error) bool) {
		number := 0
		for items, err := range c.pages(ctx, include) {
			if err != nil {
				one, oneErr := c.single(ctx, err, number)
				yield(one, oneErr)
				return
			}
			for _, item := range items {
				b, err := listed(item)
				if err != nil {
					yield(Blob{}, err)
					return
				}
				if !c.isBelow(b.Name) || b.isFolder {
					continue
				}
				number++
				b.number = number
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

// pages returns the pages of a listing. What is no page is an error, since the blobs of one
// that is missed would be missing without a sign: the SDK takes an answer without a byte,
// and any XML, for a last page that is empty.
func (c *Container) pages(ctx context.Context, include container.ListBlobsInclude) iter.Seq2[[]*container.BlobItem, error] {
	return func(yield func([]*container.BlobItem, error) bool) {
		pages := c.client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
			Include: include, Prefix: optional(c.path), ResponseFormat: container.StorageResponseFormatXML,
		})
		for marker := ""; pages.More(); {
			page, err := pages.NextPage(ctx)
			next := value(page.NextMarker)
			if err == nil && (page.Segment == nil || next != "" && next == marker) {
				err = errAnswer
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if marker = next; !yield(page.Segment.BlobItems, nil) {
				return
			}
		}
	}
}

// single returns the blob that the URL names, if a SAS is for it alone and so does not let
// it be listed. Otherwise the error is that of the listing.
func (c *Container) single(ctx context.Context, listErr error, number int) (Blob, error) {
	err := newError("list blobs", "", listErr)
	if c.path == "" || number > 0 || !errors.Is(err, fs.ErrPermission) {
		return Blob{}, err
	}
	b, propertiesErr := c.Blob(ctx, c.path)
	if propertiesErr != nil {
		return Blob{}, err
	}
	b.number = 1
	return b, nil
}

// Blob returns the blob of a name, as it is now.
func (c *Container) Blob(ctx context.Context, name string) (Blob, error) {
	b := Blob{Name: name}
	p, err := c.client.NewBlobClient(name).GetProperties(ctx, nil)
	if err != nil {
		return Blob{}, newError("look at", b.place(), err)
	}
	if p.ETag == nil || p.ContentLength == nil {
		return Blob{}, newError("look at", b.place(), errAnswer)
	}
	b.ETag, b.Size = *p.ETag, *p.ContentLength
	b.LastModified, b.Tier, b.ContentType = value(p.LastModified), value(p.AccessTier), value(p.ContentType)
	b.kind, b.scope, b.ownerKey = value(p.BlobType), p.EncryptionScope, p.EncryptionKeySHA256 != nil
	b.metadata = p.Metadata
	b.headers, b.isKnown = blob.ParseHTTPHeaders(p), true
	return b, nil
}

// isBelow reports whether a name is the path of the container or below it.
func (c *Container) isBelow(name string) bool {
	return c.path == "" || name == c.path || strings.HasPrefix(name, c.path+"/")
}

// listed returns the blob of an entry of a listing.
func listed(item *container.BlobItem) (Blob, error) {
	if item == nil || item.Name == nil || item.Properties == nil || item.Properties.ETag == nil || item.Properties.ContentLength == nil {
		return Blob{}, newError("list blobs", "", errAnswer)
	}
	p := item.Properties
	b := Blob{
		Name: *item.Name, Size: *p.ContentLength, ETag: quoted(*p.ETag), LastModified: value(p.LastModified),
		Tier: string(value(p.AccessTier)), ContentType: value(p.ContentType),
		Snapshot: value(item.Snapshot), Deleted: value(item.Deleted),
		isKnown: true, kind: value(p.BlobType), metadata: item.Metadata, scope: p.EncryptionScope, ownerKey: p.CustomerProvidedKeySHA256 != nil,
		headers: blob.HTTPHeaders{
			BlobCacheControl: p.CacheControl, BlobContentDisposition: p.ContentDisposition, BlobContentEncoding: p.ContentEncoding,
			BlobContentLanguage: p.ContentLanguage, BlobContentType: p.ContentType,
		},
	}
	b.isFolder = isFolder(item)
	return b, nil
}

// isFolder reports whether an entry is a folder of an account with a hierarchical
// namespace, or the sign of one that some programs write.
func isFolder(item *container.BlobItem) bool {
	p := item.Properties
	if strings.EqualFold(value(p.ResourceType), "directory") {
		return true
	}
	if *p.ContentLength != 0 {
		return false
	}
	for name, text := range item.Metadata {
		if strings.EqualFold(name, "hdi_isfolder") && strings.EqualFold(value(text), "true") {
			return true
		}
	}
	return strings.HasSuffix(*item.Name, "/")
}

// quoted returns the ETag as it is in a header. Listings leave the quotes out.
func quoted(tag azcore.ETag) azcore.ETag {
	if tag == "" || strings.HasSuffix(string(tag), `"`) {
		return tag
	}
	return `"` + tag + `"`
}

// value returns what a pointer points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// optional returns a pointer to a text, or nil for "".
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// changed turns 404 of a blob that was listed into [csvschema.ErrSourceChanged].
func changed(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Err == fs.ErrNotExist {
		e.Err, e.Hint = csvschema.ErrSourceChanged, "the blob is gone; run it again"
	}
	return err
}
