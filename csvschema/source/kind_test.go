package source_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/source"
)

func TestEveryKindHasACodeAndWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	codes := map[string]string{} // words by code
	words := map[string]bool{}
	for kind := source.KindExport; kind <= source.KindInsecure; kind++ {
		code, err := kind.MarshalText()
		require.NoError(t, err)
		codes[string(code)], words[kind.String()] = kind.String(), true
		assert.Equal(t, kind > source.KindIgnored, kind.IsDoubtful(), "%v", kind)
	}
	assert.Len(t, codes, int(source.KindInsecure))
	assert.Len(t, words, int(source.KindInsecure))
	assert.NotContains(t, codes, "")
	for _, none := range []source.Kind{0, source.KindInsecure + 1, 255} {
		code, err := none.MarshalText()
		require.NoError(t, err)
		assert.Empty(t, code)
		assert.Equal(t, fmt.Sprintf("Kind(%d)", uint8(none)), none.String())
		assert.False(t, none.IsDoubtful())
	}
	text, err := json.Marshal(source.Left{Path: "a.png", Kind: source.KindOther})
	require.NoError(t, err)
	assert.JSONEq(t, `{"Path": "a.png", "Kind": "other"}`, string(text))
}
