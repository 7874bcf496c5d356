package anonymize_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// typed reads all rows of a file.
func typed[T csvschema.Row](t *testing.T, file []byte) []T {
	t.Helper()
	r := csvschema.NewReader[T](bytes.NewReader(file), &csvschema.ReaderOptions{AllowUnknownColumns: true})
	var rows []T
	for row, err := range r.All() {
		require.NoError(t, err)
		rows = append(rows, row)
	}
	return rows
}

// TestTypedRowsBecomeWhatFilesBecome anonymizes files, and the rows read from
// them: the documented columns must agree. Unknown columns are the only thing
// that may tell more about a row, so files here have none.
func TestTypedRowsBecomeWhatFilesBecome(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		set := csvschematest.New(seed, &csvschematest.Options{ShuffledColumns: seed%2 == 1})
		for _, f := range set.Files {
			out, want := copyOf(t, nil, set.Now, f.Role, f.Data)
			want.UnknownColumns = nil
			var stats anonymize.Stats
			var err error
			if f.Role == csvschema.Disks {
				rows := typed[csvschema.DiskRow](t, f.Data)
				stats, err = (*anonymize.Policy)(nil).Rows(set.Now, nil, rows)
				assert.Equal(t, typed[csvschema.DiskRow](t, out), rows)
			} else {
				rows := typed[csvschema.VirtualMachineRow](t, f.Data)
				stats, err = (*anonymize.Policy)(nil).Rows(set.Now, rows, nil)
				assert.Equal(t, typed[csvschema.VirtualMachineRow](t, out), rows)
			}
			require.NoError(t, err)
			assert.Equal(t, want, stats)
		}
	}
}

func TestRowsOfBothRolesAreCountedTogether(t *testing.T) {
	t.Parallel()
	deleted, err := csvschema.ParseDateTime("2/4/2017")
	require.NoError(t, err)
	machines := []csvschema.VirtualMachineRow{{DeletedDate: deleted, ResourceOwner: csvschema.NewPersonalText("zoe@contoso.com")}, {}}
	disks := []csvschema.DiskRow{{DeletedDate: deleted, Name: csvschema.NewPersonalText("disk of zoe@contoso.com")}}
	stats, err := (&anonymize.Policy{}).Rows(later, machines, disks)
	require.NoError(t, err)
	assert.Equal(t, anonymize.Stats{Rows: 3, Due: 2, NotDeleted: 1, Changed: 2, Owners: 1, Addresses: 1}, stats)
	assert.Equal(t, identity.ReplacementAddress, machines[0].ResourceOwner.Reveal())
	assert.Equal(t, "disk of "+identity.ReplacementAddress, disks[0].Name.Reveal())
}

func TestDueIsElapsedTime(t *testing.T) {
	t.Parallel()
	deleted := time.Date(2024, 1, 31, 12, 0, 0, 0, time.UTC)
	for _, p := range []*anonymize.Policy{nil, {}, {Retention: anonymize.DefaultRetention}} {
		assert.Equal(t, time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC), p.DueAt(deleted))
		assert.True(t, p.Due(deleted, deleted.Add(720*time.Hour)))
		assert.False(t, p.Due(deleted, deleted.Add(720*time.Hour-1)))
	}
}
