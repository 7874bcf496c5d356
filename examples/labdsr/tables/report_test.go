package tables_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

func TestContradictionsAreBoundedAndCounted(t *testing.T) {
	t.Parallel()
	exports := []csvschema.Export{machines(t, time.Time{}, cells{csvschema.PricingTier: "a"}, cells{csvschema.PricingTier: "b"}, cells{csvschema.PricingTier: "c"})}
	m := makeTables(t, exports, tables.Options{At: time.Now(), MaxContradictions: 1})
	assert.Len(t, m.Contradictions, 1)
	assert.EqualValues(t, 2, m.Found[tables.DifferentCopies])
}

func TestEachKindOfContradictionHasACodeAndWords(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{}
	for _, kind := range tables.ContradictionKinds {
		code, err := kind.MarshalText()
		require.NoError(t, err)
		assert.NotEmpty(t, code)
		assert.NotEmpty(t, kind.String())
		codes[string(code)] = true
	}
	assert.Len(t, codes, len(tables.ContradictionKinds))
	for _, same := range []anonymize.FindingKind{anonymize.DifferentDates, anonymize.DifferentIDs} {
		code, err := same.MarshalText()
		require.NoError(t, err)
		assert.True(t, codes[string(code)], same)
	}
	none := tables.ContradictionKinds[len(tables.ContradictionKinds)-1] + 1
	code, err := none.MarshalText()
	require.NoError(t, err)
	assert.Empty(t, code)
	assert.Empty(t, none.String())
}
