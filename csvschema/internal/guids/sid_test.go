package guids_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/guids"
)

func TestASIDGivesTheGUIDThatItEncodes(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"", ";", "-1", " " + sid} {
		got, size, ok := guids.ParseSID([]byte(sid + after))
		assert.True(t, ok)
		assert.Equal(t, len(sid), size)
		assert.Equal(t, guid, string(got[:]))
	}
	for _, text := range []string{
		"", guids.SIDPrefix, "S" + sid[1:], "x" + sid, "s-1-12-1-1-2-3", "s-1-12-1-1-2-3-", "s-1-12-1-4294967296-2-3-4",
		"s-1-12-1-+1-2-3-4", "s-1-12-1--2-3-4", "s-1-5-21-1-2-3-4",
	} {
		_, _, ok := guids.ParseSID([]byte(text))
		assert.False(t, ok, text)
	}
}

func TestTheNextSIDBeginsAfterNoLetterOrDigit(t *testing.T) {
	t.Parallel()
	text := []byte(`xs-1-12-1-1 x` + sid + ` azuread\` + sid + "; s-1-12-1-1")
	start, end, got := guids.NextSID(text, 0)
	assert.Equal(t, digits, string(got[:]))
	assert.Equal(t, sid, string(text[start:end]))
	assert.Equal(t, `\`, string(text[start-1]))
	start, _, _ = guids.NextSID(text, end)
	assert.Equal(t, -1, start)
}
