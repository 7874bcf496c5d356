package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func valuesOf(values ...string) *identity.Values {
	var v identity.Values
	for _, value := range values {
		v.Add([]byte(value))
	}
	return &v
}

const nilGUID = "00000000-0000-0000-0000-000000000000"

func TestValuesLeaveOutWhatIdentifiesNobody(t *testing.T) {
	t.Parallel()
	values := valuesOf("", " \u200B", "\u00AD", "%20", "@me", "%40ME", " @Me ", identity.ReplacementAddress, identity.ReplacementObjectID, "removed%40anonymized.invalid",
		nilGUID, "{"+nilGUID+"}", strings.ReplaceAll(nilGUID, "-", ""), strings.ReplaceAll(nilGUID, "-", "%2D"))
	assert.Zero(t, values.Len())
	var f identity.Finder
	assert.Empty(t, f.FindValues(nil, []byte("@me "+identity.ReplacementAddress+" "+nilGUID), values))
	assert.Equal(t, 1, valuesOf("S-1-12-1-0-0-0-0").Len(), "the text alone")
	assert.Equal(t, 2, valuesOf("Zoe "+nilGUID).Len(), "the text alone, and with plus signs")
	assert.Empty(t, f.FindMembers(nil, []byte(nilGUID), setOf(t, nilGUID)))
	var index identity.NearIndex
	index.Add(mustIdentifier(t, nilGUID), 1)
	assert.Empty(t, index.FindIn(nil, []byte("x "+nilGUID)))
}

func TestValuesAreKeptOnce(t *testing.T) {
	t.Parallel()
	values := valuesOf("Zoe", "zoe", " ZOE", "ｚｏｅ", objectID, "{"+strings.ToUpper(objectID)+"}", "a@x", "%61%40X")
	assert.Equal(t, 3, values.Len())
	values.Reset()
	assert.Zero(t, values.Len())
	var f identity.Finder
	assert.Empty(t, f.FindValues(nil, []byte("zoe"), values))
	values.Add([]byte("bob"))
	assert.Equal(t, []finding{aText("bob")}, textsOf(t, "bob", f.FindValues(nil, []byte("bob"), values)))
}

// Text and plus signs are two values; each object ID in the text is another one.
func TestOnlyAWholeObjectIDInATextIsAValue(t *testing.T) {
	t.Parallel()
	const other = "45d48c25-cbb7-5bd2-a7f5-5faacad04520"
	digits := strings.ReplaceAll(objectID, "-", "")
	var many strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&many, "%s%08d;", objectID[:28], i)
	}
	assert.Equal(t, 1001, valuesOf(many.String()).Len())
	for text, want := range map[string]int{
		"zoe " + digits: 3, "zoe " + objectID: 3, "zoe (" + digits + ") x": 3,
		"zoe " + digits + ", " + other + ";" + sidOf73: 5, other + " " + objectID + " " + other: 4, strings.Repeat("x"+objectID, 1500): 2,
		"zoe 0" + digits: 2, "zoe " + digits + "0": 2, "zoe 0" + objectID: 2, "zoe " + objectID + "0": 2,
	} {
		assert.Equal(t, want, valuesOf(text).Len(), text)
	}
}

// Anonymization can replace pseudonyms later, so they are values.
func TestPseudonymsAreValues(t *testing.T) {
	t.Parallel()
	var f identity.Finder
	for _, kind := range []identity.ReplacementKind{identity.ConstantReplacement, identity.TokenReplacement, identity.PseudonymReplacement} {
		address := string(identity.AppendReplacement(nil, kind, true, &[32]byte{1}))
		guid := string(identity.AppendReplacement(nil, kind, false, &[32]byte{1}))
		cell := "(" + guid + ") <" + address + ">"
		spans := textsOf(t, cell, f.FindValues(nil, []byte(cell), valuesOf(address, guid)))
		if kind == identity.PseudonymReplacement {
			assert.Equal(t, []finding{anObjectID(guid), anAddress(address)}, spans)
		} else {
			assert.Empty(t, spans, kind)
		}
	}
}

// Such an address has spellings that are no addresses.
func TestAddressBeyondASCIIIsATextValue(t *testing.T) {
	t.Parallel()
	var f identity.Finder
	const cell = "(JOSE\u0301@contoso.com)"
	spans := f.FindValues(nil, []byte(cell), valuesOf("josé@contoso.com"))
	assert.Equal(t, []finding{aText("JOSE\u0301@contoso.com")}, textsOf(t, cell, spans))
	assert.Equal(t, 2, valuesOf("alice@x.com", "ａlice@x.com").Len(), "an address and a text")
}

func TestCopiedValuesAreIndependent(t *testing.T) {
	t.Parallel()
	var f identity.Finder
	var copied identity.Values
	copied.Add([]byte("ann"))
	values := valuesOf("zoe b", objectID, "bob@x.com")
	copied.CopyFrom(values)
	values.Reset()
	values.Add([]byte("carol"))
	assert.Equal(t, 4, copied.Len(), "with Zoe+B")
	const cell = "ann, carol, zoe+b, bob@x.com, " + objectID
	spans := f.FindValues(nil, []byte(cell), &copied)
	assert.Equal(t, []finding{aText("zoe+b"), anAddress("bob@x.com"), anObjectID(objectID)}, textsOf(t, cell, spans))
}

// FindValues finds nothing where there is no sign and MayOccur is false.
func TestMayOccurIsFalseOnlyWhereNothingIsFound(t *testing.T) {
	t.Parallel()
	letters := strings.Repeat("abcdef", 6)[:32]
	for _, test := range []struct {
		value, cell string
		want        bool
	}{
		{"", "zoe", false},
		{"zoe", "", false},
		{"zoe", "zo", false},
		{"zoe", "ZOE", true},
		{"zo", "zoe", true},
		{objectID, strings.Repeat("x", 31), false},
		{objectID, strings.Repeat("x", 32), false},
		{objectID, "x" + strings.ToUpper(objectID) + "x", true},
		{objectID, "7" + strings.ReplaceAll(objectID, "-", ""), true},
		{objectID, strings.Join(strings.Split(objectID, ""), "--"), true},
		{objectID, objectID[:35] + "8", false},
		{objectID, "8" + objectID[1:], true}, // by what is after the first decimal digit
		{letters, letters, true},
		{letters, "x", false},
		{"bob@x.com", "bob.x.com", false},
	} {
		values := valuesOf("zoe", objectID)
		values.Reset()
		values.Add([]byte(test.value))
		cell := []byte(test.cell)
		assert.Equal(t, len(cell), identity.NextSign(cell, 0), "%q", cell)
		assert.Equal(t, test.want, values.MayOccur(cell), "%q in %q", test.value, test.cell)
		assertQuiet(t, cell, "zoe", "zo", objectID, letters, "bob@x.com")
	}
}

func TestAnyInFindsValuesInsideWords(t *testing.T) {
	t.Parallel()
	digits := strings.ReplaceAll(objectID, "-", "")
	for _, test := range []struct {
		value, text string
		want        bool
	}{
		{"zoe", "", false},
		{"zoe", "removed", false},
		{"zoe", "xzoex", true},
		{"zoe", "XZ%4FEX", true},
		{"zo", "zo", false},
		{objectID, "x" + digits + "x", true},
		{objectID, digits[1:], false},
		{"straße", "HauptSTRASSEn", true},
	} {
		assert.Equal(t, test.want, valuesOf(test.value).AnyIn([]byte(test.text)), "%q in %q", test.value, test.text)
	}
	assert.False(t, new(identity.Values).AnyIn([]byte("zoe")))
}
