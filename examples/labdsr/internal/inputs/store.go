package inputs

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// A Store holds files that are not in the file system, such as those in the containers of
// a storage account.
type Store interface {
	// Has reports whether a name is one of the store, and no path.
	Has(name string) bool
	// List returns what is stored at a name: one file, if the name is that of a file, or
	// those below it. None is not an error.
	List(ctx context.Context, name string) ([]Stored, error)
}

// A Stored is a file of a [Store].
type Stored struct {
	Name     string // as people know it; no other file has it
	Below    string // path below the name that was listed, with slashes; "" for that file itself
	Size     int64
	IsFolder bool // stands for a folder, and holds nothing
	// Open opens the file for one pass from its beginning. Every pass reads the bytes that
	// were there when the file was listed, or fails with [csvschema.ErrSourceChanged].
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// PlainStored returns a file of a store that is neither packed nor looked at.
func PlainStored(ctx context.Context, one Stored, role csvschema.Role) *File {
	return &File{
		FileID: csvschema.FileID{Role: role}, Path: one.Name, stored: one.Name,
		open: func() (io.ReadCloser, error) { return one.Open(ctx) },
	}
}

// IsStored reports whether a name is one of the store.
func (f *Finder) IsStored(name string) bool { return f.Store != nil && f.Store.Has(name) }

// findStored is [Finder.Find] for a name of the store. It returns whether that is like a
// folder.
func (f *Finder) findStored(ctx context.Context, name string, role csvschema.Role) (isFolder bool, err error) {
	all, err := f.Store.List(ctx, name)
	if err != nil {
		if !fault.IsUsage(err) {
			err = fault.In(name, err)
		}
		return false, err
	}
	if len(all) == 1 && all[0].Below == "" {
		b, end := f.newStored(ctx, all[0])
		defer end()
		return false, f.findBlob(ctx, b, role)
	}
	// The order is that in which a folder is searched, so that the same files are the same
	// exports.
	slices.SortFunc(all, func(a, b Stored) int {
		return slices.Compare(strings.Split(a.Below, "/"), strings.Split(b.Below, "/"))
	})
	for _, one := range all {
		if ctx.Err() != nil {
			return true, ctx.Err()
		}
		if err := f.visitStored(ctx, one); err != nil && ctx.Err() == nil {
			f.refused = append(f.refused, fault.In(one.Name, err))
		}
	}
	return true, ctx.Err()
}

// visitStored adds the exports of one file of the store.
func (f *Finder) visitStored(ctx context.Context, one Stored) error {
	below := strings.TrimSuffix(one.Below, "/")
	switch {
	case f.ignores(below):
		f.ignoreStored(one.Name, below)
		return nil
	case one.Size == 0 && (one.IsFolder || below != one.Below):
		return nil
	case !fs.ValidPath(one.Below) || strings.ContainsAny(one.Below, "\\\x00"):
		return doubtNoPath.err()
	}
	b, end := f.newStored(ctx, one)
	defer end()
	if path.Base(below) == marker.Name {
		if own, err := b.isMarker(); own || err != nil {
			return err
		}
	}
	files, err := f.unpack(ctx, b)
	if err != nil {
		return err
	}
	for _, file := range files {
		f.visitFile(ctx, file)
	}
	return nil
}

// ignoreStored notes that a file is passed over, or once for all of its files a folder.
func (f *Finder) ignoreStored(name, below string) {
	root := strings.TrimSuffix(strings.TrimSuffix(name, "/"), below)
	for i, r := range below {
		if r == '/' && f.ignores(below[:i]) {
			below = below[:i]
			break
		}
	}
	if name = root + below; !slices.Contains(f.ignored, name) {
		f.ignored = append(f.ignored, name)
	}
}

// isMarker reports whether a blob is a marker of this program, as one is that was uploaded
// with the folder that it is of.
func (b *blob) isMarker() (bool, error) {
	in, err := b.open()
	if err != nil {
		return false, err
	}
	defer quietly(in)
	return marker.IsText(in)
}

// newStored returns the blob of a stored file. Until end is called the blob is being looked
// at, and what is read of its beginning is read only once.
func (f *Finder) newStored(ctx context.Context, one Stored) (b *blob, end func()) {
	open := func() (io.ReadCloser, error) { return one.Open(ctx) }
	r := &rewound{open: open}
	_, below, _ := strings.Cut(one.Name, "://")
	b = &blob{
		path: one.Name, below: one.Below, stored: one.Name, size: one.Size,
		abs: filepath.FromSlash(path.Join("/", below)), open: r.begin,
	}
	return b, r.end
}

// spoolStored makes a blob of a stored one that can be read at any place: a copy that has
// no name.
func (f *Finder) spoolStored(ctx context.Context, b *blob) (*blob, error) {
	in, err := b.open()
	if err != nil {
		return nil, err
	}
	defer quietly(in)
	file, err := f.Temporary()
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(file, &interruptible{ctx, in})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return newFileBlob(blob{path: b.path, below: b.below, abs: b.abs, stored: b.stored, size: n}, func() (blobFile, error) {
		return sectionFile{io.NewSectionReader(file, 0, n)}, nil
	}), nil
}

// A rewound opens a file from its beginning, again and again, as long as only the
// beginning is read: each opening of a stored file is a request.
type rewound struct {
	open  func() (io.ReadCloser, error)
	in    io.ReadCloser // nil if it is not open
	head  []byte        // what was read of in
	ended bool
}

// maxRewound is how much of the beginning is held.
const maxRewound = 4 << 20

func (r *rewound) begin() (io.ReadCloser, error) {
	if r.ended {
		return r.open()
	}
	if r.in == nil {
		var err error
		if r.in, err = r.open(); err != nil {
			return nil, err
		}
		r.head = nil
	}
	return &rewoundPass{of: r}, nil
}

// end closes the file. Openings after it are those of the file itself.
func (r *rewound) end() {
	r.ended = true
	r.drop()
}

func (r *rewound) drop() {
	if r.in != nil {
		quietly(r.in)
		r.in, r.head = nil, nil
	}
}

// A rewoundPass is one pass. Only one of a file is read at a time.
type rewoundPass struct {
	of  *rewound
	at  int
	own io.ReadCloser // once more was read than is held
}

func (p *rewoundPass) Read(b []byte) (int, error) {
	r := p.of
	switch {
	case p.own != nil:
		return p.own.Read(b)
	case r.in == nil:
		return 0, fs.ErrClosed
	case p.at < len(r.head):
		n := copy(b, r.head[p.at:])
		p.at += n
		return n, nil
	case p.at >= maxRewound: // this pass goes on alone
		p.own, r.in, r.head = r.in, nil, nil
		return p.own.Read(b)
	}
	n, err := r.in.Read(b)
	r.head = append(r.head, b[:n]...)
	p.at += n
	return n, err
}

func (p *rewoundPass) Close() error {
	if p.own != nil {
		return p.own.Close()
	}
	return nil
}

// errEmptyStore says that nothing was found at a name of the store.
var errEmptyStore = errors.New("no exports in this container, or below this name in it")
