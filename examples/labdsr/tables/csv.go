package tables

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// csvWriter writes a table as CSV from which every value can be read again: text is in
// quotes, and nothing at all is null. Databases read the rest without being told how:
// instants in UTC as 2017-01-03 23:17:09.000000, dates as 2017-01-03, booleans as 1 and 0.
type csvWriter struct {
	w      io.Writer
	schema *arrow.Schema
	kinds  []kind
	buffer []byte
	closed bool
}

// NewCSV returns a writer of a table as CSV in UTF-8: a header, then a line for each row.
// Lines end with LF. It writes no byte-order mark, which databases would read as a part of
// the first name. Text is written as it is, also what a spreadsheet takes for a formula.
func NewCSV(w io.Writer, s *arrow.Schema) (Writer, error) {
	all, err := kinds(s)
	if err != nil {
		return nil, err
	}
	c := &csvWriter{w: w, schema: s, kinds: all}
	for i, f := range s.Fields() {
		if i > 0 {
			c.buffer = append(c.buffer, ',')
		}
		c.buffer = append(c.buffer, f.Name...)
	}
	c.buffer = append(c.buffer, '\n')
	return c, nil
}

// Write writes a line for each row.
func (c *csvWriter) Write(ctx context.Context, batch arrow.RecordBatch) error {
	if c.closed {
		return errClosed
	}
	if err := errors.Join(ctx.Err(), check(c.schema, batch)); err != nil {
		return err
	}
	columns := batch.Columns()
	for row := range int(batch.NumRows()) {
		for i, column := range columns {
			if i > 0 {
				c.buffer = append(c.buffer, ',')
			}
			if !column.IsNull(row) {
				c.buffer = appendCell(c.buffer, c.kinds[i], column, row)
			}
		}
		c.buffer = append(c.buffer, '\n')
		if len(c.buffer) >= 1<<18 {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close writes what is left.
func (c *csvWriter) Close() error {
	if c.closed {
		return errClosed
	}
	c.closed = true
	return c.flush()
}

func (c *csvWriter) flush() error {
	_, err := c.w.Write(c.buffer)
	c.buffer = c.buffer[:0]
	return err
}

// The forms of dates and instants in CSV and SQLite.
const (
	dateForm    = time.DateOnly
	instantForm = "2006-01-02 15:04:05.000000"
)

func appendCell(b []byte, k kind, column arrow.Array, row int) []byte {
	switch k {
	case text:
		return appendQuoted(b, column.(*array.String).Value(row))
	case boolean:
		if column.(*array.Boolean).Value(row) {
			return append(b, '1')
		}
		return append(b, '0')
	case integer:
		return strconv.AppendInt(b, column.(*array.Int64).Value(row), 10)
	case float:
		return strconv.AppendFloat(b, column.(*array.Float64).Value(row), 'f', -1, 64)
	case date:
		return column.(*array.Date32).Value(row).ToTime().AppendFormat(b, dateForm)
	case instant:
		return time.UnixMicro(int64(column.(*array.Timestamp).Value(row))).UTC().AppendFormat(b, instantForm)
	}
	return b
}

func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}
