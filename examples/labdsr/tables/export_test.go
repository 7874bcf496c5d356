package tables

import "github.com/labdsr/labdsr/csvschema"

// PutInIndex puts resources into an index, and reports of each whether it was new and, as its
// entry was left, which number it has.
func PutInIndex(hashes []csvschema.KeyHash) (isNew []bool, rows []uint32) {
	var x index
	for i, hash := range hashes {
		e, ok := x.put(hash)
		if ok {
			e.row = uint32(i)
		}
		isNew, rows = append(isNew, ok), append(rows, e.row)
	}
	return isNew, rows
}

// NewQuiet returns [quiet.is] of a column.
func NewQuiet() func(cell []byte) bool { return new(quiet).is }
