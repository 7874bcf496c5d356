package reveal_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/reveal"
)

// A schema has the keywords that the schemas of rows use.
type schema struct {
	Schema               string                 `json:"$schema"`
	Title                string                 `json:"title"`
	Type                 string                 `json:"type"`
	Properties           map[string]cellsSchema `json:"properties"`
	Required             []string               `json:"required"`
	AdditionalProperties bool                   `json:"additionalProperties"`

	patterns map[string]*regexp.Regexp // of the properties
}

type cellsSchema struct {
	Type        string `json:"type"`
	Description string `json:"description"`
	Pattern     string `json:"pattern"`
}

func schemaOf(t *testing.T, role csvschema.Role) (s schema) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(reveal.Schema(role))))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&s))
	require.Equal(t, "https://json-schema.org/draft/2020-12/schema", s.Schema)
	require.Equal(t, "object", s.Type)
	require.False(t, s.AdditionalProperties)
	s.patterns = map[string]*regexp.Regexp{}
	for name, property := range s.Properties {
		s.patterns[name] = regexp.MustCompile(property.Pattern)
	}
	return s
}

// accepts reports whether the schema accepts the data.
func (s schema) accepts(data []byte) bool {
	var members map[string]any
	if json.Unmarshal(data, &members) != nil || members == nil {
		return false
	}
	for _, name := range s.Required {
		if _, ok := members[name]; !ok {
			return false
		}
	}
	for name, value := range members {
		property, ok := s.Properties[name]
		text, isText := value.(string)
		if !ok || property.Type != "string" || !isText || !s.patterns[name].MatchString(text) {
			return false
		}
	}
	return true
}

func TestSchemaAcceptsEveryObject(t *testing.T) {
	t.Parallel()
	testSchema[csvschema.VirtualMachineRow](t, csvschema.VirtualMachines)
	testSchema[csvschema.DiskRow](t, csvschema.Disks)
	assert.Nil(t, reveal.Schema(0))
}

func testSchema[T csvschema.Row](t *testing.T, role csvschema.Role) {
	s := schemaOf(t, role)
	var names []string
	for _, c := range role.Columns() {
		names = append(names, c.String())
		assert.NotEmpty(t, s.Properties[c.String()].Description)
	}
	assert.Equal(t, names, s.Required)
	assert.Len(t, s.Properties, len(names))
	for _, row := range rowsOf[T](t) {
		data, err := json.Marshal(reveal.Row(row))
		require.NoError(t, err)
		require.True(t, s.accepts(data), "%s", data)
		// What the schema refuses, the Object refuses.
		for _, change := range [][2]string{
			{`":"`, `":["`},
			{`{`, `{"x":"",`},
			{`{"SubscriptionId"`, `{"subscriptionId"`},
			{`"DeletedDate":"`, `"DeletedDate":"x`},
			{`"DiskSizeGB":"`, `"DiskSizeGB":"-`},
			{`"Claimable":"`, `"Claimable":" `},
			{`"CreatedTime":"`, `"CreatedTime":"9`},
			{`"CreatedTime":"`, `"CreatedTime":"1/1/2017 `},
		} {
			changed := []byte(strings.Replace(string(data), change[0], change[1], 1))
			var o reveal.Object[T]
			if !s.accepts(changed) {
				require.Error(t, json.Unmarshal(changed, &o), "%s", changed)
			}
		}
	}
}

// TestSchemaAcceptsWhatACellCanHold tries texts of all forms, and what only looks like them.
func TestSchemaAcceptsWhatACellCanHold(t *testing.T) {
	t.Parallel()
	s := schemaOf(t, csvschema.VirtualMachines)
	for _, text := range append(oddTexts, "1/3/2017 11:17 PM", "1/3/2017 23:17:09", "1/3/2017 23:17", "1/3/2017 1:17:09\u00A0AM", "2017-01-03", "2017-01-03 23:17:09",
		"2017-01-03 23:17:09.1", "2017-01-03T23:17:09", "2017-01-03T23:17:09Z", "2017-01-03T23:17:09.5-11:30", "2017-01-03 23:17:09Z", "2017-01-03 23:17:09.5 +01:00", "2017-01-03T23:17:09 +01:00", "2017-01-03 23:17:09 Z", "2017-01-03Z", "2017-01-03T23:17",
		"2017-01-03T23:17:09.12345678Z", "17-01-03", "1/3/17", "1/3/2017 11:17:09PM", " 1/3/2017", "1/3/2017\n", "1/3/2017 ", "1/3/2017 11 PM", "FALSE", "False ", "falſe", "False\n") {
		for _, c := range []csvschema.Column{csvschema.CreatedTime, csvschema.Claimable} {
			var row csvschema.VirtualMachineRow
			holds := csvschema.CellsOf(&row).SetCell(c, text) == nil
			matches := s.patterns[c.String()].MatchString(text)
			if holds {
				assert.True(t, matches, "%v %q", c, text)
			} else {
				assert.False(t, matches, "%v %q", c, text)
			}
		}
	}
}
