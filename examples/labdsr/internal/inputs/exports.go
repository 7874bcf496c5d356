package inputs

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
)

// Exports are the inputs of a run, grouped into exports.
type Exports struct {
	Files     []*File            // in the order of their exports, virtual machines first
	List      []csvschema.Export // as the library reads them; the number of an export is its index plus 1
	LeftAlone []string           // paths of files in folders and ZIPs that are not exports
	Ignored   []string           // paths of files and folders that were to be passed over
	Twice     []string           // paths of files that were given more than once, and are read once

	byID map[csvschema.FileID]*File
}

// Group makes exports of the files that were found, as [source.Group] does. Made says when
// those exports were made whose folder does not say it, and may be zero.
func (f *Finder) Group(zone *time.Location, made time.Time) *Exports {
	files := make([]source.File, len(f.files))
	for i, file := range f.files {
		files[i] = source.File{FileID: csvschema.FileID{Role: file.Role}, Path: filepath.ToSlash(file.abs), Source: file.source()}
	}
	e := &Exports{
		Files: slices.Clone(f.files), List: source.Group(files, zone),
		LeftAlone: f.leftAlone, Ignored: f.ignored, Twice: f.twice, byID: map[csvschema.FileID]*File{},
	}
	for i := range e.List {
		if e.List[i].Made.IsZero() {
			e.List[i].Made = made
		}
	}
	for i, file := range f.files {
		file.FileID = files[i].FileID
		e.byID[file.FileID] = file
	}
	slices.SortFunc(e.Files, func(a, b *File) int {
		return cmp.Or(cmp.Compare(a.Export, b.Export), cmp.Compare(a.Role, b.Role), cmp.Compare(a.File, b.File))
	})
	return e
}

// AddSource adds a file to an export of the library, and returns its number among the
// files of its role, from 1.
func AddSource(export *csvschema.Export, file *File) int {
	sources := &export.VirtualMachines
	if file.Role == csvschema.Disks {
		sources = &export.Disks
	}
	*sources = append(*sources, file.source())
	return len(*sources)
}

// File returns the file with that ID, or nil.
func (e *Exports) File(id csvschema.FileID) *File {
	if e == nil {
		return nil
	}
	return e.byID[id]
}

// Path returns the path of the file with that ID. If there is no such file, it returns
// the name of the role.
func (e *Exports) Path(id csvschema.FileID) string {
	if file := e.File(id); file != nil {
		return file.Path
	}
	return id.Role.String()
}

// Tidy returns a path with slashes, as short as it can be written: ./a and the absolute
// path of a are a. No path stays none, and a name of a store stays as it is.
func Tidy(name string) string {
	if name == "" || strings.Contains(name, "://") {
		return name // of a store
	}
	if wd, err := os.Getwd(); err == nil && filepath.IsAbs(name) {
		if rel, err := filepath.Rel(wd, name); err == nil && filepath.IsLocal(rel) {
			name = rel
		}
	}
	return filepath.ToSlash(filepath.Clean(name))
}

// Names returns a name for each file: its tidy path, from which hide takes identifiers of
// people. Of files that have the same name then, all but the first in the order of their
// paths get a number.
func (e *Exports) Names(hide func(string) string) map[csvschema.FileID]string {
	files := slices.Clone(e.Files)
	slices.SortStableFunc(files, func(a, b *File) int { return cmp.Compare(Tidy(a.Path), Tidy(b.Path)) })
	names, taken := map[csvschema.FileID]string{}, map[string]bool{}
	next := map[string]int{} // number after those that are taken
	for _, file := range files {
		path := hide(Tidy(file.Path))
		name, n := path, max(next[path], 2)
		for ; taken[name]; n++ {
			name = fmt.Sprintf("%s (%d)", path, n)
		}
		names[file.FileID], taken[name], next[path] = name, true, n
	}
	return names
}

// PathOf returns the path of the file that an error of the library is in, or "". An
// error of a single file has no numbers.
func (e *Exports) PathOf(place *csvschema.Error) string {
	if file := e.File(csvschema.FileID{Export: max(place.Export, 1), File: max(place.File, 1), Role: place.Role}); file != nil {
		return file.Path
	}
	return ""
}

// Size returns how many bytes one pass over the files of a role reads. Role 0 means all
// files.
func (e *Exports) Size(role csvschema.Role) int64 {
	var size int64
	for _, file := range e.Files {
		if role == 0 || file.Role == role {
			size += file.size
		}
	}
	return size
}
