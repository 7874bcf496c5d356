package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
)

// A bucket is a store in Amazon S3 or Google Cloud Storage. The stamp of a file is the size
// and the version of its object.
type bucket struct {
	service
	prefix string // a folder, or the name of one object; "" for the whole bucket
}

// A service keeps objects in a bucket. Its errors are of type [bucketError], and so hold
// nothing of what the SDK says.
type service interface {
	// each calls emit for each object whose name begins with a prefix.
	each(ctx context.Context, prefix string, emit func(object)) error
	// head returns the object of a name as it is now.
	head(ctx context.Context, name string) (object, error)
	// get returns the bytes of an object from an offset on, as they are stored. The error is
	// [csvschema.ErrSourceChanged] unless it is what it was.
	get(ctx context.Context, o object, at int64) (io.ReadCloser, error)
	// put makes an object of a file, whole or not at all. The error is [fs.ErrExist] if there
	// is one.
	put(ctx context.Context, name string, from *watchedFile) error
	// hides reports whether the service refuses an object to whoever has no credentials.
	hides(ctx context.Context, name string) (bool, error)
}

// An object is a file of a bucket.
type object struct {
	name    string
	size    int64
	version string // the ETag in S3, the generation in Google Cloud Storage
}

// The schemes of buckets.
const (
	schemeS3  = "s3://"
	schemeGCS = "gs://"
)

// isBucket reports whether a root is one.
func isBucket(root string) bool {
	return strings.HasPrefix(root, schemeS3) || strings.HasPrefix(root, schemeGCS)
}

// errBucketURL says that a URL is not that of a bucket or a prefix alone. It does not show
// the URL, which may hold a secret.
var errBucketURL = errors.New("a root is no plain URL of a bucket, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX: credentials, endpoint and region are in the environment")

// bucketName is what names of buckets are, in both services.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$`)

// parseBucket returns the parts of a URL, which is read as the command lines of the services
// read it: nothing in it is escaped.
func parseBucket(root string) (scheme, name, prefix string, err error) {
	scheme = root[:len(schemeS3)] // both have the same length
	name, prefix, _ = strings.Cut(root[len(scheme):], "/")
	prefix = strings.TrimRight(prefix, "/")
	if !bucketName.MatchString(name) || strings.ContainsAny(prefix, "?#") || strings.ContainsFunc(prefix, unicode.IsControl) ||
		prefix != "" && !isFileName(prefix) {
		return "", "", "", errBucketURL
	}
	return scheme, name, prefix, nil
}

// isFileName reports whether a folder can hold a file of a name.
func isFileName(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.Contains(name, `\`)
}

// plainBucket returns the one spelling of a URL.
func plainBucket(root string) (string, error) {
	scheme, name, prefix, err := parseBucket(root)
	return strings.TrimSuffix(scheme+name+"/"+prefix, "/"), err
}

// openBucket opens a bucket. It does not ask the service for anything yet.
func openBucket(root string) (*bucket, error) {
	scheme, name, prefix, err := parseBucket(root)
	if err != nil {
		return nil, err
	}
	b := &bucket{prefix: prefix}
	if scheme == schemeS3 {
		b.service, err = openS3(name)
	} else {
		b.service, err = openGCS(name)
	}
	return b, err
}

func (b *bucket) list(ctx context.Context, emit func(file)) error {
	return b.each(ctx, b.prefix, func(o object) {
		isBelow := b.prefix == "" || o.name == b.prefix || strings.HasPrefix(o.name, b.prefix+"/")
		if !isBelow || o.size == 0 && strings.HasSuffix(o.name, "/") { // a sign of a folder
			return
		}
		f := file{Path: o.name, Stamp: o.stamp()} // the whole name, as of containers
		if !isFileName(f.Path) {
			f.Fault = faultName
		}
		emit(f)
	})
}

// stamp returns that of an object.
func (o object) stamp() string { return fmt.Sprintf("%d bytes, %s", o.size, o.version) }

// stamped returns the object of a file.
func stamped(f file) (object, error) {
	size, version, ok := strings.Cut(f.Stamp, " bytes, ")
	n, err := strconv.ParseInt(size, 10, 64)
	if !ok || err != nil || n < 0 || version == "" {
		return object{}, csvschema.ErrSourceChanged
	}
	return object{f.Path, n, version}, nil
}

func (b *bucket) source(f file) csvschema.Source {
	return source.Gunzip(csvschema.Source{Open: func(ctx context.Context) (io.ReadCloser, error) {
		o, err := stamped(f)
		if err != nil {
			return nil, err
		}
		return b.read(ctx, o)
	}})
}

func (*bucket) work() (string, error) { return temporary() }

func (b *bucket) inside(f file) string {
	if b.prefix == "" {
		return f.Path
	}
	return strings.TrimPrefix(f.Path, b.prefix+"/")
}

func (b *bucket) open(ctx context.Context, name string) (io.ReadCloser, error) {
	o, err := b.head(ctx, path.Join(b.prefix, name))
	if err != nil {
		return nil, err
	}
	return b.read(ctx, o)
}

var (
	errPublic     = errors.New("the bucket may be public: anybody may read what is in it")
	errOverwrites = errors.New("the service overwrites what is there, although it was asked not to")
)

// create makes an object. With the claim, which is the first one of every run, it finds out
// whether anything may be written to the bucket at all.
func (b *bucket) create(ctx context.Context, name, from string) error {
	name = path.Join(b.prefix, name)
	err := b.putFile(ctx, name, from)
	if name != path.Join(b.prefix, claimFile) || err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	hidden, askErr := b.hides(ctx, name)
	if askErr != nil {
		return askErr
	}
	if !hidden {
		return errPublic
	}
	if err == nil {
		switch again := b.putFile(ctx, name, from); {
		case again == nil:
			return errOverwrites
		case !errors.Is(again, fs.ErrExist):
			return again
		}
	}
	return err
}

// putFile makes an object of a file of this machine.
func (b *bucket) putFile(ctx context.Context, name, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return withoutPath(err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(withoutPath(err), f.Close())
	}
	ctx, w := watched(ctx, 10*stall) // the service may need a while to put large objects together
	err = b.put(ctx, name, &watchedFile{f, info.Size(), w})
	w.end()
	return errors.Join(err, withoutPath(f.Close()))
}

// stall is how long nothing may come in. Tests make it short.
var stall = time.Minute

var errStalled = errors.New("nothing came in for too long")

// A watch ends a context when nothing has happened for too long.
type watch struct {
	ctx    context.Context
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

// watched returns a context with a watch, which runs.
func watched(ctx context.Context, limit time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watch{ctx, time.AfterFunc(limit, func() { cancel(errStalled) }), limit, cancel}
}

// happens lets the time begin again.
func (w *watch) happens() { w.timer.Reset(w.limit) }

// pause stops the time until something happens.
func (w *watch) pause() { w.timer.Stop() }

// isOver reports whether it has ended the context.
func (w *watch) isOver() bool { return context.Cause(w.ctx) == errStalled }

// end ends the context.
func (w *watch) end() {
	w.timer.Stop()
	w.cancel(nil)
}

// A watchedFile is a file that is sent.
type watchedFile struct {
	file *os.File
	size int64
	w    *watch
}

// ReadAt implements io.ReaderAt.
func (f *watchedFile) ReadAt(p []byte, at int64) (int, error) {
	f.w.happens()
	return f.file.ReadAt(p, at)
}

// part returns a part of the file.
func (f *watchedFile) part(at, size int64) *io.SectionReader {
	return io.NewSectionReader(f, at, min(size, f.size-at))
}
