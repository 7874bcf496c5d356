package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// An input is one file of an export.
type input struct {
	*content
	role   csvschema.Role
	header []byte // as it stands in the file
	export int    // number of its export in the request, from 1
	number int    // of its role in the export, from 1
}

// folder is what the files of one export have in common.
func (i *input) folder() string {
	if i.abs == "" {
		return ""
	}
	return filepath.Dir(i.abs)
}

// A finder finds the files of exports.
type finder struct {
	con       *console
	stdin     io.Reader
	stdinUsed bool
	inputs    []*input
	leftAlone []string // paths of files in folders that are no exports
	twice     []string // paths of files that were given more than once
	searched  []string // absolute paths of folders
}

// find adds what is at a path. Role is that which a file must have; 0 is any.
func (f *finder) find(ctx context.Context, path string, role csvschema.Role) error {
	if path != stdinName {
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
	contents, err := f.contents(b)
	if err != nil {
		return at(b.path, err)
	}
	found := len(f.inputs) + len(f.twice)
	for _, c := range contents {
		if c.name != "" {
			err = f.addFound(c) // a ZIP is like a folder
		} else {
			err = f.add(c, role)
		}
		if err != nil {
			return at(c.path, err)
		}
	}
	if len(f.inputs)+len(f.twice) == found {
		return at(b.path, hinted(errors.New("no export in this ZIP file"), "download virtualmachines.csv and disks.csv of the lab"))
	}
	return nil
}

// at says in which file an error is, unless the error says it.
func at(path string, err error) error {
	if _, hasPath := errors.AsType[*fs.PathError](err); hasPath {
		return err
	}
	return &fileError{path, err}
}

// A fileError is an error in a file.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return e.path + ": " + plainText(e.err) }
func (e *fileError) Unwrap() error { return e.err }

// search adds the exports in a folder and those below it. Hidden files are not
// looked at.
func (f *finder) search(ctx context.Context, dir string) error {
	found := len(f.inputs) + len(f.twice)
	root := dir + string(filepath.Separator) // goes through a link
	abs, err := filepath.EvalSymlinks(dir)
	if err == nil {
		abs, err = absolute(abs)
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
	if len(f.inputs)+len(f.twice) == found {
		return at(dir, hinted(errors.New("no exports in this folder"),
			"exports are files whose first line names the columns LabUId, ResourceUId and so on, whatever their names are; is it the right folder?"))
	}
	return nil
}

func (f *finder) visit(ctx context.Context, path string) error {
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
	contents, err := f.contents(b)
	if err != nil {
		return at(path, err)
	}
	for _, c := range contents {
		if err := f.addFound(c); err != nil {
			return at(c.path, err)
		}
	}
	return nil
}

func isHidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") }

// addFound adds a file of a folder, of whatever kind, if it is an export.
func (f *finder) addFound(c *content) error {
	err := f.add(c, 0)
	if errors.Is(err, errNoExport) {
		f.leftAlone = append(f.leftAlone, c.path)
		return nil
	}
	return err
}

// add adds a file, which must have the role unless that is 0.
func (f *finder) add(c *content, role csvschema.Role) error {
	have, header, err := c.sniff()
	if err != nil {
		return err
	}
	if role != 0 && have != role {
		flag := "--virtualmachines"
		if have == csvschema.Disks {
			flag = "--disks"
		}
		return hinted(fmt.Errorf("this is a %s file", have), "give it with %s", flag)
	}
	for _, other := range f.inputs {
		if other.name == c.name && c.blob.info != nil && other.blob.info != nil && os.SameFile(other.blob.info, c.blob.info) {
			f.twice = append(f.twice, c.path)
			return nil
		}
	}
	f.inputs = append(f.inputs, &input{content: c, role: have, header: header})
	return nil
}

// exports are the inputs of a run, as exports.
type exports struct {
	inputs    []*input // in the order of their exports, virtual machines first
	list      []csvschema.Export
	leftAlone []string
	twice     []string
	searched  []string // absolute paths of folders
}

// group makes exports of the files that were found. The files of a folder are those
// of one export. Disks in a folder without virtual machines belong to all: to the
// only export that there is, or to none in particular.
func (f *finder) group(zone *time.Location, made time.Time) *exports {
	var folders []string
	machines := map[string]bool{}
	for _, i := range f.inputs {
		if !slices.Contains(folders, i.folder()) {
			folders = append(folders, i.folder())
		}
		machines[i.folder()] = machines[i.folder()] || i.role == csvschema.VirtualMachines
	}
	slices.SortStableFunc(folders, func(a, b string) int { // those with virtual machines first
		switch {
		case machines[a] == machines[b]:
			return 0
		case machines[a]:
			return -1
		}
		return 1
	})
	withMachines := 0
	for _, folder := range folders {
		if machines[folder] {
			withMachines++
		}
	}
	e := &exports{leftAlone: f.leftAlone, twice: f.twice, searched: f.searched}
	for _, folder := range folders {
		n := 0 // index of the export
		if withMachines != 1 || machines[folder] {
			n = len(e.list)
			e.list = append(e.list, csvschema.Export{Made: madeAt(folder, zone, made)})
		}
		for _, i := range f.inputs {
			if i.folder() == folder {
				e.put(i, n)
			}
		}
	}
	slices.SortStableFunc(e.inputs, func(a, b *input) int {
		if a.export != b.export {
			return a.export - b.export
		}
		return int(a.role) - int(b.role)
	})
	return e
}

func madeAt(folder string, zone *time.Location, otherwise time.Time) time.Time {
	if made := exportInstant(folder, zone); !made.IsZero() {
		return made
	}
	return otherwise
}

// put makes a file one of the export with that index.
func (e *exports) put(i *input, n int) {
	export := &e.list[n]
	sources := &export.VirtualMachines
	if i.role == csvschema.Disks {
		sources = &export.Disks
	}
	*sources = append(*sources, csvschema.Source{Open: i.open})
	i.export, i.number = n+1, len(*sources)
	e.inputs = append(e.inputs, i)
}
