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
	for k := anonymize.Held; k <= anonymize.NearRequest; k++ {
		code, err := k.MarshalText()
		require.NoError(t, err)
		assert.Regexp(t, "^[a-z]+(-[a-z]+)*$", string(code))
		codes[string(code)], words[k.String()] = true, true
	}
	assert.Len(t, codes, 9)
	assert.Len(t, words, 9)
	for _, none := range []anonymize.FindingKind{0, anonymize.NearRequest + 1} {
		code, err := none.MarshalText()
		require.NoError(t, err)
		assert.Empty(t, string(code)+none.String())
	}
}
