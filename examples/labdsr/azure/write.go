package azure

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
)

// NOTE. Blocks are sent to the service one after the other, and nobody sees them. Then one
// request makes a blob of them, on a condition. So a blob is the old one or the new one,
// whenever the program ends. Blocks that were never made a blob go by themselves after a
// week, or with the next blob of that name.
//
// That request may have been carried out although no answer came. Asked again, the service
// refuses: the blob is not what it was. But the names of the blocks are random, so those of
// the blob say who made it.

// Create writes a new blob, whole or not at all, and reads it again. An error of write is
// returned as it is. If there is a blob of that name, the error is [fs.ErrExist]. If
// anybody may read blobs of the container, or nobody can tell, it is [ErrPublic], and
// nothing is written.
func (c *Container) Create(ctx context.Context, name string, write func(io.Writer) error) (Blob, error) {
	b := Blob{Name: name}
	if name == "" {
		return Blob{}, newError("create", "", fs.ErrInvalid)
	}
	if err := c.checkPrivate(ctx); err != nil {
		return Blob{}, err
	}
	switch _, err := c.client.NewBlobClient(name).GetProperties(ctx, nil); {
	case err == nil:
		return Blob{}, newError("create", b.place(), fs.ErrExist)
	case !isAnswer(err, http.StatusNotFound):
		return Blob{}, newError("create", b.place(), err)
	}
	s := c.stage(ctx, "create", b)
	if err := s.fill(write); err != nil {
		return Blob{}, err
	}
	contentType := "application/octet-stream"
	if strings.HasSuffix(strings.ToLower(name), ".zip") {
		contentType = "application/zip"
	}
	return s.commit(&blockblob.CommitBlockListOptions{
		HTTPHeaders:      &blob.HTTPHeaders{BlobContentType: &contentType},
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: new(azcore.ETagAny)}},
	})
}

// isAnswer reports whether err is an answer of the service with the status.
func isAnswer(err error, status int) bool {
	r, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && r.StatusCode == status
}

// checkPrivate returns [ErrPublic] unless blobs of the container are for those alone who
// have a right to them. A SAS does not tell; then somebody without credentials asks.
func (c *Container) checkPrivate(ctx context.Context) error {
	const op = "look at the container"
	p, err := c.client.GetProperties(ctx, nil)
	switch {
	case err == nil && p.ETag == nil: // perhaps a page for people
		return newError(op, "", errAnswer)
	case err == nil && value(p.BlobPublicAccess) == "":
		return nil
	case err == nil:
		return &Error{Op: op, Err: ErrPublic, Hint: "set its access level to private"}
	case !isAnswer(err, http.StatusForbidden) && !isAnswer(err, http.StatusUnauthorized):
		return newError(op, "", err)
	}
	_, err = c.public.NewBlobClient("labdsr-"+rand.Text()).GetProperties(ctx, nil)
	r, ok := errors.AsType[*azcore.ResponseError](err)
	switch {
	case !ok && err != nil:
		return newError(op, "", err)
	case ok && (r.StatusCode == http.StatusUnauthorized || r.StatusCode == http.StatusForbidden),
		ok && r.StatusCode == http.StatusConflict && r.ErrorCode == "PublicAccessNotPermitted",
		ok && r.StatusCode == http.StatusNotFound && r.ErrorCode == "ResourceNotFound":
		return nil
	}
	return &Error{Op: op, Err: ErrPublic, Hint: "set its access level to private, and that of the storage account"}
}

// blockBytes is how large blocks are. A blob may have 50,000 of them. Tests make them small.
var blockBytes = 4 << 20

// A staging sends what is written to it, in blocks.
type staging struct {
	ctx    context.Context
	to     *Container
	client *blockblob.Client
	op     string
	blob   Blob // that it is for
	nonce  [15]byte
	blocks []string // their names
	buffer []byte
	sum    hash.Hash
	md5    hash.Hash
	size   int64
	err    error // sticky
}

// stage begins to send the blocks of a blob.
func (c *Container) stage(ctx context.Context, op string, b Blob) *staging {
	s := &staging{
		ctx: ctx, to: c, client: c.client.NewBlockBlobClient(b.Name), op: op, blob: b,
		sum: sha256.New(), md5: md5.New(),
	}
	_, _ = rand.Read(s.nonce[:]) // it never fails
	return s
}

// fill sends all that a function writes.
func (s *staging) fill(write func(io.Writer) error) error {
	err := write(s)
	if s.err != nil {
		return s.err
	}
	if err != nil {
		return err
	}
	return s.flush()
}

// Write implements io.Writer.
func (s *staging) Write(p []byte) (n int, _ error) {
	if s.buffer == nil {
		s.buffer = make([]byte, 0, blockBytes)
	}
	for len(p) > 0 && s.err == nil {
		taken := min(len(p), blockBytes-len(s.buffer))
		s.buffer = append(s.buffer, p[:taken]...)
		p, n = p[taken:], n+taken
		if len(s.buffer) == blockBytes {
			s.err = s.flush()
		}
	}
	return n, s.err
}

// flush sends a block. The service compares it with its checksum.
func (s *staging) flush() error {
	if len(s.buffer) == 0 || s.err != nil {
		return s.err
	}
	_, _ = s.sum.Write(s.buffer) // they never fail
	_, _ = s.md5.Write(s.buffer)
	s.size += int64(len(s.buffer))
	id := binary.BigEndian.AppendUint32(s.nonce[:len(s.nonce):len(s.nonce)], uint32(len(s.blocks)))
	name := base64.StdEncoding.EncodeToString(id)
	sum := md5.Sum(s.buffer)
	_, err := s.client.StageBlock(s.ctx, name, streaming.NopCloser(bytes.NewReader(s.buffer)), &blockblob.StageBlockOptions{
		TransactionalValidation: blob.TransferValidationTypeMD5(sum[:]),
		CPKScopeInfo:            scopeOf(s.blob.scope),
	})
	s.blocks, s.buffer = append(s.blocks, name), s.buffer[:0]
	s.err = newError(s.op, s.blob.place(), err)
	return s.err
}

// scopeOf returns the encryption scope of a blob for a request.
func scopeOf(scope *string) *blob.CPKScopeInfo {
	if scope == nil {
		return nil
	}
	return &blob.CPKScopeInfo{EncryptionScope: scope}
}

// digest returns that of what was written.
func (s *staging) digest() (sum [sha256.Size]byte) { return [sha256.Size]byte(s.sum.Sum(nil)) }

// commit makes a blob of the blocks, reads it again, and returns it.
func (s *staging) commit(o *blockblob.CommitBlockListOptions) (Blob, error) {
	if o.HTTPHeaders == nil {
		o.HTTPHeaders = &blob.HTTPHeaders{}
	}
	o.HTTPHeaders.BlobContentMD5 = s.md5.Sum(nil)
	o.CPKScopeInfo = scopeOf(s.blob.scope)
	response, err := s.client.CommitBlockList(s.ctx, s.blocks, o)
	tag, modified := response.ETag, response.LastModified
	if err != nil {
		var unknown error
		if tag, modified, unknown = s.isThere(); unknown != nil && s.ctx.Err() == nil && !isAnswer(err, http.StatusForbidden) {
			return Blob{}, unknown
		}
	}
	if tag == nil {
		if err == nil {
			err = errAnswer
		}
		return Blob{}, newError(s.op, s.blob.place(), err)
	}
	b := s.blob
	b.ETag, b.LastModified, b.Size, b.whole = *tag, value(modified), s.size, 0
	b.headers, b.metadata, b.kind = *o.HTTPHeaders, o.Metadata, blob.BlobTypeBlockBlob
	b.isKnown = true
	if b.ContentType == "" {
		b.ContentType = value(b.headers.BlobContentType)
	}
	return b, s.readBack(b)
}

// isThere returns the ETag of the blob if it is made of these blocks, although committing
// them failed. If it is not, it returns nil, and [ErrUnknown] if nobody can tell.
func (s *staging) isThere() (*azcore.ETag, *time.Time, error) {
	list, err := s.client.GetBlockList(s.ctx, blockblob.BlockListTypeCommitted, nil)
	if err != nil && !isAnswer(err, http.StatusNotFound) {
		e, _ := errors.AsType[*Error](newError(s.op, s.blob.place(), err)) // it always is one
		e.Err, e.Hint = ErrUnknown, "look at it, or run it again"
		return nil, nil, e
	}
	if err != nil || len(s.blocks) == 0 || len(list.CommittedBlocks) != len(s.blocks) {
		return nil, nil, nil
	}
	for i, block := range list.CommittedBlocks {
		if block == nil || value(block.Name) != s.blocks[i] {
			return nil, nil, nil
		}
	}
	return list.ETag, list.LastModified, nil
}

// readBack compares what the service has with what was written.
func (s *staging) readBack(b Blob) error {
	r, err := s.to.Open(s.ctx, b)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	if err == nil && (n != s.size || [sha256.Size]byte(sum.Sum(nil)) != s.digest()) {
		err = newError(s.op, b.place(), ErrNotAsWritten)
	}
	_ = r.Close() // what was read was compared
	return err
}
