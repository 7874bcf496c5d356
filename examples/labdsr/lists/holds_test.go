package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func TestHoldsAreReadInNormalForm(t *testing.T) {
	t.Parallel()
	path := file(t, "labuid,RESOURCEUID,Reason,Until\n{36F675CC-81E7-4EF5-A8E2-5D940ED90475},{0F21DDB66CAD4A268D116ECE1738F7D9},\"claim 7, part 2\",2027-01-01\nlab,0f21ddb6-6cad-4a26-8d11-6ece1738f7d9,,\n")
	holds, err := lists.Holds(path)
	require.NoError(t, err)
	assert.Equal(t, []lists.Hold{
		{path, 2, "36f675cc-81e7-4ef5-a8e2-5d940ed90475", "0f21ddb6-6cad-4a26-8d11-6ece1738f7d9", "claim 7, part 2", time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)},
		{path, 3, "lab", "0f21ddb6-6cad-4a26-8d11-6ece1738f7d9", "", time.Time{}},
	}, holds)
}

func TestHoldsMayHaveOtherSeparators(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"LabUId;ResourceUId;reason;until\n36f675cc-81e7-4ef5-a8e2-5d940ed90475;0f21ddb6-6cad-4a26-8d11-6ece1738f7d9;\"claim 7; part 2, 3\";2027-01-01\n",
		"LabUId\tResourceUId\treason\tuntil\n36f675cc-81e7-4ef5-a8e2-5d940ed90475\t0f21ddb6-6cad-4a26-8d11-6ece1738f7d9\tclaim 7; part 2, 3\t2027-01-01\n",
	} {
		path := file(t, text)
		holds, err := lists.Holds(path)
		require.NoError(t, err)
		assert.Equal(t, []lists.Hold{
			{path, 2, "36f675cc-81e7-4ef5-a8e2-5d940ed90475", "0f21ddb6-6cad-4a26-8d11-6ece1738f7d9", "claim 7; part 2, 3", time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)},
		}, holds)
	}
}

func TestHoldsOfMixedSeparatorsAreNamed(t *testing.T) {
	t.Parallel()
	_, err := lists.Holds(file(t, "LabUId;ResourceUId;reason;until\nlab,machine,claim,\n"))
	require.ErrorContains(t, err, "list: line 2: no CSV of four fields")
	assert.Contains(t, fault.Hint(err), "LabUId;ResourceUId;reason;until")
}
