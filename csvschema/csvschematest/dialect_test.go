package csvschematest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

func TestRealQuotesEveryCell(t *testing.T) {
	t.Parallel()
	for _, row := range firstFile(nil).Rows {
		for cell := range bytes.SplitSeq(bytes.TrimSuffix(row.Raw, []byte("\n")), []byte(`","`)) {
			assert.NotContains(t, string(cell), `,"","`, "every cell is quoted")
		}
		assert.True(t, bytes.HasPrefix(row.Raw, []byte(`"`)) && bytes.HasSuffix(row.Raw, []byte("\"\n")))
		assert.Equal(t, 2*23, bytes.Count(row.Raw, []byte(`"`))-2*strings.Count(strings.Join(row.Cells, ""), `"`))
	}
}

func TestPlainQuotesWhatNeedsIt(t *testing.T) {
	t.Parallel()
	plain := string(firstFile(&csvschematest.Options{Dialect: csvschematest.Plain}).Data)
	assert.Contains(t, plain, ",False,,,latest,")
	assert.Contains(t, plain, `,"trailing ",`)
}
