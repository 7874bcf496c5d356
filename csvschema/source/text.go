package source

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema"
)

// plainText returns the text of the beginning of a file in any encoding of Unicode, in
// which full-width characters are plain ones.
func plainText(head []byte) string {
	text := strings.ToValidUTF8(string(bytes.ReplaceAll(head, []byte{0}, nil)), "\ufffd") // UTF-16 without its zeros
	return norm.NFKC.String(strings.TrimLeft(text, "\r\n\ufeff\ufffd"))
}

// isBinary reports whether a result of plainText is no text: many of its characters are
// controls. Texts in old encodings have no controls either.
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
// all have the same letters and commas. It returns nothing for other files.
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
	return isPacked(head) || isArchiveHead(head) || encrypted.MatchString(plain) || isHeader(head, lists) || hasWholeRows(plain) || isCutHeader(plain)
}

// decisive are the columns that only exports have. A file that names one of them in its
// first line, or all of them in one of the next, is an export, or a damaged one: it is
// never left alone in silence.
var decisive = []string{"labuid", "resourceuid"}

// isExport reports whether a file that begins with head is plain and has the header of an
// export.
func isExport(head []byte, lists [][]string) bool {
	return !bytes.HasPrefix(head, []byte(appleDouble)) && !isArchiveHead(head) && !isPacked(head) && isHeader(head, lists)
}

// titleLines is how many lines may be above a header, such as "sep=," or a title.
const titleLines = 5

// isHeader reports whether the first line of a file names a decisive column, or whether
// one of the next lines names all of them, and the line is not one of the lists. Such a
// file is an export, although one that cannot be read with a title. The encoding does not
// matter, nor does what separates the names.
func isHeader(head []byte, lists [][]string) bool {
	text := plainText(head)
	for above := range titleLines + 1 {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		names := cellsOf(line)
		if slices.ContainsFunc(lists, func(list []string) bool { return slices.EqualFunc(names, list, strings.EqualFold) }) {
			return false
		}
		found := 0
		for _, column := range decisive {
			if slices.ContainsFunc(names, func(name string) bool {
				return strings.ToLower(strings.Trim(name, "\" \ufeff\ufffd")) == column
			}) {
				found++
			}
		}
		if found == len(decisive) || found > 0 && above == 0 {
			return true
		}
	}
	return false
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

// isList reports whether one of the first lines is the header of one of the lists, and no
// line below it is like those of an export.
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

// fieldName finds the names by which a record that has a lab says whose a resource is. In
// prose, a word follows the name.
var fieldName = regexp.MustCompile(`(?im)\b(LabUId|ResourceOwner|LeasedByVmId)(?:["'<>\]),|\x60\t]|[ \t]*[:=]|[ \t]{2}|[ \t\r]*$)`)

// hasRecords reports whether a text that is no table has records like the rows of an
// export: it names the lab and whose a resource is, and holds a GUID.
func hasRecords(text string) bool {
	names := map[string]bool{}
	for _, m := range fieldName.FindAllStringSubmatch(text, -1) {
		names[strings.ToLower(m[1])] = true
	}
	return names["labuid"] && len(names) > 1 && anyGUID.MatchString(text)
}
