package redact_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// rowsOf finds the rows of a set by their place.
func rowsOf(set *csvschematest.Set) map[place]*csvschematest.Row {
	rows := map[place]*csvschematest.Row{}
	for r := range set.Rows() {
		rows[placeOf(r)] = r
	}
	return rows
}

func TestWhatIsHandedOutNamesNobodyElseAndAllElseIsTheSame(t *testing.T) {
	t.Parallel()
	forEachSet(t, func(t *testing.T, set *csvschematest.Set) {
		rows := rowsOf(set)
		wantPlaces := make([]int64, len(set.People))
		handedOut := 0
		headers := map[place][]byte{}
		for _, f := range set.Files {
			headers[place{f.Role, f.Export, f.Number, 0}] = f.Header
		}
		report, err := redact.Records(t.Context(), set.Exports(), redactors(t, subjectsOf(t, set.People)), func(m redact.Match) error {
			handedOut++
			p := set.People[m.Subject]
			row := rows[place{m.Key.Role(), m.Export, m.File, int(m.Row)}]
			want, others, places := redactedCells(row, p, copyOwners(set, row, p))
			raw := m.Record.AppendTo(nil)
			assert.Equal(t, want, cellsOf(t, raw), "%s, %s", row.Trap, p.Name)
			if len(others) > 0 {
				csvschematest.AssertNoIdentifiers(t, raw, others...)
			}
			wantPlaces[m.Subject] += int64(places)
			assert.Len(t, m.Record.Hidden, places, "%s, %s", row.Trap, p.Name)
			header := headers[place{m.Key.Role(), m.Export, m.File, 0}]
			before := append(slices.Clone(header), row.Raw...)
			if row.Raw[len(row.Raw)-1] != '\n' {
				before = append(before, lineEnd(m.Record.Header())...)
			}
			csvschematest.AssertConserved(t, before, append(slices.Clone(header), raw...), func(int) bool { return places > 0 })
			for i := range want {
				assert.Equal(t, want[i], string(m.Record.Cell(i)))
			}
			return nil
		}, nil)
		require.NoError(t, err)
		assert.Greater(t, handedOut, 200)
		for i, hidden := range report.Hidden {
			assert.Equal(t, wantPlaces[i], hidden.Places(), set.People[i].Name)
		}
		assert.Positive(t, wantPlaces[0])
	})
}

func TestRecordsEmitsWhatFilterEmits(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(2, &csvschematest.Options{NoFinalLineEnd: true})
	subjects := subjectsOf(t, set.People)
	var want, got []redact.Match
	wantReport, err := dsr.Filter(t.Context(), set.Exports(), subjects, func(m dsr.Match) error {
		want = append(want, redact.Match{FileID: m.FileID, Subject: m.Subject, Row: m.Row, Rule: m.Rule, Key: m.Key})
		return nil
	}, nil)
	require.NoError(t, err)
	report, err := redact.Records(t.Context(), set.Exports(), redactors(t, subjects), func(m redact.Match) error {
		m.Record = redact.Record{}
		got = append(got, m)
		return nil
	}, nil)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Len(t, report.Hidden, len(subjects))
	assert.NotContains(t, report.Hidden, (*redact.Summary)(nil))
	assert.Equal(t, wantReport, report.Report)
}

func TestTypedRowsAreRedactedAsTheFilesAre(t *testing.T) {
	t.Parallel()
	for seed := range min(uint64(seeds), 3) {
		set := csvschematest.New(seed, &csvschematest.Options{ShuffledColumns: seed == 1})
		for i, s := range subjectsOf(t, set.People) {
			want := &dsr.Rows{}
			r := redactor(t, s, nil)
			report, err := redact.Records(t.Context(), []csvschema.Export{oneExport(set)}, []*redact.Redactor{r}, func(m redact.Match) error {
				text := append(slices.Clone(m.Record.Header().Raw()), m.Record.AppendTo(nil)...)
				if m.Key.Role() == csvschema.Disks {
					want.Disks = append(want.Disks, decodeOne[csvschema.DiskRow](t, text))
				} else {
					want.VirtualMachines = append(want.VirtualMachines, decodeOne[csvschema.VirtualMachineRow](t, text))
				}
				return nil
			}, nil)
			require.NoError(t, err)
			rows, err := dsr.FilterRows(t.Context(), []csvschema.Export{oneExport(set)}, s, nil)
			require.NoError(t, err)
			machines, disks := slices.Clone(rows.VirtualMachines), slices.Clone(rows.Disks)
			got, hidden, err := redact.Rows(r, rows)
			require.NoError(t, err)
			assert.Equal(t, want.VirtualMachines, got.VirtualMachines, set.People[i].Name)
			assert.Equal(t, want.Disks, got.Disks, set.People[i].Name)
			assert.Equal(t, rows.VirtualMachineRules, got.VirtualMachineRules)
			assert.Equal(t, rows.DiskRules, got.DiskRules)
			if seed == 1 { // the first place of a candidate depends on the order of the columns
				for _, s := range []*redact.Summary{report.Hidden[0], hidden} {
					for i := range s.Candidates {
						s.Candidates[i].Cell = redact.Cell{}
					}
				}
			}
			assert.Equal(t, report.Hidden[0], hidden)
			assert.Nil(t, got.VirtualMachineOwners, "they are other people")
			assert.Nil(t, got.DiskOwners)
			assert.Equal(t, machines, rows.VirtualMachines)
			assert.Equal(t, disks, rows.Disks)
			assert.Zero(t, r.Summary().Rows, "its summary is its own")
		}
	}
}

func decodeOne[T csvschema.Row](t *testing.T, text []byte) T {
	t.Helper()
	row, err := csvschema.NewReader[T](bytes.NewReader(text), nil).Read()
	require.NoError(t, err)
	return row
}

func TestRedactingTwiceIsRedactingOnce(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(7, &csvschematest.Options{ExtraColumns: true})
	subjects := subjectsOf(t, set.People)
	_, err := redact.Records(t.Context(), set.Exports(), redactors(t, subjects), func(m redact.Match) error {
		once := m.Record.AppendTo(nil)
		text := append(slices.Clone(m.Record.Header().Raw()), once...)
		again := redactor(t, subjects[m.Subject], nil).Record(readOne(t, m.Key.Role(), text))
		assert.Equal(t, string(once), string(again.AppendTo(nil)))
		assert.Empty(t, again.Hidden)
		return nil
	}, nil)
	require.NoError(t, err)
}

func TestCallsOfRecordsMayShareARedactor(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(4, &csvschematest.Options{Ordinary: -1})
	shared := redactors(t, subjectsOf(t, set.People))
	run := func() (*redact.Report, error) {
		return redact.Records(t.Context(), set.Exports(), shared, func(redact.Match) error { return nil }, nil)
	}
	want, err := run()
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got, err := run(); assert.NoError(t, err) {
				assert.Equal(t, want, got)
			}
		})
	}
	wg.Wait()
}

func TestRecordsEndsWithAnErrorOfEmitOrOfAFile(t *testing.T) {
	t.Parallel()
	s := subject(t, alice)
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte("LabUId,ResourceId,ResourceUId,ResourceOwner\nl,r,u," + alice + "\n"))}}}
	report, err := redact.Records(t.Context(), exports, redactors(t, []dsr.Subject{s}), func(redact.Match) error { return errTest }, nil)
	require.ErrorIs(t, err, errTest)
	assert.Nil(t, report)
	exports[0].VirtualMachines = append(exports[0].VirtualMachines, csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, errTest }})
	report, err = redact.Records(t.Context(), exports, redactors(t, []dsr.Subject{s}), func(redact.Match) error { return nil }, nil)
	require.ErrorIs(t, err, errTest)
	assert.Nil(t, report)
}

func TestTwoSubjectsOfOneRowDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	const vm = "/labs/l/virtualmachines/vm1"
	exports := []csvschema.Export{{
		VirtualMachines: []csvschema.Source{source([]byte("LabUId,ResourceId,ResourceUId,ResourceOwner\nl," + vm + ",u," + alice + "\n"))},
		Disks:           []csvschema.Source{source([]byte("LabUId,ResourceId,ResourceUId,LeasedByVmId\nl," + users + bobID + "/disks/d,v," + vm + "\n"))},
	}}
	got := map[int]string{}
	_, err := redact.Records(t.Context(), exports, redactors(t, []dsr.Subject{subject(t, alice), subject(t, bob, bobID)}), func(m redact.Match) error {
		if m.Key.Role() == csvschema.Disks {
			got[m.Subject] = string(m.Record.Value(csvschema.ResourceId))
			assert.Nil(t, m.Record.Value(csvschema.ResourceOwner))
			assert.Equal(t, vm, string(m.Record.Value(csvschema.LeasedByVmId)))
		}
		return nil
	}, nil)
	require.NoError(t, err)
	assert.Equal(t, map[int]string{0: users + "[hidden]/disks/d", 1: users + bobID + "/disks/d"}, got)
}
