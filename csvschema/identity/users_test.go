package identity

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// A regular expression finds where an x begins as behindUsers does, wherever words
// of eight bytes begin and end.
func TestBehindUsers(t *testing.T) {
	t.Parallel()
	users := regexp.MustCompile(`(?is)/users/.`)
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"/", "users", "USERS", "Users/", "/users/", "/uSers", "users0", "user/", "/user5/", "/", "a", "é", "\x00", "0123456", "/12345/", "\x80", "."}
	found := 0
	for range 50_000 {
		var text []byte
		for range random.IntN(9) {
			text = append(text, parts[random.IntN(len(parts))]...)
		}
		from := random.IntN(len(text) + 1)
		want := -1
		if at := users.FindIndex(text[from:]); at != nil {
			want = from + at[0] + len("/users/")
			found++
		}
		require.Equal(t, want, behindUsers(text, from), "%q from %d", text, from)
	}
	require.Greater(t, found, 4_000)
}
