package redact_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/redact"
)

const canary = "canary.q7x@example.com"

func TestWhatWasHiddenIsRevealedAndNotPrinted(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, &csvschematest.Options{ExtraColumns: true, Ordinary: -1})
	var printed bytes.Buffer
	show := func(v any) { printed.WriteString(csvschematest.Printed(v, "vsqxdp")) }
	candidates := 0
	n := 0
	report, err := redact.Records(t.Context(), set.Exports(), redactors(t, subjectsOf(t, set.People)), func(m redact.Match) error {
		for _, h := range m.Record.Hidden {
			show(h)
			show(&h)
			show(h.Cell)
			fmt.Fprintf(&printed, "%v %+v %#v\n", struct{ hidden any }{h}, struct{ h *redact.Hidden }{&h}, struct{ c redact.Cell }{h.Cell}) // fmt calls no method of these fields
			show(redact.Shown{Identifiers: []identity.Identifier{h.Identifier}, Cells: []redact.Cell{h.Cell}})
		}
		if n++; n%20 == 0 {
			show(m)
			show(&m)
		}
		return nil
	}, nil)
	require.NoError(t, err)
	show(report)
	show(*report)
	var revealed []string
	for _, hidden := range report.Hidden {
		show(hidden)
		show(*hidden)
		for _, c := range hidden.Candidates {
			candidates++
			show(c)
			show(&c)
			show(c.Hidden)
			revealed = append(revealed, c.Value.Reveal())
			assert.Contains(t, c.Cell.Text.Reveal(), c.Value.Reveal()[:1])
		}
	}
	assert.Greater(t, candidates, 10)
	assert.Contains(t, revealed, "bob@contoso.com")
	var identifiers []string
	for _, p := range set.People {
		identifiers = append(identifiers, p.Identifiers...)
	}
	csvschematest.AssertNoIdentifiers(t, printed.Bytes(), identifiers...)
	for _, value := range append(identifiers, revealed...) {
		assert.False(t, bytes.Contains(printed.Bytes(), []byte(value)), "what was hidden")
		assert.False(t, bytes.Contains(printed.Bytes(), fmt.Appendf(nil, "%x", value)), "what was hidden, in hex")
	}
}

// A Redactor holds the subject and the texts of cells that are shown.
func TestARedactorPrintsNoIdentifier(t *testing.T) {
	t.Parallel()
	row := cells{UID: uid1, Owner: alice, Notes: canary, Image: "bob@contoso.com of alice@example.com"}
	hidden := redactor(t, subject(t, alice), nil).Record(row.record(t)).Hidden
	require.Len(t, hidden, 2)
	r := redactor(t, subject(t, alice, aliceID), &redact.Shown{Cells: []redact.Cell{hidden[1].Cell}})
	got := r.Record(row.record(t))
	require.Len(t, got.Hidden, 1)
	assert.Equal(t, canary, redacted(got).Notes)
	var printed bytes.Buffer
	for _, v := range []any{r, *r, got, &got, []*redact.Redactor{r}, redact.Match{Record: got}, r.Subject()} {
		printed.WriteString(csvschematest.Printed(v, "vsqxdp"))
		fmt.Fprintf(&printed, "%v %+v %#v\n", struct{ hidden any }{v}, struct{ hidden any }{v}, struct{ hidden any }{v})
	}
	for _, value := range []string{canary, "canary.q7x", alice, bob, aliceID, strings.ReplaceAll(aliceID, "-", "")} {
		assert.False(t, bytes.Contains(printed.Bytes(), []byte(strings.Trim(fmt.Sprintf("%d", []byte(value)), "[]"))), "bytes of an identifier")
		assert.False(t, bytes.Contains(printed.Bytes(), []byte(value)), value)
		assert.False(t, bytes.Contains(printed.Bytes(), fmt.Appendf(nil, "%x", value)), value)
	}
	assert.Contains(t, printed.String(), "[redacted]")
}
