package rawcsv_test

import (
	"bytes"
	"encoding/csv"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// encoding/csv writes the cell, as the second of a record.
func reference(t *testing.T, cell string) string {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	require.NoError(t, w.Write([]string{"x", cell}))
	w.Flush()
	return out.String()[len("x,") : out.Len()-1]
}

// requireQuoted compares the quotes of a cell with those of encoding/csv.
func requireQuoted(t *testing.T, cell string) {
	t.Helper()
	want := reference(t, cell)
	isPlain := cell == "" || cell[0] != ' ' && cell[0] != '\\'
	for i := range len(cell) {
		isPlain = isPlain && cell[i] >= ' ' && cell[i] < utf8.RuneSelf && cell[i] != ',' && cell[i] != '"'
	}
	assert.Equal(t, isPlain, rawcsv.IsPlain(cell))
	if isPlain {
		assert.False(t, rawcsv.NeedsQuotes(cell))
		assert.Equal(t, `"`+cell+`"`, string(rawcsv.AppendQuoted(nil, cell)))
	}
	assert.Equal(t, want[:min(1, len(want))] == `"`, rawcsv.NeedsQuotes(cell))
	quoted := string(rawcsv.AppendQuoted([]byte("x"), cell))
	assert.Equal(t, quoted, string(rawcsv.AppendQuoted([]byte("x"), []byte(cell))))
	if rawcsv.NeedsQuotes(cell) {
		assert.Equal(t, "x"+want, quoted)
	} else {
		assert.Equal(t, `x"`+cell+`"`, quoted)
	}
}

func FuzzQuoting(f *testing.F) {
	for _, cell := range []string{"", "a", " a", "\u00a0a", `a"b`, `""`, "a,b", "a\nb", "a\rb", "\r\n", `\.`, `\.x`, "ä", "\xff", "alice@example.com", "alice@example.com,", "nothing\x00", "C:\\a long path of words"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) { requireQuoted(t, cell) })
}

func TestAppendQuotedAllocatesNothing(t *testing.T) {
	dst, text, bytes := make([]byte, 0, 100), `a "cell"`, []byte(`a "cell"`)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		dst = rawcsv.AppendQuoted(dst[:0], text)
		dst = rawcsv.AppendQuoted(dst[:0], bytes)
	}))
}
