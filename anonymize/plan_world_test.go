package anonymize_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
)

// What the documentation says of a resource, by all its copies.
type worldVerdict struct {
	state   string // exists, deleted, stale, undecided, unreadable
	deleted time.Time
	doubts  map[anonymize.FindingKind]bool
}

func (w *world) retention() time.Duration {
	if w.policy.Retention == 0 {
		return 30 * 24 * time.Hour
	}
	return w.policy.Retention
}

// judge says what becomes of a resource.
func (w *world) judge(key string, copies []*worldRow) worldVerdict {
	v := worldVerdict{state: "exists", doubts: map[anonymize.FindingKind]bool{}}
	for _, d := range w.policy.Decisions {
		if key != "" && d.Key == copies[0].csvKey {
			if !d.Deleted.IsZero() {
				v.state, v.deleted = "deleted", d.Deleted
			}
			return v
		}
	}
	dates := map[time.Time]bool{}
	var newest time.Time
	isUnknown, isInactive := false, false
	for _, row := range copies {
		isUnknown = isUnknown || row.copyMade.IsZero()
		if row.copyMade.After(newest) {
			newest = row.copyMade
		}
	}
	for _, row := range copies {
		at, isEmpty, err := csvschema.ParseTime([]byte(row.deleted), w.policy.Zone)
		switch {
		case err != nil:
			v.doubts[anonymize.UnreadableDate] = true
		case !isEmpty:
			dates[at.UTC()] = true
			if strings.EqualFold(row.active, "active") {
				v.doubts[anonymize.ActiveWithDate] = true
			}
		}
		switch strings.ToLower(row.active) {
		case "inactive": // the newest copies have the last word, and those that may be as new
			isInactive = isInactive || isEmpty && err == nil && (row.copyMade.IsZero() || row.copyMade.Equal(newest))
		case "", "active":
		default:
			v.doubts[anonymize.UnreadableStatus] = true
		}
	}
	v.doubts[anonymize.DifferentDates] = len(dates) > 1
	isUndated := len(dates) == 0 && !v.doubts[anonymize.UnreadableDate]
	v.doubts[anonymize.InactiveWithoutDate] = isUndated && isInactive
	isOld := !isUnknown && !newest.IsZero() && !w.now.Before(newest.Add(w.retention()))
	v.doubts[anonymize.Stale] = isUndated && (isOld || isInactive)
	for at := range dates {
		if at.After(v.deleted) {
			v.deleted = at
		}
	}
	switch {
	case v.doubts[anonymize.UnreadableDate]:
		v.state = "unreadable"
	case v.doubts[anonymize.ActiveWithDate]:
		v.state = "undecided"
	case len(dates) > 0:
		v.state = "deleted"
	case v.doubts[anonymize.Stale] && w.policy.DeleteStale && !isUnknown:
		v.state, v.deleted = "deleted", newest
	case v.doubts[anonymize.Stale]:
		v.state = "stale"
	}
	return v
}

func (w *world) holdOf(key csvschema.Key) *anonymize.Hold {
	for i, h := range w.policy.Holds {
		if h.Key == key && (h.Until.IsZero() || h.Until.After(w.now)) {
			return &w.policy.Holds[i]
		}
	}
	return nil
}

// fate says what becomes of a row: why, and whose identifiers go.
func (w *world) fate(row *worldRow, v worldVerdict) (why string, goes func(id string) bool) {
	none := func(string) bool { return false }
	if row.key != "" && w.holdOf(row.csvKey) != nil {
		return "held", none
	}
	all := func(string) bool { return true }
	if v.state == "deleted" && !w.now.Before(v.deleted.Add(w.retention())) {
		return "due", all
	}
	why = map[string]string{"exists": "not deleted", "stale": "not deleted", "deleted": "not yet due"}[v.state]
	if why == "" {
		why = v.state
	}
	var wanted []string
	for _, q := range w.policy.Requests {
		id := q.Identifier.Reveal()
		at := q.At
		switch {
		case q.Kind == anonymize.Removed:
			at = at.Add(w.retention())
		case q.Existing:
		case v.state != "deleted":
			continue
		case v.deleted.After(at):
			at = v.deleted
		}
		isTheirs := slices.Contains(row.whose, id)
		switch {
		case at.After(w.now):
			if isTheirs {
				why = "not yet due"
			}
		case isTheirs:
			return "due", all
		default:
			wanted = append(wanted, id)
		}
	}
	return why, func(id string) bool { return slices.Contains(wanted, id) }
}

// checkWorld plans, applies and verifies a world, and holds everything to what the
// world says itself.
func checkWorld(t *testing.T, w *world) {
	t.Helper()
	copies := map[string][]*worldRow{}
	for _, f := range w.files {
		for _, row := range f.rows {
			if row.key != "" {
				copies[row.key] = append(copies[row.key], row)
			}
		}
	}
	verdicts := map[string]worldVerdict{}
	for key, rows := range copies {
		verdicts[key] = w.judge(key, rows)
	}
	verdictOf := func(row *worldRow) worldVerdict {
		if row.key == "" {
			return w.judge("", []*worldRow{row}) // the row of no resource has no other copy
		}
		return verdicts[row.key]
	}

	before := w.exports(asTheyAre)
	plan, after := planOf(t, w.policy, w.now, before...)
	want := w.exports(func(row *worldRow) []string {
		_, goes := w.fate(row, verdictOf(row))
		return without(row, goes)
	})
	for i := range want {
		requireSameText(t, want[i].VirtualMachines, after[i].VirtualMachines)
		requireSameText(t, want[i].Disks, after[i].Disks)
	}

	counts := map[string]int64{}
	findings := map[string]int64{}
	for _, f := range w.files {
		for _, row := range f.rows {
			v := verdictOf(row)
			why, _ := w.fate(row, v)
			counts[why]++
			if row.key != "" && w.holdOf(row.csvKey) != nil {
				findings[fmt.Sprint(anonymize.Held, row.key)]++
			}
			if row.key == "" {
				findings[fmt.Sprint(anonymize.NoResource, row.key)]++
			}
			for kind, is := range v.doubts {
				if is {
					findings[fmt.Sprint(kind, row.key)]++
				}
			}
		}
	}
	report := plan.Report()
	got := map[string]int64{
		"due": report.Total.Due, "not yet due": report.Total.NotYetDue, "not deleted": report.Total.NotDeleted,
		"unreadable": report.Total.Unreadable, "undecided": report.Total.Undecided, "held": report.Total.Held,
	}
	for why, n := range got {
		require.Equal(t, counts[why], n, why)
	}
	listed := map[string]int64{}
	names := map[csvschema.Key]string{}
	for name, key := range w.keys {
		names[key] = name
	}
	for _, f := range report.Findings {
		listed[fmt.Sprint(f.Kind, names[f.Key])] += f.Rows
	}
	require.Equal(t, findings, listed)
	w.checkKeeping(t, plan, verdicts)

	// A second run over the result changes nothing.
	again, _ := planOf(t, w.policy, w.now, after...)
	require.Zero(t, again.Report().Total.Changed)
}

// checkKeeping holds what the plan says of each resource to the world.
func (w *world) checkKeeping(t *testing.T, plan *anonymize.Plan, verdicts map[string]worldVerdict) {
	t.Helper()
	for _, name := range sortedNames(verdicts) {
		key, v := w.keys[name], verdicts[name]
		got, want := plan.Keeping(key), fate.Keeping{Fate: fate.KeptExisting}
		switch {
		case w.holdOf(key) != nil:
			want.Fate, want.At, want.Reason = fate.KeptHeld, got.At, got.Reason
			require.NotEmpty(t, got.Reason)
		case v.state == "deleted" && w.now.Before(v.deleted.Add(w.retention())):
			want.Fate, want.At = fate.GoesLater, v.deleted.Add(w.retention())
		case v.state == "deleted":
			want.Fate = fate.GoesNow
		case v.state == "undecided", v.state == "unreadable":
			want.Fate = fate.KeptUndecided
		}
		require.True(t, want.At.Equal(got.At), "%v: %v, want %v", key, got.At, want.At)
		want.At = got.At
		require.Equal(t, want, got)
	}
}

func requireSameText(t *testing.T, want, got []csvschema.Source) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, string(textOf(t, want[i])), string(textOf(t, got[i])))
	}
}

// A plan does what the documentation says, whatever the copies of a resource, the
// holds, requests and decisions are.
func TestPlansDoWhatTheDocumentationSays(t *testing.T) {
	t.Parallel()
	for seed := range worlds(300) {
		for _, unreadable := range []bool{false, true} {
			w := newWorld(seed, unreadable)
			ok := t.Run(fmt.Sprint(seed, unreadable), func(t *testing.T) { checkWorld(t, w) })
			if !ok {
				return
			}
		}
	}
}

func FuzzPlansDoWhatTheDocumentationSays(f *testing.F) {
	f.Add(uint64(1), true, int64(0), uint16(720))
	f.Fuzz(func(t *testing.T, seed uint64, unreadable bool, later int64, hours uint16) {
		w := newWorld(seed, unreadable)
		w.now = w.now.Add(time.Duration(later) % (5000 * time.Hour))
		w.policy.Retention = time.Duration(hours) * time.Hour
		checkWorld(t, w)
	})
}

// A later instant only adds rows that are due, unless a hold or a decision says
// otherwise.
func TestALaterPlanChangesNoLess(t *testing.T) {
	t.Parallel()
	for seed := range worlds(60) {
		w := newWorld(seed, false)
		w.policy.Holds = nil
		earlier, err := w.policy.Plan(t.Context(), w.now, w.exports(asTheyAre))
		require.NoError(t, err)
		_, once := planOf(t, w.policy, w.now, w.exports(asTheyAre)...)
		for _, step := range []time.Duration{1, time.Hour, 24 * time.Hour, 90 * 24 * time.Hour} {
			later, twice := planOf(t, w.policy, w.now.Add(step), w.exports(asTheyAre)...)
			require.GreaterOrEqual(t, later.Report().Total.Due, earlier.Report().Total.Due)
			// What went in the earlier run is gone in the later one, too: the later run
			// over the earlier result gives the same.
			_, chained := planOf(t, w.policy, w.now.Add(step), once...)
			for i := range twice {
				requireSameText(t, twice[i].VirtualMachines, chained[i].VirtualMachines)
				requireSameText(t, twice[i].Disks, chained[i].Disks)
			}
		}
	}
}
