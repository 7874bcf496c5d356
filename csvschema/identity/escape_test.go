package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestAppendDecodedGivesWhatTheFinderSaw(t *testing.T) {
	t.Parallel()
	var f identity.Finder
	for text, want := range map[string]string{
		"": "", "a@x": "a@x", "%61%2540x": "a@x", "%25252540": "%40", "100%": "100%", "%C3%A9%": "é%",
	} {
		assert.Equal(t, "="+want, string(f.AppendDecoded([]byte("="), []byte(text))), text)
	}
}
