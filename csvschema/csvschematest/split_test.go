package csvschematest_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// FuzzSplitRecords asserts that no byte is lost, and that encoding/csv reads the same
// cells where it reads any and there is no carriage return.
func FuzzSplitRecords(f *testing.F) {
	for _, text := range []string{
		"", "\n", "a,b\n1,2\n", "\uFEFFa,b\r\n\r\n\"1\",\"x\"\"y\"\r\n\n", "a\n\"line\nbreak\",2", "a,\"b", "a\"b,c\n", "\"a\"b,c\n", "a\r\rb", ",\n,,",
		"\uFEFF", "\uFEFF\n", "\uFEFF\n\na,b\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		gaps, raws, cells, end := csvschematest.SplitRecords(data)
		var whole []byte
		for i, raw := range raws {
			assert.NotEmpty(t, raw)
			assert.Empty(t, bytes.Trim(withoutMarkAt(i, gaps[i]), "\r\n"))
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
	})
}

// withoutMarkAt removes a byte-order mark from what is before the first record.
func withoutMarkAt(record int, gap []byte) []byte {
	if record > 0 {
		return gap
	}
	return bytes.TrimPrefix(gap, []byte("\uFEFF"))
}
