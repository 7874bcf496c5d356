package cells_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestTheSameCellsAreLoudInARecordAndAlone makes records of cells that are written in all
// ways, after others in the same chunk.
func TestTheSameCellsAreLoudInARecordAndAlone(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"", "x", "@", "users/", "Users/x", `""`, `"",""`, "\n", ",", ", users/", "é", "616e6f6e", "s-1-12-1-", "-", "6", "u"}
	const header = "ResourceUId,LabUId,x,ResourceOwner,Name\n"
	loud := 0
	for range 2000 {
		var lines []string
		var line []string
		for range 6 {
			line = slices.Clone(line[:random.IntN(len(line)+1)]) // it begins as the last one
			for len(line) < 5 {
				cell := parts[random.IntN(len(parts))] + parts[random.IntN(len(parts))]
				if random.IntN(2) == 0 || strings.ContainsAny(cell, "\",\n") {
					cell = `"` + cell + `"`
				}
				line = append(line, cell)
			}
			lines = append(lines, strings.Join(line, ","))
		}
		file := strings.NewReader(header + strings.Join(lines, "\n"))
		records := csvschema.NewRecordReader(file, csvschema.VirtualMachines, &csvschema.RecordOptions{Required: []csvschema.Column{csvschema.Name}})
		row := cells.New([]csvschema.Column{csvschema.ResourceUId, csvschema.LabUId, 0, csvschema.ResourceOwner, csvschema.Name})
		for range lines {
			rec, err := records.Read()
			require.NoError(t, err)
			row.Record = rec
			var want []int
			typed := row
			for i := range row.Columns {
				if cell := row.At(i); identity.NextSign(cell, 0) < len(cell) {
					want = append(want, i)
				}
				typed.Texts = append(typed.Texts, row.At(i))
			}
			assert.Equal(t, append([]int{7}, want...), row.AppendLoud([]int{7}), "%q", lines)
			assert.Equal(t, want, typed.AppendLoud(nil), "%q", lines)
			assert.Equal(t, typed.Cell(csvschema.Name), row.Cell(csvschema.Name))
			loud += len(want)
		}
		assert.Equal(t, 3, row.Owner)
		assert.Equal(t, -1, row.Index(csvschema.ResourceId))
		assert.Nil(t, row.Cell(csvschema.ResourceId))
	}
	assert.Greater(t, loud, 1000)
}
