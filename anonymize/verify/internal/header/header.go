// Package header reads cells that may be names of columns, by an opinion of package verify's
// own. It knows no column.
package header

import (
	"bytes"
	"regexp"
	"unicode/utf8"
)

// longest is how long the name of a column may be, with all that is put around its letters.
const longest = 64

// Name returns the name of a column that may be in a cell of a header that is a row of a file,
// without the blanks, underscores, quotes and marks that programs put between or around its
// letters.
func Name(cell []byte) string {
	if len(cell) > longest {
		return ""
	}
	var name [longest]byte
	n := 0
	for _, c := range cell {
		if c < utf8.RuneSelf && bytes.IndexByte([]byte(" \t\r_\"'"), c) < 0 {
			name[n] = c
			n++
		}
	}
	return string(bytes.TrimSpace(name[:n]))
}

// rowValue is what only rows have: the path of a resource, or a GUID.
var rowValue = regexp.MustCompile(`(?i:/subscriptions/|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`)

// HoldsValue reports whether a cell of a header holds what only rows have.
func HoldsValue(cell []byte) bool { return rowValue.Match(cell) }
