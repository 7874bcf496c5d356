package receipt

import (
	"context"
	"hash"
	"io"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// Files reads exports and returns what a receipt says of their files: where each is, its
// size, its rows, and its digest by [NewFileHash]. They are in the order of the exports,
// virtual machines before disks.
//
// An error is [csvschema.ErrNoFiles], or a [csvschema.Error] for a file that is no export
// or cannot be read; the files are then nil. Files panics if the key is zero.
func Files(ctx context.Context, key identity.SecretKey, exports []csvschema.Export) ([]File, error) {
	var all []File
	for i, export := range exports {
		for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			sources := export.VirtualMachines
			if role == csvschema.Disks {
				sources = export.Disks
			}
			for j, source := range sources {
				file, err := readFile(ctx, key, csvschema.FileID{Export: i + 1, File: j + 1, Role: role}, source)
				if err != nil {
					return nil, err
				}
				all = append(all, file)
			}
		}
	}
	if all == nil {
		return nil, csvschema.ErrNoFiles
	}
	return all, nil
}

// readFile returns what a receipt says of a file.
func readFile(ctx context.Context, key identity.SecretKey, id csvschema.FileID, source csvschema.Source) (File, error) {
	result := File{Export: id.Export, File: id.File, Role: id.Role}
	digest := NewFileHash(key)
	open := source.Open
	if open != nil {
		source.Open = func(ctx context.Context) (io.ReadCloser, error) {
			r, err := open(ctx)
			if err != nil || r == nil {
				return nil, err
			}
			return &hashedReader{r, digest, &result.Bytes}, nil
		}
	}
	file := csvschema.NewFile(id, source, csvschema.FileOptions{
		Required:   func(csvschema.Role) []csvschema.Column { return []csvschema.Column{} },
		SinglePass: true,
	})
	err := csvschema.ForEachChunk(ctx, file, csvschema.Pass[int]{
		Work: (*csvschema.Chunk).Len,
		Emit: func(_ *csvschema.Chunk, rows int) error {
			result.Rows += int64(rows)
			return nil
		},
	})
	result.Digest = identity.Digest(digest.Sum(nil))
	return result, err
}

// A hashedReader hashes and counts the bytes that are read.
type hashedReader struct {
	io.ReadCloser
	digest hash.Hash
	bytes  *int64
}

// Read implements io.Reader.
func (r *hashedReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	_, _ = r.digest.Write(p[:n]) // a hash does not fail
	*r.bytes += int64(n)
	return n, err
}
