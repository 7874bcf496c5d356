package dsr_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// TestFilterRefusesJoinedFiles reads two exports in one file: the second has its columns
// in another order, so that the row of its person would not be found.
func TestFilterRefusesJoinedFiles(t *testing.T) {
	t.Parallel()
	first := "LabUId,ResourceUId,ResourceId,ResourceOwner\nlab,1,/a,zoe@contoso.com\n"
	for _, second := range []string{
		"LabUId,ResourceUId,ResourceId,ResourceOwner\nlab,2,/b," + alice + "\n",
		"ResourceOwner,LabUId,ResourceUId,ResourceId\n" + alice + ",lab,2,/b\n",
		"resourceowner,resourceid,RESOURCEUID,labuid\n" + alice + ",/b,2,lab\n",
	} {
		e := csvschema.Export{VirtualMachines: sources(first + second)}
		_, err := dsr.Filter(t.Context(), []csvschema.Export{e}, []dsr.Subject{subject(t, alice)}, ignore, nil)
		assert.ErrorIs(t, err, csvschema.ErrHeaderAgain)
	}
}
