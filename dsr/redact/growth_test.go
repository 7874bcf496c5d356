package redact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// TestTimeGrowsWithARowInProportion has rows that name many people, in one cell or in as
// many columns.
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
		{"what was hidden", 2000, func(int) string { return "[hidden] bob@x.com" }, false},
		{"people in columns", 1000, func(i int) string { return fmt.Sprintf("p%d@contoso.com p%d ", i, i) }, true},
		{"users in columns", 1000, func(i int) string { return fmt.Sprintf("/users/p%d/ ", i) }, true},
		{"one other in columns", 4000, func(int) string { return "bob@contoso.com" }, true},
	} {
		t.Run(test.name, func(t *testing.T) { //nolint:paralleltest // measures time
			r := redactor(t, subject(t, alice), nil)
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
