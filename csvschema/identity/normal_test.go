package identity_test

import (
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// normalForms are values and their normal forms; each form is its own form.
var normalForms = []struct{ name, value, want string }{
	{"Empty", "", ""},
	{"Blanks", " \t\u00A0\u3000\u200B\uFEFF\u180E ", ""},
	{"Case", "Alice.B@Contoso.COM", "alice.b@contoso.com"},
	{"BlanksAtTheEnds", "\u2009 alice@contoso.com\u00A0\r\n", "alice@contoso.com"},
	{"ZeroWidthAtTheEnds", "\uFEFF\u200B\u202Aalice@contoso.com\u2069\u2064\u202E\u200F", "alice@contoso.com"},
	{"BlanksInside", "a  b\u200Bc", "a  b\u200Bc"},
	{"SoftHyphenIsNoBlank", "\u00ADa", "\u00ADa"},
	{"BetweenTheZeroWidthRanges", "\u2065a\u206A", "\u2065a\u206A"},
	{"Composed", "jose\u0301@contoso.com", "josé@contoso.com"},
	{"ComposedCapital", "JOSE\u0301@contoso.com", "josé@contoso.com"},
	{"ComposedOnlyAfterLowering", "\u0130\u0323", "\u1ECB\u0307"},
	{"Angstrom", "\u212Bngstro\u0308m", "ångström"},
	{"Kelvin", "\u212Aelvin", "kelvin"},
	{"FinalSigma", "ΝΙΚΟΣ@contoso.com", "νικοσ@contoso.com"},
	{"FinalSigmaStaysApart", "νικος@contoso.com", "νικος@contoso.com"},
	{"CapitalSharpS", "STRA\u1E9EE", "straße"},
	{"DottedCapitalI", "\u0130", "i\u0307"},
	{"LongSStays", "ſam@contoso.com", "ſam@contoso.com"},
	{"FullWidthOnlyLowered", "ＡＬＩＣＥ", "ａｌｉｃｅ"},
	{"GUID", "D02677F7-9C06-5740-AFD8-0A213AD58E72", objectID},
	{"GUIDInBraces", " {D02677F7-9c06-5740-afd8-0a213ad58e72}\u200B", objectID},
	{"GUIDWithoutHyphens", "D02677F79C065740AFD80A213AD58E72", objectID},
	{"GUIDInBracesWithoutHyphens", "{d02677f79c065740afd80a213ad58e72}", objectID},
	{"GUIDWithOneBrace", "{D02677f7-9c06-5740-afd8-0a213ad58e72", "{" + objectID},
	{"GUIDWithClosingBrace", "ED02677f7-9c06-5740-afd8-0a213ad58e72}", "e" + objectID + "}"},
	{"GUIDWithOtherBraces", "(D02677f7-9c06-5740-afd8-0a213ad58e72)", "(" + objectID + ")"},
	{"GUIDWithMisplacedHyphens", "D02677F79-C06-5740-AFD8-0A213AD58E72", "d02677f79-c06-5740-afd8-0a213ad58e72"},
	{"GUIDAndMore", "D02677F79C065740AFD80A213AD58E720", "d02677f79c065740afd80a213ad58e720"},
	{"NotHex", "G02677F7-9C06-5740-AFD8-0A213AD58E72", "g02677f7-9c06-5740-afd8-0a213ad58e72"},
	{"ResourceID", "/Subscriptions/X/resourceGroups/Y", "/subscriptions/x/resourcegroups/y"},
	{"InvalidUTF8", "A\xFFÉ\xC3", "a\xFFé\xC3"},
}

func TestNormalForm(t *testing.T) {
	t.Parallel()
	for _, tt := range normalForms {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, identity.Normal(tt.value))
			assert.Equal(t, tt.want, identity.Normal(tt.want), "the form of the form")
			assert.Equal(t, "x"+tt.want, string(identity.AppendNormal([]byte("x"), []byte(tt.value))))
		})
	}
}

// A text must not be composed with the end of dst.
func TestAppendNormalLeavesDestinationAlone(t *testing.T) {
	t.Parallel()
	got := identity.AppendNormal([]byte("e"), []byte("\u0301x"))
	assert.Equal(t, "e\u0301x", string(got))
}

func TestNormalFormOfASCIIDoesNotAllocate(t *testing.T) {
	values := [][]byte{
		[]byte(" Alice@Contoso.COM "),
		[]byte("{D02677F7-9C06-5740-AFD8-0A213AD58E72}"),
		[]byte("\u200B/Subscriptions/X/resourceGroups/Y/providers/Microsoft.DevTestLab/labs/Z\u00A0"),
	}
	dst := make([]byte, 0, 100)
	for _, value := range values {
		assert.Zero(t, testing.AllocsPerRun(100, func() { dst = identity.AppendNormal(dst[:0], value) }), "%q", value)
	}
}

func TestNormalFormIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				assert.Equal(t, "josé@contoso.com", identity.Normal("JOSE\u0301@contoso.com"))
			}
		})
	}
	wg.Wait()
}

func TestNothingWithoutWidthIsAtTheEnds(t *testing.T) {
	t.Parallel()
	for r := range rune(0xFFFF) {
		isTrimmed := unicode.IsSpace(r) || r == 0x180E || r == 0xFEFF || 0x200B <= r && r <= 0x200F || 0x202A <= r && r <= 0x202E ||
			0x2060 <= r && r <= 0x2064 || 0x2066 <= r && r <= 0x2069
		if utf8.ValidRune(r) && r != utf8.RuneError {
			assert.Equal(t, isTrimmed, identity.Normal("1"+string(r)) == "1" && identity.Normal(string(r)+"1") == "1", "%U", r)
		}
	}
}
