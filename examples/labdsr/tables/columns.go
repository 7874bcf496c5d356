package tables

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/labdsr/labdsr/csvschema"
)

// typeOf returns how the values of an exported column are written.
func typeOf(c csvschema.Column) kind {
	switch c { //nolint:exhaustive // the others hold text
	case csvschema.CreatedTime, csvschema.DeletedDate, csvschema.ExpirationDate:
		return instant
	case csvschema.Claimable:
		return boolean
	case csvschema.DiskSizeGB:
		return integer
	}
	return text
}

// A column gathers the values of one column of a batch, without a value of its own for
// each cell: the buffers are those that Arrow describes.
type column struct {
	kind    kind
	rows    int
	nulls   int
	valid   []byte  // a bit for each row
	offsets []int32 // of text: one more than rows
	data    []byte  // of text; of booleans a bit for each row
	numbers []int64 // of instants and integers
	floats  []float64
	days    []int32
}

func (c *column) reset() {
	c.rows, c.nulls = 0, 0
	c.valid, c.data, c.numbers, c.floats, c.days = c.valid[:0], c.data[:0], c.numbers[:0], c.floats[:0], c.days[:0]
	c.offsets = append(c.offsets[:0], 0)
}

// mark appends the bit of the next row, which is one of valid or of booleans, to bits.
func (c *column) mark(bits []byte, is bool) []byte {
	if c.rows%8 == 0 {
		bits = append(bits, 0)
	}
	if is {
		bits[c.rows/8] |= 1 << (c.rows % 8)
	}
	return bits
}

// end ends the row, whose value is there.
func (c *column) end(isValid bool) {
	c.valid = c.mark(c.valid, isValid)
	if !isValid {
		c.nulls++
	}
	c.rows++
}

// endText ends the row, whose text was appended to data.
func (c *column) endText(isValid bool) {
	c.offsets = append(c.offsets, int32(len(c.data)))
	c.end(isValid)
}

// appendText appends a text; an empty one is null.
func (c *column) appendText(cell []byte) {
	c.data = append(c.data, cell...)
	c.endText(len(cell) > 0)
}

func (c *column) appendNumber(value int64, isValid bool) {
	c.numbers = append(c.numbers, value)
	c.end(isValid)
}

func (c *column) appendBool(value, isValid bool) {
	c.data = c.mark(c.data, value)
	c.end(isValid)
}

func (c *column) appendNull() {
	switch c.kind {
	case text:
		c.endText(false)
	case boolean:
		c.appendBool(false, false)
	case instant, integer, float, date:
		c.appendNumber(0, false)
	}
}

// array returns the values. They are valid until the column is reset.
func (c *column) array(of arrow.DataType) arrow.Array {
	var valid *memory.Buffer
	if c.nulls > 0 {
		valid = memory.NewBufferBytes(c.valid)
	}
	buffers := []*memory.Buffer{valid}
	switch c.kind {
	case text:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offsets)), memory.NewBufferBytes(c.data))
	case boolean:
		buffers = append(buffers, memory.NewBufferBytes(c.data))
	case float:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(c.floats)))
	case date:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.days)))
	case instant, integer:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(c.numbers)))
	}
	data := array.NewData(of, c.rows, buffers, nil, c.nulls, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

// columnsOf returns columns of a schema.
func columnsOf(s *arrow.Schema) ([]column, error) {
	kinds, err := kinds(s)
	if err != nil {
		return nil, err
	}
	columns := make([]column, len(kinds))
	for i, k := range kinds {
		columns[i].kind = k
		columns[i].reset()
	}
	return columns, nil
}

// batchOf returns the rows of columns. They are valid until a column is reset.
func batchOf(s *arrow.Schema, columns []column) arrow.RecordBatch {
	arrays := make([]arrow.Array, len(columns))
	for i := range columns {
		arrays[i] = columns[i].array(s.Field(i).Type)
	}
	return array.NewRecordBatch(s, arrays, int64(columns[0].rows))
}

// micros returns an instant as the tables have it, and whether that lost something.
func micros(t time.Time) (value int64, isCut bool) {
	if value = t.UnixMicro(); value > lastMicro {
		return lastMicro, true
	}
	return value, t.Nanosecond()%1000 != 0
}

// lastMicro is the end of the year 9999. Many databases and programs know no later instant; in
// exports it says "never", and west of Greenwich that is in the year after.
var lastMicro = time.Date(10_000, time.January, 1, 0, 0, 0, -1, time.UTC).UnixMicro()

// isTrue returns what a boolean says that [csvschema.Column.Holds].
func isTrue(cell []byte) bool { return cell[0]|0x20 == 't' }

// numberOf returns the number of a cell that [csvschema.Column.Holds].
func numberOf(cell []byte) (n int64) {
	for _, digit := range cell {
		n = 10*n + int64(digit-'0')
	}
	return n
}
