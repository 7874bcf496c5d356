package csvschematest_test

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/internal/densetest"
)

// requireSplit requires that no byte is lost, and that encoding/csv reads the same cells where
// it reads any and there is no carriage return.
func requireSplit(t *testing.T, data []byte) {
	t.Helper()
	gaps, raws, cells, end := csvschematest.SplitRecords(data)
	var whole []byte
	for i, raw := range raws {
		assert.NotEmpty(t, raw)
		assert.Empty(t, bytes.Trim(withoutMarkAt(i, gaps[i]), "\r\n"))
		assert.True(t, bytes.HasSuffix(raw, []byte("\n")) || i == len(raws)-1 && len(end) == 0, "a line end is cut")
		whole = append(append(whole, gaps[i]...), raw...)
	}
	assert.Empty(t, bytes.Trim(withoutMarkAt(len(raws), end), "\r\n"))
	whole = append(whole, end...)
	require.Equal(t, string(data), string(whole))

	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err == nil && !bytes.Contains(data, []byte("\r")) {
		assert.Equal(t, rows, cells)
	}
}

func TestRandomTextsAreSplit(t *testing.T) {
	t.Parallel()
	parts := []string{"a", "b", ",", ",", "\"", "\"\"", "\"a\"", "\"a\nb\"", "\"a\"\"b\"", "\n", "\n", "\r\n", "\r", "\uFEFF", "\xef", " ", "\x00", "\xff", "é"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		requireSplit(t, []byte(densetest.Text(r, densetest.Few(r, parts), 10)))
	}
}

func FuzzSplitRecords(f *testing.F) {
	for _, text := range []string{
		"", "\n", "a,b\n1,2\n", "\uFEFFa,b\r\n\r\n\"1\",\"x\"\"y\"\r\n\n", "a\n\"line\nbreak\",2", "a,\"b", "a\"b,c\n", "\"a\"b,c\n", "a\r\rb", ",\n,,",
		"\uFEFF", "\uFEFF\n", "\uFEFF\n\na,b\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { requireSplit(t, data) })
}

// withoutMarkAt removes a byte-order mark from what is before the first record.
func withoutMarkAt(record int, gap []byte) []byte {
	if record > 0 {
		return gap
	}
	return bytes.TrimPrefix(gap, []byte("\uFEFF"))
}
