package anonymize_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
)

func TestEveryKindOfFindingHasACodeAndWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	codes, words := map[string]bool{}, map[string]bool{}
	for k := anonymize.Held; k <= anonymize.NoResource; k++ {
		code, err := k.MarshalText()
		require.NoError(t, err)
		assert.Regexp(t, "^[a-z]+(-[a-z]+)*$", string(code))
		codes[string(code)], words[k.String()] = true, true
	}
	assert.Len(t, codes, 10)
	assert.Len(t, words, 10)
	for _, none := range []anonymize.FindingKind{0, anonymize.NoResource + 1} {
		code, err := none.MarshalText()
		require.NoError(t, err)
		assert.Empty(t, string(code)+none.String())
	}
}
