package rawcsv_test

import (
	"bytes"
	"encoding/csv"
	"testing"

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

func FuzzQuoting(f *testing.F) {
	for _, cell := range []string{"", "a", " a", "\u00a0a", `a"b`, `""`, "a,b", "a\nb", "a\rb", "\r\n", `\.`, `\.x`, "ä", "\xff"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		want := reference(t, cell)
		assert.Equal(t, want[:min(1, len(want))] == `"`, rawcsv.NeedsQuotes(cell))
		quoted := string(rawcsv.AppendQuoted([]byte("x"), cell))
		assert.Equal(t, quoted, string(rawcsv.AppendQuoted([]byte("x"), []byte(cell))))
		if rawcsv.NeedsQuotes(cell) {
			assert.Equal(t, "x"+want, quoted)
		} else {
			assert.Equal(t, `x"`+cell+`"`, quoted)
		}
	})
}

func TestAppendQuotedAllocatesNothing(t *testing.T) {
	dst, text, bytes := make([]byte, 0, 100), `a "cell"`, []byte(`a "cell"`)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		dst = rawcsv.AppendQuoted(dst[:0], text)
		dst = rawcsv.AppendQuoted(dst[:0], bytes)
	}))
}
