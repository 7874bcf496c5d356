package tokens_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify/internal/tokens"
)

// TestTokensAreOneToOne adds pairs one by one, and those of tables.
func TestTokensAreOneToOne(t *testing.T) {
	t.Parallel()
	zoe, bob := sha256.Sum256([]byte("zoe")), sha256.Sum256([]byte("bob"))
	var table, same, other, taken tokens.Table
	for _, t := range []*tokens.Table{&table, &same, &other, &taken} {
		t.Clear()
	}
	assert.True(t, table.Add("t-1", zoe))
	assert.True(t, table.Add("t-1", zoe))
	assert.False(t, table.Add("t-2", zoe))
	assert.False(t, table.Add("t-1", bob))
	assert.True(t, same.Add("t-1", zoe))
	assert.True(t, same.Add("t-2", bob))
	assert.True(t, other.Add("t-3", bob))
	assert.True(t, taken.Add("t-2", sha256.Sum256(nil)))
	assert.True(t, table.Take(same))
	assert.False(t, table.Take(other))
	assert.False(t, table.Take(taken))
	table.Clear()
	assert.True(t, table.Take(other))
}

func TestTokensOfNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"t-0123456789abcdef0123456789abcdef": true, "": false, "t-": false, "p-0123456789abcdef0123456789abcdef": false, "t-0123456789abcdef0123456789abcde": false,
		"t-0123456789abcdef0123456789abcdef0": false, "t-0123456789abcdef0123456789ABCDEF": false, "t-0123456789abcdef-123456789abcdef": false,
	} {
		assert.Equal(t, want, tokens.IsName([]byte(text)), text)
	}
}
