package inputs

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
)

// NOTE. A search must not pass over an export in silence: a person's rows would be missing
// from an answer that looks whole. So whatever is found in a folder or ZIP is one of these:
//
//	an export          by its header, whatever its name is                     read
//	perhaps an export  by its header, its rows, its name, or nobody can tell   the search fails
//	no export          certainly: another kind of file, a list of this tool    told
//	clutter            of systems and programs, by its exact name and its head nothing
//	ignored            by a pattern of Finder.Ignore                           told

// A doubt says why a file that cannot be read as an export may be one all the same. "" is
// none.
type doubt string

const (
	doubtEmpty     doubt = "is empty: was the download cut off?"
	doubtPage      doubt = "is a web page, XML or JSON: an error of the server instead of an export?"
	doubtWorkbook  doubt = "is a workbook of a spreadsheet program, not CSV"
	doubtArchive   doubt = "is an archive, which may hold exports"
	doubtPacked    doubt = "is packed more than once"
	doubtHeader    doubt = "has a header that is nearly that of an export"
	doubtRows      doubt = "has rows like those of an export, and no header that is known"
	doubtName      doubt = "has the name of an export, and is none that can be read"
	doubtHidden    doubt = "is hidden, and may be an export"
	doubtDownload  doubt = "is what a download that was cut off leaves"
	doubtTwice     doubt = "is in the ZIP file more than once"
	doubtBackslash doubt = "has a backslash in its name in the ZIP file: a folder, or a part of the name?"
	doubtGap       doubt = "is a ZIP file with bytes that belong to none of its entries: two in one?"
	doubtFolder    doubt = "is a folder in the ZIP file, and holds bytes"
	doubtClutter   doubt = "is in a place or has a name of files of the system, and may be an export"
	doubtDocument  doubt = "is in a document of an office program, and may be an export"
	doubtEncrypted doubt = "is encrypted"
	doubtBinary    doubt = "is no text, and of no kind that is known"
	doubtSpecial   doubt = "is no regular file: a link to a folder, a pipe or a device"
)

// err returns the doubt as an error with what to do about it.
func (d doubt) err() error {
	return fault.WithHint(errors.New(string(d)), "%s; if it is no export, leave it out with --ignore", d.remedy())
}

// remedy says what to do about a file that is an export.
func (d doubt) remedy() string {
	switch d { //nolint:exhaustive // of all others
	case doubtPacked, doubtArchive, doubtBackslash, doubtTwice, doubtEncrypted, doubtGap, doubtFolder, doubtDocument:
		return "unpack it first"
	case doubtWorkbook:
		return "get the original download, virtualmachines.csv or disks.csv: a spreadsheet changes IDs and dates"
	case doubtSpecial, doubtHidden, doubtClutter:
		return "give it by its own path"
	}
	return "get the original download"
}

// clutter are files and folders of systems and programs. Nobody wants to be told of them
// unless one holds what may be an export: see isClutterExport.
var clutter = []string{
	".ds_store", ".localized", ".spotlight-v100", ".trashes", ".fseventsd", ".temporaryitems", ".documentrevisions-v100", "__macosx",
	"thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "lost+found", "@eadir", ".directory",
	".git", ".gitignore", ".gitattributes", ".gitkeep", ".keep", ".svn", ".hg",
}

// isClutter reports whether a name is that of clutter. Files that begin with .labdsr- are
// this program's own.
func isClutter(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(clutter, name) || strings.HasPrefix(name, ".labdsr-") || strings.HasPrefix(name, ".~lock.")
}

// inClutter reports whether a path is that of clutter, or is below it.
func inClutter(below string) bool {
	return slices.ContainsFunc(strings.Split(below, "/"), isClutter)
}

// isOwn reports whether a path is a marker of this program, or a folder that a run left
// behind that was ended.
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

// isClutterExport reports whether clutter may be an export by what it holds. Its name and
// that it is empty say nothing, nor does that a file of thumbnails is like an old workbook.
func (f *File) isClutterExport(lists [][]string) bool {
	if f.doubt == "" {
		if err := f.sniff(lists); !errors.Is(err, errNoExport) {
			return true
		}
	}
	switch f.doubt { //nolint:exhaustive // all others
	case "", doubtEmpty, doubtPage, doubtName, doubtBinary:
		return false
	case doubtWorkbook:
		return !strings.HasSuffix(strings.ToLower(f.Path), "thumbs.db")
	}
	return true
}

// isHidden reports whether systems do not show a file of that name.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") }

// otherKinds are the suffixes of files that are no exports, unless they have the header,
// rows or name of one, or are an error of the server.
var otherKinds = []string{
	".md", ".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".html", ".htm", ".xml", ".css", ".js", ".ts", ".log", ".sql", ".pdf",
	".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".docx", ".pptx", ".doc", ".ppt", ".odt", ".odp", ".eml", ".msg",
	".sh", ".bash", ".ps1", ".psm1", ".bat", ".cmd", ".py", ".go", ".cs", ".rb", ".tf", ".bicep", ".exe", ".dll",
	".pem", ".key", ".sig", ".asc", ".sha256", ".sha512", ".md5", ".cer", ".crt", ".der", ".pfx", ".p12", ".p7s",
	".bmp", ".tif", ".tiff", ".heic", ".avif", ".psd", ".emf", ".wmf", ".mp3", ".mp4", ".m4a", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wav", ".flac", ".ogg",
	".woff", ".woff2", ".ttf", ".otf", ".fntdata", ".odttf", ".rels", ".vml", ".vsd", ".mpp", ".lnk", ".pyc", ".class", ".o", ".a", ".so", ".dylib", ".obj", ".lib", ".pdb", ".wasm",
}

// otherMagic is how pictures and programs begin, whose names may have no suffix.
var otherMagic = []string{"\x89PNG", "\xff\xd8\xff", "GIF8", "RIFF", "%PDF-", "\x7fELF", "MZ", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe"}

func hasSuffix(name string, suffixes []string) bool {
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) })
}

var (
	exportName = regexp.MustCompile(`virtual[ _.-]*machine|(^|[^a-z])disks?([^a-z]|$)`)
	// wholeExportName is that of a file which has no other words in its name.
	wholeExportName = regexp.MustCompile(`^[^a-z]*(copy of )?(virtual[ _.-]*machines|disks)[^a-z]*(\.(csv|tsv|txt)[^a-z]*)?(\.[a-z0-9]+)?$`)
	serverError     = regexp.MustCompile(`^\s*(<\?xml[^>]*>)?\s*<Error>\s*<Code>`)
	encrypted       = regexp.MustCompile(`^(-----BEGIN (PGP MESSAGE|AGE ENCRYPTED FILE|CMS|PKCS7)|age-encryption\.org/|Salted__)`)
	pages           = []string{".html", ".htm", ".xml", ".json", ".jsonl"}
	prose           = []string{".md"}
	workbooks       = []string{".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"}
	archives        = []string{".zip", ".zipx", ".tar", ".tgz", ".tbz", ".txz", ".7z", ".rar", ".bz2", ".xz", ".lz4", ".lz", ".br", ".cab", ".z", ".lzma"}
	tableSuffix     = []string{".csv", ".tsv", ".tab"}
	partial         = []string{".crdownload", ".part", ".partial", ".download", ".filepart", ".opdownload"}
	markerBlob      = regexp.MustCompile(`^\d{8}\.txt$`) // the service writes them, see DOMAIN
	azDownload      = ".azdownload-"
	resourcePath    = regexp.MustCompile(`(?i)/subscriptions/|microsoft\.devtestlab`)
	anyGUID         = regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// signs are files that say something by being there, and are empty.
var signs = []string{"_success", "cachedir.tag", "py.typed"}

// maxOwnerBytes is more than the file has in which an office program says who has opened
// another.
const maxOwnerBytes = 200

// isRemnant reports whether a program that downloads calls an unfinished file so.
func isRemnant(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, azDownload) || hasSuffix(name, partial)
}

// doubtOf says why a file of that name, which begins with head and is no export that can
// be read, may be one all the same.
func doubtOf(name string, head []byte, lists [][]string) doubt {
	name = withoutSuffix(strings.ToLower(name), ".gz", ".gzip", ".zst", ".zstd")
	text := plainText(head)
	isNamed := wholeExportName.MatchString(name) || hasSuffix(name, tableSuffix) && exportName.MatchString(name)
	switch {
	case isList(text, lists), bytes.HasPrefix(head, []byte(appleDouble)):
		return ""
	case encrypted.MatchString(text):
		return doubtEncrypted
	case isEncoded(text, lists):
		return doubtPacked
	case hasSuffix(name, otherKinds):
		return doubtOfOther(name, text)
	case strings.HasPrefix(name, "~$") && len(head) <= maxOwnerBytes && hasSuffix(name, workbooks):
		return ""
	case isWorkbookHead(head), hasSuffix(name, workbooks):
		return doubtWorkbook
	case packingOf(head) != plainFile:
		return doubtPacked
	case isArchiveHead(head):
		return doubtArchive
	case strings.TrimSpace(text) == "":
		if markerBlob.MatchString(name) || !isNamed && !hasSuffix(name, tableSuffix) && (isHidden(name) || slices.Contains(signs, name)) {
			return ""
		}
		return doubtEmpty
	case isBinary(text):
		return doubtOfBinary(name, head)
	case isPage(text) && (hasSuffix(name, tableSuffix) || isNamed || strings.Contains(text, "<Error>")):
		return doubtPage
	case hasSuffix(name, archives):
		return doubtArchive
	case isCutHeader(text), hasNearHeader(text), isHeader([]byte(fromEBCDIC(head)), lists):
		return doubtHeader
	case hasRows(text):
		return doubtRows
	case isNamed:
		return doubtName
	}
	return ""
}

// doubtOfBinary is doubtOf of a file that is no text.
func doubtOfBinary(name string, head []byte) doubt {
	switch {
	case hasSuffix(name, archives):
		return doubtArchive
	case exportName.MatchString(name):
		return doubtName
	case slices.ContainsFunc(otherMagic, func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }):
		return ""
	}
	return doubtBinary
}

// doubtOfOther is doubtOf of a name with one of otherKinds. Such files may speak of
// exports, so what makes other files doubtful is not enough.
func doubtOfOther(name, text string) doubt {
	isNamed := wholeExportName.MatchString(name)
	switch {
	case isNamed && strings.TrimSpace(text) == "":
		return doubtEmpty
	case isNamed && isPage(text) && hasSuffix(name, pages), serverError.MatchString(text):
		return doubtPage
	case !hasSuffix(name, prose) && hasWholeRows(text):
		return doubtRows
	}
	return ""
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
		return strings.HasPrefix(e.Name, "xl/") || strings.EqualFold(path.Ext(a.blob.path), ".ods") && e.Name == "content.xml"
	})
}

// isDocument reports whether a ZIP is a document of an office program. Its parts are not
// told.
func (a *archive) isDocument() bool {
	return slices.ContainsFunc(a.entries, func(e *zip.File) bool {
		return e.Name == "[Content_Types].xml" || e.Name == "META-INF/manifest.xml"
	})
}

// appleDouble is how files begin in which macOS keeps what other systems have no place for.
const appleDouble = "\x00\x05\x16\x07"

// isWorkbookHead reports whether a file begins as those of older office programs.
func isWorkbookHead(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
}

// isArchiveHead reports whether a file begins as an archive, or a packed file, that
// cannot be unpacked here.
func isArchiveHead(head []byte) bool {
	const tarMagic, tarAt = "ustar", 257
	if len(head) > tarAt && bytes.HasPrefix(head[tarAt:], []byte(tarMagic)) {
		return true
	}
	return slices.ContainsFunc([]string{"7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07", "BZh", "\xfd7zXZ\x00", "LZIP", "\x04\x22\x4d\x18", "MSCF", "\x1f\x9d", "\x5d\x00\x00", "PK\x07\x08", "PK00PK"},
		func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) })
}

// plainText returns the text of the beginning of a file in any encoding of Unicode, in
// which full-width characters are plain ones.
func plainText(head []byte) string {
	text := strings.ToValidUTF8(string(bytes.ReplaceAll(head, []byte{0}, nil)), "\ufffd") // UTF-16 without its zeros
	return norm.NFKC.String(strings.TrimLeft(text, "\r\n\ufeff\ufffd"))
}

// isBinary reports whether a text, see plainText, is none: many of its characters are
// controls. Texts in old encodings have none either.
func isBinary(text string) bool {
	const one = 50 // in so many
	controls := 0
	for i := range len(text) {
		if c := text[i]; c < ' ' && !strings.ContainsRune("\t\n\v\f\r\x1a\x1b", rune(c)) || c == 0x7f {
			controls++
		}
	}
	return controls*one > len(text)
}

// fromEBCDIC returns the text of the beginning of a file of a mainframe, whose encodings
// all have the same letters and commas. Of other files it returns nothing.
func fromEBCDIC(head []byte) string {
	const letters = 0x80 // from here on
	if len(head) == 0 || head[0] < letters {
		return ""
	}
	text, _ := charmap.CodePage037.NewDecoder().Bytes(head) // no byte is an error
	return strings.ReplaceAll(string(text), "\u0085", "\n")
}

// isEncoded reports whether a text is the Base64 of an export, or of what is packed.
func isEncoded(text string, lists [][]string) bool {
	head, _ := base64.StdEncoding.DecodeString(text) // up to the first character that is none of it
	const enough = 12
	if len(head) < enough {
		return false
	}
	plain := plainText(head)
	return packingOf(head) != plainFile || isArchiveHead(head) || encrypted.MatchString(plain) || isHeader(head, lists) || hasWholeRows(plain) || isCutHeader(plain)
}

// isCutHeader reports whether a text is the beginning of a documented header, and ends
// in it.
func isCutHeader(text string) bool {
	const enough = 3
	text = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), `"`, ""))
	return len(text) >= enough && slices.ContainsFunc(headers, func(header string) bool { return strings.HasPrefix(header, text) })
}

// headers are the documented headers in lower case.
var headers = func() (all []string) {
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		var names []string
		for _, c := range role.Columns() {
			names = append(names, strings.ToLower(c.String()))
		}
		all = append(all, strings.Join(names, ","))
	}
	return all
}()

// isPage reports whether a text is HTML, XML or JSON.
func isPage(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "<") || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}

func cellsOf(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(",;\t|\r\n", r) })
}

// isList reports whether one of the first lines is that of a list of this program, and
// none below it is like those of an export.
func isList(text string, lists [][]string) bool {
	for range titleLines + 1 {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		names := cellsOf(line)
		if slices.ContainsFunc(lists, func(list []string) bool { return slices.EqualFunc(names, list, strings.EqualFold) }) {
			return !isHeader([]byte("\n"+text), lists) && !hasWholeRows(text)
		}
	}
	return false
}

// columnNames are the documented names of columns, as letters returns them.
var columnNames = func() map[string]bool {
	names := map[string]bool{}
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		for _, c := range role.Columns() {
			names[letters(c.String())] = true
		}
	}
	return names
}()

// letters returns the letters and digits of a text in lower case.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(text))
}

// hasNearHeader reports whether a line names a decisive column, or two others, perhaps with
// blanks, hyphens or a letter that is wrong. So does a first line with as many names, in
// another language, as an export has columns. Far below, only decisive columns count.
func hasNearHeader(text string) bool {
	above := 0
	for line := range strings.Lines(text) {
		cells, found := cellsOf(line), 0
		if n := len(cells); above == 0 && (n == len(csvschema.VirtualMachines.Columns()) || n == len(csvschema.Disks.Columns())) {
			return true
		}
		above++
		for _, cell := range cells {
			name := letters(cell)
			isDecisive := slices.ContainsFunc(decisive, func(c string) bool { return name != "" && isNear(name, c) })
			if isDecisive && len(cells) > 1 {
				found++
			}
			if isDecisive || above <= 4*titleLines && columnNames[name] {
				found++
			}
		}
		if found > 1 {
			return true
		}
	}
	return false
}

// isNear reports whether two texts differ in one letter at most: one other, one more, one
// less.
func isNear(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		return i == len(a) || a[i+1:] == b[i+1:]
	case 1:
		return a[i:] == b[i+1:]
	}
	return false
}

// hasWholeRows reports whether a line has two fields that are GUIDs and one that is the path
// of a resource.
func hasWholeRows(text string) bool {
	for line := range strings.Lines(text) {
		guids, paths := 0, 0
		for _, cell := range cellsOf(line) {
			switch cell = strings.Trim(cell, "\"'(){} \n"); {
			case wholeGUID.MatchString(cell):
				guids++
			case strings.HasPrefix(strings.ToLower(cell), "/subscriptions/"):
				paths++
			}
		}
		if guids > 1 && paths > 0 {
			return true
		}
	}
	return false
}

// hasRows reports whether a line has fields with the path of a resource, or with several
// GUIDs.
func hasRows(text string) bool {
	const fields, guids = 4, 2
	for line := range strings.Lines(text) {
		if len(cellsOf(line)) >= fields && (resourcePath.MatchString(line) || len(anyGUID.FindAllString(line, guids)) == guids) {
			return true
		}
	}
	return false
}
