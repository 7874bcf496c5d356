//go:build !race

package redact_test

// The race detector makes tests of time and memory slow, and what they measure its own.

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// TestTimeGrowsWithARowInProportion has rows that name many people, in one cell or in as
// many columns. Everything in a cell is compared with what is next to it, not with all of
// the cell.
func TestTimeGrowsWithARowInProportion(t *testing.T) { //nolint:paralleltest // measures time
	for _, test := range []struct {
		name       string
		n          int
		text       func(i int) string
		areColumns bool
	}{
		{"people in a cell", 1000, func(i int) string { return fmt.Sprintf("p%d@contoso.com ", i) }, false},
		{"people and the subject", 1000, func(i int) string { return fmt.Sprintf("p%d@contoso.com alice@example.com ", i) }, false},
		{"one other and the subject", 4000, func(int) string { return "bob@contoso.com alice@example.com " }, false},
		{"the subject's names", 4000, func(i int) string { return fmt.Sprintf("alice%d bob@contoso.com bob1 ", i) }, false},
		{"another user and the subject", 4000, func(int) string { return "/users/" + aliceID + "/users/" + bobID + "/ " }, false},
		{"what was hidden", 2000, func(int) string { return "[hidden] bob@x.com" }, false},
		{"people in columns", 1000, func(i int) string { return fmt.Sprintf("p%d@contoso.com p%d ", i, i) }, true},
		{"users in columns", 1000, func(i int) string { return fmt.Sprintf("/users/p%d/ ", i) }, true},
		{"one other in columns", 4000, func(int) string { return "bob@contoso.com" }, true},
	} {
		t.Run(test.name, func(t *testing.T) { //nolint:paralleltest // measures time
			r := redactor(t, subject(t, alice, aliceID), nil)
			csvschematest.AssertLinear(t, test.n, func(size int) func() {
				var header, row strings.Builder
				header.WriteString("LabUId,ResourceUId,ResourceOwner,Notes")
				row.WriteString("l,u,alice@example.com,")
				for i := range size {
					if test.areColumns {
						fmt.Fprintf(&header, ",N%d", i)
						row.WriteString(",")
					}
					row.WriteString(test.text(i))
				}
				rec := readOne(t, csvschema.VirtualMachines, []byte(header.String()+"\n"+row.String()+"\n"))
				return func() {
					got := r.Record(rec)
					_ = got.AppendTo(nil)
					for i := range got.Header().Len() {
						got.Cell(i)
					}
				}
			})
		})
	}
}

// The buffers for a row are not held for each of many people.
func TestManyPeopleTakeTheBuffersOfOne(t *testing.T) { //nolint:paralleltest // measures the heap
	const people = 100
	var file strings.Builder
	file.WriteString("LabUId,ResourceUId,ResourceId,ResourceOwner,Notes\n")
	var all []*redact.Redactor
	for i := range people {
		address := fmt.Sprintf("p%02d@contoso.com", i)
		all = append(all, redactor(t, subject(t, address), nil))
		fmt.Fprintf(&file, "l,u,r,%s,%s\n", address, strings.Repeat(address+" ", 16<<10))
	}
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(file.String()))}}}
	rows := 0
	heap := func() int64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	before := heap()
	_, err := redact.Records(t.Context(), exports, all, func(redact.Match) error {
		if rows++; rows == people {
			assert.Less(t, heap()-before, int64(16<<20))
		}
		return nil
	}, &dsr.Options{Workers: 1})
	require.NoError(t, err)
	assert.Equal(t, people, rows)
}

func TestTheTextsOfTheListOfCandidatesAreBounded(t *testing.T) {
	t.Parallel()
	r := redactor(t, subject(t, alice), nil)
	for i := range 17 {
		r.Record(cells{Owner: alice, Notes: strings.Repeat("x", 1<<20) + " " + string(rune('a'+i)) + "@contoso.com"}.record(t))
	}
	assert.Len(t, r.Summary().Candidates, 15)
	assert.Equal(t, int64(2), r.Summary().More)
}
