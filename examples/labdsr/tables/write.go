package tables

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
)

// A Format is what tables are written as.
type Format uint8

// The formats.
const (
	Parquet Format = iota + 1 // a file for each table
	SQLite                    // one database
	CSV                       // a file for each table, for databases that load it by a script
)

// Formats are all formats.
var Formats = [...]Format{Parquet, SQLite, CSV}

// String returns the name of the format, which is that of the flag, too.
func (f Format) String() string {
	switch f {
	case Parquet:
		return "parquet"
	case SQLite:
		return "sqlite"
	case CSV:
		return "csv"
	}
	return ""
}

// A Writer writes the rows of one table. After an error of a method, what was written
// must be thrown away. Only one goroutine may use it.
type Writer interface {
	// Write writes the rows of a batch of the table's schema, in order. It does not keep
	// the batch.
	Write(ctx context.Context, batch arrow.RecordBatch) error
	// Close finishes the table. It does not close what the writer writes to.
	Close() error
}

var (
	errClosed = errors.New("tables: the table is closed")
	errSchema = errors.New("tables: the batch has other columns than the table")
)

// A kind is how the values of a column are written.
type kind uint8

const (
	text kind = iota + 1
	boolean
	integer
	float
	date
	instant
)

// kinds returns how the columns are written. Other types than those of [Schema] are an error.
func kinds(s *arrow.Schema) ([]kind, error) {
	all := make([]kind, s.NumFields())
	for i, f := range s.Fields() {
		switch {
		case arrow.TypeEqual(f.Type, arrow.BinaryTypes.String):
			all[i] = text
		case arrow.TypeEqual(f.Type, arrow.FixedWidthTypes.Boolean):
			all[i] = boolean
		case arrow.TypeEqual(f.Type, arrow.PrimitiveTypes.Int64):
			all[i] = integer
		case arrow.TypeEqual(f.Type, arrow.PrimitiveTypes.Float64):
			all[i] = float
		case arrow.TypeEqual(f.Type, arrow.FixedWidthTypes.Date32):
			all[i] = date
		case arrow.TypeEqual(f.Type, Instant):
			all[i] = instant
		default:
			return nil, fmt.Errorf("tables: column %s has a type that is not written: %s", f.Name, f.Type)
		}
	}
	return all, nil
}

// check returns an error if the batch is none of the table: if it has other columns, or
// lacks a value where each row has one.
func check(s *arrow.Schema, batch arrow.RecordBatch) error {
	if int(batch.NumCols()) != s.NumFields() {
		return errSchema
	}
	for i, f := range s.Fields() {
		column := batch.Column(i)
		if batch.ColumnName(i) != f.Name || !arrow.TypeEqual(column.DataType(), f.Type) {
			return errSchema
		}
		if !f.Nullable && column.NullN() > 0 {
			return fmt.Errorf("tables: column %s lacks a value", f.Name)
		}
	}
	return nil
}
