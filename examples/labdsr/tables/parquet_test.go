package tables_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// readParquet returns the rows of a file as [batch] takes them, and the file.
func readParquet(t *testing.T, content []byte) ([][]any, *file.Reader) {
	t.Helper()
	pf, err := file.NewParquetReader(bytes.NewReader(content))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, pf.Close()) })
	r, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	require.NoError(t, err)
	table, err := r.ReadTable(t.Context())
	require.NoError(t, err)
	defer table.Release()
	var rows [][]any
	batches := array.NewTableReader(table, 0)
	defer batches.Release()
	for batches.Next() {
		b := batches.RecordBatch()
		for row := range int(b.NumRows()) {
			values := make([]any, b.NumCols())
			for i, column := range b.Columns() {
				values[i] = valueOf(t, column, row)
			}
			rows = append(rows, values)
		}
	}
	return rows, pf
}

func valueOf(t *testing.T, column arrow.Array, row int) any {
	t.Helper()
	if column.IsNull(row) {
		return nil
	}
	switch column := column.(type) {
	case *array.String:
		return strings.Clone(column.Value(row))
	case *array.Boolean:
		return column.Value(row)
	case *array.Int64:
		return column.Value(row)
	case *array.Float64:
		return column.Value(row)
	case *array.Date32:
		return column.Value(row).ToTime()
	case *array.Timestamp:
		assert.Equal(t, tables.Instant, column.DataType())
		return time.UnixMicro(int64(column.Value(row))).UTC()
	}
	t.Fatalf("no value of %T", column)
	return nil
}

func TestParquetHoldsWhatWasWritten(t *testing.T) {
	t.Parallel()
	s := kindsOf()
	var out bytes.Buffer
	w, err := tables.NewParquet(&out, s)
	write(t, w, err, batch(t, s, kindRows()[:2]...), batch(t, s, kindRows()[2:]...))
	rows, pf := readParquet(t, out.Bytes())
	assert.Equal(t, kindRows(), rows)
	personal := pf.MetaData().KeyValueMetadata().FindValue("personal-data")
	require.NotNil(t, personal)
	assert.Equal(t, "no", *personal)
	for i, f := range s.Fields() {
		want := parquet.Repetitions.Required
		if f.Nullable {
			want = parquet.Repetitions.Optional
		}
		assert.Equal(t, want, pf.MetaData().Schema.Column(i).SchemaNode().RepetitionType(), f.Name)
	}
}

func TestParquetOfATableWithoutRowsHasItsColumns(t *testing.T) {
	t.Parallel()
	for _, table := range tables.All {
		var out bytes.Buffer
		w, err := tables.NewParquet(&out, tables.Schema(table, arrow.Metadata{}))
		write(t, w, err)
		rows, pf := readParquet(t, out.Bytes())
		assert.Empty(t, rows)
		assert.Equal(t, tables.Schema(table, arrow.Metadata{}).NumFields(), pf.MetaData().Schema.NumColumns())
	}
}

// manyRows is a batch of rows with texts that cannot be compressed.
func manyRows(t *testing.T, s *arrow.Schema, rows, length int, random *rand.ChaCha8) arrow.RecordBatch {
	t.Helper()
	all := make([][]any, rows)
	text := make([]byte, length)
	for i := range all {
		_, err := random.Read(text)
		require.NoError(t, err)
		for j := range text {
			text[j] &= 0x7f
		}
		all[i] = append([]any{string(text)}, kindRows()[i%2][1:]...)
	}
	return batch(t, s, all...)
}

// TestParquetIsWrittenInGroups says that memory does not grow with the file.
func TestParquetIsWrittenInGroups(t *testing.T) {
	t.Parallel()
	s := kindsOf()
	for _, test := range []struct {
		name                         string
		batches, rows, length, parts int
	}{
		{name: "many rows", batches: 17, rows: 1 << 13, length: 8, parts: 2},
		{name: "large cells", batches: 3, rows: 2, length: 17 << 20, parts: 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			w, err := tables.NewParquet(&out, s)
			require.NoError(t, err)
			random := rand.NewChaCha8([32]byte{})
			for range test.batches {
				require.NoError(t, w.Write(t.Context(), manyRows(t, s, test.rows, test.length, random)))
			}
			require.NoError(t, w.Close())
			pf, err := file.NewParquetReader(bytes.NewReader(out.Bytes()))
			require.NoError(t, err)
			assert.EqualValues(t, test.batches*test.rows, pf.NumRows())
			assert.Equal(t, test.parts, pf.NumRowGroups())
			require.NoError(t, pf.Close())
		})
	}
}
