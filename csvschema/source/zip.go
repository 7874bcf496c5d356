package source

import (
	"archive/zip"
	"io/fs"
	"path"
	"strings"
)

// checkZIP finds entries of a ZIP that its file system shows in another place, or does not
// show at all.
func (f *finder) checkZIP() {
	var entries []*zip.File
	switch z := f.fsys.(type) {
	case *zip.Reader:
		entries = z.File
	case *zip.ReadCloser:
		entries = z.File
	}
	files, folders := map[string]int{}, map[string]bool{}
	for _, e := range entries {
		name, isFolder := strings.CutSuffix(e.Name, "/")
		if isFolder {
			folders[name] = true
		} else {
			files[name]++
		}
		for dir := path.Dir(name); !folders[dir] && fs.ValidPath(dir); dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	for _, e := range entries {
		if name, isFolder := strings.CutSuffix(e.Name, "/"); !f.ignores(name) {
			kind := kindOfEntry(e, name, isFolder)
			if times := files[name]; times > 1 || times == 1 && folders[name] {
				kind = KindRepeated
				files[name] = 0 // one error is enough
			}
			if kind != 0 {
				f.fail(&Error{Path: hide(e.Name), Kind: kind})
			}
		}
	}
}

// kindOfEntry says what is wrong with an entry before it is opened, or 0. The name is that
// without the slash of a folder.
func kindOfEntry(e *zip.File, name string, isFolder bool) Kind {
	switch {
	case !fs.ValidPath(name), strings.Contains(name, `\`):
		return KindInsecure
	case (isFolder || e.Mode().IsDir()) && e.UncompressedSize64 > 0:
		return KindInsecure
	case e.Flags&1 != 0:
		return KindEncrypted
	}
	return 0
}
