package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
)

// A store is where files are read from or written to: a folder, a container or a bucket.
type store interface {
	// list calls emit for each file that is not certainly one of the system.
	list(ctx context.Context, emit func(file)) error
	// source returns the source of a file. Opening it fails if it is not as it was listed.
	source(f file) csvschema.Source
	// work makes an empty folder of this machine for what is not yet to be seen. Whoever
	// calls it removes it.
	work() (string, error)
	// inside returns the name by which create and open know a file that was listed.
	inside(f file) string
	// create makes a file of a name, whole or not at all, of a file in a work folder, which
	// may be gone afterwards. The error is fs.ErrExist if there is one.
	create(ctx context.Context, name, from string) error
	// open opens a file that create has made.
	open(ctx context.Context, name string) (io.ReadCloser, error)
}

// errOther says that the output has something else than what is to be written.
var errOther = errors.New("the output has another file of this name; nothing was overwritten")

// faultName is why a blob or an object cannot be taken.
const faultName = "no folder can hold a file of this name"

// isURL reports whether a root is a container or a bucket.
func isURL(root string) bool {
	return strings.HasPrefix(root, "https://") || strings.HasPrefix(root, "http://") || isBucket(root)
}

// store opens a root or the output.
func (j *job) store(at string) (store, error) {
	if !isURL(at) {
		return folder(at), nil
	}
	if isBucket(at) {
		return openBucket(at)
	}
	c, err := j.credentials()
	if err != nil {
		return nil, err
	}
	opened, err := azure.Open(at, c, nil)
	if err != nil {
		return nil, err
	}
	prefix, err := prefixOf(at)
	return &container{opened, prefix}, err
}

// publish makes a file of a name, unless it is there already. Then it must be the same.
func publish(ctx context.Context, s store, name, from string) error {
	err := s.create(ctx, name, from)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	there, err := s.open(ctx, name)
	if err != nil {
		return err
	}
	mine, err := os.Open(from)
	if err != nil {
		return errors.Join(err, there.Close())
	}
	a, errA := digest(there)
	b, errB := digest(mine)
	if err := errors.Join(errA, errB, there.Close(), mine.Close()); err != nil {
		return err
	}
	if !bytes.Equal(a, b) {
		return errOther
	}
	return nil
}

func digest(r io.Reader) ([]byte, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, r)
	return sum.Sum(nil), err
}

// A folder is a store on this machine, or one that all workers share. The stamp of a file
// is its size and time.
type folder string

// unfinished is the folder in a folder where work is done. Its name is one that
// [source.InSystem] knows.
const unfinished = ".labdsr-unfinished"

func (d folder) list(ctx context.Context, emit func(file)) error {
	return fs.WalkDir(os.DirFS(string(d)), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && name == ".":
			return errors.New("the root cannot be read")
		case errors.Is(err, fs.ErrPermission) && source.InSystem(name):
			return fs.SkipDir
		case err != nil:
			emit(file{Path: name, Fault: "cannot be read"})
			return nil
		case e.IsDir():
			return nil
		case !e.Type().IsRegular() && source.InSystem(name):
			return nil
		case !e.Type().IsRegular():
			emit(file{Path: name, Fault: source.KindSpecial.String()})
			return nil
		}
		info, err := e.Info()
		if err != nil {
			emit(file{Path: name, Fault: "cannot be read"})
			return nil
		}
		emit(file{Path: name, Stamp: stamp(info)})
		return nil
	})
}

// stamp returns that of a file.
func stamp(info fs.FileInfo) string {
	return fmt.Sprintf("%d bytes at %d", info.Size(), info.ModTime().UnixNano())
}

func (d folder) source(f file) csvschema.Source {
	fsys := os.DirFS(string(d))
	plain := source.FromFS(fsys, f.Path)
	return csvschema.Source{Open: func(ctx context.Context) (io.ReadCloser, error) {
		info, err := fs.Stat(fsys, f.Path)
		if err != nil {
			return nil, withoutPath(err)
		}
		if stamp(info) != f.Stamp {
			return nil, csvschema.ErrSourceChanged
		}
		return plain.Open(ctx)
	}}
}

// withoutPath returns an error of the file system without the path.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

func (d folder) work() (string, error) {
	at := filepath.Join(string(d), unfinished)
	if err := os.MkdirAll(at, 0o700); err != nil {
		return "", withoutPath(err)
	}
	work, err := os.MkdirTemp(at, "")
	return work, withoutPath(err)
}

func (folder) inside(f file) string { return f.Path }

func (d folder) create(_ context.Context, name, from string) error {
	to := filepath.Join(string(d), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return withoutPath(err)
	}
	return withoutPath(os.Link(from, to))
}

func (d folder) open(_ context.Context, name string) (io.ReadCloser, error) {
	f, err := os.Open(filepath.Join(string(d), filepath.FromSlash(name)))
	if err != nil {
		return nil, withoutPath(err)
	}
	return f, nil
}

// A container is a store in a storage account. The stamp of a file is the ETag of its blob.
type container struct {
	*azure.Container
	prefix string // of the names that create and open get, or ""
}

// prefixOf returns the names of what is in a container, as its URL gives it.
func prefixOf(address string) (string, error) {
	parts, err := blob.ParseURL(address)
	if err != nil {
		return "", errors.New("no URL of a container")
	}
	return strings.Trim(parts.BlobName, "/"), nil
}

func (c *container) list(ctx context.Context, emit func(file)) error {
	for b, err := range c.Blobs(ctx) {
		if err != nil {
			return err
		}
		f := file{Path: b.Name, Stamp: string(b.ETag)} // the whole name, as by azure.Container.Sources
		if !isFileName(f.Path) {
			f.Fault = faultName
		}
		emit(f)
	}
	return nil
}

func (c *container) source(f file) csvschema.Source {
	return csvschema.Source{Open: func(ctx context.Context) (io.ReadCloser, error) {
		b, err := c.Blob(ctx, f.Path)
		if err != nil {
			return nil, err
		}
		if string(b.ETag) != f.Stamp {
			return nil, csvschema.ErrSourceChanged
		}
		return c.Source(b).Open(ctx)
	}}
}

func (*container) work() (string, error) { return temporary() }

// temporary makes a folder of this machine for what is to be sent.
func temporary() (string, error) {
	work, err := os.MkdirTemp("", "labdsr-beam-")
	return work, withoutPath(err)
}

func (c *container) inside(f file) string {
	if c.prefix == "" {
		return f.Path
	}
	return strings.TrimPrefix(f.Path, c.prefix+"/")
}

func (c *container) create(ctx context.Context, name, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return withoutPath(err)
	}
	_, err = c.Create(ctx, path.Join(c.prefix, name), func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
	return errors.Join(err, f.Close())
}

func (c *container) open(ctx context.Context, name string) (io.ReadCloser, error) {
	b, err := c.Blob(ctx, path.Join(c.prefix, name))
	if err != nil {
		return nil, err
	}
	return c.Open(ctx, b)
}
