package response_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// chartBar matches a bar of the timeline with its title.
var chartBar = regexp.MustCompile(`<rect class="machine" x="(\d+)" y="(\d+)" width="(\d+)" height="10" rx="0"><title>([^<]*)</title>`)

// monthBar matches a bar of the chart of months.
var monthBar = regexp.MustCompile(`<rect class="machine" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"><title>([^<]*)</title>`)

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// Bars are in the order of their creation and inside the chart, and their width follows
// the time from the creation to the deletion.
func TestBarsOfTheTimelineFollowTheDates(t *testing.T) {
	t.Parallel()
	machine := func(name, created, deleted string) map[csvschema.Column]string {
		return map[csvschema.Column]string{
			csvschema.Name: name, csvschema.ResourceUId: "0000000" + name + "-0000-4000-8000-000000000000",
			csvschema.CreatedTime: created, csvschema.DeletedDate: deleted,
		}
	}
	text := page(t, exportOf(
		machine("3", "3/1/2026", "3/31/2026"),
		machine("1", "1/1/2026", "1/31/2026"),
		machine("2", "1/31/2026", "4/1/2026"),
		machine("4", "3/1/2026", ""),
	), nil)
	bars := chartBar.FindAllStringSubmatch(text, -1)
	require.Len(t, bars, 4)
	const left, right = 170, 720
	var starts, widths []int
	for i, bar := range bars {
		assert.Regexp(t, fmt.Sprintf("^%s: ", []string{"1", "2", "3", "4"}[i]), bar[4])
		x, width := number(t, bar[1]), number(t, bar[3])
		assert.GreaterOrEqual(t, x, left)
		assert.LessOrEqual(t, x+width, right)
		starts, widths = append(starts, x), append(widths, width)
	}
	assert.Equal(t, left, starts[0])
	assert.Equal(t, starts[2], starts[3], "created on the same day")
	assert.InDelta(t, 2*widths[0], widths[1], 3, "60 days and 30 days")
	assert.InDelta(t, widths[0], widths[2], 3, "30 days and 30 days")
	assert.Equal(t, right, starts[3]+widths[3], "what was not deleted goes on to the end")
}

// The height of a month follows the number of machines that existed in it. A machine
// whose DeletedDate equals its CreatedTime has no known end, so it is in later months,
// too.
func TestMonthsAreAsHighAsTheirMachines(t *testing.T) {
	t.Parallel()
	var machines []map[csvschema.Column]string
	for i, created := range []string{"1/1/2026", "2/1/2026", "2/2/2026", "2/3/2026", "3/1/2026"} {
		machines = append(machines, map[csvschema.Column]string{
			csvschema.ResourceUId: fmt.Sprintf("00000000-0000-4000-8000-00000000000%d", i),
			csvschema.CreatedTime: created, csvschema.DeletedDate: created,
		})
	}
	bars := monthBar.FindAllStringSubmatch(page(t, exportOf(machines...), nil), -1)
	require.GreaterOrEqual(t, len(bars), 3)
	heights := []int{number(t, bars[0][4]), number(t, bars[1][4]), number(t, bars[2][4])}
	assert.InDelta(t, 4*heights[0], heights[1], 4)
	assert.InDelta(t, 5*heights[0], heights[2], 5)
	for _, bar := range bars {
		assert.Positive(t, number(t, bar[3]))
		assert.GreaterOrEqual(t, number(t, bar[2]), 0)
	}
}
