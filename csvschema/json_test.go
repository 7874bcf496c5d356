package csvschema_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// cellsAsJSON has a cell of each type, each twice.
type cellsAsJSON struct {
	Text      csvschema.PersonalText
	Date      csvschema.DateTime
	Bool      csvschema.Bool
	Number    csvschema.Integer
	DateOrNot csvschema.DateTime `json:",omitzero"`
	BoolOrNot csvschema.Bool     `json:",omitzero"`
	NumOrNot  csvschema.Integer  `json:",omitzero"`
}

// TestJSONThatIsNoTextIsNoCell decodes what is no string into cells that have a text:
// nothing old may stay, and no error may hold the value.
func TestJSONThatIsNoTextIsNoCell(t *testing.T) {
	t.Parallel()
	const good = `{"Date":"1/3/2017","Bool":"True","Number":"128"}`
	for _, value := range []string{"null", " null ", "1", "1.5", "true", "false", "{}", `{"a":"b"}`, "[]", `["1/3/2017"]`, `"x"`, `"null"`, `" "`} {
		for _, field := range []string{"Date", "Bool", "Number"} {
			var c cellsAsJSON
			require.NoError(t, json.Unmarshal([]byte(good), &c))
			err := json.Unmarshal([]byte(`{"`+field+`":`+value+`}`), &c)
			require.ErrorIs(t, err, csvschema.ErrValue, "%s: %s", field, value)
			got := map[string]string{"Date": c.Date.String(), "Bool": c.Bool.String(), "Number": c.Number.String()}
			want := map[string]string{"Date": "1/3/2017", "Bool": "True", "Number": "128"}
			want[field] = ""
			assert.Equal(t, want, got)
		}
	}
	var c cellsAsJSON
	require.ErrorIs(t, json.Unmarshal([]byte(`{"Text":null}`), &c), csvschema.ErrValue)
}

// TestNothingIsLostInJSON marshals cells with every text that a cell can have, the null of
// .NET and zeros included, also where zero values are left out.
func TestNothingIsLostInJSON(t *testing.T) {
	t.Parallel()
	texts := map[string][]string{
		"DateOrNot": {"", "1/1/0001", "0001-01-01", "1/1/0001 12:00:00 AM", "0001-01-01T00:00:00", "1/3/2017 11:17:09\u202FPM", "2017-01-03 23:17:09.0000000"},
		"BoolOrNot": {"", "False", "false", "TRUE"},
		"NumOrNot":  {"", "0", "000", "010"},
	}
	for field, all := range texts {
		for _, text := range all {
			var c, back cellsAsJSON
			quoted, err := json.Marshal(text)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal([]byte(`{"`+field+`":`+string(quoted)+`}`), &c))
			data, err := json.Marshal(c)
			require.NoError(t, err)
			assert.Equal(t, text != "", json.Valid(data) && jsonHas(t, data, field), "%s %q", field, text)
			back.Text = c.Text
			data = []byte(`{` + string(data)[len(`{"Text":"[redacted]",`):])
			require.NoError(t, json.Unmarshal(data, &back))
			assert.Equal(t, [2]csvschema.DateTime{c.Date, c.DateOrNot}, [2]csvschema.DateTime{back.Date, back.DateOrNot}, "%q", text)
			assert.Equal(t, c.BoolOrNot, back.BoolOrNot, "%q", text)
			assert.Equal(t, c.NumOrNot, back.NumOrNot, "%q", text)
		}
	}
}

func jsonHas(t *testing.T, data []byte, field string) bool {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &fields))
	_, ok := fields[field]
	return ok
}
