package redact_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr/redact"
)

const canary = "canary.q7x@example.com"

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
