package anonymize_test

import (
	"encoding/json"
	"fmt"
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

// A list of requests may hold digests in the place of identifiers: the same rows
// become the same, of the same export whenever it is imported again.
func TestDigestsDoWhatIdentifiersDo(t *testing.T) {
	t.Parallel()
	key := secretKey(t, "k")
	for seed := range worlds(60) {
		w := newWorld(seed, false)
		if len(w.policy.Requests) == 0 {
			continue
		}
		byName, byDigest := *w.policy, *w.policy
		byName.Key, byDigest.Key = key, key
		byDigest.Requests = nil
		for _, q := range w.policy.Requests {
			q.Digest, q.Identifier = anonymize.NewDigest(key, q.Identifier), identity.Identifier{}
			byDigest.Requests = append(byDigest.Requests, q)
		}
		named, want := planOf(t, &byName, w.now, w.exports(asTheyAre)...)
		digested, got := planOf(t, &byDigest, w.now, w.exports(asTheyAre)...)
		for i := range want {
			requireSameText(t, want[i].VirtualMachines, got[i].VirtualMachines)
			requireSameText(t, want[i].Disks, got[i].Disks)
		}
		require.Equal(t, named.Report(), digested.Report())
	}
	other := anonymize.NewDigest(secretKey(t, "l"), identifier(t, "alice@contoso.com"))
	assert.NotEqual(t, other, anonymize.NewDigest(key, identifier(t, "alice@contoso.com")))
	assert.Equal(t, anonymize.NewDigest(key, identifier(t, "ALICE@contoso.com")), anonymize.NewDigest(key, identifier(t, "alice@contoso.com")))
}

// What each kind of request does to a row of Alice's, and to one that only names
// her, by the state of the resource and the time.
func TestRequestsGoByKindStateAndTime(t *testing.T) {
	t.Parallel()
	asked := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const retention = anonymize.DefaultRetention
	for _, test := range []struct {
		name     string
		kind     anonymize.RequestKind
		existing bool
		deleted  string
		after    time.Duration // since the request
		want     fate.Fate
		at       time.Time
	}{
		{"removed, at once", anonymize.Removed, false, "", 0, fate.GoesLater, asked.Add(retention)},
		{"removed, a nanosecond early", anonymize.Removed, false, "", retention - 1, fate.GoesLater, asked.Add(retention)},
		{"removed, in time", anonymize.Removed, false, "", retention, fate.GoesNow, time.Time{}},
		{"removed, deleted later", anonymize.Removed, false, "3/20/2026", retention, fate.GoesNow, time.Time{}},
		{"erase, a nanosecond early", anonymize.Erase, false, "2/28/2026", -1, fate.GoesLater, asked},
		{"erase, deleted before", anonymize.Erase, false, "2/28/2026", 0, fate.GoesNow, time.Time{}},
		{"erase, exists", anonymize.Erase, false, "", 1000 * time.Hour, fate.KeptExisting, time.Time{}},
		{"erase, deleted after", anonymize.Erase, false, "3/2/2026", 0, fate.GoesLater, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)},
		{"erase, deleted after and over", anonymize.Erase, false, "3/2/2026", 12 * time.Hour, fate.GoesNow, time.Time{}},
		{"erase existing, exists", anonymize.Erase, true, "", 0, fate.GoesNow, time.Time{}},
		{"erase existing, a nanosecond early", anonymize.Erase, true, "", -1, fate.GoesLater, asked},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &anonymize.Policy{Requests: []anonymize.Request{{
				Kind: test.kind, Existing: test.existing, Identifier: identifier(t, "alice@contoso.com"), At: asked,
			}}}
			hers := vm(test.deleted, "Alice@contoso.com", map[csvschema.Column]string{csvschema.CustomImageId: "image of bob@contoso.com"})
			names := vm(test.deleted, "bob@contoso.com", map[csvschema.Column]string{
				csvschema.CustomImageId: "image of alice%40contoso.com and carol@contoso.com", csvschema.ResourceUId: "0dd2f8ae-8267-47c5-8cda-484792e203ff",
			})
			_, row, _ := strings.Cut(names, "\n")
			plan, after := planOf(t, p, asked.Add(test.after), exportOf(csvschema.VirtualMachines, []byte(hers+row)))
			answers := plan.Report().Requests[0].Answers
			require.Len(t, answers, 2)
			rows := parsed(t, textOf(t, after[0].VirtualMachines[0]))
			owner, image := 10, 22
			for i, a := range answers {
				assert.Equal(t, test.want, a.Fate)
				assert.True(t, test.at.Equal(a.At), "%v", a.At)
				assert.Equal(t, int64(1), a.Rows)
				assert.Equal(t, a.Fate != fate.GoesNow, strings.Contains(strings.ToLower(strings.Join(rows[i+1], " ")), "alice"))
			}
			if test.want == fate.GoesNow {
				assert.Equal(t, "image of "+identity.ReplacementAddress, rows[1][image], "her row is wholly hers")
				assert.Equal(t, "bob@contoso.com", rows[2][owner], "his row only loses her")
				assert.Contains(t, rows[2][image], "carol@contoso.com")
			}
		})
	}
}

func TestARequestIsAnsweredByKey(t *testing.T) {
	t.Parallel()
	w := newWorld(5, false)
	key := csvschema.VirtualMachineRow{LabUId: "86545712-aadf-4172-bba2-5c738050417e", ResourceUId: "0dd2f8ae-8267-47c5-8cda-484792e203ee"}.Key()
	q := anonymize.Request{Kind: anonymize.Erase, Existing: true, Identifier: identifier(t, "alice@contoso.com"), At: w.now}
	file := []byte(vm("", "alice@contoso.com", nil))
	plan, _ := planOf(t, &anonymize.Policy{Requests: []anonymize.Request{q}, Holds: []anonymize.Hold{{Key: key, Reason: "claim", Until: w.now.Add(1)}}}, w.now, exportOf(csvschema.VirtualMachines, file))
	assert.Equal(t, []anonymize.Answer{{Key: key, Keeping: fate.Keeping{Fate: fate.KeptHeld, At: w.now.Add(1), Reason: "claim"}, Rows: 1}}, plan.Report().Requests[0].Answers)
	plan, after := planOf(t, &anonymize.Policy{Requests: []anonymize.Request{q}, Holds: []anonymize.Hold{{Key: key, Reason: "claim", Until: w.now}}}, w.now, exportOf(csvschema.VirtualMachines, file))
	assert.Equal(t, fate.GoesNow, plan.Report().Requests[0].Answers[0].Fate, "a hold that has ended holds no more")
	plan, _ = planOf(t, &anonymize.Policy{Requests: []anonymize.Request{q}}, w.now, after...)
	assert.Empty(t, plan.Report().Requests[0].Answers, "nothing of it is left")
	assert.Contains(t, anonymize.Reminder, "Article 19")
}

func TestPoliciesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	key := csvschema.VirtualMachineRow{LabUId: "a", ResourceUId: uid("b")}.Key()
	alice := identifier(t, "canary.q7x@example.com")
	at := later
	for name, p := range map[string]*anonymize.Policy{
		"negative retention":         {Retention: -1},
		"unknown replacement":        {Replacement: 99},
		"pseudonyms without a key":   {Replacement: identity.PseudonymReplacement},
		"request of no kind":         {Requests: []anonymize.Request{{Identifier: alice, At: at}}},
		"request of another kind":    {Requests: []anonymize.Request{{Kind: 3, Identifier: alice, At: at}}},
		"request without an instant": {Requests: []anonymize.Request{{Kind: anonymize.Erase, Identifier: alice}}},
		"request of nobody":          {Requests: []anonymize.Request{{Kind: anonymize.Erase, At: at}}},
		"request of two":             {Requests: []anonymize.Request{{Kind: anonymize.Erase, At: at, Identifier: alice, Digest: identity.Digest{1}}}},
		"digest without a key":       {Requests: []anonymize.Request{{Kind: anonymize.Erase, At: at, Digest: identity.Digest{1}}}},
		"request of the nil GUID":    {Requests: []anonymize.Request{{Kind: anonymize.Erase, At: at, Identifier: identifier(t, "{"+nilUID+"}")}}},
		"request of a nil SID":       {Requests: []anonymize.Request{{Kind: anonymize.Erase, At: at, Identifier: identifier(t, "S-1-12-1-0-0-0-0")}}},
		"digest of the nil GUID":     {Key: secretKey(t, "k"), Requests: []anonymize.Request{{Kind: anonymize.Erase, At: at, Digest: anonymize.NewDigest(secretKey(t, "k"), identifier(t, nilUID))}}},
		"removed, existing":          {Requests: []anonymize.Request{{Kind: anonymize.Removed, At: at, Identifier: alice, Existing: true}}},
		"hold of nothing":            {Holds: []anonymize.Hold{{Reason: "x"}}},
		"hold that names somebody":   {Holds: []anonymize.Hold{{Key: key, Reason: "claim of canary.q7x@example.com"}}},
		"hold with a path":           {Holds: []anonymize.Hold{{Key: key, Reason: "/users/canary.q7x/"}}},
		"decision of nothing":        {Decisions: []anonymize.Decision{{}}},
		"decision twice":             {Decisions: []anonymize.Decision{{Key: key}, {Key: key}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := []byte(vm("", "bob@contoso.com", nil))
			exports := []csvschema.Export{exportOf(csvschema.VirtualMachines, file)}
			_, err := p.Plan(t.Context(), later, exports)
			require.ErrorIs(t, err, anonymize.ErrPolicy)
			assert.NotContains(t, err.Error(), "canary")
			_, err = verify.Exports(t.Context(), p, later, exports, exports)
			require.ErrorIs(t, err, anonymize.ErrPolicy)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}

// Whatever is printed, logged or marshalled of a policy, a plan or what it found
// says nothing of the people in it.
func TestNothingThatIsPrintedNamesAnybody(t *testing.T) {
	t.Parallel()
	const address, guid = "canary.q7x@example.com", "c0ffee00-7425-40de-944b-e07fc1f90ae7"
	file := []byte(vm("2/4/2017", address, map[csvschema.Column]string{csvschema.EnvironmentId: "/labs/l/users/" + guid + "/environments/e", csvschema.ResourceStatus: "Active"}))
	p := &anonymize.Policy{
		Key: secretKey(t, "k"), Replacement: identity.PseudonymReplacement,
		Requests: []anonymize.Request{{Kind: anonymize.Erase, Identifier: identifier(t, address), At: later, Existing: true}, {Kind: anonymize.Removed, Identifier: identifier(t, guid), At: later}},
	}
	exports := []csvschema.Export{exportOf(csvschema.VirtualMachines, file)}
	plan, after := planOf(t, p, later, exports...)
	require.NotEmpty(t, plan.Report().Findings)
	require.NotEmpty(t, plan.Report().Requests[0].Answers)
	bad, err := verify.Exports(t.Context(), p, later, exports, exports)
	require.NoError(t, err)
	require.False(t, bad.OK())
	good, err := verify.Exports(t.Context(), p, later, exports, after)
	require.NoError(t, err)
	for _, v := range []any{p, *p, p.Requests, plan.Report(), *plan.Report(), plan.Keeping(plan.Report().Findings[0].Key), bad, *bad, good} {
		var all strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&all, verb+"\n", v)
		}
		if text, err := json.Marshal(v); err == nil {
			all.Write(text)
		}
		text := strings.ToLower(all.String())
		for _, secret := range []string{"canary", fmt.Sprintf("%x", "canary"), "c0ffee", fmt.Sprintf("%x", "c0ffee"), "kkkkk", "6b6b6b6b", "107 107 107", "99 97 110"} {
			assert.NotContains(t, text, secret, "%T", v)
		}
	}
}
