package data_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
	"github.com/labdsr/labdsr/dsr/response/data"
)

// dataOf returns the data.json of a package.
func dataOf(t *testing.T, exports []csvschema.Export, o *response.Options, identifiers ...string) []byte {
	t.Helper()
	subject, err := dsr.ParseSubject(identifiers...)
	require.NoError(t, err)
	var out bytes.Buffer
	_, err = response.Write(t.Context(), &out, exports, subject, o)
	require.NoError(t, err)
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	require.NoError(t, err)
	file, err := archive.Open("data.json")
	require.NoError(t, err)
	text, err := io.ReadAll(file)
	require.NoError(t, err)
	return text
}

const header = "LabUId,ResourceUId,ResourceId,ResourceOwner"

func exportOf(machines string) []csvschema.Export {
	open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(machines)), nil }
	return []csvschema.Export{{VirtualMachines: []csvschema.Source{{Open: open}}}}
}

// oddData returns a data.json with texts that are easily changed on their way.
func oddData(t *testing.T) []byte {
	t.Helper()
	exports := exportOf(header + ",x,,x,\"<&>\u2028\"\nl,r1,i,alice@example.com,bob@example.com,\"a\r\n\"\"\",é\U0001F600,\x01\n")
	return dataOf(t, exports, &response.Options{NotRead: []string{"old/<b>.xlsx"}}, "alice@example.com")
}

// written returns data.json of all kinds, by name.
func written(t *testing.T) map[string][]byte {
	t.Helper()
	made := time.Date(2026, 7, 1, 11, 0, 0, 1200, time.FixedZone("", 2*60*60))
	all := map[string][]byte{
		"no row":      dataOf(t, exportOf(header+"\nl,r1,i,bob@example.com\n"), nil, "alice@example.com"),
		"empty":       dataOf(t, exportOf(header+"\n"), nil, "alice@example.com"),
		"odd texts":   oddData(t),
		"whole owner": dataOf(t, exportOf(header+",CreatedTime\nl,r1,i,alice@example.com,9999-12-31T23:59:59-11:00\n"), &response.Options{Made: made, Language: language.Polish}, "alice@example.com"),
	}
	for seed := range uint64(6) {
		set := csvschematest.New(seed, nil)
		exports := set.Exports()
		exports[0].Made = made
		for i, person := range set.People[:2] {
			all[fmt.Sprint("generated ", seed, i)] = dataOf(t, exports, &response.Options{Made: made}, person.Identifiers...)
		}
	}
	return all
}

func TestAnswersAreWhatWasWritten(t *testing.T) {
	t.Parallel()
	schema := schemaOfData(t)
	rules, kinds, hidden, undecided := map[dsr.Rule]bool{}, map[csvschema.Role]bool{}, false, false
	for name, text := range written(t) {
		var answer data.Answer
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&answer), name)
		again, err := json.Marshal(answer)
		require.NoError(t, err)
		var want bytes.Buffer
		require.NoError(t, json.Compact(&want, text))
		require.Equal(t, want.String(), string(again), name)
		var value any
		require.NoError(t, json.Unmarshal(text, &value))
		require.Empty(t, schema.accept(schema, value, ""), name)
		for _, row := range answer.Rows {
			rules[row.Why], kinds[row.Kind] = true, true
		}
		hidden, undecided = hidden || answer.Hidden > 0, undecided || answer.Undecided
	}
	assert.Len(t, rules, 5, "all but a decision")
	assert.Len(t, kinds, 2)
	assert.True(t, hidden)
	assert.True(t, undecided)
}

// TestSchemaRefusesWhatIsNotWritten changes a data.json everywhere, in one place at a time.
func TestSchemaRefusesWhatIsNotWritten(t *testing.T) {
	t.Parallel()
	schema := schemaOfData(t)
	var value any
	require.NoError(t, json.Unmarshal(oddData(t), &value))
	optional, changed := map[string]bool{}, 0
	refused := func(where string) {
		changed++
		if schema.accept(schema, value, "") == "" {
			optional[where] = true
		}
	}
	var change func(where string, value any, set func(any))
	change = func(where string, value any, set func(any)) {
		for _, wrong := range []any{nil, map[string]any{}, []any{nil}, -1.0, 0.5} {
			set(wrong)
			refused(where + " is another")
		}
		set(value)
		switch value := value.(type) {
		case map[string]any:
			value["added"] = "x"
			refused(where + " has more")
			delete(value, "added")
			for name, member := range maps.Clone(value) {
				delete(value, name)
				refused(where + "." + name)
				value[name] = member
				change(where+"."+name, member, func(other any) { value[name] = other })
			}
		case []any:
			change(where+"[]", value[0], func(other any) { value[0] = other })
		case string:
			set(1.0)
			refused(where + " is a number")
			set(value)
		}
	}
	change("", value, func(other any) { value = other })
	assert.Greater(t, changed, 200)
	assert.Equal(t, []string{".searched.notRead"}, slices.Sorted(maps.Keys(optional)), "what may be absent here")
	for _, wrong := range []struct{ old, with string }{{`"kind":"virtualmachines"`, `"kind":"machines"`}, {`"why":"owner"`, `"why":"owner of the virtual machine"`}, {data.Format, "labdsr-access-1"}} {
		text := strings.Replace(string(oddData(t)), wrong.old, wrong.with, 1)
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		assert.NotEmpty(t, schema.accept(schema, value, ""), wrong.with)
		assertRefused(t, text)
	}
}

func TestAnswersAreDecodedStrictly(t *testing.T) {
	t.Parallel()
	text := string(oddData(t))
	for _, change := range [][2]string{
		{`{"column":"x"`, `{"canary":"","column":"x"`},
		{`"format"`, `"canary": 1, "format"`},
		{`"hidden": 1`, `"hidden": "canary"`},
		{`"hidden": 1`, `"hidden": 1.5`},
		{`"export":1`, `"export":"canary"`},
		{`"value":"l"`, `"value":null`},
		{`"value":"l"`, `"value":["canary"]`},
		{`"why":"owner"`, `"why":"canary"`},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		require.NotEqual(t, text, changed, change[0])
		assertRefused(t, changed)
	}
	for _, text := range []string{`{}`, `[]`, `"canary"`, `1`} {
		assertRefused(t, text)
	}
}

func assertRefused(t *testing.T, text string) {
	t.Helper()
	answer := data.Answer{Head: data.Head{Hidden: 7}}
	err := json.Unmarshal([]byte(text), &answer)
	require.ErrorIs(t, err, csvschema.ErrValue)
	csvschematest.AssertNoLeak(t, err, "canary")
	assert.Equal(t, data.Answer{Head: data.Head{Hidden: 7}}, answer, "a failure changes nothing")
}

func TestAnswersPrintAndLogRedacted(t *testing.T) {
	t.Parallel()
	const canary = "canary-4711@example.com"
	text := strings.NewReplacer("alice@example.com", canary, `"old/`, `"`+canary+`/`, `"labUId": "l"`, `"labUId": "`+canary+`"`, `"column":"x"`, `"column":"`+canary+`"`).
		Replace(string(oddData(t)))
	require.Equal(t, 6, strings.Count(text, canary))
	var answer data.Answer
	require.NoError(t, json.Unmarshal([]byte(text), &answer))
	row := answer.Rows[0]
	for _, value := range []any{answer, answer.Head, answer.Searched, answer.Searched.Labs[0], row, row.Cells[4], row.Cells[4].Column, answer.Identifiers[0]} {
		var all strings.Builder
		for _, verb := range "vsqxXd" {
			for _, flag := range []string{"", "+", "#"} {
				fmt.Fprintf(&all, "%"+flag+string(verb), value)
				fmt.Fprintf(&all, "%"+flag+string(verb), &value)
			}
		}
		for _, h := range []slog.Handler{slog.NewTextHandler(&all, nil), slog.NewJSONHandler(&all, nil)} {
			slog.New(h).With("v", value).Info("", "v", value, slog.Group("g", "v", value))
		}
		var recorded recorder
		assert.Equal(&recorded, data.Answer{}, value)
		for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
			assert.NotContains(t, all.String()+recorded.String(), form, "%T", value)
		}
	}
}

// A recorder records what testify says.
type recorder struct{ strings.Builder }

func (r *recorder) Errorf(format string, args ...any) { _, _ = fmt.Fprintf(r, format, args...) }
