package identity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
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
		"": true, "a": true, "bob": true, "b_b@x.com": true, "bobé@x.com": true, "bob\u0301@x.com": true, " bob@x.com": true,
		objectID: true, "{00000000-0000-0000-0000-000000000000}": true, "zzz00000-0000-0000-0000-000000000000": false,
	} {
		assert.Equal(t, want, index.MayHold([]byte(value)), value)
	}
}
