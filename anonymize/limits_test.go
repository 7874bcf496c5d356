//go:build !race

package anonymize_test

// The race detector makes these tests slow: one goroutine does nearly all of the work.

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

// TestManyOwnersOfOneIDAreRefused has as many as are allowed, and one more.
func TestManyOwnersOfOneIDAreRefused(t *testing.T) {
	t.Parallel()
	const id, limit = "/labs/l/virtualmachines/box", 1000
	for n := limit; n <= limit+1; n++ {
		for _, sameKey := range []bool{false, true} {
			var machines []string
			for i := range n {
				key := uid("machine")
				if !sameKey {
					key = uid("machine", i)
				}
				machines = append(machines, vm("2/4/2017", fmt.Sprintf("owner%d@contoso.com", i), map[csvschema.Column]string{csvschema.ResourceId: id, csvschema.ResourceUId: key}))
			}
			if !sameKey {
				machines = append(machines, machines...) // they count once
			}
			e := leased(id, machines...)
			if n == limit {
				_, err := (&anonymize.Policy{Names: true}).Plan(t.Context(), later, []csvschema.Export{e})
				require.NoError(t, err)
				continue
			}
			_, err := (&anonymize.Policy{Names: true}).Plan(t.Context(), later, []csvschema.Export{e})
			require.ErrorIs(t, err, anonymize.ErrTooManyOwners)
			var place *csvschema.Error
			require.ErrorAs(t, err, &place)
			assert.Equal(t, csvschema.Error{FileID: fileID(1, 1, csvschema.VirtualMachines), Line: limit + 2, Column: csvschema.ResourceOwner, Err: anonymize.ErrTooManyOwners}, *place)
		}
	}
}

// TestPlanFailsWhereApplyWould makes rows as dense with identifiers as rows can be, of sizes
// around those from which on a plan looks whether they can be anonymized.
func TestPlanFailsWhereApplyWould(t *testing.T) {
	t.Parallel()
	dense := func(unit func(i int) string, size int) string {
		var text strings.Builder
		for i := 0; text.Len() < size; i++ {
			text.WriteString(unit(i))
		}
		return text.String()
	}
	digits := func(i int) string { return strconv.FormatInt(int64(i), 36) }
	failed := map[error]int{}
	for name, unit := range map[string]func(i int) string{
		"addresses": func(i int) string { return digits(i) + "@x " },
		"users":     func(i int) string { return "/users/" + digits(i) },
		"of OData":  func(i int) string { return "users('" + digits(i) + " ')" },
		"SIDs":      func(i int) string { return "S-1-12-1-0-0-0-" + strconv.Itoa(i+1) + " " },
		"GUIDs":     func(i int) string { return fmt.Sprintf("%032x ", i+1) },
		"one user":  func(i int) string { return map[bool]string{true: "/users/a "}[i == 0] + digits(i) + " " },
		"escapes":   func(i int) string { return "%40" + digits(i) },
		"letters":   func(int) string { return "a " },
	} {
		for _, column := range []csvschema.Column{csvschema.ResourceOwner, csvschema.EnvironmentId, csvschema.CustomImageId} {
			for _, size := range []int{1, 100, 1000, 1800, 4000, 6000, 9000, 20_000} {
				for _, limit := range []int{0, 700, 1500, 5000, 50_000} {
					file := []byte(vm("2/4/2017", "a", map[csvschema.Column]string{column: dense(unit, size)}))
					exports := []csvschema.Export{exportOf(csvschema.VirtualMachines, file)}
					p := &anonymize.Policy{MaxRecordBytes: limit, Workers: 1}
					_, want := previewing(p).Plan(t.Context(), later, exports)
					plan, err := p.Plan(t.Context(), later, exports)
					require.Equal(t, want, err, "%s in %v, %d bytes, at most %d", name, column, size, limit)
					if err == nil {
						_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), io.Discard)
						require.NoError(t, err)
						continue
					}
					for _, sentinel := range []error{anonymize.ErrTooManyIdentifiers, csvschema.ErrRecordTooLarge} {
						if errors.Is(err, sentinel) {
							failed[sentinel]++
						}
					}
				}
			}
		}
	}
	require.Greater(t, failed[anonymize.ErrTooManyIdentifiers], 10)
	require.Greater(t, failed[csvschema.ErrRecordTooLarge], 100)
}
