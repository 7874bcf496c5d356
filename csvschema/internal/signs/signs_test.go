package signs_test

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/signs"
)

// sign matches a sign as the documentation has it.
var sign = regexp.MustCompile(`(?i:[@%&\\(=_]|[^\x00-\x7F]|users/|s-1-12-1-|6-*1-*6-*e-*6-*f-*6-*e)`)

// TestNextAgreesWithARegularExpression makes texts of bytes that are frequent in signs.
func TestNextAgreesWithARegularExpression(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"users/", "users", "USERS/", "/", "u", "s", "s-1-12-1-", "S-1-12-1", "616e6f6e", "616E-6f6E", "616e6f6", "6", "1", "-", "6-1", "e", "x", ",", "y", "z", "xxxxxxxx"}
	rare := append([]string{"@", "%", "&", "\\", "(", "=", "_", "é"}, parts...)
	found := 0
	for n := range 40_000 {
		from := parts
		if n%2 == 0 {
			from = rare
		}
		var text []byte
		for range random.IntN(12) {
			text = append(text, from[random.IntN(len(from))]...)
		}
		i := random.IntN(len(text) + 1)
		want := len(text)
		if match := sign.FindIndex(text[i:]); match != nil {
			want = i + match[0]
			found++
		}
		require.Equal(t, want, signs.Next(text, i), "%q from %d", text, i)
	}
	require.Greater(t, found, 10_000)
}

func TestAreUsersKnowsNoOtherSign(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "x": true, "users/": true, "/Users/x/users/users/": true, "user": true, "/users/x@": false, "@/users/x": false,
		"/users/616e6f6e": false, "/users/s-1-12-1-": false, "é/users/x": false, "u": true, "us-1-12-1-users/": false,
	} {
		require.Equal(t, want, signs.AreUsers([]byte(text)), "%q", text)
	}
}

func BenchmarkNext(b *testing.B) {
	text := bytes.Repeat([]byte(`"/subscriptions/0b3f9c8e-8267-47c5-8cda-484792e203ee/resourceGroups/lab/providers/Microsoft.DevTestLab/labs/lab/virtualmachines/zoe042",`), 5)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if signs.Next(text, 0) < len(text) {
			b.Fatal("a sign")
		}
	}
}
