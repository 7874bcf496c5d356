package main

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestGoCmpComparesWhatTheLibraryGivesAndShowsNoPerson compares values as the tests of a
// program do that uses go-cmp, which the library may not depend on.
func TestGoCmpComparesWhatTheLibraryGivesAndShowsNoPerson(t *testing.T) {
	t.Parallel()
	date, err := csvschema.ParseDateTime("1/3/2017")
	require.NoError(t, err)
	values := func(address, objectID string) []any {
		id, err := identity.Parse(address)
		require.NoError(t, err)
		text := csvschema.NewPersonalText(address)
		var yes csvschema.Bool
		var size csvschema.Integer
		require.NoError(t, yes.UnmarshalText([]byte("True")))
		require.NoError(t, size.UnmarshalText([]byte(strconv.Itoa(len(address)))))
		disk := csvschema.DiskRow{Name: csvschema.NewPersonalText(objectID), LeasedByVmId: text, CreatedTime: date, DiskSizeGB: size}
		machine := csvschema.VirtualMachineRow{ResourceOwner: text, Claimable: yes}
		return []any{
			text, id, disk.Key(), disk, machine, &machine, size,
			[]csvschema.PersonalText{text},
			[]csvschema.VirtualMachineRow{machine},
			map[csvschema.Key]identity.Identifier{disk.Key(): id},
			struct {
				Row  csvschema.DiskRow
				Date csvschema.DateTime
				Bool csvschema.Bool
			}{disk, date, yes},
		}
	}
	const alice, objectID = "alice@contoso.com", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	first, again, others := values(alice, objectID), values(alice, objectID), values("bob@contoso.com", "8c9e6679-7425-40de-944b-e07fc1f90ae7")
	for i, value := range first {
		assert.Empty(t, cmp.Diff(value, again[i]), "%T", value)
		for _, diff := range []string{cmp.Diff(value, others[i]), cmp.Diff(others[i], value)} {
			assert.NotEmpty(t, diff, "%T", value)
			assert.NotContains(t, diff, "contoso", "%T", value)
			assert.NotContains(t, diff, objectID[1:], "%T", value)
		}
	}
}
