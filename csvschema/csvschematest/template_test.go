//go:build !race

package csvschematest_test

// The race detector makes these tests slow, which count what one goroutine generates.

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// largeRows returns the cells of a large export by column, without its subjects' rows.
func largeRows(t *testing.T, l *csvschematest.Large, role csvschema.Role) (rows []map[csvschema.Column]string) {
	t.Helper()
	data, err := io.ReadAll(l.Reader(role))
	require.NoError(t, err)
	hits := map[int64]bool{}
	for _, h := range l.Hits() {
		hits[h.Row] = true
	}
	for i, record := range parse(t, data)[1:] {
		if hits[int64(i+1)] {
			continue
		}
		row := map[csvschema.Column]string{}
		for n, c := range role.Columns() {
			row[c] = record[n]
		}
		rows = append(rows, row)
	}
	return rows
}

// TestLargeHasTheShapeOfRealExports counts what is seen in real exports: see LargeOptions
// and Large.
func TestLargeHasTheShapeOfRealExports(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, time.September, 1, 12, 0, 0, 0, time.UTC)
	for _, labs := range []int{1, 40} {
		l := csvschematest.NewLarge(5, 8<<20, &csvschematest.LargeOptions{Labs: labs})
		machines := largeRows(t, l, csvschema.VirtualMachines)
		disks := largeRows(t, l, csvschema.Disks)
		var deleted, due, atOnce, environments, compute, neighbours int
		people, inLab := map[string]int{}, map[string]string{}
		ids, keys := map[string]bool{}, map[string]bool{}
		for i, vm := range machines {
			created, _ := date(vm[csvschema.CreatedTime])
			end, _ := date(vm[csvschema.DeletedDate])
			if !end.IsZero() {
				deleted++
				assert.Equal(t, "Inactive", vm[csvschema.ResourceStatus])
				assert.False(t, end.Before(created) || end.After(now))
				if end.Equal(created) {
					atOnce++
				}
				if now.Sub(end) >= 30*24*time.Hour {
					due++
				}
			}
			name := vm[csvschema.Name]
			local := name[:len(name)-3]
			require.Regexp(t, `^[a-z]{10}[0-9]{3}$`, name)
			people[local]++
			if owner := vm[csvschema.ResourceOwner]; strings.HasSuffix(owner, ".test") || strings.HasSuffix(owner, ".com") {
				assert.Contains(t, owner, local)
			}
			assert.True(t, strings.HasSuffix(vm[csvschema.ResourceId], "/virtualmachines/"+name))
			if id := vm[csvschema.ComputeResourceId]; id != "" {
				compute++
				assert.Equal(t, 2, strings.Count(id, name))
			}
			if vm[csvschema.EnvironmentId] != "" {
				environments++
			}
			if was, ok := inLab[local]; ok {
				require.Equal(t, was, vm[csvschema.LabUId], "the lab of a person")
			}
			inLab[local] = vm[csvschema.LabUId]
			ids[vm[csvschema.ResourceId]] = true
			keys[vm[csvschema.ResourceUId]] = true
			for _, c := range []csvschema.Column{csvschema.ResourceId, csvschema.ResourceUId, csvschema.LabUId, csvschema.CreatedTime, csvschema.DeletedDate} {
				require.Equal(t, vm[c], disks[i][c])
			}
			assert.True(t, strings.HasPrefix(disks[i][csvschema.Name], name))
			if i > 0 && machines[i-1][csvschema.LabUId] != vm[csvschema.LabUId] {
				neighbours++
			}
		}
		rows := float64(len(machines))
		assert.InDelta(t, 0.9, float64(deleted)/rows, 0.01)
		assert.InDelta(t, 0.9, float64(due)/float64(deleted), 0.02)
		assert.InDelta(t, 0.5, float64(atOnce)/float64(deleted), 0.03)
		assert.InDelta(t, 1./6, float64(environments)/rows, 0.03)
		assert.InDelta(t, 7./8, float64(compute)/rows, 0.03)
		assert.Len(t, ids, len(machines))
		assert.Len(t, keys, len(machines))
		most := 0
		for _, n := range people {
			most = max(most, n)
		}
		assert.LessOrEqual(t, most, 40)
		if labs == 1 {
			assert.Greater(t, most, 30)
			assert.Zero(t, neighbours)
		} else {
			assert.InDelta(t, rows, neighbours, 5, "neighbours are of different labs")
		}
	}
}

// TestTheNextMonthHasNewRowsOfTheSameLabsAndSubjects compares two months.
func TestTheNextMonthHasNewRowsOfTheSameLabsAndSubjects(t *testing.T) {
	t.Parallel()
	first := csvschematest.NewLarge(5, 2<<20, &csvschematest.LargeOptions{Labs: 3, Subjects: 2})
	next := csvschematest.NewLarge(5, 2<<20, &csvschematest.LargeOptions{Labs: 3, Subjects: 2, NextMonth: true})
	assert.Equal(t, first.Subjects(), next.Subjects())
	of := func(l *csvschematest.Large, c csvschema.Column) map[string]bool {
		data, err := io.ReadAll(l.Reader(csvschema.VirtualMachines))
		require.NoError(t, err)
		cells := map[string]bool{}
		at := slices.Index(csvschema.VirtualMachines.Columns(), c)
		for _, record := range parse(t, data)[1:] {
			cells[record[at]] = true
		}
		return cells
	}
	assert.Equal(t, of(first, csvschema.LabUId), of(next, csvschema.LabUId))
	for _, c := range []csvschema.Column{csvschema.ResourceUId, csvschema.ResourceId, csvschema.Name} {
		was := of(first, c)
		for cell := range of(next, c) {
			require.False(t, was[cell], "the same %v in both months", c)
		}
	}
	september := time.Date(2024, time.September, 1, 12, 0, 0, 0, time.UTC)
	for _, vm := range largeRows(t, next, csvschema.VirtualMachines) {
		created, _ := date(vm[csvschema.CreatedTime])
		end, _ := date(vm[csvschema.DeletedDate])
		assert.True(t, created.After(september))
		assert.False(t, end.After(september.AddDate(0, 0, 30)))
	}
	assert.Zero(t, next.Due(csvschema.VirtualMachines, september.AddDate(0, 0, 30), 30*24*time.Hour))
	assert.Positive(t, next.Due(csvschema.VirtualMachines, september.AddDate(0, 0, 60), 30*24*time.Hour))
}

func TestLocalPartsTellPeopleApart(t *testing.T) {
	t.Parallel()
	seen := map[[10]byte]bool{}
	for n := range int64(100_000) {
		for _, person := range []int64{n, csvschematest.LocalParts/2 + n} {
			local := csvschematest.LocalPart(person)
			require.False(t, seen[local], "%d", person)
			seen[local] = true
		}
	}
}
