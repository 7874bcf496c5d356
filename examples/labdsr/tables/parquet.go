package tables

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

type parquetWriter struct {
	schema *arrow.Schema
	file   *pqarrow.FileWriter
	closed bool
}

// NewParquet returns a writer of a table as a Parquet file, compressed by snappy, which
// every reader knows. The metadata of the schema are those of the file.
func NewParquet(w io.Writer, s *arrow.Schema) (Writer, error) {
	if _, err := kinds(s); err != nil {
		return nil, err
	}
	file, err := pqarrow.NewFileWriter(s, struct{ io.Writer }{w},
		parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy)),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return nil, err
	}
	return &parquetWriter{schema: s, file: file}, nil
}

func (p *parquetWriter) Write(ctx context.Context, batch arrow.RecordBatch) error {
	if p.closed {
		return errClosed
	}
	if err := errors.Join(ctx.Err(), check(p.schema, batch)); err != nil {
		return err
	}
	return p.file.WriteBuffered(batch)
}

func (p *parquetWriter) Close() error {
	if p.closed {
		return errClosed
	}
	p.closed = true
	return p.file.Close()
}
