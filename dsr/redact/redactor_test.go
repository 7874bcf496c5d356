package redact_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

func TestARedactorNeedsASubject(t *testing.T) {
	t.Parallel()
	r, err := redact.New(dsr.Subject{}, nil)
	require.ErrorIs(t, err, dsr.ErrNoIdentifier)
	assert.Nil(t, r)
	for _, redactors := range [][]*redact.Redactor{nil, {nil}, {{}}} {
		_, err = redact.Records(t.Context(), []csvschema.Export{{VirtualMachines: []csvschema.Source{source(nil)}}}, redactors, func(redact.Match) error { return nil }, nil)
		require.ErrorIs(t, err, dsr.ErrNoIdentifier)
	}
}

func TestWhatTheControllerShowsIsShown(t *testing.T) {
	t.Parallel()
	row := cells{Lab: oneLab, UID: uid1, Name: "bob042", Owner: alice, Env: users + bobID + "/e", Image: "bob@contoso.com and carol@fabrikam.com", Notes: "Bob@contoso.com"}
	other := row
	other.UID = uid2
	s := subject(t, alice)
	parse := func(text string) identity.Identifier {
		id, err := identity.Parse(text)
		require.NoError(t, err)
		return id
	}
	show := func(row cells, shown *redact.Shown) cells {
		return redacted(redactor(t, s, shown).Record(row.record(t)))
	}

	want := cells{Lab: oneLab, UID: uid1, Name: "[hidden]", Owner: alice, Env: users + "[hidden]/e", Image: "[hidden] and [hidden]", Notes: "[hidden]"}
	assert.Equal(t, want, show(row, nil))
	assert.Equal(t, want, show(row, &redact.Shown{Identifiers: []identity.Identifier{{}}}))

	want = cells{Lab: oneLab, UID: uid1, Name: "bob042", Owner: alice, Env: users + "[hidden]/e", Image: "bob@contoso.com and [hidden]", Notes: "Bob@contoso.com"}
	assert.Equal(t, want, show(row, &redact.Shown{Identifiers: []identity.Identifier{parse("BOB@contoso.com")}}), "a person is shown everywhere")

	// The cells to show are those of what was hidden.
	hidden := redactor(t, s, nil).Record(row.record(t)).Hidden
	require.Len(t, hidden, 5)
	for i, want := range []cells{
		{Lab: oneLab, UID: uid1, Name: "bob042", Owner: alice, Env: users + "[hidden]/e", Image: "[hidden] and [hidden]", Notes: "[hidden]"},
		{Lab: oneLab, UID: uid1, Name: "[hidden]", Owner: alice, Env: users + bobID + "/e", Image: "[hidden] and [hidden]", Notes: "[hidden]"},
		{Lab: oneLab, UID: uid1, Name: "[hidden]", Owner: alice, Env: users + "[hidden]/e", Image: "bob@contoso.com and carol@fabrikam.com", Notes: "[hidden]"},
		{Lab: oneLab, UID: uid1, Name: "[hidden]", Owner: alice, Env: users + "[hidden]/e", Image: "bob@contoso.com and carol@fabrikam.com", Notes: "[hidden]"},
		{Lab: oneLab, UID: uid1, Name: "[hidden]", Owner: alice, Env: users + "[hidden]/e", Image: "[hidden] and [hidden]", Notes: "Bob@contoso.com"},
	} {
		shown := &redact.Shown{Cells: []redact.Cell{hidden[i].Cell}}
		assert.Equal(t, want, show(row, shown), i)
		elsewhere := show(other, shown)
		assert.Equal(t, show(other, nil), elsewhere, "not in another resource")
		changed := row
		changed.Name, changed.Image, changed.Notes, changed.Env = "bob043", row.Image+".", row.Notes+".", row.Env+"."
		assert.Equal(t, show(changed, nil), show(changed, shown), "not if the cell is another")
	}
	assert.Equal(t, csvschema.Column(0), hidden[4].Cell.Column)
	assert.Equal(t, 12, hidden[4].Cell.Number)
	assert.Equal(t, row.Notes, hidden[4].Cell.Text.Reveal())
}

func TestAnOwnerThatWasAskedForIsShownAsAWholeAndNowhereElse(t *testing.T) {
	t.Parallel()
	const owner = "Alice Archer <alice@contoso.com>; bob@fabrikam.com"
	id, err := identity.Verbatim(" " + owner)
	require.NoError(t, err)
	subject, err := dsr.NewSubject(id)
	require.NoError(t, err)
	r, err := redact.New(subject, nil)
	require.NoError(t, err)
	data := "LabUId,ResourceUId,ResourceId,ResourceOwner,Name\n1,1,/x,\"" + owner + "\",a\n1,2,/x,carol@contoso.com,\"" + owner + "\"\n"
	rr := csvschema.NewRecordReader(bytes.NewReader([]byte(data)), csvschema.VirtualMachines, &csvschema.RecordOptions{Required: []csvschema.Column{csvschema.ResourceOwner}})
	own, err := rr.Read()
	require.NoError(t, err)
	redacted := r.Record(own)
	assert.Contains(t, string(redacted.AppendTo(nil)), owner)
	assert.Empty(t, redacted.Hidden)
	other, err := rr.Read()
	require.NoError(t, err)
	redacted = r.Record(other)
	for _, text := range []string{"carol@contoso.com", "alice@contoso.com", "bob@fabrikam.com"} {
		assert.NotContains(t, string(redacted.AppendTo(nil)), text)
	}
}

func TestAnOwnerWhoIsTheSubjectAsASIDIsShown(t *testing.T) {
	t.Parallel()
	const id, sid = "73d664e4-0886-4a73-b745-c694da45ddb4", "S-1-12-1-1943430372-1249052806-2496021943-303440021"
	r := redactor(t, subject(t, id, "alice@contoso.com"), nil)
	for owner, want := range map[string]string{
		sid + "8":            sid + "8",
		" s" + sid[1:] + "8": " s" + sid[1:] + "8",
		sid + "9":            "[hidden]",
	} {
		rec := readOne(t, csvschema.VirtualMachines, []byte("LabUId,ResourceOwner\n1,"+owner+"\n"))
		assert.Equal(t, want, string(r.Record(rec).Cell(1)), owner)
	}
}
