package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// protected is what outputs must not be, hold or lie in. Files are compared as files,
// whatever their paths are.
type protected struct {
	paths   map[string]string // what to call the file, by its path
	loaded  map[string]bool
	files   map[[2]uint64][]protectedFile
	folders []fs.FileInfo
}

type protectedFile struct {
	what string
	info fs.FileInfo
}

// Protect keeps outputs from what a run reads: the file at a path, or the folder and all
// that is in it. It must be called before [Set.Begin]. What is a word for messages, such
// as the flag. Nothing need be at the path.
func (s *Set) Protect(what, path string) {
	if s.protected.paths == nil {
		s.protected.paths = map[string]string{}
	}
	s.protected.paths[path] = what
}

// ProtectOpen is [Set.Protect] for an open file.
func (s *Set) ProtectOpen(what string, file *os.File) {
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		s.protected.add(what, info)
	}
}

func (p *protected) add(what string, info fs.FileInfo) {
	if p.files == nil {
		p.files = map[[2]uint64][]protectedFile{}
	}
	key := fileKey(info)
	p.files[key] = append(p.files[key], protectedFile{what, info})
}

// load looks at the paths that it has not looked at.
func (p *protected) load() error {
	if p.loaded == nil {
		p.loaded = map[string]bool{}
	}
	for path, what := range p.paths {
		if p.loaded[path] {
			continue
		}
		p.loaded[path] = true
		if strings.Contains(path, "://") { // of a store
			continue
		}
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // whoever reads it says so
			continue
		case err != nil:
			return err
		case !info.IsDir():
			p.add("the file of "+what, info)
		default:
			if err := p.loadFolder(what, path); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *protected) loadFolder(what, dir string) error {
	root := dir + string(filepath.Separator) // follows a link
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrPermission) && path != root {
			return nil // neither can the search read it
		}
		if err != nil {
			return err
		}
		info, err := os.Stat(path) // of what a link means, too
		switch {
		case err != nil: // a link to nothing, or to itself: nobody can read it
		case d.IsDir():
			p.folders = append(p.folders, info)
		case !info.IsDir():
			p.add("an input", info)
		}
		return nil
	})
}

func (p *protected) isSearched(dir fs.FileInfo) bool { return contains(p.folders, dir) }

// has returns what a file is to be called if it is protected, or "".
func (p *protected) has(info fs.FileInfo) string {
	for _, file := range p.files[fileKey(info)] {
		if os.SameFile(file.info, info) {
			return file.what
		}
	}
	return ""
}
