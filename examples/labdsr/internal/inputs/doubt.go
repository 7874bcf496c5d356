package inputs

import (
	"archive/zip"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// NOTE. A search must not pass over an export in silence: a person's rows would be missing
// from an answer that looks whole. So whatever is found in a folder or ZIP is one of these:
//
//	an export          by its header, whatever its name is                     read
//	perhaps an export  by its header, its rows, its name, or nobody can tell   the search fails
//	no export          certainly: another kind of file, a list of this tool    told
//	of a system        by its exact name and its head                          nothing
//	ignored            by a pattern of Finder.Ignore                           told
//
// What a file is, package source says. The doubts here are about what holds the file.

// A doubt says why a file that cannot be read as an export may be one all the same. "" is
// none.
type doubt string

const (
	doubtPacked    doubt = "is packed more than once"
	doubtTwice     doubt = "is in the ZIP file more than once"
	doubtBackslash doubt = "has a backslash in its name in the ZIP file: a folder, or a part of the name?"
	doubtGap       doubt = "is a ZIP file with bytes that belong to none of its entries: two in one?"
	doubtFolder    doubt = "is a folder in the ZIP file, and holds bytes"
	doubtDocument  doubt = "is in a document of an office program, and may be an export"
	doubtNoPath    doubt = "has a name that is no path: two slashes together, a dot alone, or a backslash"
	doubtSpecial   doubt = "is no regular file: a link to a folder, a pipe or a device"
)

var (
	doubtEmpty     = doubtOf(source.KindEmpty)
	doubtWorkbook  = doubtOf(source.KindWorkbook)
	doubtArchive   = doubtOf(source.KindArchive)
	doubtName      = doubtOf(source.KindNamed)
	doubtEncrypted = doubtOf(source.KindEncrypted)
	doubtHidden    = doubtOf(source.KindHidden)
	doubtSystem    = doubtOf(source.KindInSystem)
)

// doubtOf returns what is doubtful about a file of the kind. One packing is taken off
// before anybody asks for the kind.
func doubtOf(kind source.Kind) doubt {
	switch {
	case !kind.IsDoubtful():
		return ""
	case kind == source.KindPacked:
		return doubtPacked
	}
	return doubt(kind.String())
}

// err returns the doubt as an error with what to do about it.
func (d doubt) err() error {
	return fault.WithHint(errors.New(string(d)), "%s; if it is no export, leave it out with --ignore", d.remedy())
}

// remedy says what to do about a file that is an export.
func (d doubt) remedy() string {
	switch d {
	case doubtPacked, doubtArchive, doubtBackslash, doubtTwice, doubtEncrypted, doubtGap, doubtFolder, doubtDocument:
		return "unpack it first"
	case doubtWorkbook:
		return "get the original download, virtualmachines.csv or disks.csv: a spreadsheet changes IDs and dates"
	case doubtNoPath:
		return "copy it to another name"
	case doubtSpecial, doubtHidden, doubtSystem:
		return "give it by its own path"
	}
	return "get the original download"
}

// isOwn reports whether a path is a marker of this program, or a folder that a killed run
// left.
func isOwn(name string, d fs.DirEntry) bool {
	if d == nil {
		return false
	}
	if d.IsDir() {
		return strings.HasPrefix(d.Name(), ".labdsr-") && marker.Is(filepath.Join(name, marker.Name))
	}
	if marker.IsWhole(name) {
		return true
	}
	info, err := d.Info()
	return err == nil && info.Size() == int64(len(marker.Begun)) && marker.Is(name)
}

// doubtOfEntry says what is wrong with an entry of a ZIP before it is opened.
func doubtOfEntry(e *zip.File, times int) doubt {
	switch mode := e.Mode(); {
	case times > 1:
		return doubtTwice
	case strings.Contains(e.Name, `\`):
		return doubtBackslash
	case e.Flags&1 != 0:
		return doubtEncrypted
	case mode.IsDir():
		return doubtFolder
	case mode&fs.ModeType != 0:
		return doubtSpecial
	}
	return ""
}

// isWorkbook reports whether a ZIP is a workbook.
func (a *archive) isWorkbook() bool {
	return slices.ContainsFunc(a.entries, func(e *zip.File) bool {
		return strings.HasPrefix(e.Name, "xl/") || strings.EqualFold(path.Ext(a.blob.path), ".ods") && e.Name == "content.xml" ||
			strings.EqualFold(path.Ext(a.blob.path), ".numbers") && strings.HasSuffix(e.Name, ".iwa")
	})
}

// isDocument reports whether a ZIP is a document of an office program. Its parts are not
// told.
func (a *archive) isDocument() bool {
	return slices.ContainsFunc(a.entries, func(e *zip.File) bool {
		return e.Name == "[Content_Types].xml" || e.Name == "META-INF/manifest.xml"
	})
}
