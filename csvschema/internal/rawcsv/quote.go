package rawcsv

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NeedsQuotes reports whether a cell must be quoted, by the rule of encoding/csv,
// whose Writer is not used because its UseCRLF changes line ends inside cells:
// quotes for what they must protect, for blanks at the beginning, which other
// readers trim, and for \., which ends the data for PostgreSQL.
func NeedsQuotes(cell string) bool {
	if cell == "" {
		return false
	}
	if cell == `\.` || strings.ContainsAny(cell, ",\"\r\n") {
		return true
	}
	first, _ := utf8.DecodeRuneInString(cell)
	return unicode.IsSpace(first)
}

// AppendQuoted appends the cell in quotes, its own quotes doubled.
func AppendQuoted[T string | []byte](dst []byte, cell T) []byte {
	dst = append(dst, '"')
	for {
		i := indexQuote(cell)
		if i < 0 {
			break
		}
		dst = append(dst, cell[:i+1]...)
		dst = append(dst, '"')
		cell = cell[i+1:]
	}
	dst = append(dst, cell...)
	return append(dst, '"')
}

func indexQuote[T string | []byte](cell T) int {
	if text, ok := any(cell).(string); ok {
		return strings.IndexByte(text, '"')
	}
	return bytes.IndexByte([]byte(cell), '"')
}
