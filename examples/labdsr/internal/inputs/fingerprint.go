package inputs

import (
	"context"
	"crypto/sha256"

	"github.com/labdsr/labdsr/csvschema"
)

// Fingerprints reads all files and returns a digest of the plain bytes of each.
func (e *Exports) Fingerprints(ctx context.Context) (map[csvschema.FileID][sha256.Size]byte, error) {
	all := make(map[csvschema.FileID][sha256.Size]byte, len(e.Files))
	for _, file := range e.Files {
		h := sha256.New()
		if err := file.CopyTo(ctx, h); err != nil {
			return nil, err
		}
		all[file.FileID] = [sha256.Size]byte(h.Sum(nil))
	}
	return all, nil
}
