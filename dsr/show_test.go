package dsr_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// shownRows returns what Show emits, as "finding: file row", or "finding: against file row".
func shownRows(t *testing.T, exports []csvschema.Export, findings []dsr.Finding, o *dsr.Options) (all []string) {
	t.Helper()
	require.NoError(t, dsr.Show(t.Context(), exports, findings, func(s dsr.Shown) error {
		against := ""
		if s.Competes {
			against = "against "
		}
		all = append(all, fmt.Sprintf("%d: %s%v %d.%d.%d", s.Finding, against, s.Role, s.Export, s.File, s.Row))
		assert.Equal(t, s.Key, s.Record.Key())
		assert.Equal(t, s.Line, s.Record.Line())
		return nil
	}, o))
	return all
}

func TestTheRowsOfAFindingAndThoseThatCompeteAreShown(t *testing.T) {
	t.Parallel()
	strangers := []machine{{id: vm2, uid: uid2, owner: bob}, {lab: twoLab, id: vm1, compute: comp1, uid: uid1, owner: bob}}
	for _, c := range []struct {
		name    string
		exports []export
		want    []string
	}{
		{"a lease", []export{
			{append(strangers, machine{id: vm1, uid: uid1, owner: alice}, machine{id: vm1, compute: vm1, uid: "00000000-0000-4000-8000-00000000000f", owner: bob}), []disk{{lease: vm2}, {lease: vm1}}},
			{[]machine{{compute: vm1, owner: bob}}, nil},
		}, []string{
			"0: disks 1.1.2",
			"0: against virtualmachines 1.1.3", "0: against virtualmachines 1.1.4", "0: against virtualmachines 2.1.1",
		}},
		{"a ResourceUId with another ResourceId", []export{
			{append(strangers, machine{id: vm1, uid: uid1, owner: alice}, machine{id: vm2, uid: uid1, owner: alice}), []disk{{uid: uid1}}},
		}, []string{"0: disks 1.1.1", "0: against virtualmachines 1.1.3", "0: against virtualmachines 1.1.4"}},
		{"another owner", []export{
			{append(strangers, machine{id: vm1, uid: uid1, owner: alice}), nil},
			{[]machine{{id: vm1, uid: uid1, owner: bob}}, nil},
		}, []string{"0: against virtualmachines 1.1.3", "0: virtualmachines 2.1.1"}},
		{"near", []export{
			{append(strangers, machine{id: vm1, uid: uid1, owner: "live.com#" + alice}), nil},
		}, []string{"0: virtualmachines 1.1.3"}},
		{"dangling", []export{
			{strangers, []disk{{lease: vm1}, {lease: vm1}}},
		}, []string{"0: disks 1.1.1", "1: disks 1.1.2"}},
	} {
		exports := build(t, c.exports...)
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, nil)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, shownRows(t, exports, report.Findings, nil), c.name)
		assert.Empty(t, shownRows(t, exports, nil, nil), c.name)
	}
}

// Each finding of generated exports has its row, and each undetermined disk a competitor.
func TestEveryFindingIsShown(t *testing.T) {
	t.Parallel()
	forEachSet(t, func(t *testing.T, set *csvschematest.Set) {
		report, err := dsr.Filter(t.Context(), set.Exports(), subjectsOf(t, set.People), ignore, nil)
		require.NoError(t, err)
		own, against := map[int]int{}, map[int]int{}
		want := map[place]*csvschematest.Row{}
		for r := range set.Rows() {
			want[placeOf(r)] = r
		}
		require.NoError(t, dsr.Show(t.Context(), set.Exports(), report.Findings, func(s dsr.Shown) error {
			f := report.Findings[s.Finding]
			require.Equal(t, string(want[place{s.Role, s.Export, s.File, int(s.Row)}].Raw), string(s.Record.Raw()))
			if s.Competes {
				against[s.Finding]++
				assert.Equal(t, csvschema.VirtualMachines, s.Role)
				return nil
			}
			own[s.Finding]++
			assert.Equal(t, f.FileID, s.FileID)
			assert.Equal(t, f.Line, s.Line)
			return nil
		}, nil))
		assert.Len(t, own, len(report.Findings))
		for i, f := range report.Findings {
			assert.Equal(t, 1, own[i])
			if f.Kind == dsr.Undetermined {
				assert.Positive(t, against[i])
			}
		}
		assert.Equal(t, shownRows(t, set.Exports(), report.Findings, &dsr.Options{Workers: 1}), shownRows(t, set.Exports(), report.Findings, nil))
	})
}

func TestFindingsOfOtherExportsAreNotShown(t *testing.T) {
	t.Parallel()
	exports := build(t, export{[]machine{{id: vm1, uid: uid1, owner: "live.com#" + alice}, {id: vm2, uid: uid2, owner: bob}}, nil})
	report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, nil)
	require.NoError(t, err)
	finding := report.Findings[0]
	for name, change := range map[string]func(f *dsr.Finding){
		"another row":  func(f *dsr.Finding) { f.Row = 2 },
		"no such row":  func(f *dsr.Finding) { f.Row = 3 },
		"no row":       func(f *dsr.Finding) { f.Row = 0 },
		"another file": func(f *dsr.Finding) { f.File = 2 },
	} {
		changed := finding
		change(&changed)
		err := dsr.Show(t.Context(), exports, []dsr.Finding{changed}, func(dsr.Shown) error { return nil }, nil)
		require.ErrorIs(t, err, csvschema.ErrSourceChanged, name)
		csvschematest.AssertNoLeak(t, err, alice)
	}
	// The key of a row does not say which of its copies it is, nor whose it was then.
	for name, machines := range map[string][]machine{
		"another owner":    {{id: vm1, uid: uid1, owner: "live.com#" + bob}, {id: vm2, uid: uid2, owner: bob}},
		"a copy before it": {{id: vm1, uid: uid1, owner: bob}, {id: vm1, uid: uid1, owner: "live.com#" + alice}},
	} {
		err := dsr.Show(t.Context(), build(t, export{machines, nil}), report.Findings, func(dsr.Shown) error {
			assert.Fail(t, "shown", name)
			return nil
		}, nil)
		require.ErrorIs(t, err, csvschema.ErrSourceChanged, name)
	}
	errStop := errors.New("stop")
	err = dsr.Show(t.Context(), exports, report.Findings, func(dsr.Shown) error { return errStop }, nil)
	require.ErrorIs(t, err, errStop)
	require.ErrorIs(t, dsr.Show(t.Context(), nil, report.Findings, func(dsr.Shown) error { return nil }, nil), csvschema.ErrNoFiles)
}

// Many rows of one machine, each a finding, are shown in proportion to their number.
func TestManyRowsOfOneMachineCompeteWithAFew(t *testing.T) {
	t.Parallel()
	const rows = 3000
	var machines []machine
	disks := make([]disk, rows)
	for i := range rows {
		machines = append(machines, machine{id: vm1, uid: uid1, owner: []string{alice, bob}[i%2]})
		disks[i] = disk{lease: vm1}
	}
	exports := build(t, export{machines, disks})
	report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, nil)
	require.NoError(t, err)
	require.Greater(t, len(report.Findings), rows)
	own, against := map[int]int{}, map[int]int{}
	require.NoError(t, dsr.Show(t.Context(), exports, report.Findings, func(s dsr.Shown) error {
		if s.Competes {
			against[s.Finding]++
		} else {
			own[s.Finding]++
		}
		return nil
	}, nil))
	assert.Len(t, own, len(report.Findings))
	assert.Len(t, against, len(report.Findings))
	for _, n := range against {
		require.LessOrEqual(t, n, 100)
	}
}
