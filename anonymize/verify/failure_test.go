package verify_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

func TestEveryKindOfFailureHasACodeAndWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	codes, words := map[string]bool{}, map[string]bool{}
	for k := verify.HeaderChanged; k <= verify.Unreadable; k++ {
		code, err := k.MarshalText()
		require.NoError(t, err)
		assert.Regexp(t, "^[a-z]+(-[a-z]+)*$", string(code))
		codes[string(code)], words[k.String()] = true, true
	}
	assert.Len(t, codes, 11)
	assert.Len(t, words, 11)
	for _, none := range []verify.FailureKind{0, verify.Unreadable + 1} {
		code, err := none.MarshalText()
		require.NoError(t, err)
		assert.Empty(t, string(code)+none.String())
	}
}

func TestAFailureSaysWhere(t *testing.T) {
	t.Parallel()
	f := verify.Failure{FileID: csvschema.FileID{Export: 2, File: 1, Role: csvschema.Disks}, Line: 7, Kind: verify.RowMissing}
	assert.Equal(t, "disks file 1 of export 2, line 7: rows are missing", f.String())
	f.Number, f.Kind = 16, verify.CellChanged
	assert.Equal(t, "disks file 1 of export 2, line 7, column number 16: a part of a cell was changed that had to stay", f.String())
	f.Column = csvschema.Name
	assert.Equal(t, "disks file 1 of export 2, line 7, column Name: a part of a cell was changed that had to stay", f.String())
	text, err := json.Marshal(f)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"Export":2,"File":1`)
	assert.Contains(t, string(text), `"cell-changed"`)
}
