package verify_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

const canary = "canary.q7x@example.com"

// TestNoErrorOrFailureHoldsACell gives files whose cells are all canaries, each wrong in
// another way: as input, where it is an error or not, and as output, where it is a
// failure.
func TestNoErrorOrFailureHoldsACell(t *testing.T) {
	t.Parallel()
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		cells := map[string]string{}
		for _, c := range role.Columns() {
			cells[c.String()] = canary
		}
		whole := file(role, cells)
		header, row, _ := strings.Cut(whole, "\n")
		for name, text := range map[string]string{
			"unreadable date":  whole,
			"no header":        row + row,
			"missing column":   strings.Replace(whole, "DeletedDate", canary, 1),
			"repeated column":  strings.Replace(whole, "LabName", "DeletedDate", 1),
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
				p := &anonymize.Policy{MaxRecordBytes: 4000, KeepUnreadableDates: true}
				broken := []csvschema.Export{exportOf(role, []byte(text))}
				v, err := verify.Exports(t.Context(), p, later, broken, broken)
				if name == "unreadable date" {
					require.NoError(t, err)
					assert.True(t, v.OK(), "a row with an unreadable date stays as it is")
				} else {
					require.Error(t, err)
					csvschematest.AssertNoLeak(t, err, canary, "canary.q7x")
				}
				good := []csvschema.Export{exportOf(role, []byte(header+"\n"+strings.ReplaceAll(row, canary, "")))}
				v, err = verify.Exports(t.Context(), p, later, good, broken)
				require.NoError(t, err)
				require.False(t, v.OK())
				marshalled, err := json.Marshal(v)
				require.NoError(t, err)
				for _, text := range []string{fmt.Sprintf("%+v %#v", v, *v), fmt.Sprint(v.Failures), string(marshalled)} {
					csvschematest.AssertNoLeak(t, errors.New(text), canary, "canary.q7x") //nolint:err113 // the text of a verification
				}
			})
		}
	}
}
