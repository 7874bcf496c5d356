package verify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

func TestTheTableListsTheDocumentedColumns(t *testing.T) {
	t.Parallel()
	for role, n := range map[csvschema.Role]int{csvschema.VirtualMachines: 23, csvschema.Disks: 15} {
		assert.Equal(t, role.Columns(), verify.DocumentedColumns(role))
		assert.Len(t, verify.DocumentedColumns(role), n)
	}
}

// TestTypedCellsAreThoseOfTheSchema compares what this package takes for a date, boolean
// or number with what package csvschema does, which has code of its own.
func TestTypedCellsAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	texts := []string{
		"", " ", "0", "007", "-1", "+1", "1.0", "1_000", "0x10", "9223372036854775807", "9223372036854775808", "12 GB", "१२", "1e3",
		"True", "FALSE", "tRuE", "yes", "1", "truE ", "fal\u017fe", "false\u200b",
		"1/3/2017", "1/3/2017 11:17:09 PM", "2017-01-03T23:17:09Z", "2017", "13/32/2017", "0001-01-01", "soon", "zoe@contoso.com",
	}
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		for _, c := range role.Columns() {
			for _, text := range texts {
				assert.Equal(t, c.Holds([]byte(text)), verify.IsAsDocumented(role, c, []byte(text)), "%v %q", c, text)
			}
		}
	}
	assert.False(t, verify.IsAsDocumented(csvschema.Disks, csvschema.DiskSizeGB, []byte(strings.Repeat("9", 30))))
}
