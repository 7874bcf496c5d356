package data_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/response/data"
)

func TestTextsAreInClearInJSONAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "alice@example.com", "[redacted]", "\u2028<&>\"\\\x01é\U0001F600", "a<b", "a>b", "a&b", "a\"b", "a\\b", "a\x7fb", "a\x1fb", " ~"} {
		written, err := json.Marshal(data.NewText(text))
		require.NoError(t, err)
		want, err := json.Marshal(text)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(written))
		assert.Equal(t, text, data.NewText(text).Reveal())
		assert.True(t, data.NewText(text).Equal(data.NewText(text)))
		assert.False(t, data.NewText(text).Equal(data.NewText(text+"x")))
		var back data.Text
		require.NoError(t, json.Unmarshal(written, &back))
		assert.Equal(t, text, back.Reveal())
		other, err := data.NewText(text).MarshalText()
		require.NoError(t, err)
		assert.Equal(t, "[redacted]", string(other))
	}
	text := data.NewText("before")
	for _, wrong := range []string{`null`, `1`, `["x"]`, `{}`} {
		require.ErrorIs(t, json.Unmarshal([]byte(wrong), &text), csvschema.ErrValue)
		assert.Equal(t, "before", text.Reveal())
	}
}
