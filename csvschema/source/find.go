package source

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. A search must not pass over an export in silence: a person's rows would be missing
// from an answer that looks whole. So each file is one of these:
//
//	an export          by its header, whatever its name is                     taken
//	perhaps an export  by its header, its rows, its name, or nobody can tell   the search fails
//	no export          certainly: another kind of file                         told
//	ignored            because the caller says so                              told

// Options are the options of [Find]. Nil is the same as the zero value, which is the
// strictest.
type Options struct {
	// Zone is where the days are that folders name; see [Group]. Nil means UTC.
	Zone *time.Location
	// Ignore reports whether to leave a file alone, or a folder with all that is in it.
	// The path has slashes, and is that in the file system. Nil ignores nothing.
	Ignore func(path string) bool
}

// Found is what [Find] found. Each file of the file system is in one of Files and Left, or
// in a folder that is in Left.
type Found struct {
	Exports []csvschema.Export
	Files   []File // of Exports, in their order, virtual machines first
	Left    []Left // what was left alone, in the order of their paths
}

// Left is a file or folder that was left alone.
type Left struct {
	Path string // with slashes
	Kind Kind   // why: KindOther, KindOfSystem or KindIgnored
}

// Find returns the exports in a file system, as [Group] makes them. It knows them by their
// headers, and reads the beginning of each file.
//
// A file that may be an export, and cannot be read as one, is an error, unless it is to be
// ignored. So are links, pipes and devices, what is packed in another way than by gzip, and
// workbooks. All of them, up to 20, are in the error, each as an [Error]. If there is no
// export at all, the error is [csvschema.ErrNoFiles].
//
// A ZIP is a file system by [archive/zip.Reader], or by [archive/zip.ReadCloser]. Find
// knows these two types, and refuses entries that occur twice, names with a backslash, and
// paths that lead out of the ZIP. ZIPs in ZIPs and in folders are not opened. Bytes that
// belong to no entry, such as another ZIP before the first one, cannot be seen.
func Find(ctx context.Context, fsys fs.FS, o *Options) (*Found, error) {
	if o == nil {
		o = &Options{}
	}
	f := finder{fsys: fsys, ignore: o.Ignore, found: &Found{}}
	f.checkZIP()
	if f.failed.errs != nil {
		return nil, &f.failed
	}
	if err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if ctxErr := ctx.Err(); ctxErr != nil {
			return ctxErr
		}
		return f.visit(ctx, name, d, err)
	}); err != nil {
		return nil, err
	}
	if f.failed.errs != nil {
		return nil, &f.failed
	}
	found := f.found
	if len(found.Files) == 0 {
		return nil, csvschema.ErrNoFiles
	}
	found.Exports = Group(found.Files, o.Zone)
	slices.SortFunc(found.Files, func(a, b File) int {
		return cmp.Or(cmp.Compare(a.Export, b.Export), cmp.Compare(a.Role, b.Role), cmp.Compare(a.File, b.File))
	})
	return found, nil
}

// A finder is one search.
type finder struct {
	fsys   fs.FS
	ignore func(path string) bool
	found  *Found
	failed findError
}

// visit accounts for a file or folder, of which err is an error.
func (f *finder) visit(ctx context.Context, name string, d fs.DirEntry, err error) error {
	isFolder := d != nil && d.IsDir()
	switch {
	case f.ignores(name):
		return f.leave(name, KindIgnored, isFolder)
	case errors.Is(err, fs.ErrPermission) && InSystem(name): // such as lost+found
		return f.leave(name, KindOfSystem, isFolder)
	case err != nil:
		f.fail(newError(name, err))
		return nil
	case isFolder:
		return nil
	case !d.Type().IsRegular() && InSystem(name):
		return f.leave(name, KindOfSystem, false)
	case !d.Type().IsRegular():
		f.fail(&Error{Path: hide(name), Kind: KindSpecial})
		return nil
	}
	return f.visitFile(ctx, name)
}

// visitFile accounts for a regular file.
func (f *finder) visitFile(ctx context.Context, name string) error {
	s := FromFS(f.fsys, name)
	kind, err := kindOfSource(ctx, name, s)
	if kind == KindExport {
		var role csvschema.Role
		if role, err = DetectRole(ctx, s); err == nil {
			f.found.Files = append(f.found.Files, File{FileID: csvschema.FileID{Role: role}, Path: name, Source: s})
			return nil
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fs.ErrPermission) && InSystem(name):
		return f.leave(name, KindOfSystem, false)
	case err != nil:
		f.fail(newError(name, err))
	case kind.IsDoubtful():
		f.fail(&Error{Path: hide(name), Kind: kind})
	default:
		return f.leave(name, kind, false)
	}
	return nil
}

// kindOfSource is KindAt of a source.
func kindOfSource(ctx context.Context, name string, s csvschema.Source) (Kind, error) {
	r, err := s.Open(ctx)
	if err != nil {
		return 0, err
	}
	kind, err := KindAt(name, r)
	return kind, errors.Join(err, r.Close())
}

// leave leaves a file or folder alone.
func (f *finder) leave(name string, kind Kind, isFolder bool) error {
	f.found.Left = append(f.found.Left, Left{name, kind})
	if isFolder {
		return fs.SkipDir
	}
	return nil
}

// fail adds an error, up to a limit.
func (f *finder) fail(err *Error) {
	const limit = 20
	if len(f.failed.errs) == limit {
		f.failed.more++
		return
	}
	f.failed.errs = append(f.failed.errs, err)
}

// ignores reports whether the caller ignores a path or a folder above it.
func (f *finder) ignores(name string) bool {
	for ; f.ignore != nil && name != "." && name != "/" && name != ""; name = path.Dir(name) {
		if f.ignore(name) {
			return true
		}
	}
	return false
}
