package localpart_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/internal/localpart"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestNamesAreDerivedFromALocalPartOrResembleIt has names in normal form.
func TestNamesAreDerivedFromALocalPartOrResembleIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		owner, name        string
		derives, resembles bool
	}{
		{"alice.smith@contoso.com", "alicesmith042", true, true},
		{"alice.smith@contoso.com", "alice-smith", true, true},
		{"alice.smith@contoso.com", "a.l.i.c.e_smith-web", true, true},
		{"alice.smith@contoso.com", "alicesmithson", false, true},
		{"alice.smith@contoso.com", "alicesmi042", false, true},
		{"alice.smith@contoso.com", "alicesm042", false, false},
		{"alice.smith@contoso.com", "web-alice.smith", false, true},
		{"alice.smith@contoso.com", "web-malice.smith", false, false},
		{"alices@contoso.com", "alices1", true, true},
		{"alice@contoso.com", "alice1", false, true},
		{"al@contoso.com", "al1", false, false},
		{"Alice <alices@contoso.com>", "alices1", true, true},
		{"alices", "alices1", false, false},
		{identity.ReplacementAddress, "removed1", false, false},
	} {
		derives, resembles := false, false
		for _, l := range localpart.Of(new(identity.Finder), []byte(test.owner)) {
			derives, resembles = derives || l.Derives([]byte(test.name)), resembles || l.Resembles([]byte(test.name))
		}
		assert.Equal(t, test.derives, derives, "%+v", test)
		assert.Equal(t, test.resembles, resembles, "%+v", test)
	}
}
