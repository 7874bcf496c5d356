package redact_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/redact"
)

const (
	carol   = "carol@fabrikam.com"
	carolID = "ca501000-0000-4000-8000-000000000007"
	bareID  = "00000b0b000040008000000000000002" // bob's without hyphens
)

// cells are those of one row of virtual machines; Notes is not documented.
type cells struct {
	Sub, Lab, UID, Resource, Name, Owner, Env, Compute, Image, Tier, Deleted, Notes string
}

const hiddenHeader = "SubscriptionId,LabUId,ResourceUId,ResourceId,Name,ResourceOwner,EnvironmentId,ComputeResourceId,CustomImageId,PricingTier,DeletedDate,Notes\n"

func (c *cells) list() []*string {
	return []*string{&c.Sub, &c.Lab, &c.UID, &c.Resource, &c.Name, &c.Owner, &c.Env, &c.Compute, &c.Image, &c.Tier, &c.Deleted, &c.Notes}
}

// record returns the row as a record, every cell quoted.
func (c cells) record(t testing.TB) csvschema.Record {
	t.Helper()
	var texts []string
	for _, cell := range c.list() {
		texts = append(texts, `"`+strings.ReplaceAll(*cell, `"`, `""`)+`"`)
	}
	return readOne(t, csvschema.VirtualMachines, []byte(hiddenHeader+strings.Join(texts, ",")+"\n"))
}

// redacted returns the cells of a record as they may be handed out.
func redacted(r redact.Record) (c cells) {
	for i, cell := range c.list() {
		*cell = string(r.Cell(i))
	}
	return c
}

func TestWhatNamesSomebodyElseIsHiddenAndNothingElse(t *testing.T) {
	t.Parallel()
	const (
		owner = redact.OtherOwner
		user  = redact.OtherUser
		mail  = redact.OtherAddress
		again = redact.OtherOccurrence
		name  = redact.OtherName
		whole = redact.NotJudged
	)
	for _, test := range []struct {
		name     string
		row      cells
		want     cells
		reasons  []redact.Reason
		subjects []string // alice by default
	}{
		{name: "nothing of others", row: cells{Name: "alice042", Owner: alice, Env: users + aliceID + "/e"}, want: cells{Name: "alice042", Owner: alice, Env: users + aliceID + "/e"}},
		{name: "address", row: cells{Owner: alice, Notes: "ask bob@contoso.com."}, want: cells{Owner: alice, Notes: "ask [hidden]."}, reasons: []redact.Reason{mail}},
		{name: "quotes", row: cells{Owner: alice, Notes: `say "hi" to bob@contoso.com, now`}, want: cells{Owner: alice, Notes: `say "hi" to [hidden], now`}, reasons: []redact.Reason{mail}},
		{name: "percent-encoded address", row: cells{Owner: alice, Image: "/images/bob%2540contoso.com v2"}, want: cells{Owner: alice, Image: "/images/[hidden] v2"}, reasons: []redact.Reason{mail}},
		{name: "path of a user", row: cells{Owner: alice, Env: users + bobID + "/environments/e"}, want: cells{Owner: alice, Env: users + "[hidden]/environments/e"}, reasons: []redact.Reason{user}},
		{name: "path of a user by a name", row: cells{Owner: alice, Env: users + "team seven/e", Image: "made by Team Seven"}, want: cells{Owner: alice, Env: users + "[hidden]/e", Image: "made by [hidden]"}, reasons: []redact.Reason{user, again}},
		{name: "path of a user that is found with more", row: cells{Owner: alice, Env: users + "team?x@y.com/e", Notes: "of the team"}, want: cells{Owner: alice, Env: users + "[hidden]/e", Notes: "of the [hidden]"}, reasons: []redact.Reason{user, again}},
		{name: "users of OData", row: cells{Owner: alice, Env: "/Users(id='" + bobID + "')/e", Image: `users("team seven")`, Notes: "users(id='" + aliceID + "') of Team Seven"}, want: cells{Owner: alice, Env: "/Users(id='[hidden]')/e", Image: `users("[hidden]")`, Notes: "users(id='" + aliceID + "') of [hidden]"}, reasons: []redact.Reason{user, user, again}},
		{name: "personal folders", row: cells{Owner: alice, Env: "/personal/bob_contoso_com/e", Image: "/personal/photos/x", Notes: "bob_contoso_com%2Fx"}, want: cells{Owner: alice, Env: "/personal/[hidden]/e", Image: "/personal/photos/x", Notes: "[hidden]%2Fx"}, reasons: []redact.Reason{user, again}},
		{name: "a personal folder may be that of another with the same letters", row: cells{Owner: alice, Env: "/personal/alice_example_com/e"}, want: cells{Owner: alice, Env: "/personal/[hidden]/e"}, reasons: []redact.Reason{user}},
		{name: "an address of MIME", row: cells{Owner: alice, Notes: "bob=40contoso.com ALICE=40example=2Ecom ?u=40"}, want: cells{Owner: alice, Notes: "[hidden] ALICE=40example=2Ecom ?u=40"}, reasons: []redact.Reason{mail}},
		{name: "an address of a name of XML", row: cells{Owner: alice, Notes: "bob_x0040_contoso.com alice_x0040_example_x002E_com"}, want: cells{Owner: alice, Notes: "[hidden] alice_x0040_example_x002E_com"}, reasons: []redact.Reason{mail}},
		{name: "what touches is one", row: cells{Owner: alice, Env: users + "(team)/e", Image: bob, Notes: "the (team)bob042"}, want: cells{Owner: alice, Env: users + "[hidden]/e", Image: "[hidden]", Notes: "the [hidden]"}, reasons: []redact.Reason{user, mail, again}},
		{name: "me is nobody else", row: cells{Owner: alice, Env: users + "@me/e"}, want: cells{Owner: alice, Env: users + "@me/e"}},
		{name: "replacements are nobody", row: cells{
			Owner: identity.ReplacementAddress, Env: users + identity.ReplacementObjectID + "/e",
			Notes: "t-0123456789abcdef0123456789abcdef@anonymized.invalid p-0123456789abcdef0123456789abcdef@anonymized.invalid",
		}, want: cells{
			Owner: identity.ReplacementAddress, Env: users + identity.ReplacementObjectID + "/e",
			Notes: "t-0123456789abcdef0123456789abcdef@anonymized.invalid p-0123456789abcdef0123456789abcdef@anonymized.invalid",
		}},
		{name: "GUIDs stay that nothing says are somebody's", row: cells{Sub: oneLab, Lab: twoLab, UID: uid1, Owner: alice, Name: "box-" + bobID}, want: cells{Sub: oneLab, Lab: twoLab, UID: uid1, Owner: alice, Name: "box-" + bobID}},
		{name: "an object ID again, in any form", row: cells{Owner: alice, Env: users + bobID + "/e", Name: "x" + bareID, Notes: "{" + strings.ToUpper(bobID) + "} " + strings.ReplaceAll(bobID, "-", "%2D")}, want: cells{Owner: alice, Env: users + "[hidden]/e", Name: "x[hidden]", Notes: "{[hidden]} [hidden]"}, reasons: []redact.Reason{again, user, again, again}},
		{name: "an object ID that is a key, too, stays there", row: cells{Lab: bobID, UID: bareID, Owner: alice, Env: users + bobID + "/e"}, want: cells{Lab: bobID, UID: bareID, Owner: alice, Env: users + "[hidden]/e"}, reasons: []redact.Reason{user}},
		{name: "an address is no key", row: cells{Lab: bob, Owner: alice}, want: cells{Lab: "[hidden]", Owner: alice}, reasons: []redact.Reason{mail}},
		{name: "owner", row: cells{Owner: "Bob@contoso.com"}, want: cells{Owner: "[hidden]"}, reasons: []redact.Reason{owner}},
		{name: "owner of another form", row: cells{Owner: "svc build agent", Image: "by SVC%20Build%20Agent"}, want: cells{Owner: "[hidden]", Image: "by [hidden]"}, reasons: []redact.Reason{owner, again}},
		{name: "owners by object IDs", row: cells{Owner: carolID + ", " + bobID, Name: bareID, Notes: "of " + carolID}, want: cells{Owner: "[hidden]", Name: "[hidden]", Notes: "of [hidden]"}, reasons: []redact.Reason{again, owner, again}},
		{name: "owner by an object ID", row: cells{Owner: "{" + bobID + "}", Name: bareID}, want: cells{Owner: "[hidden]", Name: "[hidden]"}, reasons: []redact.Reason{again, owner}},
		{name: "blank owner", row: cells{Owner: " \u200b", Env: users + aliceID}, want: cells{Owner: " \u200b", Env: users + aliceID}},
		{name: "owner that is no word", row: cells{Owner: "☃"}, want: cells{Owner: "[hidden]"}, reasons: []redact.Reason{owner}},
		{
			name:    "names derived from an address of the row",
			row:     cells{Resource: "/vms/bob042", Name: "Bob042", Owner: bob, Compute: "/resourceGroups/lab-bob042-123456/x/bob042"},
			want:    cells{Resource: "/vms/[hidden]", Name: "[hidden]", Owner: "[hidden]", Compute: "/resourceGroups/lab-[hidden]-123456/x/[hidden]"},
			reasons: []redact.Reason{name, name, owner, name, name},
		},
		{name: "a name without an address in the row", row: cells{Owner: alice, Name: "bob042"}, want: cells{Owner: alice, Name: "bob042"}},
		{name: "a name of an image is no name", row: cells{Owner: alice, Tier: "Standard_DS1", Notes: "standard@contoso.com, standard042"}, want: cells{Owner: alice, Tier: "Standard_DS1", Notes: "[hidden], [hidden]"}, reasons: []redact.Reason{mail, name}},
		{name: "names of the subject stay, though others are called so", row: cells{Owner: alice, Name: "alice042", Image: "by alice@contoso.com, ali@contoso.com"}, want: cells{Owner: alice, Name: "alice042", Image: "by [hidden], [hidden]"}, reasons: []redact.Reason{mail, mail}},
		{name: "names of the subject stay, though a path has them", row: cells{Owner: alice, Name: "alice-042", Env: users + "alice/e"}, want: cells{Owner: alice, Name: "alice-042", Env: users + "[hidden]/e"}, reasons: []redact.Reason{user}},
		{name: "names of others go, though they begin like the subject's", row: cells{Owner: alice, Name: "alice-smith042", Notes: "alice.smith@contoso.com"}, want: cells{Owner: alice, Name: "[hidden]", Notes: "[hidden]"}, reasons: []redact.Reason{name, mail}},
		{name: "the subject in any spelling", row: cells{Owner: " ALICE@example.com", Name: strings.ReplaceAll(aliceID, "-", ""), Env: users + "{" + strings.ToUpper(aliceID) + "}/e", Image: "alice%40example.com", Notes: "<Alice@Example.com>; alice@example.com"}, want: cells{Owner: " ALICE@example.com", Name: strings.ReplaceAll(aliceID, "-", ""), Env: users + "{" + strings.ToUpper(aliceID) + "}/e", Image: "alice%40example.com", Notes: "<Alice@Example.com>; alice@example.com"}},
		{name: "the subject among others", row: cells{Owner: alice, Notes: "bob@contoso.com;alice@example.com@carol@fabrikam.com"}, want: cells{Owner: alice, Notes: "[hidden];alice@example.com[hidden]"}, reasons: []redact.Reason{mail, mail}},
		{name: "the subject in a path with others", row: cells{Owner: alice, Env: users + "alice@example.com (bob)/e", Notes: "Bob's"}, want: cells{Owner: alice, Env: users + "alice@example.com[hidden]/e", Notes: "Bob's"}, reasons: []redact.Reason{user}},
		{name: "a longer address than the subject's", row: cells{Owner: alice, Notes: "alice@example.com.example.test malice@example.com"}, want: cells{Owner: alice, Notes: "[hidden] [hidden]"}, reasons: []redact.Reason{mail, mail}},
		{name: "a name that is a part of the subject's address", row: cells{Owner: alice, Env: users + "example/e", Notes: "example alice@example.com"}, want: cells{Owner: alice, Env: users + "[hidden]/e", Notes: "[hidden] alice@example.com"}, reasons: []redact.Reason{user, again}},
		{name: "nearly the subject", row: cells{Owner: "strauss@example.com", Notes: "strauß@example.com STRAUSS@example.com"}, want: cells{Owner: "strauss@example.com", Notes: "[hidden] STRAUSS@example.com"}, reasons: []redact.Reason{mail}, subjects: []string{"strauss@example.com"}},
		{name: "a guest account that was not given", row: cells{Owner: alice, Notes: "alice_example.com#EXT#@contoso.onmicrosoft.com"}, want: cells{Owner: alice, Notes: "[hidden]"}, reasons: []redact.Reason{mail}},
		{
			name:     "an object ID that is only in the address of the subject",
			row:      cells{Owner: bareID + alice, Env: users + bobID + "/e", Notes: bob + " of " + bobID + ", " + bareID + alice},
			want:     cells{Owner: bareID + alice, Env: users + "[hidden]/e", Notes: "[hidden] of [hidden], " + bareID + alice},
			subjects: []string{bareID + alice}, reasons: []redact.Reason{user, mail, again},
		},
		{name: "a guest account that was given", row: cells{Owner: alice, Notes: "Alice_example.com#ext#@contoso.onmicrosoft.com"}, want: cells{Owner: alice, Notes: "Alice_example.com#ext#@contoso.onmicrosoft.com"}, subjects: []string{alice, "alice_example.com#EXT#@contoso.onmicrosoft.com"}},
		{name: "what is typed stays, what is not does not", row: cells{Owner: alice, Env: users + "2024/e", Deleted: "1/3/2024", Notes: "1/3/2024"}, want: cells{Owner: alice, Env: users + "[hidden]/e", Deleted: "1/3/2024", Notes: "1/3/[hidden]"}, reasons: []redact.Reason{user, again}},
		{name: "a date that is none", row: cells{Owner: alice, Deleted: "bob@contoso.com"}, want: cells{Owner: alice, Deleted: "[hidden]"}, reasons: []redact.Reason{mail}},
		{name: "what was hidden before", row: cells{Owner: alice, Env: users + "[hidden]/e", Notes: "[hidden] hidden"}, want: cells{Owner: alice, Env: users + "[hidden]/e", Notes: "[hidden] hidden"}},
		{name: "a short name after what was hidden before", row: cells{Owner: alice, Env: users + "[hidden]ab/e", Notes: "the [hidden]ab"}, want: cells{Owner: alice, Env: users + "[hidden][hidden]/e", Notes: "the [hidden]ab"}, reasons: []redact.Reason{user}},
		{name: "somebody who is called hidden", row: cells{Owner: alice, Notes: "hidden@contoso.com hidden"}, want: cells{Owner: alice, Notes: "[hidden] [hidden]"}, reasons: []redact.Reason{mail, name}},
		{name: "a formula stays what it is", row: cells{Owner: alice, Notes: "=HYPERLINK(bob@contoso.com)"}, want: cells{Owner: alice, Notes: "=HYPERLINK([hidden])"}, reasons: []redact.Reason{mail}},
		{
			name:    "the subject in quotation marks that are a part of somebody's name",
			row:     cells{Lab: "'alice@example.com'bob@x.com", Owner: "'alice@example.com'bob@x.com", Notes: "'Alice@example.com'alice@example.com"},
			want:    cells{Lab: "[hidden]alice@example.com[hidden]", Owner: "[hidden]alice@example.com[hidden]", Notes: "[hidden]Alice@example.com[hidden]"},
			reasons: []redact.Reason{whole, whole, whole, whole, whole, whole},
		},
		{name: "a cell that names somebody even when hidden goes as a whole", row: cells{Owner: alice, Image: "bob.hidden@contoso.com", Notes: "alice@example.com bob carol@x.com"}, want: cells{Owner: alice, Image: "[hidden]", Notes: "alice@example.com[hidden]"}, reasons: []redact.Reason{mail, whole}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.subjects == nil {
				test.subjects = []string{alice, aliceID}
			}
			r := redactor(t, subject(t, test.subjects...), nil)
			got := r.Record(test.row.record(t))
			assert.Equal(t, test.want, redacted(got))
			var reasons []redact.Reason
			counts := map[redact.Reason]int64{}
			for _, h := range got.Hidden {
				reasons = append(reasons, h.Reason)
				counts[h.Reason]++
			}
			assert.Equal(t, test.reasons, reasons)
			for reason := owner; reason <= whole; reason++ {
				assert.Equal(t, counts[reason], r.Summary().ByReason(reason))
			}
			assert.Equal(t, int64(len(reasons)), r.Summary().Places())
			again := r.Record(test.want.record(t))
			assert.Equal(t, test.want, redacted(again), "twice is once")
			assert.Empty(t, again.Hidden)
		})
	}
}

func TestARowWithTooManyIdentifiersKeepsOnlyWhatTheSubjectGave(t *testing.T) {
	t.Parallel()
	var people strings.Builder
	for i := range 101 {
		people.WriteString(strings.Repeat("x", 1+i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + "@contoso.com, ")
	}
	row := cells{
		Sub: oneLab, Lab: twoLab, UID: uid1, Name: "some name", Owner: alice, Env: users + "@me/e, " + aliceID,
		Tier: "Standard", Deleted: "1/3/2024", Notes: people.String() + "Alice@example.com!",
		Image: "'alice@example.com'b",
	}
	r := redactor(t, subject(t, alice, aliceID), nil)
	got := r.Record(row.record(t))
	assert.Equal(t, cells{
		Sub: oneLab, Lab: twoLab, UID: uid1, Name: "[hidden]", Owner: alice, Env: "[hidden]" + aliceID,
		Tier: "[hidden]", Deleted: "1/3/2024", Notes: "[hidden]Alice@example.com!",
		Image: "[hidden]alice@example.com[hidden]",
	}, redacted(got))
	assert.Equal(t, int64(6), r.Summary().NotJudged)
}

func TestEverythingInALongCellIsJudged(t *testing.T) {
	t.Parallel()
	const n = 5_000
	for name, text := range map[string]string{
		"addresses": alice + " " + bob + "; ",
		"users":     "/users/" + aliceID + "/users/" + bobID + "/ ",
		"names":     "alice042 bob042 ",
		"hidden":    "[hidden] " + bob + " ",
	} {
		rec := readOne(t, csvschema.VirtualMachines, []byte("ResourceOwner,LabName\n"+bob+","+strings.Repeat(text, n)+"\n"))
		got := redactor(t, subject(t, alice, aliceID), nil).Record(rec)
		cell := string(got.Value(csvschema.LabName))
		assert.NotContains(t, cell, "bob", name)
		assert.NotContains(t, cell, bobID, name)
		assert.Equal(t, strings.Count(text, "alice")*n, strings.Count(cell, "alice"), name)
		assert.Equal(t, strings.Count(text, aliceID)*n, strings.Count(cell, aliceID), name)
	}
}

// The object ID of somebody else may look like a name that was made of the subject's.
func TestAnObjectIDIsNoNameOfTheSubject(t *testing.T) {
	t.Parallel()
	const id = "abcdef01-2345-4678-9abc-def012345678"
	rec := readOne(t, csvschema.VirtualMachines, []byte("ResourceOwner,EnvironmentId,Name,LabName\nabcdef01@example.com,/users/"+id+"/e,"+strings.ReplaceAll(id, "-", "")+",abcdef01234\n"))
	got := redactor(t, subject(t, "abcdef01@example.com"), nil).Record(rec)
	assert.Equal(t, "[hidden]", string(got.Value(csvschema.Name)))
	assert.Equal(t, "abcdef01234", string(got.Value(csvschema.LabName)))
}
