package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/lists"
)

func TestHoldsAreReadInNormalForm(t *testing.T) {
	t.Parallel()
	holds, err := lists.Holds(file(t, "labuid,RESOURCEUID,Reason,Until\n{36F675CC-81E7-4EF5-A8E2-5D940ED90475},VM,\"claim 7, part 2\",2027-01-01\nlab,vm,,\n"))
	require.NoError(t, err)
	assert.Equal(t, []lists.Hold{
		{"36f675cc-81e7-4ef5-a8e2-5d940ed90475", "vm", "claim 7, part 2", time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)},
		{"lab", "vm", "", time.Time{}},
	}, holds)
}
