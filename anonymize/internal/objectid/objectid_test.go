package objectid_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/internal/objectid"
	"github.com/labdsr/labdsr/csvschema/identity"
)

const guid = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

func TestObjectIDsAreCutFromOtherText(t *testing.T) {
	t.Parallel()
	const digits = "7c9e6679742540de944be07fc1f90ae7"
	for text, want := range map[string][2]string{
		"":                         {},
		"x" + guid + "y":           {guid, "y"},
		guid + "bob@contoso.com":   {guid, "bob@contoso.com"},
		"u:" + digits + ";" + guid: {digits, ";" + guid},
		"0" + digits + "," + identity.NilObjectID: {identity.NilObjectID, ""},
		digits + "0": {},
		guid[1:]:     {},
	} {
		got, rest := objectid.Cut([]byte(text))
		assert.Equal(t, want, [2]string{string(got), string(rest)}, text)
	}
}

func TestOnlyGUIDsInNormalFormAreObjectIDs(t *testing.T) {
	t.Parallel()
	assert.True(t, objectid.Is([]byte(guid)))
	assert.True(t, objectid.Is([]byte(identity.NilObjectID)))
	for _, text := range []string{"", guid[1:], "{" + guid + "}", "g" + guid[1:]} {
		assert.False(t, objectid.Is([]byte(text)), text)
	}
}

func TestReplacementsMayBeHeldInAnyForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		identity.ReplacementObjectID: true, "x616": true, "66-1--6": true, "S-1-12-1-1634627438-1-1-1": true, "s-1-12-1-01634627438-1-1-1": true,
		"": false, "6": false, "6-1-": false, "617": false, "6x16": false, guid: false, "163462743": false,
	} {
		assert.Equal(t, want, objectid.MayHoldReplacement([]byte(text)), text)
	}
	assert.Equal(t, identity.ReplacementObjectID, identity.Normal("S-1-12-1-1634627438-2147514733-128-0"), "the SID of one")
}
