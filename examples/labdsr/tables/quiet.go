package tables

import (
	"encoding/binary"
	"math/bits"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// quiet knows how the last cell of a column begins that has no sign of an identifier
// ([identity.NextSign]). The IDs of a lab begin alike, and are looked at from where they differ.
type quiet struct{ cell []byte }

// maxQuiet is how many bytes of a cell are known: more than an ID has. A cell may have megabytes.
const maxQuiet = 1 << 10

// is reports whether a cell has no sign.
func (q *quiet) is(cell []byte) bool {
	from := alike(q.cell, cell)
	if from == len(cell) {
		return true // a part of one without a sign
	}
	// A sign may begin where the cells are still alike. The longest one, of the replacement of an
	// object ID, has eight digits and any number of hyphens.
	for others := 0; from > 0 && others < 7; from-- {
		if cell[from-1] != '-' {
			others++
		}
	}
	if identity.NextSign(cell, from) < len(cell) {
		return false
	}
	q.cell = append(q.cell[:0], cell[:min(len(cell), maxQuiet)]...)
	return true
}

// alike returns how many bytes two cells have in common before they differ.
func alike(a, b []byte) int {
	n := min(len(a), len(b))
	for i := 0; i+8 <= n; i += 8 {
		if x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i := n &^ 7; i < n; i++ {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
