//go:build !race

package redact_test

// The race detector makes this test slow, in which one goroutine prints and searches.

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/redact"
)

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
