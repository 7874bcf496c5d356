package anonymize_test

import (
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

// NOTE. This is a reference for plans: what the documentation of Policy says, in
// plain loops over all rows, which are read with encoding/csv. It knows nothing of
// chunks, hashes or indexes, and shares only dates and identifiers with what it is
// the reference of.

// A refRow is a row of the exports.
type refRow struct {
	export, file int // from 1
	role         csvschema.Role
	number       int // in its file, from 0
	made         time.Time
	cells        map[string]string
}

// A reference tells what becomes of each row.
type reference struct {
	policy *anonymize.Policy
	now    time.Time
	rows   []refRow
	people []string // normal form of the identifier of each request
	keys   map[string]csvschema.Key
	byKey  map[string][]refRow

	holds     map[string][]anonymize.Hold
	decisions map[string]anonymize.Decision
}

// newReference reads the exports. The identifiers are those of the requests, in
// their order.
func newReference(t *testing.T, p *anonymize.Policy, now time.Time, exports []csvschema.Export, people []string) *reference {
	t.Helper()
	ref := &reference{policy: p, now: now, people: people, holds: map[string][]anonymize.Hold{}, decisions: map[string]anonymize.Decision{}, keys: map[string]csvschema.Key{}, byKey: map[string][]refRow{}}
	for i, e := range exports {
		for role, sources := range map[csvschema.Role][]csvschema.Source{csvschema.VirtualMachines: e.VirtualMachines, csvschema.Disks: e.Disks} {
			for j, s := range sources {
				for n, cells := range rowsOf(t, s) {
					ref.rows = append(ref.rows, refRow{export: i + 1, file: j + 1, role: role, number: n, made: e.Made, cells: cells})
				}
			}
		}
	}
	slices.SortStableFunc(ref.rows, func(a, b refRow) int {
		return slices.Compare([]int{a.export, int(a.role), a.file, a.number}, []int{b.export, int(b.role), b.file, b.number})
	})
	byKey := map[csvschema.Key]string{}
	for _, r := range ref.rows {
		if key := r.key(); key != "" {
			ref.keys[key], ref.byKey[key] = r.typedKey(), append(ref.byKey[key], r)
			byKey[r.typedKey()] = key
		}
	}
	for _, h := range p.Holds {
		ref.holds[byKey[h.Key]] = append(ref.holds[byKey[h.Key]], h)
	}
	for _, d := range p.Decisions {
		ref.decisions[byKey[d.Key]] = d
	}
	delete(ref.holds, "")
	delete(ref.decisions, "")
	return ref
}

// isReferenceID matches the ResourceUIds that can identify a resource, and nilUID.
var isReferenceID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// replaceable matches what anonymizing changes in the disks of these tests.
var replaceable = regexp.MustCompile(objectID + "|" + otherID + `|[a-z]+@[a-z.]+|` + identity.ReplacementObjectID)

// key returns what all copies of the resource have in common, or "".
func (r refRow) key() string {
	columns := []string{"LabUId", "ResourceUId"}
	if r.role == csvschema.Disks {
		columns = append(columns, "ResourceId", "Name", "DiskBlobName")
	}
	parts := []string{r.role.String()}
	for i, c := range columns {
		part := identity.Normal(r.cells[c])
		if c == "ResourceId" {
			part = string(identity.AppendARM(nil, []byte(r.cells[c])))
		}
		if i == 0 && (part == "" || part == "null") || i == 1 && (!isReferenceID.MatchString(part) || part == nilUID) {
			return ""
		}
		parts = append(parts, replaceable.ReplaceAllString(part, "*"))
	}
	return strings.Join(parts, "\n")
}

// typedKey returns the key of package csvschema.
func (r refRow) typedKey() csvschema.Key {
	if r.role == csvschema.VirtualMachines {
		return csvschema.VirtualMachineRow{LabUId: r.cells["LabUId"], ResourceUId: r.cells["ResourceUId"]}.Key()
	}
	return csvschema.DiskRow{
		LabUId: r.cells["LabUId"], ResourceUId: r.cells["ResourceUId"], ResourceId: csvschema.NewPersonalText(r.cells["ResourceId"]),
		Name: csvschema.NewPersonalText(r.cells["Name"]), DiskBlobName: csvschema.NewPersonalText(r.cells["DiskBlobName"]),
	}.Key()
}

// copies returns all rows of the resource; only the row itself, if it is of none.
func (ref *reference) copies(r refRow) []refRow {
	if r.key() == "" {
		return []refRow{r}
	}
	return ref.byKey[r.key()]
}

// A refState is what all copies of a resource say.
type refState struct {
	state    string // exists, deleted, stale, undecided, unreadable
	deleted  time.Time
	newest   time.Time // export that has it, of those that are known
	made     time.Time // the newest of all, if that is known
	findings []anonymize.FindingKind
}

func (ref *reference) retention() time.Duration {
	if ref.policy.Retention == 0 {
		return 720 * time.Hour
	}
	return ref.policy.Retention
}

// stateOf tells what all copies say, and a decision that goes before.
func (ref *reference) stateOf(r refRow) refState {
	d, decided := ref.decisions[r.key()]
	decided = decided && r.key() != ""
	var s refState
	unknown, inactive, active, differ, noStatus, noDate := false, false, false, false, false, false
	suspect, ids := decided, map[string]bool{} // whether it may have been deleted, and its ResourceIds
	all := ref.copies(r)
	for _, c := range all {
		unknown = unknown || c.made.IsZero()
		if c.made.After(s.newest) {
			s.newest = c.made
		}
	}
	for _, c := range all {
		switch {
		case r.key() == "":
		case r.role == csvschema.Disks:
			id := string(identity.AppendARM(nil, []byte(c.cells["ResourceId"]))) + "\n" + identity.Normal(c.cells["Name"]) + "\n" + identity.Normal(c.cells["DiskBlobName"])
			if !strings.Contains(id, identity.ReplacementObjectID) && !strings.Contains(id, identity.ReplacementAddress) {
				ids[id] = true
			}
		default:
			ids[string(identity.AppendARM(nil, []byte(replaceable.ReplaceAllString(c.cells["ResourceId"], "*"))))] = true
		}
		suspect = suspect || !c.made.IsZero() && !ref.now.Before(c.made.Add(ref.retention()))
		date, err := csvschema.ParseDateTime(c.cells["DeletedDate"])
		at := date.In(ref.policy.Zone)
		switch {
		case err != nil:
			noDate = true
		case !at.IsZero():
			differ = differ || !s.deleted.IsZero() && !s.deleted.Equal(at)
			if at.After(s.deleted) {
				s.deleted = at
			}
		}
		switch strings.ToLower(strings.TrimSpace(c.cells["ResourceStatus"])) {
		case "":
		case "active":
			active = active || err == nil && !at.IsZero()
		case "inactive":
			isNewest := c.made.IsZero() || c.made.Equal(s.newest)
			inactive = inactive || isNewest && err == nil && at.IsZero()
		default:
			noStatus = true
		}
		suspect = suspect || noDate || noStatus || !at.IsZero() || strings.EqualFold(strings.TrimSpace(c.cells["ResourceStatus"]), "inactive")
	}
	several := suspect && len(ids) > 1
	switch {
	case !decided:
	case d.Deleted.IsZero():
		return refState{state: "exists"}
	case !several:
		return refState{state: "deleted", deleted: d.Deleted}
	}
	if !unknown { // then the newest may be another
		s.made = s.newest
	}
	old := !unknown && !s.newest.IsZero() && !ref.now.Before(s.newest.Add(ref.retention()))
	add := func(is bool, kind anonymize.FindingKind) {
		if is {
			s.findings = append(s.findings, kind)
		}
	}
	dated := !s.deleted.IsZero()
	switch {
	case noDate:
		s.state = "unreadable"
	case active, several:
		s.state = "undecided"
	case dated:
		s.state = "deleted"
	case !old && !inactive:
		s.state = "exists"
	default:
		add(true, anonymize.Stale)
		s.state = "stale"
		if ref.policy.DeleteStale && !unknown && !s.newest.IsZero() {
			s.state, s.deleted = "deleted", s.newest
		}
	}
	add(!noDate && !dated && inactive, anonymize.InactiveWithoutDate)
	add(active, anonymize.ActiveWithDate)
	add(several, anonymize.DifferentIDs)
	add(differ, anonymize.DifferentDates)
	add(noStatus, anonymize.UnreadableStatus)
	add(noDate, anonymize.UnreadableDate)
	return s
}

// held returns the hold of a resource that holds longest, if there is one.
func (ref *reference) held(key string) (longest anonymize.Hold, is bool) {
	for _, h := range ref.holds[key] {
		if !h.Until.IsZero() && !ref.now.Before(h.Until) {
			continue
		}
		if !is || !longest.Until.IsZero() && (h.Until.IsZero() || h.Until.After(longest.Until)) {
			longest, is = h, true
		}
	}
	return longest, is
}

// A refRuling is what becomes of a row.
type refRuling struct {
	reason  string // due, later, exists, unreadable, undecided, held
	next    time.Time
	wanted  []string // what goes from a row that is not due, in normal form
	answers map[int]anonymize.Answer
}

// goes returns from when on the identifier of a request goes, if ever.
func (ref *reference) goes(q anonymize.Request, s refState) (at time.Time, ever bool) {
	switch {
	case q.Kind == anonymize.Removed:
		return q.At.Add(ref.retention()), true
	case q.Existing:
		return q.At, true
	case s.state != "deleted":
		return time.Time{}, false
	case s.deleted.After(q.At):
		return s.deleted, true
	}
	return q.At, true
}

// rule decides about a row.
func (ref *reference) rule(r refRow, s refState) refRuling {
	is := refRuling{answers: map[int]anonymize.Answer{}}
	hold, held := ref.held(r.key())
	mentioned, theirs := r.mentions()
	switch s.state {
	case "exists", "stale":
		is.reason = "exists"
	case "deleted":
		is.reason, is.next = "later", s.deleted.Add(ref.retention())
		if !is.next.After(ref.now) {
			is.reason = "due"
		}
	default:
		is.reason = s.state
	}
	for i, q := range ref.policy.Requests {
		at, ever := ref.goes(q, s)
		if !ever || held || !mentioned[ref.people[i]] {
			continue
		}
		whole := theirs[ref.people[i]]
		switch {
		case !at.After(ref.now) && whole:
			is.reason = "due"
		case !at.After(ref.now):
			is.wanted = append(is.wanted, ref.people[i])
		case whole && is.reason != "due" && (is.reason != "later" || at.Before(is.next)):
			is.reason, is.next = "later", at
		}
	}
	if held {
		is.reason = "held"
	}
	for i, q := range ref.policy.Requests {
		if !mentioned[ref.people[i]] {
			continue
		}
		at, ever := ref.goes(q, s)
		a := anonymize.Answer{Key: r.typedKey(), Keeping: fate.Keeping{Fate: fate.KeptUndecided}}
		switch {
		case held:
			a.Fate, a.At, a.Reason = fate.KeptHeld, hold.Until, hold.Reason
		case is.reason == "due", ever && !at.After(ref.now):
			a.Fate = fate.GoesNow
		case ever:
			a.Fate, a.At = fate.GoesLater, at
			if is.reason == "later" && is.next.Before(at) {
				a.At = is.next
			}
		case s.state == "exists", s.state == "stale":
			a.Fate = fate.KeptExisting
		}
		is.answers[i] = a
	}
	return is
}

// count counts a row.
func (ref *reference) count(s *anonymize.Stats, is refRuling, changed bool) {
	s.Rows++
	switch is.reason {
	case "due":
		s.Due++
	case "later":
		s.NotYetDue++
		if s.NextDue.IsZero() || is.next.Before(s.NextDue) {
			s.NextDue = is.next
		}
	case "exists":
		s.NotDeleted++
	case "unreadable":
		s.Unreadable++
	case "undecided":
		s.Undecided++
	case "held":
		s.Held++
	}
	if changed {
		s.Changed++
		if is.reason != "due" {
			s.Parts++
		}
	}
}

// requireCounts compares what the reference counts.
func requireCounts(t *testing.T, want, got anonymize.Stats) {
	t.Helper()
	require.True(t, want.NextDue.Equal(got.NextDue), "next due %v, not %v", want.NextDue, got.NextDue)
	require.Equal(t, want, anonymize.Stats{
		Rows: got.Rows, Due: got.Due, NotYetDue: got.NotYetDue, NotDeleted: got.NotDeleted, Unreadable: got.Unreadable,
		Undecided: got.Undecided, Held: got.Held, Changed: got.Changed, Parts: got.Parts, NextDue: want.NextDue,
	})
}
