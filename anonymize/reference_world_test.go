package anonymize_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

const otherID = "0b4f4a5e-9f0a-4f0e-8f5c-3f1d2b7a6c51"

// The people of small worlds. Only joann's identifier holds that of somebody else, and
// she is another person.
var refPeople = []string{"ann@example.com", "joann@example.com", "bob@contoso.com", objectID, otherID}

// noon is when worlds are looked at; monthAgo is a retention before.
var (
	noon     = time.Date(2024, 3, 30, 12, 0, 0, 0, time.UTC)
	monthAgo = noon.Add(-30 * 24 * time.Hour)
)

// A world is a few resources in a few exports, and a policy.
type refWorld struct {
	exports []csvschema.Export
	policy  *anonymize.Policy
	people  []string // of the requests, in normal form
	keys    []csvschema.Key
}

// newRefWorld makes a world. Dates are about the retention before noon, by the tick of
// 100 nanoseconds.
func newRefWorld(t *testing.T, d *dice) *refWorld {
	t.Helper()
	w := &refWorld{policy: &anonymize.Policy{
		Workers: 1, KeepUnreadableDates: d.n(2) == 0, DeleteStale: d.n(2) == 0, Key: secretKey(t, "w"),
		Replacement: one(d, 0, identity.ConstantReplacement, identity.TokenReplacement, identity.PseudonymReplacement),
	}}
	resources := make([]map[string]string, 1+d.n(4))
	for i := range resources {
		resources[i] = w.resource(d, i)
	}
	for range 1 + d.n(3) {
		e := csvschema.Export{Made: one(d, time.Time{}, monthAgo.Add(-time.Nanosecond), monthAgo, monthAgo.Add(time.Nanosecond), noon, noon.AddDate(0, 0, 1))}
		machines, disks := 1+d.n(2), d.n(2)
		for range machines {
			e.VirtualMachines = append(e.VirtualMachines, source(w.file(d, csvschema.VirtualMachines, resources)))
		}
		for range disks {
			e.Disks = append(e.Disks, source(w.file(d, csvschema.Disks, resources)))
		}
		w.exports = append(w.exports, e)
	}
	w.addKeys(t)
	for range d.n(4) {
		id := one(d, refPeople...)
		q := anonymize.Request{Kind: one(d, anonymize.Removed, anonymize.Erase), At: one(d, noon, monthAgo, noon.Add(1), monthAgo.Add(1), noon.Add(-1))}
		q.Existing = q.Kind == anonymize.Erase && d.n(2) == 0
		if q.Identifier = identifier(t, id); d.n(3) == 0 {
			q.Digest, q.Identifier = anonymize.NewDigest(w.policy.Key, q.Identifier), identity.Identifier{}
		}
		w.policy.Requests, w.people = append(w.policy.Requests, q), append(w.people, id)
	}
	decided := map[csvschema.Key]bool{}
	for range d.n(3) {
		if len(w.keys) == 0 {
			break
		}
		w.policy.Holds = append(w.policy.Holds, anonymize.Hold{Key: one(d, w.keys...), Reason: fmt.Sprint("case ", d.n(9)), Until: one(d, time.Time{}, noon, noon.Add(1), noon.Add(-1), noon.AddDate(1, 0, 0))})
		if key := one(d, w.keys...); d.n(2) == 0 && !decided[key] {
			decided[key] = true
			w.policy.Decisions = append(w.policy.Decisions, anonymize.Decision{Key: key, Deleted: one(d, time.Time{}, monthAgo, monthAgo.Add(1), noon)})
		}
	}
	return w
}

// resource returns the cells that all copies of a resource have in common.
func (w *refWorld) resource(d *dice, i int) map[string]string {
	cells := map[string]string{
		"LabUId": one(d, "lab-1", "lab-1", "lab-2", "", "NULL"), "ResourceUId": one(d, uid("uid-", i), uid("uid-", i), uid("uid-", 0), "", nilUID, "NULL", "1.23E+31", "####"), "kind": one(d, "vm", "vm", "disk"),
	}
	if cells["kind"] == "disk" {
		cells["ResourceId"] = one(d, "/labs/l/disks/d", "/labs/l/users/"+objectID+"/disks/d", "/labs/l/users/"+strings.ToUpper(otherID)+"/disks/d", "/labs/l/users/@me/disks/d")
		cells["Name"], cells["DiskBlobName"] = one(d, "d", "e"), one(d, "d.vhd", "ann@example.com.vhd")
	}
	return cells
}

// file makes a file of a role with copies of the resources.
func (w *refWorld) file(d *dice, role csvschema.Role, resources []map[string]string) []byte {
	header := []string{"LabUId", "ResourceUId", "ResourceId", "Name", "DeletedDate", "ResourceStatus", "ResourceOwner", "EnvironmentId", "Note", "CustomImageId"}
	kind := "vm"
	if role == csvschema.Disks {
		header, kind = []string{"LabUId", "ResourceUId", "ResourceId", "Name", "DiskBlobName", "DeletedDate", "ResourceStatus", "LeasedByVmId", "Note"}, "disk"
	}
	tick := func(t time.Time, ticks int) string {
		return t.Add(time.Duration(ticks) * 100).Format("2006-01-02T15:04:05.0000000Z")
	}
	var text strings.Builder
	text.WriteString(strings.Join(header, ",") + "\n")
	quoted := d.n(2) == 0
	for _, r := range resources {
		if r["kind"] != kind {
			continue
		}
		for range d.n(3) {
			cells := maps.Clone(r)
			if d.n(3) == 0 {
				cells["LabUId"] = strings.ToUpper(cells["LabUId"]) // the same resource
			}
			cells["DeletedDate"] = one(d, "", "", tick(monthAgo, 0), tick(monthAgo, 1), tick(monthAgo, -1), "2/29/2024 12:00:00 PM", "2/29/2024", "3/1/2024 12:00 PM", tick(noon, 0), tick(noon, 1), "0001-01-01", "1/1/0001 12:00:00 AM", "soon")
			cells["ResourceStatus"] = one(d, "Active", "Inactive", "", " INACTIVE ", "active", "Deleting")
			if role == csvschema.VirtualMachines {
				cells["ResourceId"], cells["Name"] = one(d, "/labs/l/virtualmachines/box", "/labs/l/virtualmachines/box", "/labs/l/virtualmachines/box", "/labs/l/users/"+objectID+"/virtualmachines/box"), one(d, "box", "box of ann@example.com", "BOB@contoso.com's", objectID)
				cells["ResourceOwner"] = one(d, "", "ann@example.com", "ANN@Example.com", "joann@example.com", "bob@contoso.com", objectID, identity.ReplacementAddress, " ")
				cells["EnvironmentId"] = one(d, "", "/labs/l/users/"+objectID+"/environments/e", "/labs/l/users/"+otherID+"/environments/e", "/labs/l/users/@me/environments/e", "/labs/l/users/"+identity.ReplacementObjectID+"/environments/e")
				cells["CustomImageId"] = one(d, "", "image, with a comma", "{"+strings.ToUpper(objectID)+"}", "for ann@example.com and joann@example.com")
			}
			cells["Note"] = one(d, "", "ask ann@example.com", "Ann@Example.com, bob@contoso.com", "x "+strings.ReplaceAll(objectID, "-", "")+" x", "\"quoted\" "+otherID, identity.ReplacementAddress)
			var row []string
			for _, c := range header {
				cell := cells[c]
				if quoted || strings.ContainsAny(cell, ",\"") {
					cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
				}
				row = append(row, cell)
			}
			text.WriteString(strings.Join(row, ",") + "\n")
		}
	}
	return []byte(text.String())
}

// addKeys lists the keys of all resources in the files.
func (w *refWorld) addKeys(t *testing.T) {
	t.Helper()
	keys := newReference(t, w.policy, noon, w.exports, nil).keys
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		w.keys = append(w.keys, keys[k])
	}
}

// Everything that is somebody's identifier in a world, by a plain pattern.
var (
	refIdentifier = regexp.MustCompile(`(?i)[a-z0-9.]+@[a-z0-9.-]+[a-z]|\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?`)
	refUser       = regexp.MustCompile(`/users/([^/]+)`)
	refStandIn    = regexp.MustCompile(`[tp]-[0-9a-f]{32}@anonymized\.invalid|616e6f6e-796d-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// mentions returns whose identifiers the row holds, and whose row it is.
func (r refRow) mentions() (all, theirs map[string]bool) {
	all, theirs = map[string]bool{}, map[string]bool{}
	for c, cell := range r.cells {
		for _, id := range refIdentifier.FindAllString(cell, -1) {
			if c != "LabUId" && c != "ResourceUId" {
				all[identity.Normal(id)] = true
			}
		}
	}
	owner := identity.Normal(r.cells["ResourceOwner"])
	theirs[owner] = true
	path := r.cells["ResourceId"]
	if r.role == csvschema.VirtualMachines {
		path = r.cells["EnvironmentId"]
	}
	if m := refUser.FindStringSubmatch(path); m != nil && owner == "" {
		theirs[identity.Normal(m[1])] = true
	}
	return all, theirs
}

// after returns the cells of a row as they must be, with constant replacements.
func (is refRuling) after(r refRow, people []string) map[string]string {
	known := map[string]bool{} // the object IDs that go from a row that is due: of the owner, in a path, and of requests
	for _, id := range people {
		known[id] = true
	}
	for c, cell := range r.cells {
		if m := refUser.FindStringSubmatch(cell); m != nil {
			known[identity.Normal(m[1])] = true
		}
		if c == "ResourceOwner" {
			known[identity.Normal(cell)] = true
		}
	}
	cells := map[string]string{}
	for c, cell := range r.cells {
		cells[c] = refIdentifier.ReplaceAllStringFunc(cell, func(id string) string {
			isAddress := strings.Contains(id, "@")
			goes := slices.Contains(is.wanted, identity.Normal(id))
			if is.reason == "due" {
				goes = isAddress || known[identity.Normal(id)]
			}
			switch {
			case !goes, identity.IsReplacement([]byte(id)):
				return id
			case isAddress:
				return identity.ReplacementAddress
			}
			return strings.Replace(id, strings.Trim(id, "{}"), identity.ReplacementObjectID, 1)
		})
	}
	return cells
}

// requireReference plans a world and holds everything to the reference.
func requireReference(t *testing.T, d *dice) {
	t.Helper()
	w := newRefWorld(t, d)
	ref := newReference(t, w.policy, noon, w.exports, w.people)
	unreadable := slices.ContainsFunc(ref.rows, func(r refRow) bool {
		return r.cells["DeletedDate"] == "soon" && ref.decisions[r.key()].Key == (csvschema.Key{})
	})
	if unreadable && !w.policy.KeepUnreadableDates {
		_, err := w.policy.Plan(t.Context(), noon, w.exports)
		require.ErrorIs(t, err, csvschema.ErrValue)
		return
	}
	plan, after := planOf(t, w.policy, noon, w.exports...)
	var total anonymize.Stats
	answers := make([][]anonymize.Answer, len(w.people))
	findings, rows := map[refFinding]*anonymize.Finding{}, map[anonymize.FindingKind]int64{}
	days := map[time.Time]int64{}
	outputs := newReference(t, w.policy, noon, after, w.people).rows
	require.Len(t, outputs, len(ref.rows))
	for i, r := range ref.rows {
		state := ref.stateOf(r)
		is := ref.rule(r, state)
		ref.count(&total, is, requireRow(t, r, is, w.people, outputs[i]))
		if is.reason == "later" {
			days[is.next.UTC().Truncate(24*time.Hour)]++
		}
		note := func(f anonymize.Finding) {
			rows[f.Kind]++
			f.FileID, f.Line = csvschema.FileID{Export: r.export, File: r.file, Role: r.role}, int64(r.number)+2
			id := newRefFinding(f)
			if findings[id] == nil {
				f.Fate = fates[is.reason]
				findings[id] = &f
			}
			findings[id].Rows++
		}
		if hold, held := ref.held(r.key()); held {
			note(anonymize.Finding{Kind: anonymize.Held, Key: r.typedKey(), Reason: hold.Reason, Until: hold.Until})
		}
		if r.key() == "" {
			note(anonymize.Finding{Kind: anonymize.NoResource, Key: r.typedKey()})
		}
		for _, kind := range state.findings {
			f := anonymize.Finding{Kind: kind, Key: r.typedKey()}
			if kind == anonymize.Stale {
				f.Made = state.made
			}
			note(f)
		}
		for q, a := range is.answers {
			answers[q] = addAnswer(answers[q], a)
		}
	}
	report := plan.Report()
	requireCounts(t, total, report.Total)
	require.Len(t, report.Findings, len(findings))
	for _, f := range report.Findings {
		require.Equal(t, findings[newRefFinding(f)], &f)
	}
	require.Equal(t, rows, report.Rows)
	require.Len(t, report.Days, len(days))
	for _, day := range report.Days {
		require.Equal(t, days[day.Date], day.Rows)
	}
	for q := range answers {
		require.Equal(t, answers[q], report.Requests[q].Answers)
		require.Equal(t, w.policy.Requests[q].Kind, report.Requests[q].Kind)
	}
	ref.requireKeeping(t, plan, w.keys)
}

// A refFinding identifies a finding; a row of no resource has one of its own.
type refFinding struct {
	kind anonymize.FindingKind
	key  csvschema.Key
	file csvschema.FileID
	line int64
}

func newRefFinding(f anonymize.Finding) refFinding {
	if key := keyOrNone(f.Key); key != (csvschema.Key{}) {
		return refFinding{kind: f.Kind, key: key}
	}
	return refFinding{kind: f.Kind, file: f.FileID, line: f.Line}
}

// fates are the fates that a refRuling gives a reason for.
var fates = map[string]fate.Fate{
	"due": fate.GoesNow, "later": fate.GoesLater, "exists": fate.KeptExisting, "stale": fate.KeptExisting,
	"unreadable": fate.KeptUndecided, "undecided": fate.KeptUndecided, "held": fate.KeptHeld,
}

// keyOrNone returns the key of a resource, or the zero key of none.
func keyOrNone(k csvschema.Key) csvschema.Key {
	if !isReferenceID.MatchString(k.ResourceUId()) || k.ResourceUId() == nilUID || k.LabUId() == "" || k.LabUId() == "null" {
		return csvschema.Key{}
	}
	return k
}

// addAnswer counts a row of an answer.
func addAnswer(all []anonymize.Answer, a anonymize.Answer) []anonymize.Answer {
	i := slices.IndexFunc(all, func(b anonymize.Answer) bool {
		return keyOrNone(a.Key) != (csvschema.Key{}) && keyOrNone(a.Key) == keyOrNone(b.Key) && a.Fate == b.Fate && a.At.Equal(b.At)
	})
	if i < 0 {
		i, all = len(all), append(all, a)
	}
	all[i].Rows++
	return all
}

// requireKeeping asks what becomes of all keys, and of some that nobody has.
func (ref *reference) requireKeeping(t *testing.T, plan *anonymize.Plan, keys []csvschema.Key) {
	t.Helper()
	keys = append(slices.Clone(keys), csvschema.Key{}, csvschema.VirtualMachineRow{LabUId: "lab-1", ResourceUId: uid("no such")}.Key(), csvschema.DiskRow{LabUId: "lab-1", ResourceUId: uid("uid-", 0)}.Key())
	for _, key := range keys {
		want := fate.Keeping{Fate: fate.KeptExisting}
		at := slices.IndexFunc(ref.rows, func(r refRow) bool { return r.key() != "" && r.typedKey() == key })
		if at >= 0 {
			state := ref.stateOf(ref.rows[at])
			hold, held := ref.held(ref.rows[at].key())
			due := state.deleted.Add(ref.retention())
			switch {
			case held:
				want.Fate, want.At, want.Reason = fate.KeptHeld, hold.Until, hold.Reason
			case state.state == "undecided", state.state == "unreadable":
				want.Fate = fate.KeptUndecided
			case state.state == "deleted" && due.After(ref.now):
				want.Fate, want.At = fate.GoesLater, due
			case state.state == "deleted":
				want.Fate = fate.GoesNow
			}
		}
		require.Equal(t, want, plan.Keeping(key))
	}
}

// requireRow holds a row of the output to the reference, and tells whether it is
// another row.
func requireRow(t *testing.T, r refRow, is refRuling, people []string, after refRow) (changed bool) {
	t.Helper()
	want := is.after(r, people)
	for c, cell := range r.cells {
		got := after.cells[c]
		if !refStandIn.MatchString(cell) {
			got = refStandIn.ReplaceAllStringFunc(got, func(id string) string {
				if strings.Contains(id, "@") {
					return identity.ReplacementAddress
				}
				return identity.ReplacementObjectID
			})
		}
		require.Equal(t, want[c], got, "%s of row %d of file %d of export %d: %+v", c, r.number, r.file, r.export, is)
		changed = changed || want[c] != cell
	}
	return changed
}

func TestPlansAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	eachRoll(t, 600, requireReference)
}

// FuzzPlansAreThoseOfTheReference lets a fuzzer make the worlds.
func FuzzPlansAreThoseOfTheReference(f *testing.F) {
	addRolls(f)
	f.Fuzz(func(t *testing.T, data []byte) { requireReference(t, &dice{data}) })
}
