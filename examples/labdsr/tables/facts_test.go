package tables_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

func TestContradictionsOfCopiesAreTold(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, time.May, n, 0, 0, 0, 0, time.UTC) }
	deleted := func(at string) cells { return cells{csvschema.DeletedDate: at, csvschema.ResourceStatus: "Inactive"} }
	for _, test := range []struct {
		name    string
		exports []csvschema.Export
		taken   int // number of the export
		want    []tables.ContradictionKind
	}{
		{"the same in both", []csvschema.Export{machines(t, day(1), cells{}), machines(t, day(2), cells{})}, 2, nil},
		{"deleted since", []csvschema.Export{machines(t, day(1), cells{}), machines(t, day(2), deleted("2026-05-01"))}, 2, nil},
		{"deleted since, and given first", []csvschema.Export{machines(t, day(2), deleted("2026-05-01")), machines(t, day(1), cells{})}, 1, nil},
		{"exists again", []csvschema.Export{machines(t, day(1), deleted("2026-05-01")), machines(t, day(2), cells{})}, 2, []tables.ContradictionKind{tables.ExistsAgain}},
		{"deleted twice", []csvschema.Export{machines(t, day(2), deleted("2026-05-01")), machines(t, day(1), deleted("2026-05-02"))}, 1, []tables.ContradictionKind{tables.DifferentDates}},
		{"created twice", []csvschema.Export{machines(t, day(1), cells{}), machines(t, day(2), cells{csvschema.CreatedTime: "2026-01-01"})}, 2, []tables.ContradictionKind{tables.DifferentCreation}},
		{"one instant in two spellings", []csvschema.Export{machines(t, day(1), cells{}), machines(t, day(2), cells{csvschema.CreatedTime: "2026-01-12T10:02:31Z"})}, 2, nil},
		{"two ResourceIds", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/a"}), machines(t, day(2), cells{csvschema.ResourceId: "/subscriptions/s/b"})}, 2, []tables.ContradictionKind{tables.DifferentIDs}},
		{"one ResourceId in two spellings", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/a"}), machines(t, day(2), cells{csvschema.ResourceId: "/Subscriptions/S/A/"})}, 2, nil},
		{"one that was anonymized", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/ann@contoso.com"}), machines(t, day(2), cells{csvschema.ResourceId: "/subscriptions/s/removed@anonymized.invalid"})}, 2, nil},
		{"one whose name was replaced", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/ann1"}), machines(t, day(2), cells{csvschema.ResourceId: "/subscriptions/s/t-0123456789abcdef0123456789abcdef"})}, 2, nil},
		{"of two people", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/ann@contoso.com"}), machines(t, day(2), cells{csvschema.ResourceId: "/subscriptions/s/bob@contoso.com"})}, 2, nil},
		{"no date tells", []csvschema.Export{machines(t, time.Time{}, cells{csvschema.PricingTier: "a"}), machines(t, day(2), cells{})}, 2, []tables.ContradictionKind{tables.DifferentCopies}},
		{"no date tells, but the deletion", []csvschema.Export{machines(t, day(1), deleted("2026-04-01")), machines(t, day(1), cells{})}, 1, []tables.ContradictionKind{tables.DifferentCopies}},
		{"in one file", []csvschema.Export{machines(t, day(1), cells{csvschema.PricingTier: "a"}, cells{})}, 1, []tables.ContradictionKind{tables.DifferentCopies}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := makeTables(t, test.exports, tables.Options{At: day(10), WithOwners: true})
			require.Len(t, m.rows[tables.Machines], 1)
			assert.EqualValues(t, 1, m.Machines.Copies())
			var kinds []tables.ContradictionKind
			for _, c := range m.Contradictions {
				kinds = append(kinds, c.Kind)
				assert.Equal(t, csvschema.MachineKey(lab, resource), c.Key)
				assert.Equal(t, test.taken, c.Taken.Export)
				assert.NotEqual(t, c.Taken, c.Other)
				assert.Positive(t, c.Taken.Line)
				assert.EqualValues(t, 1, m.Found[c.Kind])
			}
			assert.Equal(t, test.want, kinds)
			if made := test.exports[test.taken-1].Made; !made.IsZero() {
				assert.Equal(t, made.Format(time.RFC3339), m.rows[tables.Machines][0][tables.ExportedAt])
			}
		})
	}
}

// TestACopyWithoutADateIsHeldAgainstTheNewest has three copies: no date tells the first from the
// third, which is newer than the second.
func TestACopyWithoutADateIsHeldAgainstTheNewest(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, time.May, n, 0, 0, 0, 0, time.UTC) }
	for _, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		all := []csvschema.Export{
			machines(t, time.Time{}, cells{csvschema.DeletedDate: "2026-04-01", csvschema.PricingTier: "undated"}),
			machines(t, day(1), cells{csvschema.DeletedDate: "2026-05-01"}),
			machines(t, day(2), cells{}),
		}
		m := makeTables(t, []csvschema.Export{all[order[0]], all[order[1]], all[order[2]]}, tables.Options{At: day(10)})
		assert.Equal(t, []string{"undated"}, m.column(tables.Machines, "PricingTier"), order)
	}
}

// TestDisksOfOneKeyAreComparedByTheirNames has disks of two users: their key masks whose they are.
func TestDisksOfOneKeyAreComparedByTheirNames(t *testing.T) {
	t.Parallel()
	of := func(day int, id, name, blob string) csvschema.Export {
		var r csvschema.DiskRow
		set := csvschema.CellsOf(&r)
		all := cells{csvschema.LabUId: lab, csvschema.ResourceUId: resource, csvschema.ResourceId: id, csvschema.Name: name, csvschema.DiskBlobName: blob}
		for c, text := range all {
			require.NoError(t, set.SetCell(c, text))
		}
		made := time.Date(2026, time.May, day, 0, 0, 0, 0, time.UTC)
		return csvschema.Export{Disks: []csvschema.Source{csvschema.RowSource(csvschema.Rows([]csvschema.DiskRow{r}))}, Made: made}
	}
	const ann, bob, nobody = "of ann@contoso.com", "of bob@contoso.com", "of removed@anonymized.invalid"
	for _, test := range []struct {
		name   string
		second csvschema.Export
		want   int64
	}{
		{"the same", of(2, ann, ann, ann), 0},
		{"another ResourceId", of(2, bob, ann, ann), 1},
		{"another Name", of(2, ann, bob, ann), 1},
		{"another blob", of(2, ann, ann, bob), 1},
		{"a Name that was anonymized", of(2, ann, nobody, ann), 0},
		{"a ResourceId that was anonymized", of(2, nobody, ann, bob), 0},
	} {
		m := makeTables(t, []csvschema.Export{of(1, ann, ann, ann), test.second}, tables.Options{At: time.Date(2026, time.May, 3, 0, 0, 0, 0, time.UTC), WithOwners: true})
		assert.EqualValues(t, 1, m.Disks.Rows, test.name)
		assert.Equal(t, test.want, m.Found[tables.DifferentIDs], test.name)
	}
}
