package dsr_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

func TestASubjectIsASetOfIdentifiers(t *testing.T) {
	t.Parallel()
	s := subject(t, "Alice@example.com", aliceID, "alice@EXAMPLE.com ", "{"+aliceID+"}")
	require.Len(t, s.Identifiers(), 2, "an identifier that is given twice counts once")
	assert.True(t, s.Equal(subject(t, aliceID, alice)), "the order does not matter")
	assert.False(t, s.Equal(subject(t, alice)))
	assert.False(t, s.Equal(dsr.Subject{}))
	assert.False(t, s.IsZero())
	assert.True(t, dsr.Subject{}.IsZero())

	ids := s.Identifiers()
	ids[0] = ids[1]
	assert.Len(t, s.Identifiers(), 2)
	assert.NotEqual(t, s.Identifiers()[0], s.Identifiers()[1], "the slice is the caller's")

	given := []identity.Identifier{ids[1], s.Identifiers()[0]}
	again, err := dsr.NewSubject(given...)
	require.NoError(t, err)
	assert.True(t, s.Equal(again))
	given[0] = given[1]
	assert.True(t, s.Equal(again), "the caller's slice is not kept")
}

func TestASubjectWithoutAnIdentifierIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		texts []string
		want  error
	}{
		{"none", nil, dsr.ErrNoIdentifier},
		{"empty", []string{""}, identity.ErrIdentifier},
		{"blank", []string{alice, " \t"}, identity.ErrIdentifier},
		{"star", []string{"*"}, identity.ErrIdentifier},
		{"domain", []string{"contoso.com"}, identity.ErrIdentifier},
		{"at and domain", []string{"@contoso.com"}, identity.ErrIdentifier},
		{"local part", []string{"alice"}, identity.ErrIdentifier},
		{"two in one", []string{alice + "," + bob}, identity.ErrIdentifier},
		{"replacement", []string{alice, identity.ReplacementAddress}, identity.ErrReplacement},
		{"nil GUID", []string{alice, "{00000000-0000-0000-0000-000000000000}"}, dsr.ErrNilObjectID},
		{"nil GUID without hyphens", []string{"00000000000000000000000000000000"}, dsr.ErrNilObjectID},
		{"nil GUID as a SID", []string{"S-1-12-1-0-0-0-0"}, dsr.ErrNilObjectID},
		{"replacement object ID", []string{identity.ReplacementObjectID}, identity.ErrReplacement},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := dsr.ParseSubject(c.texts...)
			require.ErrorIs(t, err, c.want)
			assert.True(t, s.IsZero())
			for _, text := range c.texts {
				if len(text) > 1 {
					assert.NotContains(t, err.Error(), text)
				}
			}
		})
	}
	_, err := dsr.NewSubject()
	require.ErrorIs(t, err, dsr.ErrNoIdentifier)
	_, err = dsr.NewSubject(identity.Identifier{})
	require.ErrorIs(t, err, identity.ErrIdentifier)

	exports := build(t, export{machines: []machine{{owner: alice}, {}}})
	for _, subjects := range [][]dsr.Subject{nil, {}, {{}}, {subject(t, alice), {}}} {
		report, err := dsr.Filter(t.Context(), exports, subjects, func(dsr.Match) error {
			t.Error("a match without a subject")
			return nil
		}, nil)
		require.ErrorIs(t, err, dsr.ErrNoIdentifier)
		assert.Nil(t, report)
	}
	_, err = dsr.FilterRows(t.Context(), rowExports([]csvschema.VirtualMachineRow{{}}, nil), dsr.Subject{}, nil)
	require.ErrorIs(t, err, dsr.ErrNoIdentifier)
	_, err = dsr.FilterRows(t.Context(), exports, dsr.Subject{}, nil)
	require.ErrorIs(t, err, dsr.ErrNoIdentifier)
}

// verbatimSubject returns the subject with these owners and identifiers.
func verbatimSubject(t *testing.T, owner string, texts ...string) dsr.Subject {
	t.Helper()
	id, err := identity.Verbatim(owner)
	require.NoError(t, err)
	ids := []identity.Identifier{id}
	for _, text := range texts {
		id, err := identity.Parse(text)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	s, err := dsr.NewSubject(ids...)
	require.NoError(t, err)
	return s
}

func TestAVerbatimOwnerIsTheWholeOwnerAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		owner, cell string
		want        bool
	}{
		{"NULL", "NULL", true},
		{"NULL", " null\u00a0", true},
		{"build agent", "Build Agent", true},
		{"First,Last@contoso.com", "first,last@contoso.com", true},
		{"Alice <" + alice + ">", "alice <" + alice + ">", true},
		{"live.com#" + alice, "live.com#" + alice, true},
		{alice, alice, true},
		{aliceID, "{" + aliceID + "}", true},
		{"S-1-5-21-1", "s-1-5-21-1", true},
		{"a", "A", true},
		{"*", "*", true},
		{"李", "李", true},
		{"NULL", "NULL.", false},
		{"NULL", "NUL", false},
		{"NULL", "", false},
		{"*", alice, false},
		{"contoso.com", alice, false},
		{"build agent", "the build agent", false},
		{alice, "SMTP:" + alice, false},
		{alice, "ＡＬＩＣＥ@example.com", false},
		{alice, "alice@fabrikam.onmicrosoft.com", false},
	} {
		exports := build(t, export{
			machines: []machine{{id: vm1, owner: c.cell}, {id: "/other", env: users + c.cell + "/e"}},
			disks:    []disk{{id: users + c.owner + "/disks/d", lease: "/nowhere"}},
		})
		want := map[place]dsr.Rule{}
		if c.want {
			want[place{csvschema.VirtualMachines, 1, 1, 1}] = dsr.RuleOwner
		}
		answers, _ := run(t, exports, []dsr.Subject{verbatimSubject(t, c.owner)}, nil)
		assert.Equal(t, want, answers[0].theirs, "%s, %s", c.owner, c.cell)
		assert.Empty(t, answers[0].near, "%s, %s", c.owner, c.cell)
		assert.Empty(t, answers[0].aliases, "%s, %s", c.owner, c.cell)
	}
	both := verbatimSubject(t, alice, alice, aliceID)
	assert.Len(t, both.Identifiers(), 3)
	assert.True(t, both.Equal(verbatimSubject(t, alice, aliceID, alice)))
	exports := build(t, export{machines: []machine{{owner: "NULL", env: users + aliceID + "/e"}, {owner: alice}, {owner: "SMTP:" + alice}}})
	answers, _ := run(t, exports, []dsr.Subject{verbatimSubject(t, "NULL", alice, aliceID), verbatimSubject(t, "smtp:"+alice, alice), both}, nil)
	assert.Len(t, answers[0].theirs, 2)
	assert.Len(t, answers[0].near, 1)
	assert.Len(t, answers[1].theirs, 2)
	assert.Empty(t, answers[1].near, "what is theirs is not near")
	assert.Len(t, answers[2].theirs, 1, "once, although two identifiers are equal to it")
}

func TestASubjectRedactsItself(t *testing.T) {
	t.Parallel()
	s := subject(t, alice, aliceID)
	hidden := struct{ s dsr.Subject }{s}
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t", "%T%v"} {
		fmt.Fprintf(&printed, verb+"\n", s)
		fmt.Fprintf(&printed, verb+"\n", &s)
		fmt.Fprintf(&printed, verb+"\n", hidden)
		fmt.Fprintf(&printed, verb+"\n", []dsr.Subject{s})
		fmt.Fprintf(&printed, verb+"\n", map[string]dsr.Subject{"k": s})
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&printed, nil), slog.NewJSONHandler(&printed, nil)} {
		slog.New(h).Info("request", "subject", s, "pointer", &s, "all", []dsr.Subject{s}, "hidden", hidden)
	}
	for _, v := range []any{s, &s, []dsr.Subject{s}, map[string]any{"s": s}, hidden} {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		printed.Write(data)
	}
	data, err := json.Marshal(s)
	require.NoError(t, err)
	assert.JSONEq(t, `"[redacted]"`, string(data))
	assert.Equal(t, "[redacted]", s.String())
	assert.Equal(t, "[redacted]", fmt.Sprintf("%#v", s))
	for _, text := range []string{"alice", "example.com", "0a11ce00", fmt.Sprintf("%x", alice), fmt.Sprintf("%X", alice)} {
		assert.NotContains(t, printed.String(), text)
	}
}

func TestARedactedSubjectCannotBeDecoded(t *testing.T) {
	t.Parallel()
	s := subject(t, alice)
	for _, data := range []string{`"[redacted]"`, `{}`, `"alice@example.com"`, `[]`} {
		require.ErrorIs(t, json.Unmarshal([]byte(data), &s), identity.ErrRedacted)
	}
	require.ErrorIs(t, s.UnmarshalText([]byte("[redacted]")), identity.ErrRedacted)
	assert.True(t, s.Equal(subject(t, alice)))
}
