package anonymize_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// idPairs are the ResourceIds of two rows with one key, and whether they are those of two
// machines.
var idPairs = []struct {
	one, other string
	differ     bool
}{
	{"/labs/l/virtualmachines/a", "/labs/l/virtualmachines/b", true},
	{"/labs/l/virtualmachines/a", "/labs/k/virtualmachines/a", true},
	{"/labs/l/virtualmachines/a", "/labs/l/virtualmachines/a1", true},
	{"/labs/l/virtualmachines/a", "/labs/l/virtualmachines/a/b", true},
	{"/labs/l/virtualmachines/a", "/labs/l/users/" + objectID + "/virtualmachines/a", true},
	{"/labs/l/virtualmachines/a", "https://management.azure.com/labs/l/virtualmachines/b", true},
	{"/labs/l/virtualmachines/a%20b", "/labs/l/virtualmachines/a%20c", true},
	{"/labs/l/virtualmachines/straße", "/labs/l/virtualmachines/strasse", true},
	{"/labs/l/virtualmachines/a", "/labs/l/virtualmachines/t-1", true},
	{"/labs/l/virtualmachines/a", "/labs/l/virtualmachines/zoe@contoso.com", true},
	{"/labs/l/virtualmachines/a", "zoe@contoso.com(none)", true},
	{"/labs/l/virtualmachines/a", "/labs/l/users/x/virtualmachines/616e6f6e-796d-8", true},
	{"/labs/l/virtualmachines/a", "/labs/l/virtualmachines/616e6f6e-796d-8123-cabc-0123456789ab", true},
	{"/labs/l/users/" + objectID + "/virtualmachines/a", "/labs/l/users/" + objectID + "/virtualmachines/b", true},
	{"/subscriptions/" + objectID + "/virtualmachines/a", "/subscriptions/" + otherID + "/virtualmachines/a", true},

	{"/labs/l/virtualmachines/a", "/labs/l/virtualmachines/a", false},
	{"/labs/l/virtualmachines/a", "/LABS/L/VirtualMachines/A", false},
	{"/labs/l/virtualmachines/a", "labs/l/virtualmachines/a/", false},
	{"/labs/l/virtualmachines/a", "//labs//l/virtualmachines/a", false},
	{"/labs/l/virtualmachines/a", "https://management.azure.com/labs/l/virtualmachines/a", false},
	{"/labs/l/virtualmachines/a b", "/labs/l/virtualmachines/a%20b", false},
	{"/labs/l/virtualmachines/é", "/labs/l/virtualmachines/e\u0301", false},
	{"/labs/l/virtualmachines/a", " /labs/l/virtualmachines/a\u200b", false},
	{"/labs/l/virtualmachines/a", "", false},
	{"/labs/l/virtualmachines/a", "NULL", false},
	{"/labs/l/virtualmachines/a", "####", false},
	// What anonymizing leaves of an ID does not contradict it.
	{"/labs/l/virtualmachines/alicesmith042", "/labs/l/virtualmachines/t-0123456789abcdef0123456789abcdef", false},
	{"/labs/l/users/" + objectID + "/virtualmachines/a", "/labs/l/users/" + identity.ReplacementObjectID + "/virtualmachines/a", false},
	{"/labs/l/users/" + objectID + "/virtualmachines/a", "/labs/l/users/616e6f6e-796d-8123-8abc-0123456789ab/virtualmachines/a", false},
	{"/labs/l/virtualmachines/zoe@contoso.com", "/labs/l/virtualmachines/" + identity.ReplacementAddress, false},
	{"/labs/l/virtualmachines/zoe@contoso.com", "/labs/l/virtualmachines/p-0123456789abcdef0123456789abcdef@anonymized.invalid", false},
	{"/labs/l/virtualmachines/zoe smith 1", "/labs/l/virtualmachines/" + identity.ReplacementObjectID + " 1", false},
	{"/labs/l/virtualmachines/b-" + objectID, "/labs/l/virtualmachines/b-" + identity.ReplacementObjectID, false},
}

// TestOneKeyWithTwoResourceIdsIsAContradiction has the rows in one file and in two
// exports, in all orders, where the other row says that the machine exists and where it
// says when it was deleted.
func TestOneKeyWithTwoResourceIdsIsAContradiction(t *testing.T) {
	t.Parallel()
	dates := []string{"", "2/4/2017", "2/5/2017"}
	if isRace {
		dates = dates[:1]
	}
	for _, test := range idPairs {
		for _, deleted := range dates {
			row := func(id, deleted string) string {
				return vm(deleted, "zoe@contoso.com", map[csvschema.Column]string{csvschema.ResourceId: id})
			}
			rows := []string{row(test.one, "2/4/2017"), row(test.other, deleted), row(test.one, "")}
			for i := range 3 {
				rows = append(rows[1:], rows[0])
				header, _, _ := strings.Cut(rows[0], "\n")
				var one strings.Builder
				one.WriteString(header + "\n")
				var exports []csvschema.Export
				for _, r := range rows {
					_, cells, _ := strings.Cut(r, "\n")
					one.WriteString(cells)
					exports = append(exports, exportOf(csvschema.VirtualMachines, []byte(r)))
				}
				backwards := slices.Clone(exports) // the newest first
				for j := range backwards {
					backwards[j].Made = later.Add(-time.Duration(j) * time.Hour)
				}
				for _, e := range [][]csvschema.Export{{exportOf(csvschema.VirtualMachines, []byte(one.String()))}, exports, backwards} {
					plan, _ := planOf(t, &anonymize.Policy{Names: i == 0}, later, e...)
					report := plan.Report()
					if !test.differ {
						assert.Equal(t, int64(3), report.Total.Due, "%+v", test)
						assert.Zero(t, report.Rows[anonymize.DifferentIDs], "%+v", test)
						continue
					}
					assert.Equal(t, int64(3), report.Total.Undecided, "%+v", test)
					assert.Equal(t, int64(3), report.Rows[anonymize.DifferentIDs], "%+v", test)
					assert.Zero(t, report.Total.Changed)
					assert.Equal(t, fate.KeptUndecided, plan.Keeping(report.Findings[0].Key).Fate)
				}
			}
		}
	}
}

// TestCopiesContradictThoughTheDeletedOneHasNoResourceId has a DeletedDate only in a row
// without a ResourceId: the others are compared all the same.
func TestCopiesContradictThoughTheDeletedOneHasNoResourceId(t *testing.T) {
	t.Parallel()
	row := func(id, deleted string) string {
		return vm(deleted, "zoe@contoso.com", map[csvschema.Column]string{csvschema.ResourceId: id})
	}
	rows := []string{row("", "2/4/2017"), row("/labs/l/virtualmachines/a", ""), row("/labs/l/virtualmachines/b", "")}
	for range rows {
		rows = append(rows[1:], rows[0])
		text := []byte(rows[0])
		for _, r := range rows[1:] {
			_, cells, _ := strings.Cut(r, "\n")
			text = append(text, cells...)
		}
		for _, p := range []anonymize.Policy{{}, {Names: true}, {Preview: true}} {
			export := exportOf(csvschema.VirtualMachines, text)
			plan, _ := planOf(t, &p, later, export)
			assert.Equal(t, int64(3), plan.Report().Rows[anonymize.DifferentIDs])
			assert.Equal(t, int64(3), plan.Report().Total.Undecided)
			result, err := verify.Exports(t.Context(), &p, later, []csvschema.Export{export}, []csvschema.Export{export})
			require.NoError(t, err)
			assert.Zero(t, result.Failed)
		}
	}
}

// TestDisksOfTwoPeopleAreAContradiction has disks of which one key does not tell whose they
// are: the deleted one of somebody does not say that another's is deleted. In the last of
// them anonymizing has changed one, and nobody knows whose it was.
func TestDisksOfTwoPeopleAreAContradiction(t *testing.T) {
	t.Parallel()
	type disk struct{ id, name, blob string }
	path := func(x string) string { return "/labs/l/users/" + x + "/disks/data" }
	for _, test := range []struct {
		one, other disk
		anonymous  string
		differ     bool
	}{
		{disk{path(objectID), "data", "data.vhd"}, disk{path(otherID), "data", "data.vhd"}, "", true},
		{disk{path("alice@contoso.com"), "data", ""}, disk{path("bob@contoso.com"), "data", ""}, "", true},
		{disk{"/d", "OS alice@contoso.com", ""}, disk{"/d", "OS bob@x.com", ""}, "", true},
		{disk{"/d", "d", "alice@contoso.com.vhd"}, disk{"/d", "d", "bob@contoso.com.vhd"}, "", true},
		{disk{"/d", "d", "of alice%40contoso.com"}, disk{"/d", "d", "of bob@contoso.com"}, "", true},
		{disk{path(objectID), "data", ""}, disk{strings.ToUpper(path(objectID)) + "/", "Data", ""}, "", false},
		{disk{"/d", "OS alice@contoso.com", ""}, disk{"/d", "OS Alice%40contoso.com", ""}, "", false},
		{disk{path(objectID), "data", ""}, disk{path("gone"), "data", ""}, "gone", false},
		{disk{path(identity.ReplacementObjectID), "data", ""}, disk{path(otherID), "data", ""}, "", false},
		{disk{"/d", "OS " + identity.ReplacementAddress, ""}, disk{"/d", "OS bob@x.com", ""}, "", false},
	} {
		row := func(d disk, deleted string) []byte {
			return []byte(export(csvschema.Disks, map[csvschema.Column]string{
				csvschema.LabUId: uid("lab"), csvschema.ResourceUId: uid("disk"), csvschema.ResourceId: d.id,
				csvschema.Name: d.name, csvschema.DiskBlobName: d.blob, csvschema.DeletedDate: deleted,
			}, nil))
		}
		policy := &anonymize.Policy{}
		if test.anonymous != "" {
			policy.Anonymous = func(value string) bool { return value == test.anonymous }
		}
		deleted, active := row(test.one, "2/4/2017"), row(test.other, "")
		_, cells, _ := strings.Cut(string(active), "\n")
		_, cellsOfDeleted, _ := strings.Cut(string(deleted), "\n")
		for _, e := range [][]csvschema.Export{
			{exportOf(csvschema.Disks, append(slices.Clone(deleted), cells...))},
			{exportOf(csvschema.Disks, append(slices.Clone(active), cellsOfDeleted...))},
			{exportOf(csvschema.Disks, deleted), exportOf(csvschema.Disks, active)},
			{exportOf(csvschema.Disks, active), exportOf(csvschema.Disks, deleted)},
		} {
			plan, _ := planOf(t, policy, later, e...) // which verifies it
			want := map[bool]int64{true: 2, false: 0}[test.differ]
			assert.Equal(t, want, plan.Report().Rows[anonymize.DifferentIDs], "%+v", test)
			assert.Equal(t, want, plan.Report().Total.Undecided, "%+v", test)
			assert.Equal(t, 2-want, plan.Report().Total.Due, "%+v", test)
		}
	}
}

// TestADecisionDoesNotTellResourceIdsApart has a machine that was decided about, whatever the
// exports say of it, one that is held, and a request.
func TestADecisionDoesNotTellResourceIdsApart(t *testing.T) {
	t.Parallel()
	one := vm("2/4/2017", "zoe@contoso.com", map[csvschema.Column]string{csvschema.ResourceId: "/labs/l/virtualmachines/a"})
	_, other, _ := strings.Cut(vm("", "bob@contoso.com", map[csvschema.Column]string{csvschema.ResourceId: "/labs/l/virtualmachines/b", csvschema.CustomImageId: "of zoe@contoso.com"}), "\n")
	e := exportOf(csvschema.VirtualMachines, []byte(one+other))
	plan, _ := planOf(t, nil, later, e)
	require.Equal(t, anonymize.DifferentIDs, plan.Report().Findings[0].Kind)
	key := plan.Report().Findings[0].Key
	active := exportOf(csvschema.VirtualMachines, []byte(strings.ReplaceAll(one+other, "2/4/2017", "")))
	for _, exports := range [][]csvschema.Export{{e}, {active}, {exportOf(csvschema.VirtualMachines, []byte(one)), active}} {
		plan, _ = planOf(t, &anonymize.Policy{Decisions: []anonymize.Decision{{Key: key, Deleted: later.AddDate(-1, 0, 0)}}}, later, exports...)
		assert.Zero(t, plan.Report().Total.Due)
		assert.Equal(t, plan.Report().Total.Rows, plan.Report().Rows[anonymize.DifferentIDs])
		assert.Equal(t, fate.KeptUndecided, plan.Keeping(key).Fate)
		plan, _ = planOf(t, &anonymize.Policy{Decisions: []anonymize.Decision{{Key: key}}}, later, exports...)
		assert.Equal(t, plan.Report().Total.Rows, plan.Report().Total.NotDeleted)
		assert.Empty(t, plan.Report().Findings)
	}
	plan, _ = planOf(t, &anonymize.Policy{Holds: []anonymize.Hold{{Key: key}}}, later, e)
	assert.Equal(t, int64(2), plan.Report().Total.Held)
	for _, q := range []anonymize.Request{{Kind: anonymize.Erase}, {Kind: anonymize.Erase, Existing: true}, {Kind: anonymize.Removed}} {
		q.Identifier, q.At = identifier(t, "zoe@contoso.com"), later.AddDate(-1, 0, 0)
		plan, after := planOf(t, &anonymize.Policy{Requests: []anonymize.Request{q}}, later, e)
		fates := []fate.Fate{}
		for _, a := range plan.Report().Requests[0].Answers {
			fates = append(fates, a.Fate)
		}
		assert.Equal(t, q.Kind == anonymize.Erase && !q.Existing, slices.Contains(fates, fate.KeptUndecided))
		assert.Equal(t, q.Kind == anonymize.Erase && !q.Existing, strings.Contains(string(textOf(t, after[0].VirtualMachines[0])), "zoe@"))
	}
}
