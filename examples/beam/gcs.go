package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"strconv"
	"sync/atomic"

	"cloud.google.com/go/storage"
	gax "github.com/googleapis/gax-go/v2"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"

	"github.com/labdsr/labdsr/csvschema"
)

// A gcsBucket is a bucket of Google Cloud Storage.
type gcsBucket struct {
	*storage.BucketHandle
	public *storage.BucketHandle // asks without credentials; nil for an emulator, which takes none
}

// emulatorVariable is the one with the address of an emulator.
const emulatorVariable = "STORAGE_EMULATOR_HOST"

// openGCS opens a bucket with the credentials that the SDK finds in the environment.
func openGCS(name string) (*gcsBucket, error) {
	const op = "open a bucket"
	ctx := context.Background() // the client outlives the step that opens it
	emulator := os.Getenv(emulatorVariable)
	if emulator != "" && !isSafe(emulator) && !isSafe("http://"+emulator) {
		return nil, newBucketError(ctx, op, answer{}, errPlain)
	}
	client, err := newGCS(ctx, option.WithScopes(storage.ScopeReadWrite))
	if err != nil {
		return nil, newBucketError(ctx, op, answer{}, errSignIn)
	}
	b := &gcsBucket{BucketHandle: client.Bucket(name)}
	if emulator == "" {
		client, err := newGCS(ctx, option.WithoutAuthentication())
		if err != nil {
			return nil, newBucketError(ctx, op, answer{}, errSettings)
		}
		b.public = client.Bucket(name)
	}
	return b, nil
}

const maxAttempts = 5

func newGCS(ctx context.Context, o ...option.ClientOption) (*storage.Client, error) {
	client, err := storage.NewClient(ctx, append(o, storage.WithDisabledClientMetrics())...)
	if err == nil {
		client.SetRetry(storage.WithMaxAttempts(maxAttempts), storage.WithBackoff(gax.Backoff{Initial: retryDelay, Max: 32 * retryDelay, Multiplier: 2})) // otherwise without end
	}
	return client, err
}

// errorGCS returns the error for one of the SDK.
func errorGCS(ctx context.Context, op string, err error) error {
	var a answer
	if e, ok := errors.AsType[*googleapi.Error](err); ok {
		a.status = e.Code
		if len(e.Errors) > 0 {
			a.code = e.Errors[0].Reason
		}
	}
	if errors.Is(err, storage.ErrObjectNotExist) || errors.Is(err, storage.ErrBucketNotExist) {
		a.status = http.StatusNotFound
	}
	return newBucketError(ctx, op, a, err)
}

func (b *gcsBucket) each(ctx context.Context, prefix string, emit func(object)) error {
	const op = "list objects"
	ctx, w := watched(ctx, stall)
	defer w.end()
	query := &storage.Query{Prefix: prefix, Projection: storage.ProjectionNoACL}
	if err := query.SetAttrSelection([]string{"Name", "Generation", "Size"}); err != nil {
		return errorGCS(ctx, op, err)
	}
	for all := b.Objects(ctx, query); ; {
		w.happens()
		o, err := all.Next()
		w.pause()
		switch {
		case err == iterator.Done:
			return nil
		case err != nil:
			return errorGCS(ctx, op, err)
		case o.Name == "" || o.Generation <= 0 || o.Size < 0:
			return errorGCS(ctx, op, errAnswer)
		}
		emit(objectGCS(o))
	}
}

func objectGCS(o *storage.ObjectAttrs) object {
	return object{o.Name, o.Size, strconv.FormatInt(o.Generation, 10)}
}

func (b *gcsBucket) head(ctx context.Context, name string) (object, error) {
	ctx, w := watched(ctx, stall)
	defer w.end()
	o, err := b.Object(name).Attrs(ctx)
	if err != nil {
		return object{}, errorGCS(ctx, "look at an object", err)
	}
	return objectGCS(o), nil
}

func (b *gcsBucket) get(ctx context.Context, o object, at int64) (io.ReadCloser, error) {
	const op = "read an object"
	generation, err := strconv.ParseInt(o.version, 10, 64)
	if err != nil {
		return nil, errorGCS(ctx, op, errAnswer)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var asked atomic.Int32
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) {
		if asked.Add(1) > maxAttempts { // the SDK reads on when a connection breaks, without end if no byte comes in
			cancel(errCut)
		}
	}})
	// Compressed means as it is stored: otherwise the service would unpack it.
	r, err := b.Object(o.name).If(storage.Conditions{GenerationMatch: generation}).ReadCompressed(true).NewRangeReader(traced, at, -1)
	if err != nil {
		err = changed(errorGCS(ctx, op, err))
		cancel(nil)
		return nil, err
	}
	// A proxy may know neither conditions nor ranges.
	switch {
	case r.Attrs.Generation != generation:
		err = csvschema.ErrSourceChanged
	case r.Attrs.StartOffset != at:
		err = errAnswer
	default:
		return &gcsReader{r, ctx, cancel}, nil
	}
	err = errorGCS(ctx, op, err)
	cancel(nil)
	_ = r.Close()
	return nil, err
}

// A gcsReader reads an object over a bounded number of connections.
type gcsReader struct {
	*storage.Reader
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// Read implements io.Reader.
func (r *gcsReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && context.Cause(r.ctx) == errCut {
		err = errCut
	}
	return n, err
}

// Close implements io.Closer.
func (r *gcsReader) Close() error {
	r.cancel(nil)
	return r.Reader.Close()
}

func (b *gcsBucket) put(ctx context.Context, name string, from *watchedFile) error {
	const op = "create an object"
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()          // or what was sent so far may become the object
	var failed atomic.Int32 // since something was taken; the SDK would go on until the context ends
	w := b.Object(name).If(storage.Conditions{DoesNotExist: true}).Retryer(storage.WithErrorFunc(func(err error) bool {
		return failed.Add(1) < maxAttempts && storage.ShouldRetry(err)
	})).NewWriter(ctx)
	w.ContentType, w.ProgressFunc = octets, func(int64) { failed.Store(0) }
	_, err := io.CopyN(w, from.part(0, from.size), from.size)
	if err == nil {
		err = w.Close()
	}
	if err == nil && (w.Attrs().Generation <= 0 || w.Attrs().Size != from.size) {
		err = errAnswer
	}
	return isThere(errorGCS(ctx, op, err))
}

func (b *gcsBucket) hides(ctx context.Context, name string) (bool, error) {
	if b.public == nil {
		return true, nil
	}
	ctx, w := watched(ctx, stall)
	defer w.end()
	_, err := b.public.Object(name).Attrs(ctx)
	if e, ok := errors.AsType[*googleapi.Error](err); ok && (e.Code == http.StatusUnauthorized || e.Code == http.StatusForbidden) {
		return true, nil
	}
	return false, errorGCS(ctx, "ask without credentials", err)
}
