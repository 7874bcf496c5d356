package tables

import (
	"bytes"
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// NOTE. In most columns of text the rows of a row group share a few texts, and a row often has that
// of the row before. A Parquet file has a dictionary of each of these columns:
//
//	rows          lab1  lab1  null  lab2  lab1
//	dictionary    lab1  lab2
//	numbers       0     0           1     0
//
// The encoder of a column would make one, too, but looks up the text of each row in it.

// texts gather the rows of a column of a row group that has a dictionary.
type texts struct {
	dictionary column
	numbers    map[string]int32 // in the dictionary
	rows       []int32          // their numbers; 0 if null
	levels     []int16          // 0 if null, 1 otherwise
	valid      []byte           // for write
	isFull     bool             // the dictionary would become too large: the encoder writes the text of each row
}

// maxDictionary is how many bytes a dictionary may have.
const maxDictionary = 1 << 20

func newTexts() *texts {
	t := &texts{dictionary: column{kind: text}, numbers: map[string]int32{}}
	t.reset()
	return t
}

func (t *texts) reset() {
	t.dictionary.reset()
	clear(t.numbers)
	t.rows, t.levels, t.isFull = t.rows[:0], t.levels[:0], false
}

// release frees the memory of texts that are full, until the next row group.
func (t *texts) release() {
	*t = *newTexts()
	t.isFull = true
}

// add adds the rows of a batch up to the one of which the dictionary would become too large, and
// returns how many these are.
func (t *texts) add(from *array.String) int {
	var last []byte
	number := int32(-1) // of last, if there is one
	offsets, data := from.ValueOffsets(), from.ValueBytes()
	for i := range from.Len() {
		if from.IsNull(i) {
			t.rows, t.levels = append(t.rows, 0), append(t.levels, 0)
			continue
		}
		if cell := data[offsets[i]-offsets[0] : offsets[i+1]-offsets[0]]; number < 0 || !bytes.Equal(cell, last) {
			if last, number = cell, t.numberOf(cell); t.isFull {
				return i
			}
		}
		t.rows, t.levels = append(t.rows, number), append(t.levels, 1)
	}
	return from.Len()
}

func (t *texts) numberOf(cell []byte) int32 {
	n, ok := t.numbers[string(cell)]
	switch {
	case ok:
	case len(t.dictionary.data)+len(cell) > maxDictionary:
		t.isFull = true
	default:
		n = int32(t.dictionary.rows)
		t.numbers[string(cell)] = n
		t.dictionary.data = append(t.dictionary.data, cell...)
		t.dictionary.endText(true)
	}
	return n
}

// write encodes the rows, without a dictionary if that is too large. A column takes no other rows
// after those of a dictionary.
func (t *texts) write(ctx context.Context, to parquetfile.ColumnChunkWriter, isNullable bool) error {
	numbers, dictionary := t.array(), t.dictionary.array(arrow.BinaryTypes.String)
	var levels []int16
	if isNullable {
		levels = t.levels
	}
	encoder, ok := to.CurrentEncoder().(interface {
		PutDictionary(values arrow.Array) error
	})
	if !ok || t.isFull {
		to.FallbackToPlain()
		return pqarrow.WriteArrowToColumn(ctx, to, array.NewDictionaryArray(textByNumber, numbers, dictionary), levels, nil, isNullable)
	}
	// WriteArrowToColumn does this, too, but searches for texts first that no row has, and leaves an
	// empty text out of the statistics.
	if err := encoder.PutDictionary(dictionary); err != nil {
		return err
	}
	statistics := to.PageStatistics().(*metadata.ByteArrayStatistics)
	statistics.IncNulls(int64(numbers.NullN()))
	statistics.IncNumValues(int64(numbers.Len() - numbers.NullN()))
	if dictionary.Len() > 0 {
		statistics.SetMinMax(t.bounds())
	}
	return to.WriteDictIndices(numbers, levels, nil)
}

var textByNumber = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// bounds returns the first and the last text in the order of their bytes.
func (t *texts) bounds() (first, last []byte) {
	for i := range t.dictionary.rows {
		switch one := t.dictionary.data[t.dictionary.offsets[i]:t.dictionary.offsets[i+1]]; {
		case i == 0:
			first, last = one, one
		case bytes.Compare(one, first) < 0:
			first = one
		case bytes.Compare(one, last) > 0:
			last = one
		}
	}
	return first, last
}

// array returns the numbers of the rows. They are valid until rows are added.
func (t *texts) array() arrow.Array {
	t.valid = t.valid[:0]
	nulls := 0
	for i, level := range t.levels {
		if i%8 == 0 {
			t.valid = append(t.valid, 0)
		}
		if level == 0 {
			nulls++
		} else {
			bitutil.SetBit(t.valid, i)
		}
	}
	return array.NewInt32Data(array.NewData(arrow.PrimitiveTypes.Int32, len(t.rows),
		[]*memory.Buffer{memory.NewBufferBytes(t.valid), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(t.rows))}, nil, nulls, 0))
}
