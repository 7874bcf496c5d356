//go:build !race

package dsr_test

// The race detector makes this test slow, in which one goroutine prints and searches.

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

func TestMatchesReportsAndRowsPrintNoIdentifier(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, &csvschematest.Options{UnreadableDates: true, Ordinary: -1})
	subjects := subjectsOf(t, set.People)
	var printed bytes.Buffer
	show := func(v any) { printed.WriteString(csvschematest.Printed(v, "vsqxdp")) }
	n := 0
	report, err := dsr.Filter(t.Context(), set.Exports(), subjects, func(m dsr.Match) error {
		if n++; n%20 == 0 {
			show(m)
		}
		return nil
	}, nil)
	require.NoError(t, err)
	show(report)
	show(*report)
	small := csvschematest.New(1, &csvschematest.Options{Ordinary: -1})
	for _, s := range subjectsOf(t, small.People)[:3] {
		rows, err := dsr.FilterRows(t.Context(), small.Exports(), s, nil)
		require.NoError(t, err)
		rows.Report = nil
		show(rows)
	}
	var identifiers []string
	for _, p := range set.People {
		identifiers = append(identifiers, p.Identifiers...)
	}
	csvschematest.AssertNoIdentifiers(t, printed.Bytes(), identifiers...)
	for _, id := range identifiers {
		assert.False(t, bytes.Contains(printed.Bytes(), fmt.Appendf(nil, "%x", id)), "an identifier in hex")
	}
}
