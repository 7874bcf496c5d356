package source

import (
	"io"
	"path"
	"slices"
	"strings"
)

// KindAt says what a file is that a search found at a path, with slashes. Besides what
// [KindOf] says, a file may be hidden, cut off, or one of those that systems and programs
// leave in folders: of these it says [KindOfSystem], unless one may be an export.
func KindAt(name string, r io.Reader, lists ...[]string) (Kind, error) {
	if isPartial(path.Base(name)) && !InSystem(name) {
		return KindPartial, nil
	}
	kind, err := KindOf(name, r, lists...)
	switch {
	case err != nil:
		return 0, err
	case InSystem(name):
		return kindInSystem(name, kind), nil
	case kind == KindExport && slices.ContainsFunc(strings.Split(name, "/"), isHidden):
		return KindHidden, nil
	}
	return kind, nil
}

// kindInSystem is the kind of a file in a place of a system. There, its name and that it
// is empty say nothing, nor does that a file of thumbnails is like an old workbook.
func kindInSystem(name string, kind Kind) Kind {
	switch kind { //nolint:exhaustive // all others
	case KindOther, KindEmpty, KindPage, KindNamed, KindBinary:
		return KindOfSystem
	case KindWorkbook:
		if hasSuffix(strings.ToLower(name), []string{"thumbs.db"}) {
			return KindOfSystem
		}
	}
	return KindInSystem
}

// systemNames are those of files and folders of systems and programs.
var systemNames = []string{
	".ds_store", ".localized", ".spotlight-v100", ".trashes", ".fseventsd", ".temporaryitems", ".documentrevisions-v100", "__macosx",
	"thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "lost+found", "@eadir", ".directory",
	".git", ".gitignore", ".gitattributes", ".gitkeep", ".keep", ".svn", ".hg",
}

// InSystem reports whether a path with slashes is that of a file or folder of an operating
// system or a program, such as .DS_Store, or is below one. Names that begin with .labdsr-
// are those of the command line of this module.
func InSystem(name string) bool {
	return slices.ContainsFunc(strings.Split(strings.ToLower(name), "/"), func(name string) bool {
		return slices.Contains(systemNames, name) || strings.HasPrefix(name, ".labdsr-") || strings.HasPrefix(name, ".~lock.")
	})
}

// isHidden reports whether systems do not show a file of that name.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") }

// isPartial reports whether a program that downloads calls an unfinished file so.
func isPartial(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, ".azdownload-") || hasSuffix(name, []string{".crdownload", ".part", ".partial", ".download", ".filepart", ".opdownload"})
}
