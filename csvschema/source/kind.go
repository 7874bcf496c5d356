package source

import "strconv"

// A Kind says what a file is that may be an export: by its name, its place and the
// beginning of its text. The zero Kind says nothing.
type Kind uint8

// The kinds. A file of any but the first four may be an export, and cannot be read as one;
// see [Kind.IsDoubtful].
const (
	KindExport     Kind = iota + 1 // it has the header of an export
	KindOther                      // certainly no export
	KindOfSystem                   // certainly no export: a file that operating systems and programs leave, such as .DS_Store
	KindIgnored                    // the caller ignores it, so nobody looked at it
	KindEmpty                      // no bytes
	KindPage                       // a web page, XML or JSON
	KindWorkbook                   // a workbook of a spreadsheet program
	KindDatabase                   // a database, such as SQLite, or a table of another format, such as Parquet
	KindPointer                    // a pointer of Git LFS to a file that is not here
	KindArchive                    // an archive, such as tar or 7z
	KindPacked                     // packed in another way than by gzip, or packed twice
	KindNearHeader                 // has a header that is nearly that of an export
	KindRows                       // has rows like those of an export, and no header that is known
	KindNamed                      // only its name is that of an export
	KindEncrypted                  // nobody can tell what is in it
	KindBinary                     // no text, and of no kind that is known
	KindHidden                     // perhaps an export, but hidden
	KindInSystem                   // perhaps an export, but where systems and programs keep files of their own
	KindPartial                    // what a download that was cut off leaves
	KindRepeated                   // an entry that occurs twice in a ZIP, or is a file and a folder
	KindSpecial                    // a link, a pipe or a device
	KindInsecure                   // an entry of a ZIP with a name that leads elsewhere, or a folder with bytes
)

var kinds = [...]struct{ code, words string }{
	KindExport:     {"export", "is an export"},
	KindOther:      {"other", "is no export"},
	KindOfSystem:   {"of-system", "is no export: operating systems and programs leave such files"},
	KindIgnored:    {"ignored", "was to be ignored"},
	KindEmpty:      {"empty", "is empty: was the download cut off?"},
	KindPage:       {"page", "is a web page, XML or JSON: an error of the server instead of an export?"},
	KindWorkbook:   {"workbook", "is a workbook of a spreadsheet program, not CSV"},
	KindDatabase:   {"database", "is a database or a table of another kind, which may hold exports"},
	KindPointer:    {"pointer", "is a pointer of Git LFS to a file that is elsewhere"},
	KindArchive:    {"archive", "is an archive, which may hold exports"},
	KindPacked:     {"packed", "is packed: unpack it first"},
	KindNearHeader: {"near-header", "has a header that is nearly that of an export"},
	KindRows:       {"rows", "has rows like those of an export, and no header that is known"},
	KindNamed:      {"named", "has the name of an export, and is none that can be read"},
	KindEncrypted:  {"encrypted", "is encrypted"},
	KindBinary:     {"binary", "is no text, and of no kind that is known"},
	KindHidden:     {"hidden", "is hidden, and may be an export"},
	KindInSystem:   {"in-system", "is in a place or has a name of files of the system, and may be an export"},
	KindPartial:    {"partial", "is what a download that was cut off leaves"},
	KindRepeated:   {"repeated", "is in the ZIP file more than once"},
	KindSpecial:    {"special", "is no regular file: a link, a pipe or a device"},
	KindInsecure:   {"insecure", "has a name in the ZIP file that leads elsewhere, or is a folder with bytes"},
}

// String returns the kind in words, to be put after the path of the file. It returns
// "Kind(n)" for a value that is not a kind.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kinds) {
		return "Kind(" + strconv.Itoa(int(k)) + ")"
	}
	return kinds[k].words
}

// MarshalText returns the code of the kind, which does not change, such as "export" or
// "near-header". It returns "" for a value that is not a kind.
func (k Kind) MarshalText() ([]byte, error) {
	if int(k) >= len(kinds) {
		return nil, nil
	}
	return []byte(kinds[k].code), nil
}

// IsDoubtful reports whether a file may be an export, and cannot be read as one.
func (k Kind) IsDoubtful() bool { return k >= KindEmpty && int(k) < len(kinds) }
