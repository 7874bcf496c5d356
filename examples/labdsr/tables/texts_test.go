package tables_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// TestParquetHasADictionaryOfTexts writes columns of few, no, too many and too large texts in several row groups.
func TestParquetHasADictionaryOfTexts(t *testing.T) {
	t.Parallel()
	text := func(name string, isNullable bool) arrow.Field {
		return arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: isNullable}
	}
	s := arrow.NewSchema([]arrow.Field{text("Few", true), text("FewAndNoNull", false), text("Empty", true), text("None", true), text("Many", true), text("ManyAtTheEnd", true), text("ManyAndNoNull", false), text("Large", true)}, nil)
	random := rand.New(rand.NewPCG(1, 2))
	const batches, rows, perGroup = 20, 1 << 13, 16
	few := []any{"lab b", "", "lab a", nil, "lab b"}
	large := "lab a" + strings.Repeat("!", 1<<20)
	var all [][]any
	var out bytes.Buffer
	w, err := tables.NewParquet(&out, s)
	require.NoError(t, err)
	for b := range batches {
		var of [][]any
		for n := range rows {
			many := fmt.Sprintf("%060d", random.Uint64())
			row := []any{few[random.IntN(len(few))], few[random.IntN(3)], []any{"", nil}[random.IntN(2)], nil, many, few[random.IntN(len(few))], many, few[random.IntN(len(few))]}
			if b%perGroup > perGroup/2 {
				row[5] = many
			}
			if random.IntN(3) == 0 {
				row[4] = nil
			}
			if b == 1 && n == 2 {
				row[7] = large
			}
			of = append(of, row)
		}
		all = append(all, of...)
		for _, half := range []int64{0, rows / 2} {
			require.NoError(t, w.Write(t.Context(), batch(t, s, of...).NewSlice(half, half+rows/2)))
		}
	}
	require.NoError(t, w.Close())

	got, pf := readParquet(t, out.Bytes())
	require.Equal(t, all, got)
	require.Equal(t, 2, pf.NumRowGroups())
	for g := range pf.NumRowGroups() {
		ofGroup := all[:min(len(all), perGroup*rows)]
		all = all[len(ofGroup):]
		for i, f := range s.Fields() {
			chunk, err := pf.MetaData().RowGroup(g).ColumnChunk(i)
			require.NoError(t, err)
			hasDictionary := i < 4 || (i == 5 || i == 7) && g == 1 // there the columns have few again, and no large one
			assert.Equal(t, hasDictionary, chunk.HasDictionaryPage(), "%s of group %d", f.Name, g)
			values, nulls := map[string]bool{}, int64(0)
			for _, row := range ofGroup {
				if row[i] == nil {
					nulls++
				} else {
					values[row[i].(string)] = true
				}
			}
			statistics, err := chunk.Statistics()
			require.NoError(t, err)
			assert.Equal(t, nulls, statistics.NullCount(), f.Name)
			assert.Equal(t, int64(len(ofGroup))-nulls, statistics.NumValues(), f.Name)
			if len(values) > 0 {
				sorted := slices.Sorted(maps.Keys(values))
				assert.Equal(t, sorted[0], string(statistics.EncodeMin()), f.Name)
				assert.Equal(t, sorted[len(sorted)-1], string(statistics.EncodeMax()), f.Name)
			}
		}
	}
}
