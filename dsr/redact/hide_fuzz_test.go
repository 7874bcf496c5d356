package redact_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// FuzzRedact checks that nobody else is left in what is handed out, in any spelling,
// and that the subject stays; that everything else is unchanged; that redacting twice
// equals redacting once; and that typed rows are redacted in the same way.
func FuzzRedact(f *testing.F) {
	for _, seed := range [][4]string{
		{alice, users + bobID + "/e", "bob042", "bob@contoso.com"},
		{"bob", "%2Fusers%2Fbob", "x@", "@y"},
		{"Alice@example.com", "BOB%40CONTOSO.COM", strings.ToUpper(bareID), "=?alice@example.com@bob@contoso.com"},
		{aliceID, "/users/" + aliceID + " " + carolID, "[hidden]", "'alice@example.com' %255b"},
		{"", "/users/@me/users/removed@anonymized.invalid/", "alice-smith", "alice.smith@x.com /users/a%2Fb"},
		{"a b", "\uff42ob＠contoso.com", "bo\u00adb@contoso.com", "alice@example.com/users/alice/alice042"},
		{"\u200b", "ca501000-0000-4000-8000-0000000000070a11ce00-0000-4000-8000-000000000001", "c/users/c", "/users/\"x\"/"},
		{"'alice@example.com'bob@x.com", "'alice@example.com'alice@example.com", "", ""},
		{"hidden", "/users/hidden/", "[hidden]@x.com", "bob.hidden@x.com bob [hidden]"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	s := subject(f, alice, aliceID)
	f.Fuzz(func(t *testing.T, owner, env, name, notes string) {
		requireRedacted(t, s, owner, env, name, notes)
	})
}

// hardParts are what cells are made of in which hiding goes wrong.
var hardParts = []string{
	alice, "Alice@EXAMPLE.com", bob, "alice", "bob", "a", "'", "'", "''", "@", ".", "_", " ", "/", `"`, "(", "')", ";", "#", "?", "%40", "%2540", "%2F", `\u0040`, `\`, "&#64;", "=40", "_x0040_",
	"/users/", "users('", "/personal/", "@me", "alice_example_com", "alice_example.com#EXT#@x.onmicrosoft.com", ".com", "contoso.com", "042", "\u200b", "\u00ad", "e\u0301", "＠", "李", "\n",
	aliceID, carolID, bareID, "{", "}", identity.ReplacementAddress, identity.ReplacementObjectID, "[hidden]", "[", "]", "hidden",
}

// Each row is made of six parts: few parts often meet in a way that many never do.
func TestRandomRowsAreRedacted(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 5))
	s := subject(t, alice, aliceID)
	for range 300 {
		var few [6]string
		var cells [4]string
		for i := range few {
			few[i] = hardParts[r.IntN(len(hardParts))]
		}
		for i := range cells {
			for range r.IntN(6) {
				cells[i] += few[r.IntN(len(few))]
			}
		}
		requireRedacted(t, s, cells[0], cells[1], cells[2], cells[3])
		require.False(t, t.Failed(), "%q", cells)
	}
}

// requireRedacted checks all that FuzzRedact says of a row of these texts.
func requireRedacted(t testing.TB, s dsr.Subject, owner, env, name, notes string) {
	t.Helper()
	for _, text := range []*string{&owner, &env, &name, &notes} {
		*text = strings.ReplaceAll(strings.ToValidUTF8(*text, ""), "\x00", "")
	}
	row := cells{
		Sub: oneLab, Lab: twoLab, UID: uid1, Owner: owner, Env: env, Name: name,
		Image: "/users/" + carolID + "/by bob@contoso.com/" + name, Compute: name + " <alice@example.com> " + env,
		Notes: notes + " <alice@example.com> " + owner,
	}
	r := redactor(t, s, nil)
	rec := row.record(t)
	got := r.Record(rec)
	csvschematest.AssertNoIdentifiers(t, got.AppendTo(nil), bob, carolID)
	out := redacted(got)
	assert.Contains(t, out.Compute, "alice@example.com", "the subject stays")
	assert.Contains(t, out.Notes, "alice@example.com", "the subject stays")
	assert.Equal(t, []string{row.Sub, row.Lab, row.UID}, []string{out.Sub, out.Lab, out.UID})
	before, after := row.list(), out.list()
	for i := range before {
		rest, ok := *before[i], true
		for n, part := range strings.Split(*after[i], "[hidden]") {
			at := strings.Index(rest, part)
			ok = ok && at >= 0 && (n > 0 || at == 0)
			if !ok {
				break
			}
			rest = rest[at+len(part):]
		}
		assert.True(t, ok, "what is not hidden is unchanged")
	}
	again := r.Record(out.record(t))
	assert.Equal(t, out, redacted(again))
	assert.Empty(t, again.Hidden)
	assert.Equal(t, int64(len(got.Hidden)), r.Summary().Places())

	row.Notes, row.Deleted = "", ""
	want := redacted(r.Record(row.record(t)))
	typed, err := csvschema.DecodeRecord[csvschema.VirtualMachineRow](row.record(t))
	require.NoError(t, err)
	typed, err = redact.RedactRow(r, typed)
	require.NoError(t, err)
	assert.Equal(t, want, cells{
		Sub: typed.SubscriptionId, Lab: typed.LabUId, UID: typed.ResourceUId, Resource: typed.ResourceId.Reveal(), Name: typed.Name.Reveal(),
		Owner: typed.ResourceOwner.Reveal(), Env: typed.EnvironmentId.Reveal(), Compute: typed.ComputeResourceId.Reveal(), Image: typed.CustomImageId.Reveal(),
	})
}
