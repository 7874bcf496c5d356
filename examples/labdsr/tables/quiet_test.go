package tables_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// TestQuietCellsHaveNoSign compares cells that begin as the one before did with a look at all of
// each: signs begin in the part that is alike, too.
func TestQuietCellsHaveNoSign(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{
		"users/", "users", "USER", "/", "s", "s-1-12-1-", "S-1-12", "-1-", "616e6f6e", "616E", "-", "---------", "6f6e", "61", "6e", "x", "yz",
		"/subscriptions/x/resourcegroups/lab/", "@", "%", "_", "é",
	}
	quiet, loud, still := tables.NewQuiet(), 0, 0
	var cell []byte
	for range 200_000 {
		cell = cell[:random.IntN(len(cell)+1)]
		if random.IntN(4) == 0 {
			cell = cell[:0]
		}
		for range random.IntN(4) {
			part := parts[random.IntN(len(parts))]
			cell = append(cell, part[:1+random.IntN(len(part))]...)
		}
		if random.IntN(2) == 0 {
			cell = append(cell, "/virtualmachines/"...) // so that cells go on after they differ
		}
		want := identity.NextSign(cell, 0) == len(cell)
		require.Equal(t, want, quiet(cell), "%q", cell)
		if want {
			still++
		} else {
			loud++
			cell = cell[:0]
		}
	}
	require.Greater(t, loud, 10_000)
	require.Greater(t, still, 10_000)
}
