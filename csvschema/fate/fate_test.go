package fate_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/fate"
)

func TestEveryFateHasACodeAndWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{}
	words := map[string]bool{}
	for f := fate.GoesNow; f <= fate.KeptUndecided; f++ {
		code, err := f.MarshalText()
		require.NoError(t, err)
		codes[string(code)], words[f.String()] = true, true
	}
	assert.Equal(t, map[string]bool{"goes-now": true, "goes-later": true, "exists": true, "held": true, "undecided": true}, codes)
	assert.Len(t, words, 5)
	for _, none := range []fate.Fate{0, fate.KeptUndecided + 1, 255} {
		code, err := none.MarshalText()
		require.NoError(t, err)
		assert.Empty(t, code)
		assert.Empty(t, none.String())
	}
}

func TestKeepingIsWrittenWithTheCodeOfItsFate(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(fate.Keeping{Fate: fate.KeptHeld, At: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Reason: "claim 17"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"Fate": "held", "At": "2026-07-01T00:00:00Z", "Reason": "claim 17"}`, string(text))
}
