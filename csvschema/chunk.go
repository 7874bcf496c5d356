package csvschema

import "github.com/labdsr/labdsr/csvschema/internal/rawcsv"

// A Chunk is a run of whole records of a file and the empty lines between them,
// checked against the grammar. Chunks of one file can be worked on independently of
// each other and written in order; see [ForEachChunk]. Only one goroutine may use a
// Chunk at a time.
type Chunk struct {
	header *Header
	raw    rawcsv.Chunk
	number int

	skipped bool  // its records were not looked for; see RecordReader.skip
	line    int64 // physical line of the first byte; 0 while it is not known
}

// Bytes returns the text of the chunk: its records as they are in the file, and the
// empty lines between them.
func (c *Chunk) Bytes() []byte { return c.raw.Bytes() }

// Number returns the number of the chunk in its file, from 0. The same bytes are
// cut into the same chunks whenever they are read with the same options.
func (c *Chunk) Number() int { return c.number }

// Len returns the number of records.
func (c *Chunk) Len() int { return c.raw.Len() }

// Record returns the i-th record, from 0. It is valid as long as the chunk.
func (c *Chunk) Record(i int) Record { return Record{chunk: c, index: i} }
