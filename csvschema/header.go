package csvschema

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/hint"
)

// A Header says where the columns of a file are. Columns are found by their names, in
// any order, in any letter case and with blanks around them. Columns that are not
// documented are given by their number. A Header is read-only and safe for concurrent
// use. It prints and logs as "[redacted]", because the names of other columns, and what is
// above the header, may be anything.
type Header struct {
	opaque

	role    Role
	line    int64                // of the header record
	raw     []byte               // the text up to the end of the header record
	columns []Column             // of the file; 0 for one that is not documented
	index   [columnCount + 1]int // positions in columns; -1 for a column that the file does not have
	names   []PersonalText       // as long as columns; empty for a documented column

	documented int // how many of columns are not 0
}

// Role returns the role that the file was read as.
func (h *Header) Role() Role { return h.role }

// Len returns the number of columns of the file.
func (h *Header) Len() int { return len(h.columns) }

// Index returns the position of the documented column c, from 0, or -1 if the
// file has none.
func (h *Header) Index(c Column) int {
	if int(c) >= len(h.index) {
		return -1
	}
	return h.index[c]
}

// Column returns the documented column at position i, from 0, or 0 if the column there
// is not documented for the role.
func (h *Header) Column(i int) Column { return h.columns[i] }

// Name returns the name of the column at position i, from 0. That of a documented column
// is the documented one, however the file spells it. Any other is that of the file,
// without the blanks around it. It may be anything, a person's name too.
func (h *Header) Name(i int) string {
	if c := h.columns[i]; c != 0 {
		return c.String()
	}
	return h.names[i].Reveal()
}

// Unknown returns the numbers, from 1, of the columns that are not documented
// for the role.
func (h *Header) Unknown() []int {
	var unknown []int
	for i, c := range h.columns {
		if c == 0 {
			unknown = append(unknown, i+1)
		}
	}
	return unknown
}

// Raw returns the text of the file up to the end of the header record. It includes a
// UTF-8 byte-order mark and the line end, which is missing only if nothing follows. The
// bytes must not be changed.
func (h *Header) Raw() []byte { return h.raw }

// newHeader returns the header that is the only record of the chunk. It checks that the
// header is one of the role, has the required columns, and has no documented column
// twice. Rest is what is known of the text after it, and is for hints alone.
func newHeader(role Role, chunk *Chunk, required []Column, rest []byte) (*Header, *Error) {
	h := &Header{role: role, columns: make([]Column, chunk.raw.Fields())}
	h.names = make([]PersonalText, len(h.columns))
	chunk.header = h
	rec := chunk.Record(0)
	h.line = rec.Line()
	for i := range h.index {
		h.index[i] = -1
	}
	if hasBareCR(rec) {
		return nil, &Error{FileID: FileID{Role: role}, Line: rec.Line(), Err: ErrNoHeader, Hint: hint.CR}
	}
	documented := role.Columns()
	known, hasValues := false, false
	var present [columnCount + 1]bool // in either role
	for i := range h.columns {
		c := columnOf(rec.Cell(i))
		if c != 0 {
			known, present[c] = true, true
		}
		if !slices.Contains(documented, c) {
			h.names[i] = NewPersonalText(string(bytes.TrimFunc(rec.Cell(i), unicode.IsSpace)))
			hasValues = hasValues || hint.HoldsValue(rec.Cell(i))
			continue
		}
		if h.index[c] >= 0 {
			return nil, &Error{FileID: FileID{Role: role}, Line: rec.Line(), Column: c, Err: ErrRepeatedColumn}
		}
		h.columns[i], h.index[c] = c, i
		h.documented++
	}
	e := &Error{FileID: FileID{Role: role}, Line: rec.Line()}
	for _, c := range required {
		if h.index[c] < 0 {
			if e.Err, e.Hint = ErrNoHeader, hint.OfRecord(rec.Cell(0), rest, documentedName); e.Hint == "" {
				e.Column, e.Err, e.Hint = c, ErrMissingColumn, hint.OfText(rec.Raw(), documentedName)
			}
			break
		}
	}
	switch {
	case e.Hint != "": // the hint explains everything else
	case known && hasValues:
		e.Column, e.Err, e.Hint = 0, ErrNoHeader, hint.Values
	case !known:
		e.Err, e.Hint = ErrNoHeader, "the first line names no documented column"
	case looksLike(otherRole(role), &present) && !looksLike(role, &present):
		e.Err, e.Hint = ErrWrongRole, "this is a "+otherRole(role).String()+" file"
	}
	if e.Err != nil {
		return nil, e
	}
	return h, nil
}

// hasBareCR reports whether the header has a CR outside quotes. If the lines of a file
// end in CR alone, all of its text is the header. All columns may be found then, but no
// row, and the file would look like one without rows.
func hasBareCR(rec Record) bool {
	for i := range rec.Header().Len() {
		start, end := rec.rawCell(i)
		if cell := rec.Raw()[start:end]; len(cell) > 0 && cell[0] != '"' && bytes.IndexByte(cell, '\r') >= 0 {
			return true
		}
	}
	return false
}

// columnOf returns the column that a header cell names, or 0.
func columnOf(cell []byte) Column {
	name := bytes.TrimFunc(cell, unicode.IsSpace)
	for c := SubscriptionId; int(c) <= columnCount; c++ {
		if len(name) == len(columnNames[c]) && strings.EqualFold(columnNames[c], string(name)) {
			return c
		}
	}
	return 0
}

// documentedName is the [hint.Names] of the exports.
func documentedName(cell []byte) (isName, isID bool) {
	c := columnOf(cell)
	return c != 0, c == LabUId || c == ResourceUId || c == ResourceId
}

// isHeaderAgain reports whether a record is a header too, in any order of its columns.
// Files that were joined have one.
func (h *Header) isHeaderAgain(rec Record) bool {
	count := headerCount{header: h}
	for i := range h.columns {
		count.add(rec.Cell(i))
		if rest := len(h.columns) - 1 - i; 2*(count.names+rest) <= h.documented {
			return false
		}
	}
	return count.isHeader()
}

// isHeaderLine reports whether a line that is no record of the file is a header, for
// instance one with another number of columns.
func (h *Header) isHeaderLine(line []byte) bool {
	separator := ","
	for _, other := range []string{";", "\t"} {
		if bytes.Count(line, []byte(other)) > bytes.Count(line, []byte(separator)) {
			separator = other
		}
	}
	count := headerCount{header: h}
	for cell := range bytes.SplitSeq(line, []byte(separator)) {
		count.add(cell)
	}
	return count.isHeader()
}

// A headerCount counts the columns that a record names. It is a header if they are more
// than half of what the header of the file names, and LabUId is one of them, which no
// other record has as one of so many names. A machine whose name is Name is no header.
type headerCount struct {
	header *Header
	names  int
	named  [columnCount + 1]bool // in either role
}

// add counts a cell. Programs that join files leave marks and quotes around the names.
func (n *headerCount) add(cell []byte) {
	const longest = 64 // with all that may be around a name
	if len(cell) > longest {
		return
	}
	var letters [longest]byte
	if c := columnOf(appendLetters(letters[:0], cell)); c != 0 && !n.named[c] {
		n.named[c] = true
		n.names++
	}
}

// appendLetters appends the letters and digits of a name, without the blanks, underscores,
// quotes and marks that programs put between or around them. Any other character stays, so
// that the text is no name.
func appendLetters(dst, name []byte) []byte {
	for _, b := range name {
		if b < utf8.RuneSelf && !strings.ContainsRune(" \t\r_\"'", rune(b)) {
			dst = append(dst, b)
		}
	}
	return dst
}

func (n *headerCount) isHeader() bool {
	return 2*n.names > n.header.documented && (n.named[LabUId] || n.header.index[LabUId] < 0 && n.names > 1)
}

// isGUIDText reports whether a cell, with or without quotes, has the length and the
// hyphens of a GUID, which no name of a column has.
func isGUIDText(cell []byte) bool {
	if len(cell) == 38 && cell[0] == '"' {
		cell = cell[1:37]
	}
	return len(cell) == 36 && cell[8] == '-' && cell[13] == '-' && cell[18] == '-' && cell[23] == '-'
}

// otherRole returns the role that r is not.
func otherRole(r Role) Role {
	if r == Disks {
		return VirtualMachines
	}
	return Disks
}

// looksLike reports whether a header has a column that only the role has.
func looksLike(r Role, present *[columnCount + 1]bool) bool {
	if r == Disks {
		return present[LeasedByVmId] || present[DiskBlobName]
	}
	return present[ResourceOwner] || present[ComputeResourceId]
}
