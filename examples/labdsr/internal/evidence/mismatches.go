package evidence

import (
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// Mismatches holds the files of a run against those of a receipt, one to one. It returns
// the indices of files that are not in the receipt, and the files of the receipt that are
// not there. Digests are compared only if they were made with the key of the receipt.
func Mismatches(said, have []receipt.File, digests bool) (wrong []int, missing []csvschema.FileID) {
	byID := map[csvschema.FileID]receipt.File{}
	for _, file := range said {
		id := csvschema.FileID{Export: file.Export, File: file.File, Role: file.Role}
		if _, twice := byID[id]; twice {
			missing = append(missing, id)
		}
		byID[id] = file
	}
	seen := map[csvschema.FileID]bool{}
	for i, file := range have {
		id := csvschema.FileID{Export: file.Export, File: file.File, Role: file.Role}
		in, ok := byID[id]
		if !ok || seen[id] || in.Bytes != file.Bytes || digests && in.Digest != file.Digest {
			wrong = append(wrong, i)
		}
		seen[id] = true
	}
	for _, file := range said {
		id := csvschema.FileID{Export: file.Export, File: file.File, Role: file.Role}
		if !seen[id] {
			missing = append(missing, id)
			seen[id] = true
		}
	}
	return wrong, missing
}
