package dsr_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// decode reads all files of a role as typed rows.
func decode[T csvschema.Row](t *testing.T, set *csvschematest.Set, role csvschema.Role) []T {
	t.Helper()
	var rows []T
	for _, f := range set.Files {
		if f.Role != role {
			continue
		}
		r, err := f.Source().Open(context.Background())
		require.NoError(t, err)
		for row, err := range csvschema.NewReader[T](r, &csvschema.ReaderOptions{AllowUnknownColumns: true}).All() {
			require.NoError(t, err)
			rows = append(rows, row)
		}
	}
	return rows
}

// oneExport makes all files of a set those of one export.
func oneExport(set *csvschematest.Set) csvschema.Export {
	var one csvschema.Export
	for _, e := range set.Exports() {
		one.VirtualMachines = append(one.VirtualMachines, e.VirtualMachines...)
		one.Disks = append(one.Disks, e.Disks...)
	}
	return one
}

func TestTypedRowsGetTheAnswerOfTheFiles(t *testing.T) {
	t.Parallel()
	for seed := range min(uint64(seeds), 2) {
		set := csvschematest.New(seed, &csvschematest.Options{ExtraColumns: seed%2 == 1})
		machines := decode[csvschema.VirtualMachineRow](t, set, csvschema.VirtualMachines)
		disks := decode[csvschema.DiskRow](t, set, csvschema.Disks)
		for _, s := range subjectsOf(t, set.People) {
			want, err := dsr.FilterRows(t.Context(), []csvschema.Export{oneExport(set)}, s, nil)
			require.NoError(t, err)
			got, err := dsr.FilterRows(t.Context(), rowExports(machines, disks), s, nil)
			require.NoError(t, err)
			assert.Equal(t, want.VirtualMachines, got.VirtualMachines)
			assert.Equal(t, want.Disks, got.Disks)
			assert.Equal(t, want.VirtualMachineRules, got.VirtualMachineRules)
			assert.Equal(t, want.DiskRules, got.DiskRules)
			assert.Equal(t, want.Report.Subjects, got.Report.Subjects)
			assert.Equal(t, want.Report.Dangling, got.Report.Dangling)
			assert.Equal(t, want.Report.Scope.Labs, got.Report.Scope.Labs)
			assert.Equal(t, want.Report.Scope.First, got.Report.Scope.First)
			assert.Equal(t, want.Report.Scope.Last, got.Report.Scope.Last)
			findings := func(r *dsr.Report) (all []dsr.Finding) {
				for _, f := range r.Findings {
					f.Row, f.Line, f.File = 0, 0, 0 // all rows are of one file
					all = append(all, f)
				}
				return all
			}
			assert.Equal(t, findings(want.Report), findings(got.Report))
			assert.Len(t, got.VirtualMachineRules, len(got.VirtualMachines))
			assert.Equal(t, int64(len(got.Disks)), got.Report.Subjects[0].Disks.Theirs())
		}
	}
}

func TestFilterRowsReturnsWhatFilterEmits(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(5, nil)
	for _, s := range subjectsOf(t, set.People) {
		rows, err := dsr.FilterRows(t.Context(), set.Exports(), s, nil)
		require.NoError(t, err)
		var machines, disks []csvschema.Key
		report, err := dsr.Filter(t.Context(), set.Exports(), []dsr.Subject{s}, func(m dsr.Match) error {
			if m.Key.Role() == csvschema.Disks {
				disks = append(disks, m.Key)
			} else {
				machines = append(machines, m.Key)
			}
			return nil
		}, nil)
		require.NoError(t, err)
		assert.Equal(t, report, rows.Report)
		var gotMachines, gotDisks []csvschema.Key
		for _, row := range rows.VirtualMachines {
			gotMachines = append(gotMachines, row.Key())
		}
		for _, row := range rows.Disks {
			gotDisks = append(gotDisks, row.Key())
		}
		assert.Equal(t, machines, gotMachines)
		assert.Equal(t, disks, gotDisks)
	}
}

func TestFilterRowsRefusesARowThatItCannotReturnAsItIs(t *testing.T) {
	t.Parallel()
	// All documented columns are there, so only the date can be at fault.
	set := csvschematest.New(1, &csvschematest.Options{UnreadableDates: true})
	alice := subjectsOf(t, []csvschematest.Person{set.Person("alice")})[0]
	rows, err := dsr.FilterRows(t.Context(), set.Exports(), alice, nil)
	require.ErrorIs(t, err, csvschema.ErrValue)
	assert.Nil(t, rows)
	var e *csvschema.Error
	require.ErrorAs(t, err, &e)
	assert.Positive(t, e.Export)
	assert.Positive(t, e.File)
	assert.Positive(t, e.Line)
	assert.NotZero(t, e.Column)
	assert.Equal(t, 1, strings.Count(err.Error(), "labdsr:"), "%v", err)
}

func TestFilterRowsDoesNotChangeTheRowsAndKnowsNilFromEmpty(t *testing.T) {
	t.Parallel()
	machines := make([]csvschema.VirtualMachineRow, 600)
	for i := range machines {
		machines[i].LabUId = "l"
		machines[i].ResourceOwner = csvschema.NewPersonalText([]string{alice, bob, "Alice@example.com"}[i%3])
	}
	before := slices.Clone(machines)
	rows, err := dsr.FilterRows(t.Context(), rowExports(machines, nil), subject(t, alice), nil)
	require.NoError(t, err)
	assert.Equal(t, before, machines)
	assert.Len(t, rows.VirtualMachines, 400)
	assert.Equal(t, "Alice@example.com", rows.VirtualMachines[1].ResourceOwner.Reveal(), "as it is")
	assert.True(t, rows.Report.Scope.Labs[0].WithoutDisksFile)
	assert.Equal(t, 1, rows.Report.Scope.Exports)

	rows, err = dsr.FilterRows(t.Context(), rowExports(machines, []csvschema.DiskRow{}), subject(t, alice), nil)
	require.NoError(t, err)
	assert.False(t, rows.Report.Scope.Labs[0].WithoutDisksFile)
}

func TestRowsOfAFileMayEndWithoutALineEnd(t *testing.T) {
	t.Parallel()
	m, _ := linked(t)
	m = m[:len(m)-1] // bob's row is the last
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) {
		return source([]byte(m)).Open(context.Background())
	}}}}}
	n := 0
	_, err := dsr.Filter(context.Background(), exports, []dsr.Subject{subject(t, bob)}, func(match dsr.Match) error {
		n++
		assert.NotEqual(t, byte('\n'), match.Record.Raw()[len(match.Record.Raw())-1])
		return nil
	}, nil)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
}

// Rows belong to their export, as files do: a lease finds the machines of its own
// export first.
func TestRowsOfSeveralExportsAreKeptApart(t *testing.T) {
	t.Parallel()
	machine := func(owner string) []csvschema.VirtualMachineRow {
		return []csvschema.VirtualMachineRow{{LabUId: "l", ResourceId: csvschema.NewPersonalText(vm1), ResourceOwner: csvschema.NewPersonalText(owner)}}
	}
	disks := []csvschema.DiskRow{{LabUId: "l", LeasedByVmId: csvschema.NewPersonalText(vm1)}}
	exports := append(rowExports(machine(alice), disks), rowExports(machine(bob), disks)...)
	rows, err := dsr.FilterRows(t.Context(), exports, subject(t, alice), nil)
	require.NoError(t, err)
	assert.Len(t, rows.Disks, 1)
	assert.False(t, rows.Report.NeedsDecision(0))
}
