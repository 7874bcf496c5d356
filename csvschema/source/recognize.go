package source

import (
	"bytes"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
)

// How much of a file is looked at. Of a text that would be left alone it is more, because
// titles and comments may be above an export.
const (
	headBytes     = 16 << 10
	headTextBytes = 1 << 20
)

// KindOf says what a file is, by its name and by the beginning of r, its plain bytes. The
// place of the file does not matter; see [KindAt]. The result is [KindExport],
// [KindOther], or a kind that is doubtful.
//
// A file is an export if its header names the lab or the resource, whatever else is wrong
// with it: reading it says what. Lists are headers of other tables of the caller that
// name columns of exports. Such a table is no export.
//
// It reads up to 1 MiB. Errors are those of r.
func KindOf(name string, r io.Reader, lists ...[]string) (Kind, error) {
	head, err := io.ReadAll(io.LimitReader(r, headBytes))
	if err != nil {
		return 0, err
	}
	if isExport(head, lists) {
		return KindExport, nil
	}
	name = strings.ToLower(path.Base(name))
	kind := kindOf(name, head, lists)
	if kind != KindOther || len(head) < headBytes || isBinary(plainText(head)) {
		return kind, nil
	}
	more, err := io.ReadAll(io.LimitReader(r, headTextBytes-headBytes))
	if err != nil {
		return 0, err
	}
	return kindOf(name, append(head, more...), lists), nil
}

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

// hasSuffix reports whether a name in lower case has one of the suffixes.
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
	documents       = []string{".docx", ".pptx", ".odt", ".odp"} // ZIPs
	prose           = []string{".md"}
	workbooks       = []string{".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"}
	archives        = []string{".zip", ".zipx", ".tar", ".tgz", ".tbz", ".txz", ".7z", ".rar", ".bz2", ".xz", ".lz4", ".lz", ".br", ".cab", ".z", ".lzma"}
	tableSuffix     = []string{".csv", ".tsv", ".tab"}
	markerBlob      = regexp.MustCompile(`^\d{8}\.txt$`) // the service writes them, see DOMAIN
	resourcePath    = regexp.MustCompile(`(?i)/subscriptions/|microsoft\.devtestlab`)
	anyGUID         = regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// signs are files that say something by being there, and are empty.
var signs = []string{"_success", "cachedir.tag", "py.typed"}

// maxOwnerBytes is more than the file has in which an office program says who has opened
// another.
const maxOwnerBytes = 200

// kindOf says what a file of that name in lower case is that begins with head, and has not
// the header of an export.
func kindOf(name string, head []byte, lists [][]string) Kind {
	name = withoutPacking(name)
	text := plainText(head)
	isNamed := wholeExportName.MatchString(name) || hasSuffix(name, tableSuffix) && exportName.MatchString(name)
	switch {
	case isList(text, lists), bytes.HasPrefix(head, []byte(appleDouble)):
		return KindOther
	case encrypted.MatchString(text):
		return KindEncrypted
	case strings.HasPrefix(text, "version https://git-lfs.github.com/"):
		return KindPointer
	case isDatabaseHead(head):
		return KindDatabase
	case isEncoded(text, lists):
		return KindPacked
	case hasSuffix(name, otherKinds) && (!isPacked(head) || hasSuffix(name, documents)):
		return kindOfOther(name, text)
	case strings.HasPrefix(name, "~$") && len(head) <= maxOwnerBytes && hasSuffix(name, workbooks):
		return KindOther
	case isWorkbookHead(head), hasSuffix(name, workbooks):
		return KindWorkbook
	case isPacked(head):
		return KindPacked
	case isArchiveHead(head):
		return KindArchive
	case strings.TrimSpace(text) == "":
		if markerBlob.MatchString(name) || !isNamed && !hasSuffix(name, tableSuffix) && (isHidden(name) || slices.Contains(signs, name)) {
			return KindOther
		}
		return KindEmpty
	case isBinary(text):
		return kindOfBinary(name, head)
	case isPage(text) && (hasSuffix(name, tableSuffix) || isNamed || strings.Contains(text, "<Error>")):
		return KindPage
	case hasSuffix(name, archives):
		return KindArchive
	case isCutHeader(text), hasNearHeader(text), isHeader([]byte(fromEBCDIC(head)), lists):
		return KindNearHeader
	case hasRows(text), hasRecords(text):
		return KindRows
	case isNamed:
		return KindNamed
	}
	return KindOther
}

// kindOfBinary is kindOf of a file that is no text.
func kindOfBinary(name string, head []byte) Kind {
	switch {
	case hasSuffix(name, archives):
		return KindArchive
	case exportName.MatchString(name):
		return KindNamed
	case slices.ContainsFunc(otherMagic, func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }):
		return KindOther
	}
	return KindBinary
}

// kindOfOther is kindOf of a name with one of otherKinds. Such files may speak of
// exports, so what makes other files doubtful is not enough.
func kindOfOther(name, text string) Kind {
	isNamed := wholeExportName.MatchString(name)
	switch {
	case isNamed && strings.TrimSpace(text) == "":
		return KindEmpty
	case isNamed && isPage(text) && hasSuffix(name, pages), serverError.MatchString(text):
		return KindPage
	case !hasSuffix(name, prose) && (hasWholeRows(text) || hasRecords(text)):
		return KindRows
	}
	return KindOther
}

// appleDouble is how files begin in which macOS keeps what other systems have no place for.
const appleDouble = "\x00\x05\x16\x07"

// isPacked reports whether a file begins as gzip, zstd or ZIP. Files of pzstd begin with a
// frame to be skipped.
func isPacked(head []byte) bool {
	if len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18" {
		return true
	}
	return slices.ContainsFunc([]string{gzipMagic, "\x28\xb5\x2f\xfd", "PK\x03\x04", "PK\x05\x06"},
		func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) })
}

// withoutPacking returns a name in lower case without the suffix of what packed the file.
func withoutPacking(name string) string {
	for _, suffix := range []string{".gz", ".gzip", ".zst", ".zstd"} {
		if plain := strings.TrimSuffix(name, suffix); plain != name && plain != "" {
			return plain
		}
	}
	return name
}

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

// isDatabaseHead reports whether a file begins as SQLite, Parquet, Avro or ORC.
func isDatabaseHead(head []byte) bool {
	return slices.ContainsFunc([]string{"SQLite format 3\x00", "PAR1", "Obj\x01", "ORC\x0a"}, func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) })
}
