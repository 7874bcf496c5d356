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
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// A Finder finds the files of exports. Only one goroutine may use it.
type Finder struct {
	Stdin io.Reader  // what the path "-" means; if nil, it is a path like any other
	Read  func(int)  // if not nil, is told how many bytes were read; any goroutine may call it
	Lists [][]string // headers of CSV files that are not exports although they name columns of exports
	// Package, if not nil, reports whether a file is a package of this program. A search
	// leaves it alone.
	Package func(in io.ReaderAt, size int64) bool
	// Store, if not nil, holds what is at names that are no paths.
	Store Store
	// Ignore are patterns, as [path.Match] has them, of what a search passes over: paths
	// of files and folders below the folder or ZIP that is searched, with slashes.
	Ignore []string

	stdinUsed bool
	spooled   []*os.File // where an open file cannot be removed; Close removes them
	files     []*File
	known     map[fileID][]*File // of files
	leftAlone []string
	ignored   []string
	twice     []string
	refused   []error // of the search: what may be an export and cannot be read
}

// A fileID is what the same files have in common, among others.
type fileID struct {
	entry  string
	stored string
	size   int64
	time   time.Time
}

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
// and a ZIP may hold both roles. Finding nothing is an error, and so is a file in them
// that may be an export and cannot be read, unless it is to be ignored.
func (f *Finder) Find(ctx context.Context, name string, role csvschema.Role) error {
	for _, pattern := range f.Ignore {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			return fault.Usage("--ignore is no pattern such as archive/*.xlsx")
		}
	}
	found := f.found()
	isFolder, isStored := false, f.IsStored(name)
	if !isStored && (name != Stdin || f.Stdin == nil) {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		isFolder = info.IsDir()
	}
	f.refused = nil
	var err error
	switch {
	case isStored:
		isFolder, err = f.findStored(ctx, name, role)
	case isFolder:
		err = f.search(ctx, name)
	default:
		err = f.findFile(ctx, name, role)
	}
	switch {
	case err != nil:
		return err
	case len(f.refused) > 0:
		return f.refusal()
	case f.found() > found:
		return nil
	case isFolder:
		err = errors.New("no exports in this folder")
		if isStored {
			err = errEmptyStore
		}
		return fault.In(name, fault.WithHint(err,
			"exports are files whose first line names the columns LabUId, ResourceUId and so on, whatever their names are; is it the right place?"))
	}
	return fault.In(name, fault.WithHint(errors.New("no export in this ZIP file"),
		"download virtualmachines.csv and disks.csv of the lab"))
}

// findFile adds the exports of a file that was given by itself.
func (f *Finder) findFile(ctx context.Context, name string, role csvschema.Role) error {
	b, err := f.newBlob(ctx, name)
	if err != nil {
		return err
	}
	return f.findBlob(ctx, b, role)
}

func (f *Finder) findBlob(ctx context.Context, b *blob, role csvschema.Role) error {
	files, err := f.unpack(ctx, b)
	if err != nil {
		return fault.In(b.path, err)
	}
	for _, file := range files {
		if file.entry != "" {
			f.visitFile(ctx, file) // a ZIP is like a folder
			continue
		}
		err := f.addGiven(ctx, file, role)
		if err != nil {
			return fault.In(file.Path, err)
		}
	}
	return nil
}

// addGiven adds a file that was given by itself, which must be an export of the role unless
// that is 0.
func (f *Finder) addGiven(ctx context.Context, file *File, role csvschema.Role) error {
	kind, err := file.kindOf(f.Lists)
	if err != nil {
		return err
	}
	if kind == source.KindExport {
		return f.add(ctx, file, role)
	}
	if file.doubt == "" {
		file.doubt = doubtOf(kind)
	}
	if file.doubt == "" || file.doubt == doubtName {
		return errNoExport
	}
	return fault.WithHint(errors.New(string(file.doubt)), "%s", file.doubt.remedy())
}

// refusal returns the error for all files of a search that may be exports and cannot be
// read.
func (f *Finder) refusal() error {
	first := f.refused[0]
	if len(f.refused) == 1 {
		return first
	}
	const shown = 5
	var others []string
	for i, err := range f.refused[1:] {
		if i == shown {
			others = append(others, fmt.Sprintf("… and %d more", len(f.refused)-1-shown))
			break
		}
		others = append(others, fault.Text(err, func(*csvschema.Error) string { return "" }))
	}
	return fault.WithHint(first, "%s; the same of: %s", fault.Hint(first), strings.Join(others, "; "))
}

// found returns how many exports were found, also those that are read only once.
func (f *Finder) found() int { return len(f.files) + len(f.twice) }

// search adds the exports in a folder and those below it.
func (f *Finder) search(ctx context.Context, dir string) error {
	root := dir + string(filepath.Separator) // follows a link
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if name == root {
			return err
		}
		below, relErr := filepath.Rel(root, name)
		if relErr != nil {
			return relErr
		}
		below = filepath.ToSlash(below)
		skip := isOwn(name, d)
		if !skip && f.ignores(below) {
			skip, f.ignored = true, append(f.ignored, name)
		}
		switch {
		case skip && d.IsDir():
			return filepath.SkipDir
		case skip, err == nil && d.IsDir():
			return nil
		case err == nil:
			err = f.visit(ctx, name, below)
		}
		if err != nil && source.InSystem(below) && errors.Is(err, fs.ErrPermission) { // of the system, such as lost+found
			f.leftAlone = append(f.leftAlone, name)
			if d != nil && d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if err != nil {
			f.refused = append(f.refused, fault.In(name, err))
		}
		return ctx.Err()
	})
}

// ignores reports whether a pattern is that of a path or of a folder above it.
func (f *Finder) ignores(below string) bool {
	for ; below != "." && below != ""; below = path.Dir(below) {
		for _, pattern := range f.Ignore {
			if ok, _ := path.Match(strings.TrimSuffix(pattern, "/"), below); ok {
				return true
			}
		}
	}
	return false
}

// visit adds the exports of one file of a folder.
func (f *Finder) visit(ctx context.Context, name, below string) error {
	info, err := os.Stat(name)
	switch {
	case (err != nil || !info.Mode().IsRegular()) && source.InSystem(below):
		return nil // a link or a socket
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return doubtSpecial.err()
	}
	b, err := f.newBlob(ctx, name)
	if err != nil {
		return err
	}
	b.below = below
	files, err := f.unpack(ctx, b)
	if err != nil {
		return err
	}
	for _, file := range files {
		f.visitFile(ctx, file)
	}
	return nil
}

// visitFile adds a file of a folder or ZIP if it is an export of either role, and accounts
// for it in any case.
func (f *Finder) visitFile(ctx context.Context, file *File) {
	if file.entry != "" && f.ignores(file.below) {
		f.ignored = append(f.ignored, file.Path)
		return
	}
	refuse := func(err error) { f.refused = append(f.refused, fault.In(file.Path, err)) }
	inSystem := source.InSystem(file.below)
	switch {
	case file.doubt == doubtEmpty && inSystem:
		return
	case file.doubt != "" && inSystem:
		refuse(doubtSystem.err())
		return
	case file.doubt != "": // it cannot be opened, or nobody knows which it is
		refuse(file.doubt.err())
		return
	case file.inDocument && !inSystem:
		if file.isExportInDocument(f.Lists) {
			refuse(doubtDocument.err())
		}
		return
	}
	kind, err := file.kindAt(f.Lists)
	if kind == source.KindExport {
		err = f.add(ctx, file, 0)
	}
	switch {
	case err != nil:
		refuse(err)
	case kind.IsDoubtful():
		refuse(doubtOf(kind).err())
	case kind == source.KindOther: // nobody wants to be told of those of a system
		f.leftAlone = append(f.leftAlone, file.Path)
	}
}

// isExportInDocument reports whether a part of a document may be an export.
func (f *File) isExportInDocument(lists [][]string) bool {
	kind, err := f.kindOf(lists)
	if err != nil || kind == source.KindExport || kind == source.KindNearHeader || kind == source.KindRows {
		return true
	}
	return slices.Contains([]string{".csv", ".tsv", ".tab"}, strings.ToLower(path.Ext(f.entry)))
}

// add adds an export, which must be of the role unless that is 0.
func (f *Finder) add(ctx context.Context, file *File, role csvschema.Role) error {
	if err := file.readHeader(ctx); err != nil {
		return err
	}
	if role != 0 && file.Role != role {
		flag := "--virtualmachines"
		if file.Role == csvschema.Disks {
			flag = "--disks"
		}
		return fault.WithHint(fmt.Errorf("this is a %s file", file.Role), "give it with %s", flag)
	}
	if file.info != nil || file.stored != "" {
		id := fileID{entry: file.entry, stored: file.stored}
		if file.info != nil {
			id.size, id.time = file.info.Size(), file.info.ModTime()
		}
		if slices.ContainsFunc(f.known[id], file.same) {
			f.twice = append(f.twice, file.Path)
			return nil
		}
		if f.known == nil {
			f.known = map[fileID][]*File{}
		}
		f.known[id] = append(f.known[id], file)
	}
	f.files = append(f.files, file)
	return nil
}
