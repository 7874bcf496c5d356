// Package inputs answers one question: which files are the exports, and what are their
// plain bytes?
//
// A [Finder] looks at files, folders, ZIPs, pipes and standard input, and knows
// exports by their header, whatever their names are. [Finder.Group] makes [Exports] of
// them: files of one folder are one export. Compressed files are unpacked while they
// are read.
package inputs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// A Finder finds the files of exports. Only one goroutine may use it.
type Finder struct {
	Stdin io.Reader  // what the path "-" means; if nil, it is a path like any other
	Read  func(int)  // if not nil, is told how many bytes were read; any goroutine may call it
	Lists [][]string // headers of CSV files that are not exports although they name columns of exports

	stdinUsed bool
	spooled   []*os.File // where an open file cannot be removed; Close removes them
	files     []*File
	leftAlone []string
	twice     []string
	searched  []string
}

// Files returns the files that were found so far, in that order. They belong to no
// export yet.
func (f *Finder) Files() []*File { return f.files }

// Close removes what was spooled, unless it has had no name from the beginning. What was
// found must not be read after it.
func (f *Finder) Close() {
	for _, file := range f.spooled {
		quietly(file)
		_ = os.Remove(file.Name())
	}
	f.spooled = nil
}

// Find adds the exports at a path, which must be of a role unless that is 0. A folder
// and a ZIP may hold both roles. Finding nothing is an error.
func (f *Finder) Find(ctx context.Context, path string, role csvschema.Role) error {
	if path != Stdin || f.Stdin == nil {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.IsDir() {
			return f.search(ctx, path)
		}
	}
	b, err := f.newBlob(ctx, path)
	if err != nil {
		return err
	}
	found := f.found()
	if err := f.addBlob(b, func(file *File) error {
		if file.entry != "" {
			return f.addFound(file) // a ZIP is like a folder
		}
		return f.add(file, role)
	}); err != nil {
		return err
	}
	if f.found() == found {
		return fault.In(b.path, fault.WithHint(errors.New("no export in this ZIP file"), "download virtualmachines.csv and disks.csv of the lab"))
	}
	return nil
}

// found returns how many exports were found, also those that are read only once.
func (f *Finder) found() int { return len(f.files) + len(f.twice) }

// addBlob calls add for each plain file of a blob.
func (f *Finder) addBlob(b *blob, add func(*File) error) error {
	files, err := f.unpack(b)
	if err != nil {
		return fault.In(b.path, err)
	}
	for _, file := range files {
		if err := add(file); err != nil {
			return fault.In(file.Path, err)
		}
	}
	return nil
}

// search adds the exports in a folder and those below it. Hidden files are not read.
func (f *Finder) search(ctx context.Context, dir string) error {
	found := f.found()
	root := dir + string(filepath.Separator) // follows a link
	abs, err := filepath.EvalSymlinks(dir)
	if err == nil {
		abs, err = Absolute(abs)
	}
	if err != nil {
		return err
	}
	f.searched = append(f.searched, abs)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		switch {
		case err != nil:
			return err
		case marker.Is(path): // no export, and not told: this program wrote the folder
			return nil
		case path != root && isHidden(d.Name()):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		return f.visit(ctx, path)
	})
	if err != nil {
		return err
	}
	if f.found() == found {
		return fault.In(dir, fault.WithHint(errors.New("no exports in this folder"),
			"exports are files whose first line names the columns LabUId, ResourceUId and so on, whatever their names are; is it the right folder?"))
	}
	return nil
}

// visit adds the exports of one file of a folder.
func (f *Finder) visit(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		f.leftAlone = append(f.leftAlone, path)
		return nil
	}
	b, err := f.newBlob(ctx, path)
	if err != nil {
		return err
	}
	return f.addBlob(b, f.addFound)
}

func isHidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") }

// addFound adds a file of a folder or ZIP if it is an export of either role.
func (f *Finder) addFound(file *File) error {
	err := f.add(file, 0)
	if errors.Is(err, errNoExport) {
		f.leftAlone = append(f.leftAlone, file.Path)
		return nil
	}
	return err
}

// add adds a file, which must be an export of the role unless that is 0.
func (f *Finder) add(file *File, role csvschema.Role) error {
	if err := file.sniff(f.Lists); err != nil {
		return err
	}
	if role != 0 && file.Role != role {
		flag := "--virtualmachines"
		if file.Role == csvschema.Disks {
			flag = "--disks"
		}
		return fault.WithHint(fmt.Errorf("this is a %s file", file.Role), "give it with %s", flag)
	}
	for _, other := range f.files {
		if other.same(file) {
			f.twice = append(f.twice, file.Path)
			return nil
		}
	}
	f.files = append(f.files, file)
	return nil
}
