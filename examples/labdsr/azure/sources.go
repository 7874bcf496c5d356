package azure

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
)

// Found is what [Container.Sources] found. The paths are the whole names of blobs.
type Found struct {
	source.Found
	Blobs []Blob // of Files, in their order
}

// Sources returns the exports in the container, or below its prefix, as [source.Find] does
// for a file system. The beginning of each blob is read. The sources obey the context of
// the call that reads. What is no export is in Left; whatever may be one and cannot be
// read is an error.
//
// A name that no file system has, such as one with two slashes or a folder "..", is an
// error, too.
func (c *Container) Sources(ctx context.Context, o *source.Options) (*Found, error) {
	if o == nil {
		o = &source.Options{}
	}
	view := &view{ctx: ctx, container: c, blobs: map[string]Blob{}, folders: map[string][]fs.DirEntry{}}
	for b, err := range c.Blobs(ctx) {
		if err != nil {
			return nil, err
		}
		if err := view.add(b); err != nil {
			return nil, err
		}
	}
	found, err := source.Find(ctx, view, o)
	if err != nil {
		return nil, err
	}
	all := &Found{Found: *found}
	for i := range all.Files {
		b := view.blobs[all.Files[i].Path]
		all.Blobs = append(all.Blobs, b)
		all.Files[i].Source = c.Source(b)
	}
	all.Exports = source.Group(all.Files, o.Zone) // in the same order, with these sources
	return all, nil
}

// gunzip returns a source that unpacks gzip.
func gunzip(s csvschema.Source) csvschema.Source { return source.Gunzip(s) }

// A view shows the blobs of a container as a file system, to one search.
type view struct {
	ctx       context.Context
	container *Container
	blobs     map[string]Blob
	folders   map[string][]fs.DirEntry // entries by folder, "." is the root
}

// add adds a blob, and the folders that it is in.
func (v *view) add(b Blob) error {
	if !fs.ValidPath(b.Name) || b.Name == "." || strings.Contains(b.Name, `\`) {
		return &Error{Op: "list", Place: b.place(), Err: fs.ErrInvalid, Hint: "no folder can hold a file of this name; rename the blob, or give a prefix without it"}
	}
	v.blobs[b.Name] = b
	var entry fs.DirEntry = blobInfo{b}
	for name := b.Name; ; {
		folder := path.Dir(name)
		_, known := v.folders[folder]
		v.folders[folder] = append(v.folders[folder], entry)
		if known || folder == "." {
			return nil
		}
		name, entry = folder, folderInfo(folder)
	}
}

// Open implements fs.FS.
func (v *view) Open(name string) (fs.File, error) {
	b, ok := v.blobs[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	r, err := v.container.Open(v.ctx, b)
	if err != nil {
		return nil, withoutPlace(err)
	}
	return &viewFile{r}, nil
}

// ReadDir implements fs.ReadDirFS.
func (v *view) ReadDir(name string) ([]fs.DirEntry, error) {
	entries := slices.Clone(v.folders[name])
	slices.SortStableFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// Stat implements fs.StatFS: it is asked about the root alone.
func (v *view) Stat(name string) (fs.FileInfo, error) { return folderInfo(name), nil }

// withoutPlace returns an error without its place, which package source adds.
func withoutPlace(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	bare := *e
	bare.Place = ""
	return &bare
}

// A viewFile is a blob that is open.
type viewFile struct{ *Reader }

// Stat implements fs.File.
func (f *viewFile) Stat() (fs.FileInfo, error) { return blobInfo{f.blob}, nil }

// Read implements io.Reader.
func (f *viewFile) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = withoutPlace(err)
	}
	return n, err
}

// A blobInfo describes a blob as a file.
type blobInfo struct{ blob Blob }

func (i blobInfo) Name() string               { return path.Base(i.blob.Name) }
func (i blobInfo) Size() int64                { return i.blob.Size }
func (i blobInfo) Mode() fs.FileMode          { return 0o600 }
func (i blobInfo) ModTime() time.Time         { return i.blob.LastModified }
func (i blobInfo) IsDir() bool                { return false }
func (i blobInfo) Sys() any                   { return nil }
func (i blobInfo) Type() fs.FileMode          { return 0 }
func (i blobInfo) Info() (fs.FileInfo, error) { return i, nil }

// A folderInfo describes the folder of a path.
type folderInfo string

func (i folderInfo) Name() string               { return path.Base(string(i)) }
func (i folderInfo) Size() int64                { return 0 }
func (i folderInfo) Mode() fs.FileMode          { return fs.ModeDir | 0o700 }
func (i folderInfo) ModTime() time.Time         { return time.Time{} }
func (i folderInfo) IsDir() bool                { return true }
func (i folderInfo) Sys() any                   { return nil }
func (i folderInfo) Type() fs.FileMode          { return fs.ModeDir }
func (i folderInfo) Info() (fs.FileInfo, error) { return i, nil }
