package csvschema

import (
	"context"
)

// WithChunkBytes returns options that cut the text into chunks of n bytes.
func WithChunkBytes(o RecordOptions, n int) *RecordOptions {
	o.chunkBytes = n
	return &o
}

// WithReaderChunkBytes returns options that cut the text into chunks of n bytes.
func WithReaderChunkBytes(o ReaderOptions, n int) *ReaderOptions {
	o.chunkBytes = n
	return &o
}

// WithFileChunkBytes returns options that cut files into chunks of n bytes.
func WithFileChunkBytes(o FileOptions, n int) FileOptions {
	o.chunkBytes = n
	return o
}

// Skip sets which chunks are skipped.
func (rr *RecordReader) Skip(skip func(number int, text []byte) bool) { rr.skip = skip }

// Skipped reports whether the records of the chunk were not looked for.
func (c *Chunk) Skipped() bool { return c.skipped }

// ForEachChunkOf opens forEachChunk to tests.
func ForEachChunkOf[T any](ctx context.Context, rr *RecordReader, workers int, work func(*Chunk) T, emit func(*Chunk, T) error) error {
	return forEachChunk(ctx, rr, workers, work, emit)
}

// RoleOf opens roleOf to tests.
func RoleOf[T Row]() Role { return roleOf[T]() }
