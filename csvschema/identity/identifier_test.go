package identity_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

const objectID = "d02677f7-9c06-5740-afd8-0a213ad58e72"

func mustIdentifier(t testing.TB, text string) identity.Identifier {
	t.Helper()
	id, err := identity.Parse(text)
	require.NoError(t, err)
	return id
}

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

// Composition must not reach over to what stands in dst.
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

func TestParseIdentifierAcceptsAddressesAndObjectIDs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		kind             identity.Kind
	}{
		{"Address", " Alice@Contoso.com\n", "alice@contoso.com", identity.Address},
		{"AllLegalCharacters", "a'.-_!#^~$%&*+=?`{|}b@contoso.com", "a'.-_!#^~$%&*+=?`{|}b@contoso.com", identity.Address},
		{"Guest", "alice_contoso.com#EXT#@Fabrikam.onmicrosoft.com", "alice_contoso.com#ext#@fabrikam.onmicrosoft.com", identity.Address},
		{"DomainWithoutDot", "alice@localhost", "alice@localhost", identity.Address},
		{"DomainWithHyphen", "alice@my--lab.example.com", "alice@my--lab.example.com", identity.Address},
		{"Beyond ASCII", "李小龙@例え.test", "李小龙@例え.test", identity.Address},
		{"DomainWithMark", "a@कि.example.test", "a@कि.example.test", identity.Address},
		{"FullWidth", "ａ＠ｂ－ｃ．ｃｏｍ", "ａ＠ｂ－ｃ．ｃｏｍ", identity.Address},
		{"Small", "a﹫b﹒c", "a﹫b﹒c", identity.Address},
		{"NotSeen", "ali\u200Bce@con\u00ADtoso.com", "ali\u200Bce@con\u00ADtoso.com", identity.Address},
		{"GUID", "{D02677F79C065740AFD80A213AD58E72}", objectID, identity.ObjectID},
		{"NotAReplacement", "someone@anonymized.invalid", "someone@anonymized.invalid", identity.Address},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, err := identity.Parse(tt.text)
			require.NoError(t, err)
			assert.Equal(t, tt.kind, id.Kind())
			assert.Equal(t, tt.want, id.Reveal())
			assert.False(t, id.IsZero())
			if again := mustIdentifier(t, tt.want); again != id {
				t.Error("identifiers of one normal form are not equal by ==")
			}
		})
	}
}

func TestParseIdentifierRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       error
	}{
		{"Empty", "", identity.ErrIdentifier},
		{"Blank", " \u200B", identity.ErrIdentifier},
		{"Wildcard", "*", identity.ErrIdentifier},
		{"Domain", "contoso.com", identity.ErrIdentifier},
		{"Name", "alice", identity.ErrIdentifier},
		{"NoLocalPart", "@contoso.com", identity.ErrIdentifier},
		{"NoDomain", "alice@", identity.ErrIdentifier},
		{"TwoAddresses", "alice@contoso.com,bob@contoso.com", identity.ErrIdentifier},
		{"TwoAtSigns", "alice@bob@contoso.com", identity.ErrIdentifier},
		{"DomainBeginsWithDot", "alice@.contoso.com", identity.ErrIdentifier},
		{"DomainEndsWithDot", "alice@contoso.com.", identity.ErrIdentifier},
		{"DomainWithTwoDots", "alice@contoso..com", identity.ErrIdentifier},
		{"LabelBeginsWithHyphen", "alice@contoso.-com", identity.ErrIdentifier},
		{"LabelEndsWithHyphen", "alice@contoso-.com", identity.ErrIdentifier},
		{"DomainEndsWithHyphen", "alice@contoso.com-", identity.ErrIdentifier},
		{"LabelBeginsWithMark", "alice@\u0301contoso.com", identity.ErrIdentifier},
		{"Underscore", "alice@con_toso.com", identity.ErrIdentifier},
		{"BlankInside", "alice b@contoso.com", identity.ErrIdentifier},
		{"NoBreakSpaceInside", "alice\u00A0b@contoso.com", identity.ErrIdentifier},
		{"ControlInside", "alice\x7F@contoso.com", identity.ErrIdentifier},
		{"ControlBeyondASCII", "alice\u0090@contoso.com", identity.ErrIdentifier},
		{"Scheme", "mailto:alice@contoso.com", identity.ErrIdentifier},
		{"Path", "/users/" + objectID, identity.ErrIdentifier},
		{"Escaped", "alice%40contoso.com", identity.ErrIdentifier},
		{"InvalidUTF8", "al\xFFice@contoso.com", identity.ErrIdentifier},
		{"InvalidUTF8InDomain", "alice@cont\xFFoso.com", identity.ErrIdentifier},
		{"ShortGUID", objectID[1:], identity.ErrIdentifier},
		{"ReplacementAddress", " Removed@Anonymized.Invalid", identity.ErrReplacement},
		{"ReplacementObjectID", "{" + strings.ToUpper(identity.ReplacementObjectID) + "}", identity.ErrReplacement},
		{"Token", "T-" + strings.Repeat("0F", 16) + "@anonymized.invalid", identity.ErrReplacement},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, err := identity.Parse(tt.text)
			if err != tt.want {
				t.Errorf("got %v, want the bare %v", err, tt.want)
			}
			assert.True(t, id.IsZero())
		})
	}
}

func TestZeroIdentifierIsNobodys(t *testing.T) {
	t.Parallel()
	var id identity.Identifier
	assert.True(t, id.IsZero())
	assert.Empty(t, id.Reveal())
	assert.Zero(t, id.Kind())
	assert.Empty(t, id.Kind().String())
	assert.Equal(t, "[redacted]", fmt.Sprint(id))
	assert.Equal(t, "address", identity.Address.String())
	assert.Equal(t, "object ID", identity.ObjectID.String())
}

func TestIdentifierRedactsItself(t *testing.T) {
	t.Parallel()
	const canary = "canary@contoso.com"
	id := mustIdentifier(t, canary)
	type exported struct{ ID identity.Identifier }
	type unexported struct {
		id  identity.Identifier
		ptr *identity.Identifier
		ids []identity.Identifier
		m   map[identity.Identifier]identity.Identifier
	}
	hidden := unexported{id, &id, []identity.Identifier{id}, map[identity.Identifier]identity.Identifier{id: id}}
	values := map[string]any{
		"value": id, "pointer": &id, "slice": []identity.Identifier{id}, "field": exported{id}, "pointer to field": &exported{id},
		"hidden": hidden, "pointer to hidden": &hidden, "key": hidden.m, "any": []any{id, &id},
		"method values": []any{id.String(), id.GoString(), id.LogValue()},
	}
	leaks := func(output string) bool {
		for _, text := range []string{"canary", "contoso", "63616e617279", "636f6e746f736f", "99 97 110 97 114 121"} {
			if strings.Contains(strings.ToLower(output), text) {
				return true
			}
		}
		return false
	}
	require.True(t, leaks(fmt.Sprint(canary)))
	require.True(t, leaks(fmt.Sprintf("%X", canary)))
	require.True(t, leaks(fmt.Sprintf("%d", []byte(canary))))

	for name, value := range values {
		for verb := rune('A'); verb <= 'z'; verb++ {
			for _, flags := range []string{"", "+", "#", "-40", " ", "040", ".3", "+#"} {
				output := fmt.Sprintf("%"+flags+string(verb), value)
				assert.False(t, leaks(output), "%s with %%%s%c: %s", name, flags, verb, output)
			}
		}
		assert.False(t, leaks(fmt.Sprintln(value)), name)
		for handler, log := range map[string]func(*bytes.Buffer) slog.Handler{
			"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			"JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(log(&b)).With("with", value).Info("message", "key", value, slog.Group("group", "in", value))
			require.Contains(t, b.String(), "message")
			assert.False(t, leaks(b.String()), "%s in the %s handler: %s", name, handler, b.String())
		}
		data, err := json.Marshal(value)
		require.NoError(t, err, name)
		assert.False(t, leaks(string(data)), "%s as JSON: %s", name, data)
	}
	data, err := xml.Marshal(exported{id})
	require.NoError(t, err)
	assert.Equal(t, "<exported><ID>[redacted]</ID></exported>", string(data))

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10.2f"} {
		assert.Equal(t, "[redacted]", fmt.Sprintf(verb, id), verb)
		assert.Equal(t, "[redacted]", fmt.Sprintf(verb, &id), verb)
	}
	data, err = json.Marshal(map[string]any{"id": id, "ptr": &id})
	require.NoError(t, err)
	assert.JSONEq(t, `{"id": "[redacted]", "ptr": "[redacted]"}`, string(data))
	assert.Equal(t, canary, id.Reveal())
}

func TestRedactedIdentifierCannotBeDecoded(t *testing.T) {
	t.Parallel()
	id := mustIdentifier(t, "alice@contoso.com")
	before := id

	text, err := id.MarshalText()
	require.NoError(t, err)
	require.ErrorIs(t, id.UnmarshalText(text), identity.ErrRedacted)
	data, err := json.Marshal(id)
	require.NoError(t, err)
	require.ErrorIs(t, json.Unmarshal(data, &id), identity.ErrRedacted)
	for _, data := range []string{`"alice"`, `""`, `1`, `{}`, `["bob@contoso.com"]`, `null`} {
		require.ErrorIs(t, id.UnmarshalJSON([]byte(data)), identity.ErrIdentifier, data)
	}
	require.ErrorIs(t, id.UnmarshalText([]byte(identity.ReplacementAddress)), identity.ErrReplacement)
	if id != before {
		t.Error("an error changed the identifier")
	}
}

func TestIdentifierCanBeReadFromConfiguration(t *testing.T) {
	t.Parallel()
	var config struct {
		IDs    []identity.Identifier
		Labels map[identity.Identifier]string
	}
	require.NoError(t, json.Unmarshal([]byte(`{"IDs": ["Alice@Contoso.com", "`+objectID+`"], "Labels": {"bob@contoso.com": "x"}}`), &config))
	require.Len(t, config.IDs, 2)
	assert.Equal(t, "alice@contoso.com", config.IDs[0].Reveal())
	assert.Equal(t, identity.ObjectID, config.IDs[1].Kind())
	assert.Equal(t, "x", config.Labels[mustIdentifier(t, "BOB@contoso.com")])
}
