package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// A Store is where outputs go whose names are no paths, such as a container of a storage
// account. What is there is never replaced.
type Store interface {
	// Has reports whether a name is one of the store, and no path.
	Has(name string) bool
	// Check refuses a name at which something is, or below which something is for a folder,
	// and a place where other people can read what is put there.
	Check(name string, folder bool) error
	// Put makes the file of a name. It appears whole or not at all. One that is there by now
	// is an error that is [fs.ErrExist].
	Put(name string, content io.Reader) error
	// Remove removes what Put has made, unless somebody has changed it.
	Remove(name string) error
}

// A stored output is written into one file without a name, and put into the store by
// [Set.Commit], after all others.
type stored struct {
	store Store
	spool *os.File // of all files; nil until something is written
	end   int64    // of spool
	names []string // of the files, in order; below that of the output, or "" for itself
	files map[string]*storedFile
	put   []string // whole names of the files that were put
}

// A storedFile is a file while it is written: parts of the spool. There may be more files
// than a process can have open.
type storedFile struct {
	in    *stored
	make  func() (*os.File, error) // makes the spool
	parts []part
}

type part struct{ at, size int64 }

func (f *storedFile) Write(p []byte) (int, error) {
	s := f.in
	if s.spool == nil {
		var err error
		if s.spool, err = f.make(); err != nil {
			return 0, err
		}
	}
	n, err := s.spool.WriteAt(p, s.end)
	if last := len(f.parts) - 1; last >= 0 && f.parts[last].at+f.parts[last].size == s.end {
		f.parts[last].size += int64(n)
	} else if n > 0 {
		f.parts = append(f.parts, part{s.end, int64(n)})
	}
	s.end += int64(n)
	return n, err
}

// reader returns a reader of what was written.
func (f *storedFile) reader() io.Reader {
	var all []io.Reader
	for _, p := range f.parts {
		all = append(all, io.NewSectionReader(f.in.spool, p.at, p.size))
	}
	return io.MultiReader(all...)
}

// beginStored is [Set.Begin] for a name of the store.
func (s *Set) beginStored(name string, kind Kind) (*Output, error) {
	o := &Output{
		set: s, given: name, path: tidyName(name), kind: kind, stored: &stored{store: s.Store, files: map[string]*storedFile{}},
	}
	if !kind.Folder && strings.HasSuffix(name, "/") {
		return nil, namesFolder(name)
	}
	if err := s.Store.Check(name, kind.Folder); err != nil {
		return nil, err
	}
	for in := range s.protected.paths {
		if s.Store.Has(in) && isBelow(o.path, tidyName(in)) {
			return nil, inSearched(name)
		}
	}
	for _, other := range s.begun {
		if other.stored != nil && (isBelow(o.path, other.path) || isBelow(other.path, o.path)) {
			return nil, sameOutput(name)
		}
	}
	s.begun = append(s.begun, o)
	return o, nil
}

// tidyName returns a name of the store in one way of writing it.
func tidyName(name string) string {
	u, err := url.Parse(name)
	if err != nil {
		return name
	}
	return strings.ToLower(u.Scheme+"://"+u.Host) + path.Clean("/"+u.Path)
}

// isBelow reports whether a name is another, or below it.
func isBelow(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/")
}

// nameOf returns the whole name of a file.
func (o *Output) nameOf(name string) string {
	if name == "" {
		return o.given
	}
	return strings.TrimSuffix(o.given, "/") + "/" + name
}

// openStored creates a file, or opens one to write more to its end.
func (o *Output) openStored(name string, again bool) (*File, error) {
	file := o.stored.files[name]
	switch {
	case again && file == nil:
		return nil, &fs.PathError{Op: "open", Path: o.nameOf(name), Err: fs.ErrNotExist}
	case !again && file != nil:
		return nil, &fs.PathError{Op: "open", Path: o.nameOf(name), Err: fs.ErrExist}
	case file == nil:
		file = &storedFile{in: o.stored, make: o.set.Temporary}
		o.stored.names = append(o.stored.names, name)
		o.stored.files[name] = file
	}
	return &File{stored: file}, nil
}

// upload puts all files into the store.
func (o *Output) upload() error {
	for _, name := range o.stored.names {
		whole := o.nameOf(name)
		if err := o.stored.store.Put(whole, o.stored.files[name].reader()); err != nil {
			if errors.Is(err, fs.ErrExist) {
				err = fault.WithHint(fmt.Errorf("%s: exists by now", whole), "something else wrote it; choose another name")
			}
			return fault.In(whole, err)
		}
		o.stored.put = append(o.stored.put, whole)
	}
	return nil
}

// remove removes what was put, the last first. It returns what of that it could not do.
func (o *Output) remove() (left []string) {
	for _, name := range slices.Backward(o.stored.put) {
		if err := o.stored.store.Remove(name); err != nil {
			left = append(left, name+" exists now, and is whole: "+cause(err))
		}
	}
	o.stored.put = nil
	return left
}

// close closes the spool.
func (s *stored) close() {
	if s.spool != nil {
		_ = s.spool.Close() // its bytes are in the store, or nobody wants them
	}
}
