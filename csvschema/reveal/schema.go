package reveal

import (
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
)

// patterns are the texts that the cells of a type can have, as far as a regular expression
// of ECMA-262 can tell.
var patterns = map[string]string{
	"csvschema.Bool":    "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])?$",
	"csvschema.Integer": "^[0-9]*$",
	"csvschema.DateTime": "^([0-9]{1,2}/[0-9]{1,2}/[0-9]{4}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?([ \u00A0\u202F][AP]M)?)?" +
		"|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,7})?)?" +
		"|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})" +
		"|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,7})? [+-][0-9]{2}:[0-9]{2})?$",
}

// Schema returns the JSON Schema (draft 2020-12) of the object of a row of the role, with
// the descriptions of package dictionary. It is nil for an unknown role. What the schema
// refuses an [Object] refuses, too. A date that the calendar does not have, a number that is
// too large and a name that occurs twice pass the schema, but not the Object.
func Schema(role csvschema.Role) []byte {
	entries := dictionary.Of(role)
	if entries == nil {
		return nil
	}
	properties, required := []byte{}, []byte{}
	for i, e := range entries {
		if i > 0 {
			properties, required = append(properties, ','), append(required, ',')
		}
		name := appendString(nil, e.Column.String())
		required = append(required, name...)
		properties = append(append(properties, name...), `:{"type":"string","description":`...)
		properties = appendString(properties, e.Description)
		if pattern := patterns[e.GoType]; pattern != "" {
			properties = appendString(append(properties, `,"pattern":`...), pattern)
		}
		properties = append(properties, '}')
	}
	out := []byte(`{"$schema":"https://json-schema.org/draft/2020-12/schema","title":`)
	out = appendString(out, "A row of "+role.String())
	out = append(append(out, `,"type":"object","properties":{`...), properties...)
	out = append(append(out, `},"required":[`...), required...)
	return append(out, `],"additionalProperties":false}`...)
}
