package anonymize_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// dueCases are cells with the very instant from which on their row is due.
var dueCases = []struct{ zone, cell, due string }{
	// The formats of exports, in UTC.
	{"", "1/3/2017 11:17:09 PM", "2017-02-02T23:17:09Z"},
	{"", "1/3/2017 11:17 PM", "2017-02-02T23:17:00Z"},
	{"", "1/3/2017 23:17:09", "2017-02-02T23:17:09Z"},
	{"", "1/3/2017 23:17", "2017-02-02T23:17:00Z"},
	{"", "1/3/2017", "2017-02-02T00:00:00Z"},
	{"", "12/1/2017", "2017-12-31T00:00:00Z"}, // month first
	{"", "2017-01-03T23:17:09Z", "2017-02-02T23:17:09Z"},
	{"", "2017-01-03T23:17:09.1234567Z", "2017-02-02T23:17:09.1234567Z"},
	{"", "2017-01-03T23:17:09.0000001+01:00", "2017-02-02T22:17:09.0000001Z"},
	{"", "2017-01-03T23:17:09.9999999-12:00", "2017-02-03T11:17:09.9999999Z"},
	{"", "2017-01-03 23:17:09", "2017-02-02T23:17:09Z"},
	{"", "2017-01-03", "2017-02-02T00:00:00Z"},
	{"", "12/31/2023 12:00:00 AM", "2024-01-30T00:00:00Z"},
	{"", "1/3/2017 12:00:00 PM", "2017-02-02T12:00:00Z"},
	// Leap years: 30 days of 24 hours, whatever the month has.
	{"", "2/29/2024", "2024-03-30T00:00:00Z"},
	{"", "2024-02-29T12:00:00Z", "2024-03-30T12:00:00Z"},
	{"", "1/30/2024", "2024-02-29T00:00:00Z"},
	{"", "1/30/2023", "2023-03-01T00:00:00Z"},
	{"", "1/31/2100", "2100-03-02T00:00:00Z"}, // no leap year
	// Zones. A day is 24 hours, also where clocks are changed.
	{"Europe/Berlin", "3/1/2024", "2024-03-30T23:00:00Z"},
	{"Europe/Berlin", "3/31/2024 1:59:59 AM", "2024-04-30T00:59:59Z"},
	{"Europe/Berlin", "3/31/2024 3:00:00 AM", "2024-04-30T01:00:00Z"},
	{"Europe/Berlin", "10/26/2024 2:30:00 AM", "2024-11-25T00:30:00Z"},
	{"Europe/Berlin", "10/27/2024 3:00:00 AM", "2024-11-26T02:00:00Z"},
	{"Europe/Berlin", "2024-03-31T02:30:00Z", "2024-04-30T02:30:00Z"}, // says its own
	{"Pacific/Kiritimati", "1/1/2024", "2024-01-30T10:00:00Z"},
	{"Etc/GMT+12", "1/1/2024", "2024-01-31T12:00:00Z"},
	{"Etc/GMT+12", "2/29/2024 11:59:59 PM", "2024-03-31T11:59:59Z"},
	// The ends of the calendar.
	{"", "1900-01-01", "1900-01-31T00:00:00Z"},
	{"", "1900-01-01T00:00:00.0000001Z", "1900-01-31T00:00:00.0000001Z"},
	{"", "2017-01-03 23:17:09.1234567", "2017-02-02T23:17:09.1234567Z"},
	{"Europe/Berlin", "2017-01-03T23:17:09.1", "2017-02-02T22:17:09.1Z"},
	{"", "1/3/2017 11:17:09\u202fPM", "2017-02-02T23:17:09Z"},
	{"", "12/31/9999 11:59:59 PM", "+10000-01-30T23:59:59Z"},
	{"", "9999-12-31T23:59:59.9999999Z", "+10000-01-30T23:59:59.9999999Z"},
	{"", "9999-12-31T23:59:59-12:00", "+10000-01-31T11:59:59Z"},
}

// instant reads an instant, also one after year 9999.
func instant(t *testing.T, text string) time.Time {
	t.Helper()
	if rest, beyond := strings.CutPrefix(text, "+10000"); beyond {
		return instant(t, "9999"+rest).AddDate(1, 0, 0)
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return at
}

// TestRowsAreDueAtTheVeryNanosecond asks Due, Copy, Rows and Plan a nanosecond before
// the end of the retention, at it, and after it.
func TestRowsAreDueAtTheVeryNanosecond(t *testing.T) {
	t.Parallel()
	for _, test := range dueCases {
		t.Run(strings.ReplaceAll(test.zone+" "+test.cell, "/", "-"), func(t *testing.T) {
			t.Parallel()
			policy := &anonymize.Policy{}
			if test.zone != "" {
				zone, err := time.LoadLocation(test.zone)
				require.NoError(t, err)
				policy.Zone = zone
			}
			due := instant(t, test.due)
			cell, err := csvschema.ParseDateTime(test.cell)
			require.NoError(t, err)
			file := []byte(vm(test.cell, "zoe@contoso.com", nil))
			for after, want := range map[time.Duration]bool{-time.Hour: false, -1: false, 0: true, 1: true, 24 * time.Hour: true} {
				now := due.Add(after)
				assert.Equal(t, want, policy.Due(cell.In(policy.Zone), now), after)
				out, stats := copyOf(t, policy, now, csvschema.VirtualMachines, file)
				assert.Equal(t, want, !bytes.Equal(file, out), after)
				rows := typed[csvschema.VirtualMachineRow](t, file)
				_, err := policy.Rows(now, rows, nil)
				require.NoError(t, err)
				assert.Equal(t, want, rows[0].ResourceOwner.Reveal() == identity.ReplacementAddress)
				plan, planned := planOf(t, policy, now, exportOf(csvschema.VirtualMachines, file))
				assert.Equal(t, string(out), string(textOf(t, planned[0].VirtualMachines[0])))
				keeping := plan.Keeping(rows[0].Key())
				if want {
					assert.Equal(t, int64(1), stats.Due)
					assert.Equal(t, fate.GoesNow, keeping.Fate)
					continue
				}
				assert.True(t, due.Equal(stats.NextDue), stats.NextDue)
				assert.True(t, due.Equal(plan.Report().Total.NextDue))
				assert.Equal(t, []anonymize.Day{{Date: due.UTC().Truncate(24 * time.Hour), Rows: 1}}, plan.Report().Days)
				assert.Equal(t, fate.GoesLater, keeping.Fate)
				assert.True(t, due.Equal(keeping.At))
			}
		})
	}
}

// TestCellsThatSayNoDeletionAreNeverDue has what counts as empty, in every zone.
func TestCellsThatSayNoDeletionAreNeverDue(t *testing.T) {
	t.Parallel()
	for _, zone := range []*time.Location{nil, time.FixedZone("", 14*3600), time.FixedZone("", -12*3600)} {
		for _, cell := range []string{"", " ", "0001-01-01", "1/1/0001 12:00:00 AM", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "1/1/0001"} {
			if _, err := csvschema.ParseDateTime(cell); err != nil {
				continue
			}
			file := []byte(vm(cell, "zoe@contoso.com", nil))
			plan, after := planOf(t, &anonymize.Policy{Zone: zone, Retention: time.Hour}, instant(t, "+10000-06-01T00:00:00Z"), exportOf(csvschema.VirtualMachines, file))
			assert.Equal(t, int64(1), plan.Report().Total.NotDeleted, cell)
			assert.Equal(t, string(file), string(textOf(t, after[0].VirtualMachines[0])))
		}
	}
}

// copiesOf returns an export for each copy of one machine, in the order in which they
// were made, a day apart; the last of them is of today.
func copiesOf(now time.Time, copies ...map[csvschema.Column]string) (exports []csvschema.Export) {
	for i, set := range copies {
		e := exportOf(csvschema.VirtualMachines, []byte(vm("", "zoe@contoso.com", set)))
		e.Made = now.AddDate(0, 0, i+1-len(copies))
		exports = append(exports, e)
	}
	return exports
}

// TestWhatCopiesSayIsAContradictionOrNone has pairs of copies, in both orders.
func TestWhatCopiesSayIsAContradictionOrNone(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 3, 10, 0, 0, 0, 0, time.UTC)
	date, status := csvschema.DeletedDate, csvschema.ResourceStatus
	type cells = map[csvschema.Column]string
	for name, test := range map[string]struct {
		one, other cells
		want       []anonymize.FindingKind
		due        int64
	}{
		"deleted since":           {cells{status: "Active"}, cells{status: "Inactive", date: "2/8/2017"}, nil, 2},
		"deleted since, not due":  {cells{status: "Active"}, cells{status: "Inactive", date: "2/9/2017"}, nil, 0},
		"the same date":           {cells{date: "2/8/2017"}, cells{date: "2017-02-08T00:00:00Z"}, nil, 2},
		"another owner":           {cells{status: "Active"}, cells{status: "Active", csvschema.ResourceOwner: "bob@contoso.com"}, nil, 0},
		"another tier":            {cells{csvschema.PricingTier: "Standard_DS1"}, cells{csvschema.PricingTier: "Standard_DS2"}, nil, 0},
		"another expiry":          {cells{csvschema.ExpirationDate: "1/1/2018"}, cells{csvschema.ExpirationDate: ""}, nil, 0},
		"another ID and name":     {cells{csvschema.ResourceId: "/a", csvschema.Name: "a"}, cells{csvschema.ResourceId: "/b", csvschema.Name: "b"}, nil, 0},
		"other letter case":       {cells{status: "ACTIVE"}, cells{status: " inactive ", date: "2/8/2017"}, nil, 2},
		"no status":               {cells{}, cells{date: "2/8/2017"}, nil, 2},
		"the later date counts":   {cells{date: "1/1/2017"}, cells{date: "2/9/2017"}, []anonymize.FindingKind{anonymize.DifferentDates}, 0},
		"both dates are over":     {cells{date: "1/1/2017"}, cells{date: "2/8/2017"}, []anonymize.FindingKind{anonymize.DifferentDates}, 2},
		"active with a date":      {cells{status: "Active", date: "1/1/2017"}, cells{status: "Inactive", date: "1/1/2017"}, []anonymize.FindingKind{anonymize.ActiveWithDate}, 0},
		"active, other dates":     {cells{status: "Active", date: "1/1/2017"}, cells{status: "Inactive", date: "1/2/2017"}, []anonymize.FindingKind{anonymize.ActiveWithDate, anonymize.DifferentDates}, 0},
		"a date and none":         {cells{status: "Inactive"}, cells{status: "Inactive", date: "1/1/2017"}, nil, 2},
		"a status that is none":   {cells{status: "Deleting"}, cells{date: "1/1/2017"}, []anonymize.FindingKind{anonymize.UnreadableStatus}, 2},
		"a date that is none":     {cells{date: "soon"}, cells{date: "1/1/2017"}, []anonymize.FindingKind{anonymize.UnreadableDate}, 0},
		"both inactive, no dates": {cells{status: "Inactive"}, cells{status: "Inactive"}, []anonymize.FindingKind{anonymize.Stale, anonymize.InactiveWithoutDate}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, copies := range [][]cells{{test.one, test.other}, {test.other, test.one}} {
				plan, _ := planOf(t, &anonymize.Policy{KeepUnreadableDates: true}, now, copiesOf(now, copies...)...)
				var kinds []anonymize.FindingKind
				for _, f := range plan.Report().Findings {
					kinds = append(kinds, f.Kind)
					assert.Equal(t, int64(2), f.Rows)
				}
				assert.Equal(t, test.want, kinds)
				assert.Equal(t, test.due, plan.Report().Total.Due)
			}
		})
	}
}

// TestStaleIsWhatNoNewerExportHas asks by the newest export only, to the nanosecond.
func TestStaleIsWhatNoNewerExportHas(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 3, 10, 0, 0, 0, 0, time.UTC)
	old := now.Add(-anonymize.DefaultRetention)
	for i, test := range []struct {
		made     []time.Time
		statuses []string
		stale    bool
		goes     bool // with DeleteStale
	}{
		{[]time.Time{old}, []string{"Active"}, true, true},
		{[]time.Time{old.Add(1)}, []string{"Active"}, false, false},
		{[]time.Time{old, old.Add(1)}, []string{"Active", "Active"}, false, false},
		{[]time.Time{old.Add(1), old}, []string{"Active", "Active"}, false, false},
		{[]time.Time{old, old.Add(-1)}, []string{"Active", "Active"}, true, true},
		{[]time.Time{{}}, []string{"Active"}, false, false},
		{[]time.Time{old, {}}, []string{"Active", "Active"}, false, false},
		{[]time.Time{now}, []string{"Inactive"}, true, false}, // deleted today, if at all
		{[]time.Time{old}, []string{"Inactive"}, true, true},
		{[]time.Time{{}}, []string{"Inactive"}, true, false},
		{[]time.Time{now, now.AddDate(0, 0, -1)}, []string{"Active", "Inactive"}, false, false}, // it came back
		{[]time.Time{now, now}, []string{"Active", "Inactive"}, true, false},
	} {
		var exports []csvschema.Export
		for j, made := range test.made {
			e := exportOf(csvschema.VirtualMachines, []byte(vm("", "zoe@contoso.com", map[csvschema.Column]string{csvschema.ResourceStatus: test.statuses[j]})))
			e.Made = made
			exports = append(exports, e)
		}
		n := int64(len(exports))
		plan, _ := planOf(t, nil, now, exports...)
		assert.Zero(t, plan.Report().Total.Due, i)
		stale := plan.Report().Rows[anonymize.Stale]
		assert.Equal(t, map[bool]int64{true: n}[test.stale], stale, i)
		plan, _ = planOf(t, &anonymize.Policy{DeleteStale: true}, now, exports...)
		assert.Equal(t, map[bool]int64{true: n}[test.goes], plan.Report().Total.Due, i)
		assert.Equal(t, stale, plan.Report().Rows[anonymize.Stale], fmt.Sprint("listed in any case: ", i))
	}
}

// TestTheLongestHoldCounts has two holds of one resource, in both orders.
func TestTheLongestHoldCounts(t *testing.T) {
	t.Parallel()
	key := csvschema.VirtualMachineRow{LabUId: "86545712-aadf-4172-bba2-5c738050417e", ResourceUId: "0dd2f8ae-8267-47c5-8cda-484792e203ee"}.Key()
	e := exportOf(csvschema.VirtualMachines, []byte(vm("2/4/2017", "zoe@contoso.com", nil)))
	soon, late := later.Add(time.Hour), later.Add(1000*time.Hour)
	for _, test := range []struct{ longer, shorter time.Time }{{late, soon}, {time.Time{}, soon}, {time.Time{}, late}, {time.Time{}, later.Add(-1)}, {soon, later}} {
		long, short := anonymize.Hold{Key: key, Until: test.longer, Reason: "long"}, anonymize.Hold{Key: key, Until: test.shorter, Reason: "short"}
		for _, holds := range [][]anonymize.Hold{{long, short}, {short, long}} {
			plan, _ := planOf(t, &anonymize.Policy{Holds: holds}, later, e)
			assert.Equal(t, fate.Keeping{Fate: fate.KeptHeld, At: test.longer, Reason: "long"}, plan.Keeping(key))
			assert.Equal(t, test.longer, plan.Report().Findings[0].Until)
		}
	}
}

// TestTheEarliestRequestCounts has two requests for one machine, in both orders, which
// exists or is due between them.
func TestTheEarliestRequestCounts(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 2, 10, 0, 0, 0, 0, time.UTC)
	first, second := now.Add(time.Hour), now.AddDate(0, 0, 60)
	due := time.Date(2017, 2, 4, 0, 0, 0, 0, time.UTC).Add(anonymize.DefaultRetention)
	request := func(at time.Time) anonymize.Request {
		return anonymize.Request{Kind: anonymize.Erase, Existing: true, Identifier: identifier(t, "zoe@contoso.com"), At: at}
	}
	for _, test := range []struct {
		deleted  string
		requests []anonymize.Request
		want     time.Time
	}{
		{"", []anonymize.Request{request(first), request(second)}, first},
		{"", []anonymize.Request{request(second), request(first)}, first},
		{"2/4/2017", []anonymize.Request{request(second)}, due},
		{"2/4/2017", []anonymize.Request{request(first), request(second)}, first},
		{"2/4/2017", []anonymize.Request{request(second), request(first)}, first},
	} {
		plan, _ := planOf(t, &anonymize.Policy{Requests: test.requests}, now, exportOf(csvschema.VirtualMachines, []byte(vm(test.deleted, "zoe@contoso.com", nil))))
		assert.Equal(t, int64(1), plan.Report().Total.NotYetDue)
		assert.Equal(t, test.want, plan.Report().Total.NextDue.UTC())
	}
}

// TestWhatCameBackIsNotStale has a request for deleted resources, and a policy that treats
// stale ones as deleted: only the newest export says whether the machine is stale.
func TestWhatCameBackIsNotStale(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 3, 10, 0, 0, 0, 0, time.UTC)
	policy := &anonymize.Policy{DeleteStale: true, Requests: []anonymize.Request{{Kind: anonymize.Erase, Identifier: identifier(t, "zoe@contoso.com"), At: now.AddDate(0, 0, -9)}}}
	for _, test := range []struct {
		older, newer string
		goes         int64
	}{{"Inactive", "Active", 0}, {"Active", "Inactive", 2}, {"Inactive", "Inactive", 2}, {"Active", "Active", 0}, {"Inactive", "", 0}} {
		var exports []csvschema.Export
		for i, status := range []string{test.older, test.newer} {
			e := exportOf(csvschema.VirtualMachines, []byte(vm("", "zoe@contoso.com", map[csvschema.Column]string{csvschema.ResourceStatus: status})))
			e.Made = now.AddDate(0, 0, i-2)
			exports = append(exports, e)
		}
		for range 2 {
			plan, _ := planOf(t, policy, now, exports...)
			assert.Equal(t, test.goes, plan.Report().Total.Due, "%+v", test)
			exports[0], exports[1] = exports[1], exports[0]
		}
	}
}
