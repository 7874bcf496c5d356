package anonymize_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

const canary = "canary.q7x@example.com"

// TestNoErrorHoldsACell gives files whose cells are all canaries, each wrong in
// another way.
func TestNoErrorHoldsACell(t *testing.T) {
	t.Parallel()
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		cells := map[csvschema.Column]string{}
		for _, c := range role.Columns() {
			cells[c] = canary
		}
		file := export(role, cells, nil)
		header, row, _ := strings.Cut(file, "\n")
		for name, text := range map[string]string{
			"unreadable date":  file,
			"no header":        row + row,
			"header of cells":  strings.Repeat(canary+",", 22) + canary + "\n" + row,
			"missing column":   strings.Replace(file, "DeletedDate", canary, 1),
			"repeated column":  strings.Replace(file, "LabName", "DeletedDate", 1),
			"semicolons":       strings.ReplaceAll(file, ",", ";"),
			"ragged":           header + "\n" + canary + "\n",
			"bare quote":       header + "\n" + canary + `"` + row,
			"text after quote": header + "\n\"" + canary + `"` + canary + "," + row,
			"open quote":       header + "\n\"" + canary,
			"NUL":              header + "\n" + canary + "\x00",
			"invalid UTF-8":    header + "\n" + canary + "\xff",
			"too large":        header + "\n" + strings.Repeat(canary, 500),
		} {
			t.Run(fmt.Sprintf("%v/%s", role, name), func(t *testing.T) {
				t.Parallel()
				p := &anonymize.Policy{MaxRecordBytes: 4000}
				_, err := p.Copy(t.Context(), later, role, &bytes.Buffer{}, strings.NewReader(text))
				require.Error(t, err)
				var place *csvschema.Error
				require.ErrorAs(t, err, &place)
				assert.Equal(t, role, place.Role)
				assert.Positive(t, place.Line)
				csvschematest.AssertNoLeak(t, err, canary, "canary.q7x")
			})
		}
	}
}
