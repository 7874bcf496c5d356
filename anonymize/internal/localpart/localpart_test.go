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
		{"live.com#bob.baker@contoso.com", "bobbaker042", true, true},
		{"mail#bob.baker@contoso.com", "BOB-baker", false, false},
		{"mail#Bob.Baker@contoso.com", "bob-baker", true, true},
		{"d02677f7-9c06-5740-afd8-0a213ad58e72bob.baker@contoso.com", "bobbaker1", true, true},
		{"{D02677F7-9C06-5740-AFD8-0A213AD58E72}bob.baker@contoso.com", "bobbaker1", true, true},
		{"d02677f79c065740afd80a213ad58e72bob.baker@contoso.com", "bobbaker1", true, true},
		{"bob.baker_fabrikam.com#EXT#@contoso.onmicrosoft.com", "bobbaker042", true, true},
		{"bob.baker_fabrikam.com%23EXT%23@contoso.onmicrosoft.com", "bobbaker042", true, true},
		{"bob_baker_fabrikam.com#EXT#", "bobbaker042", true, true},
		{"live.com#bob.baker_fabrikam.com#EXT#@contoso.onmicrosoft.com", "bobbaker042", true, true},
		{"bob.baker+lab@contoso.com", "bobbaker042", true, true},
		{"bob.baker+lab@contoso.com", "bobbakers042", false, true},
		{"live.com#bob.baker@contoso.com", "livecom042", false, false},
		{"bob.baker_fabrikam.com#EXT#@contoso.onmicrosoft.com", "fabrikam042", false, false},
		{"bob.baker#EXT", "bobbaker042", false, false},
		{"alices", "alices1", false, false},
		{identity.ReplacementAddress, "removed1", false, false},
	} {
		derives, resembles := false, false
		for _, l := range new(localpart.Finder).Of([]byte(test.owner)) {
			derives, resembles = derives || l.Derives([]byte(test.name)), resembles || l.Resembles([]byte(test.name))
		}
		assert.Equal(t, test.derives, derives, "%+v", test)
		assert.Equal(t, test.resembles, resembles, "%+v", test)
	}
}

func TestNamesAreFoundInResourceGroups(t *testing.T) {
	t.Parallel()
	const group, machine = "/subscriptions/s/resourceGroups/", "/providers/Microsoft.Compute/virtualMachines/"
	for id, want := range map[string]int{
		group + "lab-Alices1-007" + machine: len(group + "lab-"),
		group + "alices1" + machine:         len(group),
		group + "malices1" + machine:        -1,
		group + "alices12" + machine:        -1,
		group + "x" + machine + "alices1":   -1,
		"/resourcegroups/alices1/":          -1,
		"":                                  -1,
	} {
		assert.Equal(t, want, localpart.InGroup([]byte(id), []byte("alices1")), id)
	}
}
