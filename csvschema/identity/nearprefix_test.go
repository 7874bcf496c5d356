package identity_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/densetest"
)

// requireMayHold checks that MayHold is true for a value that is equal to the added
// identifier or near it.
func requireMayHold(t *testing.T, added identity.Identifier, value string) {
	t.Helper()
	id, err := identity.Parse(value)
	if err != nil || id != added && !identity.Near(id, added) {
		return
	}
	var index identity.NearIndex
	index.Add(added, 1)
	require.True(t, index.MayHold([]byte(value)), "%q, %q", added.Reveal(), value)
}

func TestMayHoldIsTrueForWhatIsEqualOrNear(t *testing.T) {
	t.Parallel()
	for _, tt := range nearPairs {
		a, b := mustIdentifier(t, tt.a), mustIdentifier(t, tt.b)
		for _, value := range []string{tt.a, tt.b, strings.ToUpper(tt.a), strings.ToUpper(tt.b), " " + tt.a, "\u200b" + tt.b} {
			requireMayHold(t, a, value)
			requireMayHold(t, b, value)
		}
	}
	guid := mustIdentifier(t, objectID)
	for _, value := range []string{objectID, strings.ToUpper(objectID), "{" + objectID + "}", strings.ReplaceAll(objectID, "-", "")} {
		requireMayHold(t, guid, value)
	}
	var index identity.NearIndex
	index.Add(mustIdentifier(t, "alice@contoso.com"), 1)
	index.Add(guid, 2)
	for value, want := range map[string]bool{
		"ALIce": true, "alice@x.com": true, "alice.b@contoso.com": false, "alibaba@contoso.com": false, "bob@contoso.com": false,
		"": true, "a": true, "bob": true, "bobé@x.com": true, "bob\u0301@x.com": true, "b_b@x.com": false, " bob@x.com": false,
		"SMTP:bob@x.com": false, "Bob <bob@x.com>": false, "bob@x.com; al@x.com": false, "bob@x.com; alice@x.com": true, "malice <m@x.com>": false,
		"bob_y.com#EXT#@x.com": false, "bob_y.com%23EXT%23@x.com": false, "alice_x.com%23EXT%23@y.com": true, "bob%2340@x.com": false, "bob%40@x.com": true,
		"bob_x40_@x.com": true, "@bob": true, "#bob@x.com": true, "bob_x_com": true, "a@b_bobby_x_com": true, objectID[:30] + "@x.com": false, objectID + "@x.com": true,
		"S-1-12-1-1-2-3-4@x.com": true, "S-1-12-1-1-2-3@x.com": false, "bob@x.com" + strings.Repeat(" ", 300): true,
		objectID: true, "{00000000-0000-0000-0000-000000000000}": true, "zzz00000-0000-0000-0000-000000000000": false,
	} {
		assert.Equal(t, want, index.MayHold([]byte(value)), value)
	}
	name, err := identity.Verbatim("Zoe Baker@desk")
	require.NoError(t, err)
	index.Add(name, 3)
	assert.True(t, index.MayHold([]byte("zoe BAKER@desk")), "a verbatim text that is no address")
}

// TestMayHoldIsTrueWhereFindInFinds puts texts together from what identifiers and their
// spellings are made of.
func TestMayHoldIsTrueWhereFindInFinds(t *testing.T) {
	t.Parallel()
	compact := strings.ReplaceAll(objectID, "-", "")
	parts := []string{
		"alice", "alice", "Alice", "alice#7", "bob", "carol", "a", "x", "7", "@", "@", "@", "@contoso.com", "@contoso.onmicrosoft.com", "contoso.com", "contoso_com", "com",
		".", "-", "_", "+", "'", "''", "`", "#EXT#", "#ext#@fabrikam.onmicrosoft.com", "%23EXT%23", "_EXT_@x.com", "#", "/", "/personal/", "personal/", "users",
		" ", "<", ">", ";", ":", "SMTP:", "|", "=", "?", "%40", "%", "\\", "&#64;", "_x0040_", "_X0040_", "_x", "=40", "é", "李", "xn--bcher-kva.example", "bücher.example", "-@x.com",
		objectID, compact, compact[:20], compact[20:], sidOf73, "S-1-12-1-1-2-3-4", "73d664e4-0886-4a73-b745-c694da45ddb4", "00000001-0002-0000-0300-000004000000",
	}
	random := rand.New(rand.NewPCG(3, 4))
	found := 0
	for i := range 120_000 {
		some := parts
		if i%2 == 1 {
			some = densetest.Few(random, parts)
		}
		compose := func() string { return densetest.Text(random, some, 6) }
		idText, text := compose(), compose()
		id, err := identity.Parse(idText)
		if random.IntN(5) == 0 || err != nil && random.IntN(3) == 0 {
			id, err = identity.Verbatim(idText)
		}
		if err != nil {
			continue
		}
		if random.IntN(2) == 0 { // beside the identifier or the beginning of it
			whole := id.Reveal()
			whole = whole[:len(whole)-random.IntN(min(3, len(whole)))]
			if random.IntN(4) == 0 {
				whole = strings.ReplaceAll(whole, "#", "%23")
			}
			as := []string{"a", "a", "a", "A", "_x0061_", "_X0061_", "%61", "&#97;", "=61"}
			whole = strings.Replace(whole, "a", as[random.IntN(len(as))], 1)
			if at := strings.IndexAny(whole, ".@_-#"); at >= 0 && random.IntN(3) == 0 {
				whole = whole[:at] + string("._@- #"[random.IntN(6)]) + whole[at+1:]
			}
			text = compose() + whole + text
		}
		var index identity.NearIndex
		index.Add(id, 1)
		if len(index.FindIn(nil, []byte(text))) > 0 || identity.Normal(text) == id.Reveal() {
			found++
			require.True(t, index.MayHold([]byte(text)), "%q in %q", idText, text)
		}
	}
	assert.Greater(t, found, 1000)
}
