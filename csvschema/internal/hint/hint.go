// Package hint tells why a file may not be an export as it was downloaded. It knows no
// column: it asks whether a cell is the name of one.
package hint

import (
	"bytes"
	"regexp"
)

// Names reports whether a cell is a documented name, and whether it is that of an ID that
// only a header has beside another.
type Names func(cell []byte) (isName, isID bool)

// CR is the hint that the lines of a file end in CR alone.
const CR = "lines end in CR alone: saved by a spreadsheet? use the original download"

const (
	byteOrderMark = "\uFEFF"
	marks         = "byte-order marks are before the first name: remove all but one"
	readMark      = "\u00EF\u00BB\u00BF" // a mark that a program read as Latin-1 and wrote again
)

// OfText returns why a file that begins with the text may not be an export as it was
// downloaded, or "".
func OfText(text []byte, names Names) string {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	switch {
	case beginsWithMark(bytes.TrimPrefix(bytes.TrimPrefix(text, []byte(byteOrderMark)), []byte(byteOrderMark))):
		return marks
	case bytes.IndexByte(text, 0) >= 0:
		return "UTF-16 without a byte-order mark? use the original download"
	case bytes.ContainsRune(bytes.TrimSuffix(line, []byte{'\r'}), '\r'):
		return CR
	case names.before(line, ";"):
		return "fields are separated by semicolons: saved by a spreadsheet? use the original download"
	case names.before(line, "\t"):
		return "fields are separated by tabs: saved by a spreadsheet? use the original download"
	}
	return ""
}

// OfRecord returns why the first record of a file is not its header, or "". Cell is its
// first cell, and rest what is known of the text after it.
func OfRecord(cell, rest []byte, names Names) string {
	start := bytes.ToLower(cell[:min(len(cell), len("#type "))])
	switch {
	case beginsWithMark(cell):
		return marks
	case bytes.HasPrefix(start, []byte("sep=")):
		return `the first line is "sep=", which is for a spreadsheet: remove it, or use the original download`
	case string(start) == "#type ":
		return `the first line is "#TYPE", which PowerShell writes: remove it, or use the original download`
	case names.before(cell, ","):
		return "each line is one quoted field: saved by PowerShell? use the original download"
	}
	for range 5 { // a title may have a few lines
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		ids := 0
		for cell := range bytes.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' || r == '\t' }) {
			if _, isID := names(bytes.Trim(cell, "\ufeff\" \r")); isID {
				ids++
			}
		}
		if ids > 1 {
			return "the first line is above the header: a title? remove it, or use the original download"
		}
	}
	return ""
}

// Values is the hint that HoldsValue explains.
const Values = "the first line holds values beside names: is it a command of SQL, or are line ends missing?"

var values = regexp.MustCompile(`(?i)/subscriptions/|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// HoldsValue reports whether the name of a column that is not documented holds what only
// rows have: a GUID or the path of a resource. The rows are then lost in the header.
func HoldsValue(name []byte) bool { return values.Match(name) }

// before reports whether the line begins with a documented name that the separator follows.
func (names Names) before(line []byte, separator string) bool {
	first, _, found := bytes.Cut(line, []byte(separator))
	isName, _ := names(bytes.Trim(first, `" `))
	return found && isName
}

// beginsWithMark reports whether the first cell, before which one or two marks were
// skipped, begins with a mark.
func beginsWithMark(cell []byte) bool {
	return bytes.HasPrefix(cell, []byte(byteOrderMark)) || bytes.HasPrefix(cell, []byte(readMark)) || bytes.HasPrefix(cell, []byte("\u200B"))
}
