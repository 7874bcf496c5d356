package machines_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/machines"
	"github.com/labdsr/labdsr/csvschema"
)

// TestANameIsReplacedWhereverItIsInTheIDsOfItsLab looks at the cells of a machine of
// alice.smith@contoso.com. T is its token.
func TestANameIsReplacedWhereverItIsInTheIDsOfItsLab(t *testing.T) {
	t.Parallel()
	row := cells.New([]csvschema.Column{csvschema.LabUId, csvschema.ResourceOwner})
	row.Texts = [][]byte{[]byte("Lab"), []byte("alice.smith@contoso.com")}
	namer := machines.NewNamer(sha256.New(), machines.New())
	goes := namer.Of(&row, localsOf("alice.smith@contoso.com"))
	replaced := func(c csvschema.Column, cell string) (string, int) {
		name := namer.Find(goes, c, []byte(cell))
		if name.Length == 0 {
			return cell, 0
		}
		text, n := namer.Append(nil, goes, name, c, []byte(cell[:len(cell)-name.Length]))
		return string(text), n
	}
	token, _ := replaced(csvschema.Name, "AliceSmith042")
	assert.Regexp(t, "^t-[0-9a-f]{32}$", token)
	for _, test := range []struct {
		column     csvschema.Column
		cell, want string
		count      int
	}{
		{csvschema.Name, "alicesmith042", "T", 1},
		{csvschema.Name, "box", "box", 0},
		{csvschema.ResourceId, "/labs/l/virtualmachines/alicesmith042", "/labs/l/virtualmachines/T", 1},
		{csvschema.ComputeResourceId, "/resourceGroups/l-alicesmith042-1/providers/Microsoft.Compute/virtualMachines/alicesmith042", "/resourceGroups/l-T-1/providers/Microsoft.Compute/virtualMachines/T", 2},
		{csvschema.LabName, "alicesmith042", "alicesmith042", 0},
		{csvschema.LeasedByVmId, "/virtualmachines/alicesmith042", "/virtualmachines/alicesmith042", 0},
	} {
		got, count := replaced(test.column, test.cell)
		assert.Equal(t, test.want, strings.ReplaceAll(got, token, "T"))
		assert.Equal(t, test.count, count, test.cell)
	}
	row.Texts[0] = []byte("other")
	goes = namer.Of(&row, localsOf("alice.smith@contoso.com"))
	other, _ := replaced(csvschema.Name, "alicesmith042")
	assert.NotEqual(t, token, other, "of another lab")
}
