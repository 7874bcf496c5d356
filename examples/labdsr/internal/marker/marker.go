// Package marker answers one question: did this program write that folder, and nobody
// else anything in it?
//
// A folder of outputs holds a hidden file, the marker, which lists the other files with
// sizes and checksums. It is made for accidents: whoever can write it can also remove
// the folder. The same files make the same marker. The marker is no part of the exports:
// searches and verifications pass over it.
package marker

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Name is the name of a marker in its folder.
const Name = ".labdsr"

// Begun is the first line of a marker. A folder that is being written has no more.
const Begun = "labdsr 1: this program wrote the files below; --force replaces this folder while it holds them and nothing else\n"

// A File is what a marker says about a file. Checksums find changes by accident, and
// they do not let anybody guess what a file with few rows holds.
type File struct {
	Size int64
	Sum  uint32 // CRC-32C
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Add adds bytes to the end of the file.
func (f *File) Add(p []byte) {
	f.Size += int64(len(p))
	f.Sum = crc32.Update(f.Sum, castagnoli, p)
}

// Lines returns what comes after [Begun] in the marker of a folder. The files are named
// by their paths below it, with slashes.
func Lines(files map[string]*File) []byte {
	var b []byte
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b = fmt.Appendf(b, "%08x %d %q\n", files[name].Sum, files[name].Size, name)
	}
	return fmt.Appendf(b, "files: %d\n", len(names))
}

// Is reports whether a path is that of a marker, begun or whole.
func Is(path string) bool {
	if filepath.Base(path) != Name {
		return false
	}
	file, err := open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, len(Begun))
	_, err = io.ReadFull(file, head)
	return err == nil && string(head) == Begun
}

// IsWhole reports whether a path is that of a marker that lists files, and holds nothing
// else.
func IsWhole(path string) bool {
	if filepath.Base(path) != Name {
		return false
	}
	_, ok := read(path)
	return ok
}

// IsText reports whether a text is a whole marker, or the beginning of one in a folder that
// is being written.
func IsText(r io.Reader) (bool, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxTextBytes))
	if err != nil {
		return false, err
	}
	_, ok := parse(text)
	return ok || string(text) == Begun, nil
}

// maxTextBytes is more than the marker of a million files has.
const maxTextBytes = 64 << 20

// open opens a regular file. It does not wait for a pipe.
func open(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fs.ErrInvalid
	}
	return os.Open(path)
}

// IsOfFileManager reports whether a file of that name is what a file manager leaves in the
// folders that it shows. Nobody misses it.
func IsOfFileManager(name string) bool {
	return slices.ContainsFunc([]string{".DS_Store", "Thumbs.db", "desktop.ini"}, func(one string) bool { return strings.EqualFold(one, name) })
}

// Check reports whether a folder has a whole marker, holds the files in it, unchanged,
// and nothing else besides what is of a file manager.
func Check(dir string) (bool, error) {
	ours, missing, err := compare(dir)
	return ours && missing == 0, err
}

// CheckRest is [Check] for a folder of which files may be missing.
func CheckRest(dir string) (bool, error) {
	ours, _, err := compare(dir)
	return ours, err
}

// compare holds a folder against its marker. Ours says that the folder has a whole one,
// and nothing that is not in it; missing is how many files of it are not there.
func compare(dir string) (ours bool, missing int, err error) {
	listed, ok := read(filepath.Join(dir, Name))
	if !ok {
		return false, 0, nil
	}
	folders := map[string]bool{".": true}
	for name := range listed {
		for up := filepath.Dir(filepath.FromSlash(name)); !folders[up]; up = filepath.Dir(up) {
			folders[up] = true
		}
	}
	ours, missing = true, len(listed)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		regular := d.Type().IsRegular()
		switch want := listed[filepath.ToSlash(rel)]; {
		case d.IsDir() && folders[rel], regular && (rel == Name || IsOfFileManager(d.Name())):
			return nil
		case regular && want != nil:
			missing--
			have, err := sum(path)
			if err != nil || have == *want {
				return err
			}
		}
		ours = false
		return filepath.SkipAll
	})
	return ours, missing, err
}

// read reads a whole marker. It has exactly the bytes that this program writes.
func read(path string) (map[string]*File, bool) {
	file, err := open(path)
	if err != nil {
		return nil, false
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, len(Begun))
	if _, err := io.ReadFull(file, head); err != nil || string(head) != Begun {
		return nil, false
	}
	rest, err := io.ReadAll(io.LimitReader(file, maxTextBytes))
	if err != nil {
		return nil, false
	}
	return parse(append(head, rest...))
}

func parse(text []byte) (map[string]*File, bool) {
	rest, ok := bytes.CutPrefix(text, []byte(Begun))
	if !ok {
		return nil, false
	}
	files := map[string]*File{}
	for line := range bytes.Lines(rest) {
		one, name := &File{}, ""
		if _, err := fmt.Sscanf(string(line), "%x %d %q", &one.Sum, &one.Size, &name); err != nil {
			break // the last line
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, false
		}
		files[name] = one
	}
	return files, bytes.Equal(rest, Lines(files))
}

func sum(path string) (File, error) {
	var f File
	in, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer func() { _ = in.Close() }()
	_, err = io.Copy(adder{&f}, in)
	return f, err
}

type adder struct{ *File }

func (a adder) Write(p []byte) (int, error) {
	a.Add(p)
	return len(p), nil
}
