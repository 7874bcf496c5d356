package lists_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

const (
	labOne, labTwo       = "36f675cc-81e7-4ef5-a8e2-5d940ed90475", "36f675cc-81e7-4ef5-a8e2-5d940ed90476"
	machineOne, noneHere = "0f21ddb6-6cad-4a26-8d11-6ece1738f7d9", "0f21ddb6-6cad-4a26-8d11-000000000000"
)

// noted returns a search over rows of disks with IDs, of which the first two are copies of
// one, and so on.
func noted(t *testing.T, h *lists.Holdings, rows ...[2]string) *lists.HoldSearch {
	t.Helper()
	var text strings.Builder
	text.WriteString("LabUId,ResourceUId,ResourceId,LeasedByVmId,Name\n")
	for i, row := range rows {
		_, _ = fmt.Fprintf(&text, "%s,%s,/subscriptions/x,,disk%d\n", row[0], row[1], i/2)
	}
	search := h.Search()
	file := csvschema.NewFile(csvschema.FileID{Role: csvschema.Disks}, source.FromBytes([]byte(text.String())), csvschema.FileOptions{
		Required: func(csvschema.Role) []csvschema.Column { return []csvschema.Column{csvschema.LabUId} }, SinglePass: true,
	})
	require.NoError(t, csvschema.ForEachChunk(t.Context(), file, csvschema.Pass[struct{}]{
		Work: func(*csvschema.Chunk) struct{} { return struct{}{} },
		Emit: func(c *csvschema.Chunk, _ struct{}) error {
			for i := range c.Len() {
				search.Note(c.Record(i))
			}
			return nil
		},
	}))
	return search
}

func holdings(t *testing.T, lines ...string) *lists.Holdings {
	t.Helper()
	h, err := lists.ReadHoldings([]string{file(t, "LabUId,ResourceUId,reason,until\n"+strings.Join(lines, "\n")+"\n")})
	require.NoError(t, err)
	return h
}

func TestHoldsThatMeetNoRow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		lines []string
		rows  [][2]string
		unmet []int // lines
		ended int
		err   string
	}{
		{"met, in another spelling", []string{labOne + "," + machineOne + ",,"}, [][2]string{{"{" + strings.ToUpper(labOne) + "}", machineOne}}, nil, 0, ""},
		{"not met", []string{labOne + "," + noneHere + ",,", labOne + "," + machineOne + ",,"}, [][2]string{{labOne, machineOne}}, []int{2}, 0, ""},
		{"not met, and ended", []string{labOne + "," + noneHere + ",,2026-07-01"}, nil, nil, 0, ""},
		{"met, and ended", []string{labOne + "," + machineOne + ",,2026-07-01"}, [][2]string{{labOne, machineOne}}, nil, 1, ""},
		{"one ends later", []string{labOne + "," + machineOne + ",,2026-07-01", labOne + "," + machineOne + ",,"}, [][2]string{{labOne, machineOne}}, nil, 0, ""},
		{"exchanged", []string{machineOne + "," + labOne + ",,"}, [][2]string{{labOne, machineOne}}, nil, 0, "line 2: LabUId and ResourceUId are exchanged"},
		{"ended at this instant", []string{labOne + "," + noneHere + ",,2026-07-01T09:00:00Z"}, nil, nil, 0, ""},
		{"ends a second later", []string{labOne + "," + noneHere + ",,2026-07-01T09:00:01Z"}, nil, []int{2}, 0, ""},
		{"the lab is a resource, too", []string{labOne + "," + noneHere + ",,"}, [][2]string{{labTwo, labOne}}, []int{2}, 0, ""},
		{"the resource is a lab, too", []string{labOne + "," + noneHere + ",,"}, [][2]string{{noneHere, machineOne}}, []int{2}, 0, ""},
		{"of rows of two files", []string{labOne + "," + machineOne + ",,", labTwo + "," + noneHere + ",,"}, [][2]string{{labOne, machineOne}, {labTwo, machineOne}}, []int{3}, 0, ""},
		{"of another lab", []string{labTwo + "," + machineOne + ",,"}, [][2]string{{labOne, machineOne}}, nil, 0, "line 2: these exports have this ResourceUId in another lab"},
		{"of the name of a lab", []string{"contoso-dev," + noneHere + ",,"}, nil, nil, 0, "line 2: this LabUId is neither"},
		{"of a lab without a GUID", []string{"contoso-dev," + noneHere + ",,"}, [][2]string{{"contoso-dev", machineOne}}, []int{2}, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := holdings(t, test.lines...)
			seen := lists.Sights{}
			seen.Add(noted(t, h).Sights()) // no rows
			for _, row := range test.rows {
				seen.Add(noted(t, h, row).Sights())
			}
			assert.Equal(t, seen, noted(t, h, test.rows...).Sights())
			unmet, ended, err := h.Unmet(seen, now)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			var lines []int
			for _, hold := range unmet {
				lines = append(lines, hold.Line)
			}
			assert.Equal(t, test.unmet, lines)
			assert.Equal(t, test.ended, ended)
		})
	}
}

func TestHoldsKeepTheDisksWithTheirIDs(t *testing.T) {
	t.Parallel()
	h := holdings(t, labOne+","+machineOne+",soon,2026-08-01", labOne+","+machineOne+",later,2026-09-01", labTwo+","+machineOne+",other,")
	search := noted(t, h, [2]string{labOne, machineOne}, [2]string{labOne, machineOne}, [2]string{labOne, machineOne}, [2]string{labOne, noneHere})
	all := search.ForPolicy()
	require.Len(t, all, 5)
	assert.NotEqual(t, all[3].Key, all[4].Key)
	for i, want := range []string{"soon", "later", "other", "later", "later"} {
		role := csvschema.VirtualMachines
		if i > 2 {
			role = csvschema.Disks
		}
		assert.Equal(t, role, all[i].Key.Role())
		assert.Equal(t, want, all[i].Reason)
	}
	assert.Equal(t, time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC), all[3].Until)
	met, of := search.Met()
	assert.Equal(t, append(all[1:2:2], all[3:]...), met, "without the hold that ends earlier, and the one that is on no row")
	assert.Equal(t, len(all), of)
}
