package anonymize_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestCopiesOfWhichDifferentThingsBecomeHaveAnswersOfTheirOwn has two copies of a
// machine, one of which is wholly somebody's who asked for erasure. The identifier
// of another request is in both, and goes from one only.
func TestCopiesOfWhichDifferentThingsBecomeHaveAnswersOfTheirOwn(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 2, 10, 0, 0, 0, 0, time.UTC)
	bobs := map[csvschema.Column]string{csvschema.Name: "of bob@contoso.com"}
	zoes, anns := []byte(vm("2/4/2017", "zoe@contoso.com", bobs)), []byte(vm("2/4/2017", "ann@contoso.com", bobs))
	policy := &anonymize.Policy{Requests: []anonymize.Request{
		{Kind: anonymize.Erase, Identifier: identifier(t, "zoe@contoso.com"), At: now, Existing: true},
		{Kind: anonymize.Removed, Identifier: identifier(t, "bob@contoso.com"), At: now},
	}}
	plan, after := planOf(t, policy, now, exportOf(csvschema.VirtualMachines, zoes), exportOf(csvschema.VirtualMachines, anns))
	assert.Equal(t, "of "+identity.ReplacementAddress, cellOf(t, csvschema.VirtualMachines, textOf(t, after[0].VirtualMachines[0]), csvschema.Name))
	assert.Equal(t, string(anns), string(textOf(t, after[1].VirtualMachines[0])))
	key := csvschema.VirtualMachineRow{LabUId: "86545712-AADF-4172-BBA2-5C738050417E", ResourceUId: "0dd2f8ae-8267-47c5-8cda-484792e203ee"}.Key()
	due := time.Date(2017, 2, 4, 0, 0, 0, 0, time.UTC).Add(anonymize.DefaultRetention)
	assert.Equal(t, []anonymize.Answer{
		{Key: key, Keeping: fate.Keeping{Fate: fate.GoesNow}, Rows: 1},
		{Key: key, Keeping: fate.Keeping{Fate: fate.GoesLater, At: due}, Rows: 1},
	}, plan.Report().Requests[1].Answers)
}

// TestStaleInAnExportOfUnknownAgeHasNoInstant has a resource in an export of today,
// and one of which nobody knows when it was made: nobody knows which is the newest.
func TestStaleInAnExportOfUnknownAgeHasNoInstant(t *testing.T) {
	t.Parallel()
	file := func(status string) []byte {
		return []byte(vm("", "zoe@contoso.com", map[csvschema.Column]string{csvschema.ResourceStatus: status}))
	}
	for _, made := range []time.Time{later, later.AddDate(-1, 0, 0)} {
		known, unknown := exportOf(csvschema.VirtualMachines, file("Active")), exportOf(csvschema.VirtualMachines, file("Inactive"))
		known.Made = made
		plan, _ := planOf(t, &anonymize.Policy{DeleteStale: true}, later, known, unknown)
		assert.Equal(t, anonymize.Stale, plan.Report().Findings[0].Kind)
		assert.Zero(t, plan.Report().Findings[0].Made)
		assert.Zero(t, plan.Report().Total.Due)
	}
}

// TestHoldsAndDecisionsThatMetNoRowAreTold has a hold, and a decision, of a resource that no
// export has, as a mistyped one is.
func TestHoldsAndDecisionsThatMetNoRowAreTold(t *testing.T) {
	t.Parallel()
	const lab, there, nowhere = "86545712-aadf-4172-bba2-5c738050417e", "0dd2f8ae-8267-47c5-8cda-484792e203ee", "0dd2f8ae-8267-47c5-8cda-484792e203ef"
	key := func(uid string) csvschema.Key {
		return csvschema.VirtualMachineRow{LabUId: lab, ResourceUId: uid}.Key()
	}
	disk := csvschema.DiskRow{LabUId: lab, ResourceUId: there}.Key() // only a machine has these IDs
	other, file := []byte(vm("2/4/2017", "ann@contoso.com", map[csvschema.Column]string{csvschema.ResourceUId: "1dd2f8ae-8267-47c5-8cda-484792e203ee"})), []byte(vm("2/4/2017", "zoe@contoso.com", nil))
	for _, test := range []struct {
		name             string
		policy           anonymize.Policy
		holds, decisions []int
	}{
		{"all are met", anonymize.Policy{Holds: []anonymize.Hold{{Key: key(there)}, {Key: key(there), Until: later.Add(1)}}}, nil, nil},
		{"mistyped hold", anonymize.Policy{Holds: []anonymize.Hold{{Key: key(there)}, {Key: key(nowhere), Until: later.Add(1)}, {Key: disk}}}, []int{1, 2}, nil},
		{"hold that has ended", anonymize.Policy{Holds: []anonymize.Hold{{Key: key(nowhere), Until: later}}}, nil, nil},
		{"decision", anonymize.Policy{Decisions: []anonymize.Decision{{Key: key(nowhere), Deleted: later}, {Key: key(there)}, {Key: disk}}}, nil, []int{0, 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan, _ := planOf(t, &test.policy, later, exportOf(csvschema.VirtualMachines, other), exportOf(csvschema.VirtualMachines, file))
			report := plan.Report()
			assert.Equal(t, test.holds, report.UnmetHolds)
			assert.Equal(t, test.decisions, report.UnmetDecisions)
			for _, i := range report.UnmetHolds {
				assert.Zero(t, plan.Keeping(test.policy.Holds[i].Key), "it is no resource that is held")
			}
			for _, i := range report.UnmetDecisions {
				assert.Zero(t, plan.Keeping(test.policy.Decisions[i].Key))
			}
			assert.NotZero(t, plan.Keeping(key(there)))
		})
	}
}

// TestRowsOfNoResourceAreListed has rows whose keys identify nothing, one of which is due.
func TestRowsOfNoResourceAreListed(t *testing.T) {
	t.Parallel()
	var file string
	for i, cells := range []map[csvschema.Column]string{
		{csvschema.ResourceUId: "NULL"}, {csvschema.ResourceUId: nilUID}, {csvschema.LabUId: "####"}, {csvschema.ResourceUId: "1.23E+31", csvschema.DeletedDate: ""}, nil,
	} {
		head, row, _ := strings.Cut(vm("2/4/2017", "zoe@contoso.com", cells), "\n")
		if i == 0 {
			file = head + "\n"
		}
		file += row
	}
	const rows = 4
	for most, listed := range map[int]int{0: rows, 2: 2, -1: 0} {
		plan, _ := planOf(t, &anonymize.Policy{MaxFindings: most}, later, exportOf(csvschema.VirtualMachines, []byte(file)))
		report := plan.Report()
		assert.Equal(t, map[anonymize.FindingKind]int64{anonymize.NoResource: rows}, report.Rows)
		assert.Len(t, report.Findings, listed)
		for i, f := range report.Findings {
			assert.Equal(t, int64(i+2), f.Line)
			assert.Equal(t, int64(1), f.Rows)
		}
		assert.Equal(t, int64(rows), report.Total.Due, "each goes by its own date")
	}
}
