package tables_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// batch makes a batch of rows whose values are those of Go: nil, string, bool, int64,
// float64, and time.Time for dates and instants.
func batch(t *testing.T, s *arrow.Schema, rows ...[]any) arrow.RecordBatch {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	for _, row := range rows {
		require.Len(t, row, s.NumFields())
		for i, value := range row {
			switch f := b.Field(i).(type) {
			case *array.StringBuilder:
				appendTo(f, f.Append, value)
			case *array.BooleanBuilder:
				appendTo(f, f.Append, value)
			case *array.Int64Builder:
				appendTo(f, f.Append, value)
			case *array.Float64Builder:
				appendTo(f, f.Append, value)
			case *array.Date32Builder:
				appendTo(f, func(v time.Time) { f.Append(arrow.Date32FromTime(v)) }, value)
			case *array.TimestampBuilder:
				appendTo(f, func(v time.Time) { f.Append(arrow.Timestamp(v.UnixMicro())) }, value)
			default:
				t.Fatalf("no builder of %T", f)
			}
		}
	}
	made := b.NewRecordBatch()
	t.Cleanup(made.Release)
	return made
}

func appendTo[V any](b array.Builder, add func(V), value any) {
	if value == nil {
		b.AppendNull()
		return
	}
	add(value.(V))
}

// kindsOf is a schema with a column of each type.
func kindsOf() *arrow.Schema {
	months := tables.Schema(tables.Months, arrow.Metadata{})
	fields := []arrow.Field{
		{Name: "Text", Type: arrow.BinaryTypes.String, Metadata: months.Field(0).Metadata},
		{Name: "More", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "Is", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "Size", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "Hours", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "Day", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "At", Type: tables.Instant, Nullable: true},
	}
	metadata := arrow.NewMetadata([]string{"made-by", "personal-data"}, []string{"a test", "no"})
	return arrow.NewSchema(fields, &metadata)
}

// kindRows are rows of kindsOf with what is hard to write.
func kindRows() [][]any {
	return [][]any{
		{"a", "x", true, int64(127), 1.5, time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)},
		{"b", nil, nil, nil, nil, nil, nil},
		{"c", "", false, int64(-1 << 63), 1e-7, time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1900, 1, 1, 0, 0, 0, 1000, time.UTC)},
		{"d", "a \"b\", c\r\nd\n\\.\ne\\", false, int64(1<<63 - 1), 744000000.25, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)},
		{"Ünïcødé 💻 =1+1", " ", true, int64(0), 0.1, time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 500000000, time.UTC)},
	}
}

// write writes batches by a writer of a table.
func write(t *testing.T, w tables.Writer, err error, batches ...arrow.RecordBatch) {
	t.Helper()
	require.NoError(t, err)
	for _, b := range batches {
		require.NoError(t, w.Write(t.Context(), b))
	}
	require.NoError(t, w.Close())
}

// writers are those of files.
var writers = map[tables.Format]func(*bytes.Buffer, *arrow.Schema) (tables.Writer, error){
	tables.Parquet: func(b *bytes.Buffer, s *arrow.Schema) (tables.Writer, error) { return tables.NewParquet(b, s) },
	tables.CSV:     func(b *bytes.Buffer, s *arrow.Schema) (tables.Writer, error) { return tables.NewCSV(b, s) },
}

func TestFormatsHaveNames(t *testing.T) {
	t.Parallel()
	var names []string
	for _, f := range tables.Formats {
		names = append(names, f.String())
	}
	assert.Equal(t, []string{"parquet", "sqlite", "csv"}, names)
	assert.Empty(t, tables.Format(0).String())
}

func TestWhatIsNoneOfTheTableIsRefused(t *testing.T) {
	t.Parallel()
	s := kindsOf()
	other := batch(t, tables.Schema(tables.Months, arrow.Metadata{}))
	renamed := arrow.NewSchema(append([]arrow.Field{{Name: "Other", Type: arrow.BinaryTypes.String}}, s.Fields()[1:]...), nil)
	retyped := arrow.NewSchema(append([]arrow.Field{{Name: "Text", Type: tables.Instant}}, s.Fields()[1:]...), nil)
	lacking := append([]any{nil}, kindRows()[0][1:]...)
	for format, open := range writers {
		for name, b := range map[string]arrow.RecordBatch{
			"other table": other, "other name": batch(t, renamed), "other type": batch(t, retyped), "no key": batch(t, s, lacking),
		} {
			t.Run(format.String()+" "+name, func(t *testing.T) {
				w, err := open(&bytes.Buffer{}, s)
				require.NoError(t, err)
				assert.Error(t, w.Write(t.Context(), b))
			})
		}
		_, err := open(&bytes.Buffer{}, arrow.NewSchema([]arrow.Field{{Name: "X", Type: arrow.BinaryTypes.Binary}}, nil))
		assert.Error(t, err, format)
	}
}

// failing fails at the nth write.
type failing struct{ left int }

var errWrite = errors.New("disk full")

func (f *failing) Write(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errWrite
	}
	return len(p), nil
}

// TestErrorsOfWritingAreTold fails at each write in turn. Whatever was written, the table
// can be closed.
func TestErrorsOfWritingAreTold(t *testing.T) {
	t.Parallel()
	s := kindsOf()
	for format, open := range map[tables.Format]func(*failing) (tables.Writer, error){
		tables.Parquet: func(f *failing) (tables.Writer, error) { return tables.NewParquet(f, s) },
		tables.CSV:     func(f *failing) (tables.Writer, error) { return tables.NewCSV(f, s) },
	} {
		for left := 0; ; left++ {
			f := &failing{left: left}
			w, err := open(f)
			if err == nil {
				err = w.Write(t.Context(), batch(t, s, kindRows()...))
				err = errors.Join(err, w.Close())
			}
			if f.left >= 0 { // all writes were done
				require.NoError(t, err, format)
				assert.Positive(t, left, format)
				break
			}
			require.ErrorIs(t, err, errWrite, "%v: write %d", format, left)
		}
	}
}

func TestNothingIsWrittenAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := kindsOf()
	b := batch(t, s, kindRows()...)
	for format, open := range writers {
		var out bytes.Buffer
		w, err := open(&out, s)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, w.Write(ctx, b), context.Canceled, format)

		w, err = open(&out, s)
		write(t, w, err, b)
		size := out.Len()
		require.Error(t, w.Write(t.Context(), b), format)
		require.Error(t, w.Close(), format)
		assert.Equal(t, size, out.Len(), format)
	}
}
