package tables

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/labdsr/labdsr/csvschema"
)

// A row group is held in memory until it is written, compressed to some tenth. Readers
// skip, and read in parallel, whole groups.
const (
	groupRows = 1 << 17
	groupText = 64 << 20 // bytes of text, after which a group ends early
)

// distinct are the columns that hold another value in nearly every row: a dictionary of
// their values saves nothing.
var distinct = [...]string{
	ResourceKey,
	csvschema.ResourceId.String(),
	csvschema.ResourceUId.String(),
	csvschema.Name.String(),
	csvschema.CreatedTime.String(),
	csvschema.DeletedDate.String(),
	csvschema.ComputeResourceId.String(),
	csvschema.DiskBlobName.String(),
	csvschema.LeasedByVmId.String(),
}

// parquetWriter encodes each batch at once, and writes a row group when it is full.
type parquetWriter struct {
	schema *arrow.Schema
	kinds  []kind
	file   *pqarrow.FileWriter
	text   int // bytes of text in the group
	closed bool
}

// NewParquet returns a writer of a table as a Parquet file, compressed by snappy, which
// every reader knows. The metadata of the schema are those of the file.
func NewParquet(w io.Writer, s *arrow.Schema) (Writer, error) {
	all, err := kinds(s)
	if err != nil {
		return nil, err
	}
	options := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Snappy),
		parquet.WithMaxRowGroupLength(groupRows),
		parquet.WithCreatedBy("labdsr"),
	}
	for _, name := range distinct {
		if s.HasField(name) {
			options = append(options, parquet.WithDictionaryFor(name, false))
		}
	}
	file, err := pqarrow.NewFileWriter(s, struct{ io.Writer }{w}, parquet.NewWriterProperties(options...), // which cannot close w
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return nil, err
	}
	return &parquetWriter{schema: s, kinds: all, file: file}, nil
}

// Write encodes a batch.
func (p *parquetWriter) Write(ctx context.Context, batch arrow.RecordBatch) error {
	if p.closed {
		return errClosed
	}
	if err := errors.Join(ctx.Err(), check(p.schema, batch)); err != nil {
		return err
	}
	if p.text >= groupText {
		if err := p.file.NewBufferedRowGroupChecked(); err != nil {
			return err
		}
		p.text = 0
	}
	for i, column := range batch.Columns() {
		if p.kinds[i] == text {
			p.text += len(column.(*array.String).ValueBytes())
		}
	}
	return p.file.WriteBuffered(batch)
}

// Close writes the last row group and the end of the file.
func (p *parquetWriter) Close() error {
	if p.closed {
		return errClosed
	}
	p.closed = true
	return p.file.Close()
}
