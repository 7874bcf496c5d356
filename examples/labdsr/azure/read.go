package azure

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/labdsr/labdsr/csvschema"
)

// A Reader reads a blob as it was listed. If somebody has changed it since, reading is
// [csvschema.ErrSourceChanged]: bytes of two versions are never mixed. A connection that
// breaks, stalls or ends too early is made again, where it was, a bounded number of times.
//
// Only one goroutine may call Read. ReadAt may be called by several at the same time.
type Reader struct {
	ctx       context.Context
	container *Container
	blob      Blob
	client    *blob.Client

	at     int64 // of the next byte
	body   *body // nil if a request is to be made first
	failed int   // how often, since bytes came in
	err    error // sticky
}

// Open returns a reader of a blob at its first byte. The first request is made at once, so
// that a blob that has changed is noticed here. The context is that of all reading.
func (c *Container) Open(ctx context.Context, b Blob) (*Reader, error) {
	r, err := c.reader(ctx, b)
	if err != nil {
		return nil, err
	}
	if err = r.connect(); err != nil {
		return nil, err
	}
	return r, nil
}

// reader returns a reader that has asked for nothing yet.
func (c *Container) reader(ctx context.Context, b Blob) (*Reader, error) {
	if b.ETag == "" || b.Size < 0 {
		return nil, newError("read", b.place(), fs.ErrInvalid)
	}
	client, err := c.at(b)
	if err != nil {
		return nil, err
	}
	return &Reader{ctx: ctx, container: c, blob: b, client: client}, nil
}

// at returns the client of a blob, a snapshot or a version.
func (c *Container) at(b Blob) (client *blob.Client, err error) {
	client = c.client.NewBlobClient(b.Name)
	switch {
	case b.Snapshot != "":
		client, err = client.WithSnapshot(b.Snapshot)
	case b.VersionID != "":
		client, err = client.WithVersionID(b.VersionID)
	}
	return client, newError("look at", b.place(), err)
}

// Size returns how many bytes the blob has.
func (r *Reader) Size() int64 { return r.blob.Size }

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err == nil && r.ctx.Err() != nil {
		r.err = r.fail(r.ctx.Err())
	}
	for r.err == nil && r.at < r.blob.Size && len(p) > 0 {
		if r.body == nil {
			if r.err = r.connect(); r.err != nil {
				break
			}
		}
		n, err := r.body.Read(p[:min(int64(len(p)), r.blob.Size-r.at)])
		r.at += int64(n)
		if n > 0 {
			r.failed = 0
		}
		if err != nil && r.at < r.blob.Size {
			r.disconnect()
			r.err = r.again(err)
		}
		if n > 0 {
			return n, nil // an error is sticky
		}
	}
	switch {
	case r.err != nil:
		return 0, r.err
	case len(p) == 0:
		return 0, nil
	}
	return 0, io.EOF
}

// connect asks for the rest of the blob. A blob without a byte has no range: then it asks
// whether the blob is what it was. The SDK tries requests again, but not their bodies.
func (r *Reader) connect() (err error) {
	if r.blob.Size == 0 {
		_, err = r.client.GetProperties(r.ctx, &blob.GetPropertiesOptions{AccessConditions: ifMatch(r.blob.ETag)})
	} else {
		r.body, err = r.container.get(r.ctx, r.client, &r.blob, r.at, r.blob.Size-r.at)
	}
	return r.fail(err)
}

// again returns an error if reading the body has failed too often, and waits otherwise.
func (r *Reader) again(err error) error {
	r.failed++
	switch {
	case r.ctx.Err() != nil:
		err = r.ctx.Err()
	case r.failed <= max(int(r.container.retry.MaxRetries), 0):
		err = wait(r.ctx, r.container.delay(r.failed))
	}
	return r.fail(err)
}

// delay returns how long to wait after so many failures, one after the other.
func (c *Container) delay(failed int) time.Duration {
	if c.retry.RetryDelay <= 0 {
		return 0
	}
	d := min(c.retry.RetryDelay<<min(failed-1, 16), max(c.retry.MaxRetryDelay, c.retry.RetryDelay))
	return d/2 + rand.N(d/2+1)
}

// wait waits until the time is over or the context is done.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fail returns an error with the place of the blob, or nil.
func (r *Reader) fail(err error) error { return changed(newError("read", r.blob.place(), err)) }

// disconnect gives the connection up.
func (r *Reader) disconnect() {
	if r.body != nil {
		r.body.Close()
		r.body = nil
	}
}

// Close implements io.Closer.
func (r *Reader) Close() error {
	const little = 256 << 10
	if rest := r.blob.Size - r.at; r.body != nil && rest > 0 && rest <= little { // or the connection cannot be used again
		_, _ = io.CopyN(io.Discard, r.body, rest)
	}
	r.disconnect()
	r.err = r.fail(fs.ErrClosed)
	return nil
}

// ReadAt implements io.ReaderAt: by a request of its own.
func (r *Reader) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, r.fail(fs.ErrInvalid)
	}
	if at >= r.blob.Size {
		return 0, io.EOF
	}
	part := Reader{ctx: r.ctx, container: r.container, blob: r.blob, client: r.client, at: at}
	part.blob.Size = min(r.blob.Size, at+int64(len(p)))
	part.blob.whole = r.blob.Size
	defer part.disconnect()
	n, err := io.ReadFull(&part, p[:part.blob.Size-at])
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// get asks for a range of a blob.
func (c *Container) get(ctx context.Context, client *blob.Client, b *Blob, at, count int64) (*body, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	retry := c.retry
	retry.TryTimeout = 0 // it would end a long body
	response, err := client.DownloadStream(policy.WithRetryOptions(ctx, retry), &blob.DownloadStreamOptions{
		Range: blob.HTTPRange{Offset: at, Count: count}, AccessConditions: ifMatch(b.ETag),
	})
	if err == nil {
		err = checkRange(&response, b, at, count)
		if err != nil {
			_ = response.Body.Close()
		}
	}
	if err != nil {
		cancel(nil)
		return nil, err
	}
	in := &body{in: response.Body, ctx: ctx, cancel: cancel, stall: c.stall}
	in.timer = time.AfterFunc(c.stall, func() { cancel(errStalled) })
	in.timer.Stop()
	return in, nil
}

// checkRange reports an answer that is not the range that was asked for, of the blob that
// was listed: a proxy may know neither ranges nor conditions.
func checkRange(r *blob.DownloadStreamResponse, b *Blob, at, count int64) error {
	if r.ETag == nil {
		return errAnswer
	}
	if *r.ETag != b.ETag {
		return csvschema.ErrSourceChanged
	}
	whole := max(b.whole, b.Size)
	if r.ContentRange == nil {
		if at != 0 || count != whole {
			return errAnswer
		}
		return nil
	}
	if *r.ContentRange != fmt.Sprintf("bytes %d-%d/%d", at, at+count-1, whole) {
		return errAnswer
	}
	return nil
}

// ifMatch asks for a blob on the condition that it is what it was.
func ifMatch(tag azcore.ETag) *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: &tag}}
}

// A body is that of an answer, which fails if nothing comes in for too long.
type body struct {
	in     io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	stall  time.Duration
	timer  *time.Timer // runs while Read waits
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.stall)
	n, err := b.in.Read(p)
	b.timer.Stop()
	if err != nil && context.Cause(b.ctx) == errStalled {
		err = errStalled
	}
	return n, err
}

// Close gives the connection up, if it is not at its end.
func (b *body) Close() {
	b.cancel(nil)
	_ = b.in.Close() // what was read was checked
}

// Source returns the source of a blob, for package csvschema. It may be packed by gzip.
// Each pass is of the blob as it was listed, or fails with [csvschema.ErrSourceChanged].
func (c *Container) Source(b Blob) csvschema.Source { return gunzip(c.plain(b)) }

// plain returns the source of a blob, packed or not.
func (c *Container) plain(b Blob) csvschema.Source {
	return csvschema.Source{Open: func(ctx context.Context) (io.ReadCloser, error) {
		r, err := c.Open(ctx, b)
		if err != nil {
			return nil, err
		}
		return r, nil
	}}
}
