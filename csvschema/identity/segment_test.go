package identity_test

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestUserSegmentsAreDecoded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, cell string
		want       []string
	}{
		{"None", "alice@contoso.com", nil},
		{"One", "/labs/x/Users/" + objectID + "/environments/y", []string{objectID}},
		{"Several", "/users/a/users/b/users/@me/users/?/users/c", []string{"a", "b", "c"}},
		{"Escaped", "%252fusers%252F%7B" + objectID + "%7d%252Fx", []string{"{" + objectID + "}"}},
		{"EscapedBlank", "/users/a%20b", []string{"a b"}},
		{"Slashes", "//users///" + objectID + "//e", []string{objectID}},
		{"EscapedSlashes", "/users/%2F" + objectID + "%2f/e", []string{objectID}},
		{"NoFirstSlash", "Users/" + objectID + "/disks/d", []string{objectID}},
		{"OData", "https://h/v1.0/Users('" + objectID + "')/manager users('b''c@x')", []string{objectID, "b'c@x"}},
		{"HTMLSlashes", "&#x2f;users&#x2f;a_b.c%23EXT%23@d.e&#x2f;x%23y", []string{"a_b.c#EXT#@d.e"}},
		{"JSONSlashes", `\u002fusers\u002Fa%2Fb\/users\/c%3Fd\/`, []string{"a/b", "c?d"}},
		{"HTMLAndPercent", "&sol;users&sol;a%252Fb&sol;%2Fusers%2Fc%23d%2f", []string{"a/b", "c"}},
		{"ODataKey", `users(id='b''c@x') users("b""c") users(id=\"d\")`, []string{"b'c@x", `b"c`, "d"}},
		{"Personal", "/personal/alice_contoso_com/users/b?/personal/x", []string{"b", "alice_contoso_com"}},
		{"Backslashes", `\labs\l\users\` + objectID + `\disks\d C:\Users\zoe`, []string{objectID}},
		{"GuestWithoutTenant", "/users/zoe_contoso.com#EXT#/disks/d", []string{"zoe_contoso.com#EXT#"}},
		{"ODataGUID", "/users(" + objectID + ")/x users(id={" + objectID + "}) users(guid'" + objectID + "')", []string{objectID, "{" + objectID + "}", objectID}},
		{"ODataNobody", "/users('@me')/users('')/users(' ')/users('/')", nil},
		{"ODataAfterMe", "users('@me')/x users('@ME')b@x users('@me2')", []string{"@me2"}},
		{"ODataAfterOthers", "users('a')/users/b/users('c')", []string{"b", "a", "c"}},
		{"Guest", "/users/a_b.com#EXT#@x.com/e /users/live.com#a@x.com#top /users/a#b/users/c@d#e", []string{"a_b.com#EXT#@x.com", "live.com#a@x.com", "a", "c@d"}},
		{"Replacement", "/users/" + identity.ReplacementObjectID + "/", []string{identity.ReplacementObjectID}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var f identity.Finder
			var got []string
			for _, x := range f.UserSegments(nil, []byte(tt.cell)) {
				got = append(got, string(x))
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// A regular expression finds the same beginnings of user segments, wherever the words
// of eight bytes begin and end that afterUsers looks at.
func TestUserSegmentsBeginWhereARegularExpressionFindsThem(t *testing.T) {
	t.Parallel()
	users := regexp.MustCompile(`(?is)/(users/).`)
	usersAtFirst := regexp.MustCompile(`(?is)(?:^|/)(users/).`)
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
		first := users
		if from == 0 {
			first = usersAtFirst
		}
		if at := first.FindSubmatchIndex(text[from:]); at != nil {
			want = from + at[3]
			found++
		}
		require.Equal(t, want, identity.AfterUsers(text, from), "%q from %d", text, from)
	}
	require.Greater(t, found, 4_000)
}
