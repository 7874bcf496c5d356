package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestDerivedNamesAreFound(t *testing.T) {
	t.Parallel()
	const (
		bob   = "bob@example.com"
		smith = "Alice.Smith@example.com"
	)
	for _, test := range []struct {
		name, address, cell string
		want                []string
	}{
		{"nothing", bob, "", nil},
		{"local part", bob, "bob", []string{"bob"}},
		{"with three digits", bob, "bob042", []string{"bob042"}},
		{"letter case", bob, "BOB042", []string{"BOB042"}},
		{"in a path", bob, "/labs/x/virtualmachines/bob042", []string{"bob042"}},
		{"in a resource group", bob, "/resourceGroups/DevLab-bob042-123456/x", []string{"bob042"}},
		{"with something after it", bob, "bob042-os.vhd bob_data", []string{"bob042", "bob"}},
		{"a digit and letters after it", bob, "bob042x", []string{"bob042x"}},
		{"longer word", bob, "bobby kebob bobé", nil},
		{"after a digit", bob, "1bob", nil},
		{"percent-encoded", bob, "x%2Fbob%30%342", []string{"bob%30%342"}},
		{"separators", smith, "alice-smith042 alice.smith alicesmith a-l-i-c-e_smith", []string{"alice-smith042", "alice.smith", "alicesmith", "a-l-i-c-e_smith"}},
		{"separators of a name", "pat.o'neil@example.com", "Pat O’Neil's laptop", []string{"Pat O’Neil"}},
		{"not across a slash", smith, "alice/smith", nil},
		{"half of it", smith, "alice smith-jones", []string{"alice smith"}},
		{"first name", smith, "alice042", nil},
		{"cut", smith, "alicesmi042", []string{"alicesmi042"}},
		{"cut too short", smith, "alicesm042", nil},
		{"longer word after eight letters", smith, "alicesmithson-vm", []string{"alicesmithson"}},
		{"short", "jo@example.com", "jo jo-vm jo42 xjo042 jo0425 jo042x jo042", []string{"jo042"}},
		{"short in Chinese", "张三@example.com", "张三的电脑", []string{"张三"}},
		{"plus sign", "bob+lab@example.com", "bob042 boblab042 lab042", []string{"bob042", "boblab042"}},
		{"guest", "bob_contoso.com#EXT#@example.com", "bob042 bob_contoso.com contoso", []string{"bob042", "bob_contoso.com"}},
		{"guest with an underscore", "bob_b_contoso.com#ext#@example.com", "bob-b1", []string{"bob-b1"}},
		{"several addresses in a row", "bob@x.com@y.com", "bob042", []string{"bob042"}},
		{"percent-encoded address", "b%6Fb%40example.com", "bob042", []string{"bob042"}},
		{"decomposed", "žofie@example.com", "z\u030cofie042", []string{"z\u030cofie042"}},
		{"full case folding", "strauß@example.com", "STRAUSS042", []string{"STRAUSS042"}},
		{"not in a GUID", "ada@example.com", "ada12345-0000-4000-8000-000000000000 ada12345", []string{"ada12345"}},
		{"after a GUID", "ada@example.com", "7c9e6679-7425-40de-944b-e07fc1f90ae7-ada1", []string{"ada1"}},
		{"deleted account", "d02677f79c065740afd80a213ad58e72bob@example.com", "bob042", []string{"bob042"}},
		{"after a number sign", "live.com#bob.baker@example.com", "bob-baker042 live", []string{"bob-baker042"}},
		{"after a number sign, with a plus sign", "mail#bob+lab@example.com", "bob042 mail", []string{"bob042"}},
		{"guest without a tenant", "bob_contoso.com#EXT#", "bob042 contoso", []string{"bob042"}},
		{"guest after a number sign", "live.com#bob_contoso.com#ext#@example.com", "bob042 contoso", []string{"bob042"}},
		{"no guest", "bob_contoso.com#EXT", "bob042", nil},
		{"no address", "bob", "bob042", nil},
		{"no letters", "--@example.com", "bob--042", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var f identity.Finder
			var parts identity.LocalParts
			parts.Add([]byte(test.address))
			assert.Equal(t, test.want, textsIn(test.cell, f.FindNames(nil, []byte(test.cell), &parts)))
			parts.Reset()
			assert.Empty(t, f.FindNames(nil, []byte(test.cell), &parts))
		})
	}
}

func TestTheLongestDerivedNameIsFound(t *testing.T) {
	t.Parallel()
	var f identity.Finder
	var parts identity.LocalParts
	for _, address := range []string{"bob@x.com", "bob.smith@x.com", "BOB@y.com", "ann@x.com"} {
		parts.Add([]byte(address))
	}
	assert.Equal(t, 3, identity.LocalPartCount(&parts))
	const cell = "x bob-smith042, ann, bob"
	spans := f.FindNames([]identity.Span{{Start: 99, End: 100}}, []byte(cell), &parts)
	assert.Equal(t, []string{"bob-smith042", "ann", "bob"}, textsIn(cell, spans[1:]))
	for _, s := range spans[1:] {
		assert.Equal(t, identity.TextSpan, s.Kind)
	}
}

func TestFindingNamesDoesNotAllocate(t *testing.T) {
	var f identity.Finder
	var parts identity.LocalParts
	parts.Add([]byte("bob@x.com"))
	spans := make([]identity.Span, 0, 8)
	for _, text := range []string{"Standard_DS1", "x/bob042", "x%2Fbob%30%342"} {
		cell := []byte(text)
		assert.Zero(t, testing.AllocsPerRun(100, func() { spans = f.FindNames(spans[:0], cell, &parts) }), text)
	}
	assert.NotEmpty(t, spans)
}
