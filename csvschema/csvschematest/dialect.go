package csvschematest

import "strings"

// A Dialect says which cells of an export are quoted.
type Dialect uint8

const (
	// Real is the dialect of real exports: the header is unquoted and every data
	// cell is quoted. An empty cell is "".
	Real Dialect = iota
	// Plain quotes only the cells that need quotes.
	Plain
)

// quotes reports whether the dialect quotes a data cell. Plain also quotes cells with
// blanks at the ends, which RFC 4180 does not require, because some readers trim
// unquoted cells.
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
