package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
)

func TestCountsHaveTheNamesOfTheLibrary(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(newStats(anonymize.Stats{}))
	require.NoError(t, err)
	var want []string
	for name := range (anonymize.Stats{}).All() {
		want = append(want, name)
	}
	have := strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune(`{}":,0`, r) })
	assert.Equal(t, want, have)
}
