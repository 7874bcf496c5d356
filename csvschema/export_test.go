package csvschema

import "io"

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
