package csvschematest

import "strings"

// A Dialect is a way to write the cells of an export.
type Dialect uint8

const (
	// Real is what was seen in real exports: the header is unquoted, every
	// data cell is quoted, an empty cell is "".
	Real Dialect = iota
	// Plain quotes only the cells that need it.
	Plain
)

// quotes reports whether the dialect quotes a data cell. What needs quotes is
// wider than RFC 4180: some readers trim blanks at the ends of bare cells.
func (d Dialect) quotes(cell string) bool {
	return d == Real || strings.ContainsAny(cell, "\",\r\n") || strings.TrimSpace(cell) != cell
}

// lineEnd returns the line end of a file.
func lineEnd(crlf bool) string {
	if crlf {
		return "\r\n"
	}
	return "\n"
}

// appendRow appends a row and its line end.
func appendRow(dst []byte, cells []string, quoted []bool, lineEnd string) []byte {
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		if quoted[i] {
			dst = append(dst, '"')
			dst = append(dst, strings.ReplaceAll(cell, `"`, `""`)...)
			dst = append(dst, '"')
		} else {
			dst = append(dst, cell...)
		}
	}
	return append(dst, lineEnd...)
}
