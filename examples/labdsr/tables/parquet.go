package tables

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"golang.org/x/sync/errgroup"

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

// parquetWriter encodes the columns of a batch, several at a time, and writes a row group
// when it is full.
type parquetWriter struct {
	schema  *arrow.Schema
	kinds   []kind
	file    *parquetfile.Writer
	group   parquetfile.BufferedRowGroupWriter // nil before the first batch
	rows    int64                              // of the group
	text    int                                // bytes of text in the group
	present []int16                            // ones, the levels of values that are not null
	texts   []*texts                           // of the columns that have a dictionary; nil in others
	closed  bool
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
		parquet.WithCreatedBy("labdsr"),
	}
	for _, name := range distinct {
		if s.HasField(name) {
			options = append(options, parquet.WithDictionaryFor(name, false))
		}
	}
	properties := parquet.NewWriterProperties(options...)
	columns, err := pqarrow.ToParquet(s, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, err
	}
	about := s.Metadata()
	var pairs metadata.KeyValueMetadata
	for i, key := range about.Keys() {
		if err := pairs.Append(key, about.Values()[i]); err != nil {
			return nil, err
		}
	}
	// Readers of Arrow find the descriptions of the columns here.
	if err := pairs.Append("ARROW:schema", base64.StdEncoding.EncodeToString(flight.SerializeSchema(s, memory.DefaultAllocator))); err != nil {
		return nil, err
	}
	f, err := parquetfile.NewParquetWriterWithError(struct{ io.Writer }{w}, columns.Root(), parquetfile.WithWriterProps(properties), parquetfile.WithWriteMetadata(pairs)) // which cannot close w
	if err != nil {
		return nil, err
	}
	p := &parquetWriter{schema: s, kinds: all, file: f, texts: make([]*texts, s.NumFields())}
	for i, f := range s.Fields() {
		if all[i] == text && !slices.Contains(distinct[:], f.Name) {
			p.texts[i] = newTexts()
		}
	}
	return p, nil
}

// Write encodes a batch.
func (p *parquetWriter) Write(ctx context.Context, batch arrow.RecordBatch) error {
	if p.closed {
		return errClosed
	}
	if err := errors.Join(ctx.Err(), check(p.schema, batch)); err != nil {
		return err
	}
	if batch.NumRows() == 0 {
		return nil
	}
	if p.group == nil || p.rows+batch.NumRows() > groupRows || p.text >= groupText {
		if err := p.begin(ctx); err != nil {
			return err
		}
	}
	p.rows += batch.NumRows()
	for len(p.present) < int(batch.NumRows()) {
		p.present = append(p.present, 1)
	}
	for i, column := range batch.Columns() {
		if p.kinds[i] == text {
			p.text += len(column.(*array.String).ValueBytes())
		}
	}
	return p.each(func(i int, levels *[]int16) error { return p.add(ctx, i, batch.Column(i), levels) })
}

// each calls encode for the columns, several at a time.
func (p *parquetWriter) each(encode func(i int, levels *[]int16) error) error {
	var next atomic.Int32
	var workers errgroup.Group
	for range min(runtime.GOMAXPROCS(0), maxEncoders) {
		workers.Go(func() error {
			var levels []int16
			for {
				i := int(next.Add(1)) - 1
				if i >= p.schema.NumFields() {
					return nil
				}
				if err := encode(i, &levels); err != nil {
					return err
				}
			}
		})
	}
	return workers.Wait()
}

// maxEncoders bounds how many columns are encoded at the same time.
const maxEncoders = 4

// begin writes the row group and begins another one.
func (p *parquetWriter) begin(ctx context.Context) (err error) {
	if err := p.end(ctx); err != nil {
		return err
	}
	p.rows, p.text = 0, 0
	p.group, err = p.file.AppendBufferedRowGroupChecked()
	return err
}

// end writes the row group, if there is one.
func (p *parquetWriter) end(ctx context.Context) error {
	if p.group == nil {
		return nil
	}
	err := p.each(func(i int, _ *[]int16) error {
		t := p.texts[i]
		if t == nil {
			return nil
		}
		defer t.reset()
		if t.isFull {
			return nil
		}
		return p.writeTexts(ctx, i)
	})
	if err != nil {
		return err
	}
	return p.group.Close()
}

func (p *parquetWriter) writeTexts(ctx context.Context, i int) error {
	to, err := p.group.Column(i)
	if err != nil {
		return err
	}
	return p.texts[i].write(ctx, to, p.schema.Field(i).Nullable)
}

// add adds a column of a batch to the row group.
func (p *parquetWriter) add(ctx context.Context, i int, column arrow.Array, levels *[]int16) error {
	t := p.texts[i]
	if t == nil || t.isFull {
		return p.encode(ctx, i, column, levels)
	}
	added := t.add(column.(*array.String))
	if !t.isFull {
		return nil
	}
	if err := p.writeTexts(ctx, i); err != nil {
		return err
	}
	t.release()
	rest := array.NewSlice(column, int64(added), int64(column.Len()))
	defer rest.Release()
	return p.encode(ctx, i, rest, levels)
}

// encode encodes a column of a batch.
func (p *parquetWriter) encode(ctx context.Context, i int, column arrow.Array, scratch *[]int16) error {
	to, err := p.group.Column(i)
	if err != nil {
		return err
	}
	isNullable := p.schema.Field(i).Nullable
	var levels []int16 // 0 where the value is null, 1 elsewhere; none if no value may be
	switch {
	case !isNullable:
	case column.NullN() == 0:
		levels = p.present[:column.Len()]
	default:
		levels = (*scratch)[:0]
		for row := range column.Len() {
			level := int16(1)
			if column.IsNull(row) {
				level = 0
			}
			levels = append(levels, level)
		}
		*scratch = levels
	}
	return pqarrow.WriteArrowToColumn(ctx, to, column, levels, nil, isNullable)
}

// Close writes the last row group and the end of the file.
func (p *parquetWriter) Close() error {
	if p.closed {
		return errClosed
	}
	p.closed = true
	if err := p.end(context.Background()); err != nil {
		return err
	}
	return p.file.Close()
}
