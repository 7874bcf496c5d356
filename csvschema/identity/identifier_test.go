package identity_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
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

func TestParseIdentifierAcceptsAddressesAndObjectIDs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		isObjectID       bool
	}{
		{"Address", " Alice@Contoso.com\n", "alice@contoso.com", false},
		{"AllLegalCharacters", "a'.-_!#^~$%&*+=?`{|}b@contoso.com", "a'.-_!#^~$%&*+=?`{|}b@contoso.com", false},
		{"Guest", "alice_contoso.com#EXT#@Fabrikam.onmicrosoft.com", "alice_contoso.com#ext#@fabrikam.onmicrosoft.com", false},
		{"DomainWithoutDot", "alice@localhost", "alice@localhost", false},
		{"DomainWithHyphen", "alice@my--lab.example.com", "alice@my--lab.example.com", false},
		{"Beyond ASCII", "李小龙@例え.test", "李小龙@例え.test", false},
		{"DomainWithMark", "a@कि.example.test", "a@कि.example.test", false},
		{"FullWidth", "ａ＠ｂ－ｃ．ｃｏｍ", "ａ＠ｂ－ｃ．ｃｏｍ", false},
		{"Small", "a﹫b﹒c", "a﹫b﹒c", false},
		{"NotSeen", "ali\u200Bce@con\u00ADtoso.com", "ali\u200Bce@con\u00ADtoso.com", false},
		{"Slash", "Sales/EMEA@contoso.com", "sales/emea@contoso.com", false},
		{"Slashes", "a//b/@contoso.com", "a//b/@contoso.com", false},
		{"EmptyQuoted", `""@contoso.com`, `""@contoso.com`, false},
		{"GUID", "{D02677F79C065740AFD80A213AD58E72}", objectID, true},
		{"NotAReplacement", "someone@anonymized.invalid", "someone@anonymized.invalid", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, err := identity.Parse(tt.text)
			require.NoError(t, err)
			assert.Equal(t, tt.isObjectID, id.IsObjectID())
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

func TestVerbatimTakesAnyTextThatIsNotBlank(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"NULL": "null", " *\n": "*", "alice": "alice", "Alice@Contoso.com": "alice@contoso.com",
		"{D02677F79C065740AFD80A213AD58E72}": objectID, "a,b; c": "a,b; c", "ａ": "ａ", "#": "#", "Zoë": "zoë",
	} {
		id, err := identity.Verbatim(text)
		require.NoError(t, err)
		assert.Equal(t, want, id.Reveal())
		assert.True(t, id.IsVerbatim())
		assert.False(t, id.IsObjectID())
		assert.False(t, id.IsZero())
		assert.Equal(t, "[redacted]", fmt.Sprint(id))
		again, err := identity.Verbatim(want)
		require.NoError(t, err)
		assert.Equal(t, id, again)
		if parsed, err := identity.Parse(text); err == nil {
			assert.NotEqual(t, id, parsed)
			assert.False(t, parsed.IsVerbatim())
			assert.False(t, identity.Near(id, parsed))
		}
		var index identity.NearIndex
		index.Add(id, 1)
		assert.Empty(t, index.FindIn(nil, []byte(text)), "near nothing")
		assert.True(t, index.MayHold([]byte(text)), "is looked up")
		var set identity.Set
		set.Add(id)
		var f identity.Finder
		assert.Empty(t, f.FindMembers(nil, []byte(text), &set))
	}
	for text, want := range map[string]error{"": identity.ErrIdentifier, " \u200b": identity.ErrIdentifier, identity.ReplacementAddress: identity.ErrReplacement} {
		id, err := identity.Verbatim(text)
		require.ErrorIs(t, err, want)
		assert.True(t, id.IsZero())
	}
}

func TestZeroIdentifierIsNobodys(t *testing.T) {
	t.Parallel()
	var id identity.Identifier
	assert.True(t, id.IsZero())
	assert.Empty(t, id.Reveal())
	assert.False(t, id.IsObjectID())
	assert.Equal(t, "[redacted]", fmt.Sprint(id))
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
		"method values": []any{id.String(), id.LogValue()},
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
	assert.True(t, config.IDs[1].IsObjectID())
	assert.False(t, config.IDs[0].IsObjectID())
	assert.Equal(t, "x", config.Labels[mustIdentifier(t, "BOB@contoso.com")])
}
