package dsr_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

func TestTheScopeSaysWhatWasRead(t *testing.T) {
	t.Parallel()
	exports := build(
		t,
		export{
			[]machine{
				{id: vm1, uid: uid1, owner: alice, created: day2, deleted: day4},
				{lab: twoLab, id: vm2, created: "soon"},
				{id: vm2, created: null},
			},
			[]disk{{lease: vm1, created: day1}, {lab: "{1AB00000-0000-4000-8000-000000000003}", lease: vm2, deleted: "never"}, {lab: "-"}},
		},
		export{machines: []machine{{lab: twoLab, id: vm2, deleted: "6/1/2019"}}},
		export{},
	)
	exports = append(exports, csvschema.Export{VirtualMachines: sources(
		"Notes,ResourceOwner,LabUId,CostCenter,ResourceUId,ResourceId\n",
		"Notes,ResourceOwner,LabUId,CostCenter,ResourceUId,ResourceId\n1,2,3,4,5,6\n",
	)}, csvschema.Export{})
	report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, &dsr.Options{Zone: fiveBehind})
	require.NoError(t, err)
	scope := report.Scope
	assert.Equal(t, 5, scope.Exports)
	assert.Equal(t, int64(5), scope.VirtualMachines)
	assert.Equal(t, int64(3), scope.Disks)
	assert.Equal(t, []dsr.Lab{
		{LabUId: "", Disks: 1},
		{LabUId: oneLab, VirtualMachines: 2, Disks: 2},
		{LabUId: twoLab, VirtualMachines: 2, WithoutDisksFile: true},
		{LabUId: "3", VirtualMachines: 1, WithoutDisksFile: true},
	}, []dsr.Lab{scope.Labs[0], scope.Labs[1], scope.Labs[2], scope.Labs[3]})
	assert.Len(t, scope.Labs, 4)
	assert.Equal(t, time.Date(2019, 6, 1, 0, 0, 0, 0, fiveBehind), scope.First)
	assert.Equal(t, time.Date(2020, 1, 4, 0, 0, 0, 0, fiveBehind), scope.Last)

	type file struct {
		export, file     int
		role             csvschema.Role
		rows, unreadable int64
		unknown          []int
	}
	var files []file
	for _, f := range scope.Files {
		files = append(files, file{f.Export, f.File, f.Role, f.Rows, f.UnreadableDates, f.UnknownColumns})
	}
	assert.Equal(t, []file{
		{1, 1, csvschema.VirtualMachines, 3, 1, nil},
		{1, 1, csvschema.Disks, 3, 1, nil},
		{2, 1, csvschema.VirtualMachines, 1, 0, nil},
		{3, 1, csvschema.VirtualMachines, 0, 0, nil},
		{4, 1, csvschema.VirtualMachines, 0, 0, []int{1, 4}},
		{4, 2, csvschema.VirtualMachines, 1, 0, []int{1, 4}},
	}, files)
	assert.Contains(t, scope.Files[4].MissingColumns, csvschema.EnvironmentId)
	assert.NotContains(t, scope.Files[0].MissingColumns, csvschema.EnvironmentId)
	assert.Contains(t, scope.Files[1].MissingColumns, csvschema.DiskBlobName)
}

func TestNoDataHeldIsSaidOnlyWhereNothingWaitsForADecision(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		machine         machine
		disk            disk
		wantNone, wants bool
	}{
		{"nothing", machine{id: vm1, owner: bob}, disk{lease: vm1}, true, false},
		{"a dangling disk of whoever", machine{id: vm1, owner: bob}, disk{lease: vm2}, true, false},
		{"a machine", machine{id: vm1, owner: alice}, disk{}, false, false},
		{"a disk", machine{id: vm1, owner: bob}, disk{id: users + aliceID}, false, false},
		{"a near match", machine{id: vm1, owner: "alice@fabrikam.onmicrosoft.com"}, disk{}, false, true},
		{"an alias", machine{id: vm1, owner: bob, env: users + aliceID}, disk{}, false, true},
		{"an undetermined disk, though the machine is theirs", machine{id: vm1, owner: alice, created: day3}, disk{lease: vm1, deleted: day1}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			exports := build(t, export{[]machine{c.machine}, []disk{c.disk}})
			_, report := run(t, exports, []dsr.Subject{subject(t, "else@example.com"), subject(t, alice, aliceID)}, nil)
			assert.True(t, report.NoDataHeld(0))
			assert.Equal(t, c.wantNone, report.NoDataHeld(1))
			assert.Equal(t, c.wants, report.NeedsDecision(1))
		})
	}
}

func TestDanglingDisksAreAllCountedAndListedUpToALimit(t *testing.T) {
	t.Parallel()
	disks := make([]disk, 10_050)
	for i := range disks {
		disks[i].lease = vm2
	}
	exports := build(t, export{[]machine{{id: vm1, owner: alice}}, disks})
	for _, c := range []struct{ limit, want int }{{0, 10_000}, {-1, 0}, {3, 3}, {1 << 20, 10_050}} {
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, &dsr.Options{MaxDangling: c.limit})
		require.NoError(t, err)
		assert.Equal(t, int64(10_050), report.Dangling)
		assert.Equal(t, int64(10_050), report.Subjects[0].Disks.Dangling)
		assert.Equal(t, int64(c.want), report.DanglingListed)
		assert.Len(t, report.Findings, c.want)
	}
}

func TestAFindingSaysWhichRowItIs(t *testing.T) {
	t.Parallel()
	exports := build(
		t,
		export{machines: []machine{{uid: "a"}}},
		export{
			[]machine{{uid: "b"}, {uid: uid1, owner: "alice@fabrikam.onmicrosoft.com"}},
			[]disk{{lease: "x\ny"}, {uid: "d", lease: vm2}},
		},
	)
	report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, bob), subject(t, alice)}, ignore, nil)
	require.NoError(t, err)
	var got []string
	for _, f := range report.Findings {
		got = append(got, fmt.Sprint(f.Kind, " ", f.Subject, " ", f.Key, " ", f.Export, f.File, f.Role, f.Row, f.Line))
	}
	assert.Equal(t, []string{
		"nearly an identifier of the person 1 virtualmachines " + oneLab + "/" + uid1 + " 2 1 virtualmachines 2 3",
		"virtual machine not in the exports -1 disks " + oneLab + "/ 2 1 disks 1 2",
		"virtual machine not in the exports -1 disks " + oneLab + "/d 2 1 disks 2 4",
	}, got)
}
