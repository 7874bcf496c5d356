package dsr_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
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

func TestADiskThatIsOrNearlyIsEverySubjectsDoesNotDangle(t *testing.T) {
	t.Parallel()
	exports := build(t, export{[]machine{{id: vm1}}, []disk{{lease: vm2, id: users + "SMTP:" + alice + "/users/" + bob}}})
	for _, c := range []struct {
		texts []string
		want  int64
	}{{[]string{alice}, 0}, {[]string{bob}, 0}, {[]string{alice, bob}, 0}, {[]string{alice, aliceID}, 1}, {[]string{aliceID}, 1}} {
		var subjects []dsr.Subject
		for _, text := range c.texts {
			subjects = append(subjects, subject(t, text))
		}
		_, report := run(t, exports, subjects, nil)
		assert.Equal(t, c.want, report.Dangling)
		assert.Equal(t, c.want, report.DanglingListed)
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
	assert.Equal(t, "virtualmachines file 1 of export 2, line 3: nearly an identifier of the person", report.Findings[0].String())
}

// TestIDsOfOtherThingsAreTold gives the IDs of a lab, a resource and a subscription as
// object IDs, in several spellings and chunks.
func TestIDsOfOtherThingsAreTold(t *testing.T) {
	t.Parallel()
	const (
		lab, machine, disk, subscription = "{1AB00000-0000-4000-8000-00000000000A}", "0B3C0000-0000-4000-8000-000000000001", "0b3c0000-0000-4000-8000-000000000002", "AB300000000040008000000000000001"
		plain                            = ",ann@example.com,\n"
	)
	var machines, disks strings.Builder
	machines.WriteString("LabUId,ResourceUId,ResourceId,SubscriptionId,ResourceOwner,Notes\n")
	disks.WriteString("LabUId,ResourceUId,ResourceId,SubscriptionId,LeasedByVmId\n")
	for i := range 10_000 {
		fmt.Fprintf(&machines, "%s,00000000-0000-4000-8000-%012d,/m/%d,%s%s", oneLab, i, i, twoLab, plain)
		fmt.Fprintf(&disks, "%s,00000000-0000-4000-8000-%012d,/m/%d,%s,\n", oneLab, i, i, twoLab)
	}
	machines.WriteString(lab + "," + machine + ",/m/x," + twoLab + plain)
	disks.WriteString(oneLab + "," + disk + ",/m/x," + subscription + ",\n")
	exports := []csvschema.Export{{VirtualMachines: sources(machines.String()), Disks: sources(disks.String())}}
	verbatim, err := identity.Verbatim(machine)
	require.NoError(t, err)
	owner, err := dsr.NewSubject(verbatim)
	require.NoError(t, err)
	var subjects []dsr.Subject
	var want [][]csvschema.Column
	for _, test := range []struct {
		want    []csvschema.Column
		subject dsr.Subject
	}{
		{nil, subject(t, alice)},
		{nil, subject(t, aliceID)},
		{nil, owner},
		{[]csvschema.Column{csvschema.LabUId}, subject(t, "1ab0000000004000800000000000000a", alice)},
		{[]csvschema.Column{csvschema.ResourceUId}, subject(t, "0b3c0000-0000-4000-8000-000000000001")},
		{[]csvschema.Column{csvschema.ResourceUId}, subject(t, "{0B3C0000-0000-4000-8000-000000000002}")},
		{[]csvschema.Column{csvschema.ResourceUId}, subject(t, "00000000-0000-4000-8000-000000000007")},
		{[]csvschema.Column{csvschema.SubscriptionId}, subject(t, "ab300000-0000-4000-8000-000000000001", aliceID)},
		{[]csvschema.Column{csvschema.LabUId, csvschema.ResourceUId, csvschema.SubscriptionId}, subject(t, oneLab, machine, twoLab)},
	} {
		subjects, want = append(subjects, test.subject), append(want, test.want)
	}
	for _, workers := range []int{1, 4} {
		report, err := dsr.Filter(t.Context(), exports, subjects, ignore, &dsr.Options{Workers: workers})
		require.NoError(t, err)
		for i := range subjects {
			slices.Sort(want[i])
			assert.Equal(t, want[i], report.Subjects[i].NotAPerson, "subject %d", i)
		}
	}
}

// TestAllCountsHaveTheNamesOfTheirFields compares them with the fields, in order.
func TestAllCountsHaveTheNamesOfTheirFields(t *testing.T) {
	t.Parallel()
	var counts dsr.Counts
	v := reflect.ValueOf(&counts).Elem()
	var want []string
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Int64 {
			f.SetInt(int64(i + 1))
			name := v.Type().Field(i).Name
			want = append(want, fmt.Sprint(strings.ToLower(name[:1])+name[1:], i+1))
		}
	}
	var got []string
	for name, n := range counts.All() {
		got = append(got, fmt.Sprint(name, n))
	}
	assert.Equal(t, want, got)
	for range counts.All() {
		break
	}
}
