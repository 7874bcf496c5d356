package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/filestat"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// An afterFolder is what was made of the exports before.
type afterFolder struct {
	path    string
	names   map[*inputs.File]string // of the files that must be there
	exports []csvschema.Export      // in the order of those before
	files   map[*inputs.File]*inputs.File
	infos   map[*inputs.File]fs.FileInfo // before the first of them was read
	marked  bool                         // there is a marker
	stored  bool                         // in a container; no pass reads what was changed
}

// isWhole reports whether all files are there that must be.
func (f *afterFolder) isWhole() bool { return len(f.files) == len(f.names) }

// pathOf returns the path of what was made of a file.
func (f *afterFolder) pathOf(before *inputs.File) string {
	if f.stored {
		return strings.TrimSuffix(f.path, "/") + "/" + f.names[before]
	}
	return filepath.Join(f.path, filepath.FromSlash(f.names[before]))
}

// pairs looks at every file below --after. It has to be what was made of a file before,
// and of each of these there has to be one.
func (f *verifyCommand) pairs(ctx context.Context, a *app, r *verification) (*afterFolder, error) {
	names, err := a.exports.OutputNames()
	if err != nil {
		return nil, err
	}
	after := &afterFolder{
		path: f.after[0], names: names, exports: make([]csvschema.Export, len(a.exports.List)),
		files: map[*inputs.File]*inputs.File{}, infos: map[*inputs.File]fs.FileInfo{}, stored: a.finder.IsStored(f.after[0]),
	}
	seen := map[*inputs.File]bool{}
	if after.stored {
		err = f.pairStored(ctx, a, after, seen, r)
	} else {
		err = f.pairFiles(ctx, after, seen, r)
	}
	if err != nil {
		return nil, err
	}
	for _, before := range a.exports.Files {
		if file := after.files[before]; file != nil {
			inputs.AddSource(&after.exports[before.Export-1], file)
		} else if !seen[before] {
			r.fail(after.pathOf(before), results.FileMissing)
		}
	}
	return after, nil
}

// pairFiles looks at every file of a folder, and notes for which of those before it has
// seen one.
func (f *verifyCommand) pairFiles(ctx context.Context, after *afterFolder, seen map[*inputs.File]bool, r *verification) error {
	if info, err := os.Stat(after.path); err != nil {
		return err
	} else if !info.IsDir() {
		return fault.WithHint(fmt.Errorf("%s: is no folder", after.path), "--after is the folder that anonymize wrote")
	}
	expected, folders := map[string]*inputs.File{}, map[string]bool{filepath.Clean(after.path): true}
	for before := range after.names {
		path := after.pathOf(before)
		expected[path] = before
		for up := filepath.Dir(path); !folders[up]; up = filepath.Dir(up) {
			folders[up] = true
		}
	}
	return eachFile(ctx, after.path, func(path string, wrong results.FailureKind) {
		before := expected[path]
		seen[before] = true
		switch {
		case wrong != "":
			r.fail(path, wrong)
		case path == filepath.Join(after.path, marker.Name) && marker.IsWhole(path):
			after.marked = true // anonymize wrote it
		case before == nil && isOfSystem(filepath.Base(path)):
			r.fail(path, results.FileOfSystem)
		case before == nil:
			r.fail(path, results.FileAdded)
		default:
			after.files[before] = inputs.Plain(path, before.Role)
			after.infos[before], _ = os.Lstat(path) // nil if it is gone by now
		}
	}, func(path string) {
		if !folders[filepath.Clean(path)] {
			r.fail(path, results.FolderAdded)
		}
	})
}

// pairStored is pairFiles for a container.
func (f *verifyCommand) pairStored(ctx context.Context, a *app, after *afterFolder, seen map[*inputs.File]bool, r *verification) error {
	all, err := a.storage.List(ctx, after.path)
	if err != nil {
		return fault.In(after.path, err)
	}
	if len(all) == 1 && all[0].Below == "" {
		return fault.WithHint(fmt.Errorf("%s: is one blob", after.path), "--after is the container or the prefix in it in which the exports are")
	}
	expected := map[string]*inputs.File{}
	for before, name := range after.names {
		expected[name] = before
	}
	for _, one := range all {
		before := expected[one.Below]
		seen[before] = true
		switch {
		case before != nil:
			after.files[before] = inputs.PlainStored(ctx, one, before.Role)
		case path.Base(one.Below) == marker.Name:
			own, err := isMarker(ctx, one)
			if err != nil {
				return fault.In(one.Name, err)
			}
			if !own {
				r.fail(one.Name, results.FileAdded)
			}
		default:
			r.fail(one.Name, results.FileAdded)
		}
	}
	return nil
}

// isMarker reports whether a blob is the marker of a folder that was uploaded.
func isMarker(ctx context.Context, one inputs.Stored) (bool, error) {
	in, err := one.Open(ctx)
	if err != nil {
		return false, err
	}
	own, err := marker.IsText(in)
	return own, errors.Join(err, in.Close())
}

// checkSame fails for each file that is another one by now, or was written: more than one
// pass reads it, and all must have read the same.
func (f *afterFolder) checkSame(all []*inputs.File, r *verification) {
	if f.stored {
		return
	}
	for _, before := range all {
		was, path := f.infos[before], f.pathOf(before)
		is, err := os.Lstat(path)
		if was == nil || err != nil || !filestat.Same(was, is) {
			r.fail(path, results.FileRewritten)
		}
	}
}

// checkMarker fails if there is a marker that is not exactly of the files that are there.
func (f *afterFolder) checkMarker(r *verification) error {
	if !f.marked {
		return nil
	}
	ok, err := marker.Check(f.path)
	if err == nil && !ok {
		r.fail(filepath.Join(f.path, marker.Name), results.MarkerDiffers)
	}
	return err
}

// eachFile calls visit for each file in a folder and those below it, hidden ones
// included, in the order of their names. What is no file that can be read is visited with
// what is wrong with it. A link is not followed. It calls enter for each folder.
func eachFile(ctx context.Context, folder string, visit func(path string, wrong results.FailureKind), enter func(path string)) error {
	root := folder + string(filepath.Separator) // follows a link
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err != nil && path == root:
			return err
		case err != nil:
			visit(path, results.FileUnreadable) // a folder, perhaps
		case d.IsDir():
			enter(path)
		case d.Type()&fs.ModeSymlink != 0:
			visit(path, results.FileLink)
		case !d.Type().IsRegular():
			visit(path, results.FileSpecial)
		case !isReadable(path):
			visit(path, results.FileUnreadable)
		default:
			visit(path, "")
		}
		return nil
	})
}

// isOfSystem reports whether a name is one that the system gives to what it adds to folders.
func isOfSystem(name string) bool {
	return marker.IsOfFileManager(name) || strings.HasPrefix(name, "._")
}

func isReadable(path string) bool {
	file, err := os.Open(path)
	return err == nil && file.Close() == nil
}

// compare holds the files against those of the receipt, one to one.
func (f *verifyCommand) compare(ctx context.Context, a *app, key identity.SecretKey, sealed *evidence.Confirmed, after *afterFolder, r *verification) error {
	proof, err := evidence.New(evidence.Options{Key: key})
	if err != nil {
		return err
	}
	r.Digests = proof.IsSealed()
	a.con.Show("digesting", 2*a.exports.Size(0))
	var before, written []receipt.File
	var paths, writtenPaths []string
	for _, file := range a.exports.Files {
		d := proof.Digest(file)
		if err := file.CopyTo(ctx, d); err != nil {
			return err
		}
		before, paths = append(before, d.File(0)), append(paths, file.Path)
		made := after.files[file]
		if made == nil {
			continue // that was told
		}
		d = proof.Digest(file)
		if err := made.CopyTo(ctx, d); err != nil {
			if ctx.Err() != nil {
				return err
			}
			delete(after.files, file)
			r.fail(made.Path, results.FileUnreadable)
			continue
		}
		written, writtenPaths = append(written, d.File(0)), append(writtenPaths, made.Path)
	}
	told := func(id csvschema.FileID) bool {
		file := a.exports.File(id)
		return file != nil && after.files[file] == nil
	}
	for _, side := range []struct {
		differs, missing results.FailureKind
		folder           string
		said, have       []receipt.File
		paths            []string
	}{
		{results.InputDiffers, results.InputMissing, f.before[0], sealed.Inputs, before, paths},
		{results.OutputDiffers, results.OutputMissing, after.path, sealed.Outputs, written, writtenPaths},
	} {
		wrong, missing := evidence.Mismatches(side.said, side.have, r.Digests)
		for _, i := range wrong {
			r.fail(side.paths[i], side.differs)
		}
		for _, id := range missing {
			if side.missing == results.InputMissing || !told(id) {
				r.add(results.Failure{File: side.folder, Kind: side.missing, Missing: new(results.ReceiptFile(id))})
			}
		}
	}
	return nil
}
