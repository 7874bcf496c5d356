package csvschema

import (
	"context"
	"io"
)

// NewDialectReader returns a reader that takes any first record for the header,
// so that tests can read any CSV, and that cuts the text into small chunks.
func NewDialectReader(r io.Reader, chunkBytes, maxRecordBytes int) *RecordReader {
	return NewRecordReader(r, 0, &RecordOptions{
		MaxRecordBytes: maxRecordBytes,
		chunkBytes:     chunkBytes,
		anyHeader:      true,
	})
}

// WithChunkBytes returns options that cut the text into chunks of n bytes.
func WithChunkBytes(o RecordOptions, n int) *RecordOptions {
	o.chunkBytes = n
	return &o
}

// ReadChunk opens readChunk to tests.
func (rr *RecordReader) ReadChunk() (*Chunk, error) { return rr.readChunk() }

// Skip sets which chunks are skipped.
func (rr *RecordReader) Skip(skip func(number int, text []byte) bool) { rr.skip = skip }

// Skipped reports whether the records of the chunk were not looked for.
func (c *Chunk) Skipped() bool { return c.skipped }

// ForEachChunkOf opens forEachChunk to tests.
func ForEachChunkOf[T any](ctx context.Context, rr *RecordReader, workers int, work func(*Chunk) (T, error), emit func(*Chunk, T) error) error {
	return forEachChunk(ctx, rr, workers, work, emit)
}
