package identity_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/densetest"
)

// armIDs are ARM IDs and their normal forms.
var armIDs = []struct{ id, want string }{
	{"", ""},
	{"/", ""},
	{" // ", ""},
	{"/subscriptions/S/resourceGroups/G", "subscriptions/s/resourcegroups/g"},
	{"subscriptions/S/resourceGroups/G/", "subscriptions/s/resourcegroups/g"},
	{"//subscriptions//S///resourceGroups/G//", "subscriptions/s/resourcegroups/g"},
	{"https://management.azure.com/subscriptions/S/resourceGroups/G", "subscriptions/s/resourcegroups/g"},
	{"HTTPS://management.usgovcloudapi.net:443//subscriptions/S/resourceGroups/G/", "subscriptions/s/resourcegroups/g"},
	{"http://10.0.0.1:8080/subscriptions/S/resourceGroups/G", "subscriptions/s/resourcegroups/g"},
	{"https%3A%2F%2Fmanagement.azure.com%2Fsubscriptions%2fS%2FresourceGroups%252FG", "subscriptions/s/resourcegroups/g"},
	{" /subscriptions/S/resourceGroups/%47 \u200B", "subscriptions/s/resourcegroups/g"},
	{"/subscriptions/%2573%2f%72%65sourcegroups/g", "subscriptions/s/resourcegroups/g"},
	{"https://management.azure.com", ""},
	{"/subscriptions/S/labs/L?api-version=2018-09-15", "subscriptions/s/labs/l"},
	{"https://management.azure.com/subscriptions/S/labs/L/?API-Version=2018-09-15&$expand=x/y", "subscriptions/s/labs/l"},
	{"management.azure.com/subscriptions/S/labs/L", "subscriptions/s/labs/l"},
	{"//Management.Azure.com:443//subscriptions/S/labs/L", "subscriptions/s/labs/l"},
	{`\/subscriptions\/S\\/labs\/L`, "subscriptions/s/labs/l"},
	{"&#47;subscriptions&#x2F;S&sol;labs&#47;L", "subscriptions/s/labs/l"},
	{` "/subscriptions/S/labs/L" `, "subscriptions/s/labs/l"},
	{`'"/subscriptions/S/labs/L?api-version=1"'`, "subscriptions/s/labs/l"},
	{`"https://management.azure.com/labs/L"?api-version=1`, "labs/l"},
	{"/subscriptions/S/labs/CAF\u00c9&#47\u037e", "subscriptions/s/labs/caf\u00e9"},
	{"management.azure.com/labs/L", "management.azure.com/labs/l"},
	{"subscriptions/subscriptions/S", "subscriptions/subscriptions/s"},
	{`"`, `"`},
	{`"/labs/L`, `"/labs/l`},
	{"ftp://h/x", "ftp:/h/x"},
	{"https:/h/x", "https:/h/x"},
	{"/labs/a b", "labs/a b"},
	{"/labs/a%20b%20/", "labs/a b"},
	{"/labs/CAFÉ", "labs/café"},
	{"/labs/cafe%CC%81", "labs/café"},
	{"/labs/caf%c3%A9/", "labs/café"},
	{"/labs/caf%C3/x", "labs/caf%c3/x"},
	{"/labs/100%/x", "labs/100%/x"},
	{"/labs/%%34%31", "labs/a"},
	{"/{D02677F79C065740AFD80A213AD58E72}/", objectID},
	{"//{D02677F79C065740AFD80A213AD58E72}", objectID},
	{"/labs/a//b", "labs/a/b"},
	{"/labs/a/ /b", "labs/a/ /b"},
}

func TestARMIDsHaveOneNormalForm(t *testing.T) {
	t.Parallel()
	for _, test := range armIDs {
		assert.Equal(t, "="+test.want, string(identity.AppendARM([]byte("="), []byte(test.id))), test.id)
	}
}

// Segments that differ are not joined.
func TestARMIDsOfTwoResourcesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, id := range []string{"/labs/a/b", "/labs/ab", "/labs/a", "/labs", "/labs/a%ed", "/labs/a%ee", "/labs/a%", "/labs/a.", "/labs/ä", "/labs/a/b?x=1", "/labs/a/b#1", "/users/b#ext#@x.com/a", "/users/c#ext#@x.com/a", "/labs/a'", "/labs/a&b"} {
		form := string(identity.AppendARM(nil, []byte(id)))
		assert.Empty(t, seen[form], id)
		seen[form] = id
	}
}

// requireARM checks all that is promised of the normal form of an ARM ID.
func requireARM(t *testing.T, id []byte) {
	t.Helper()
	if !utf8.Valid(id) {
		return // files with it are refused, and where NFC looks on after it depends on what follows
	}
	before := bytes.Clone(id)
	once := identity.AppendARM(nil, id)
	require.Equal(t, before, id, "the ID was changed")
	require.Equal(t, string(once), string(identity.AppendARM(nil, once)), "from %q", id)
	require.NotContains(t, string(once), "//")
	forms := identity.ARMForms()
	for _, other := range []string{string(id), "/subscriptions/s/labs/l", "/subscriptions/s/labs/" + string(id), string(id) + "/x", string(id[:len(id)/2]), string(id)} {
		form, _, _ := forms(nil, []byte(other))
		require.Equal(t, string(identity.AppendARM(nil, []byte(other))), string(form))
	}
	require.Equal(t, string(once), strings.Trim(string(once), "/"))
	for _, spelling := range []string{"/" + string(id), string(id) + "/", "//" + string(id) + "//"} {
		if !bytes.ContainsAny(id, `%\`) {
			require.Equal(t, string(once), string(identity.AppendARM(nil, []byte(spelling))))
		}
	}
	require.Equal(t, string(once), string(identity.AppendARM(nil, []byte("https://management.azure.com/"+string(once)))))
}

func FuzzARM(f *testing.F) {
	for _, test := range armIDs {
		f.Add([]byte(test.id))
	}
	f.Add([]byte(" / /x/ %2F"))
	f.Add([]byte("http://a/https://b//c"))
	f.Add([]byte("a.\u212a/subscriptions/x"))
	f.Fuzz(func(t *testing.T, id []byte) { requireARM(t, id) })
}

func TestNormalizingARMIDsDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 256)
	for _, id := range []string{"/subscriptions/S/labs/L", "https://management.azure.com//subscriptions/%53/labs/L/", "management.azure.com\\/subscriptions/s?api-version=1"} {
		text := []byte(id)
		assert.Zero(t, testing.AllocsPerRun(100, func() { buf = identity.AppendARM(buf[:0], text) }), id)
		forms := identity.ARMForms()
		assert.Zero(t, testing.AllocsPerRun(100, func() { buf, _, _ = forms(buf[:0], text) }), id)
	}
}

// TestUsualARMIDsAreAsOthers compares IDs with the same in quotes, which are removed, and
// which the short way of usual IDs does not know.
func TestUsualARMIDsAreAsOthers(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"/", "/", "s", "Labs", "L1", ".", "-", " ", "é", "É", "%2f", "%", "\\", "&#47;", "\"", "d02677f7-9c06-5740-afd8-0a213ad58e72"}
	hard := append(pieces, "//", "subscriptions/", "subscriptions", "https://", "://", "https%3A//", "a.b", ":443", "\u200B", "\u00A0", "?api-version=", "&", "'", "&quot;", "%22", "%20", "%252F", "%C3", "%A9", "\u0301", "\u212A", "\u037e", "{D02677F79C065740AFD80A213AD58E72}")
	for range 20_000 {
		var id strings.Builder
		id.WriteString([]string{"/Subscriptions/", "/subscriptions/", "/subscription", "/"}[random.IntN(4)])
		for range random.IntN(12) {
			id.WriteString(pieces[random.IntN(len(pieces))])
		}
		require.Equal(t, string(identity.AppendARM(nil, []byte(`"`+id.String()+`"`))), string(identity.AppendARM([]byte("x"), []byte(id.String()))[1:]), id.String())
		requireARM(t, []byte(densetest.Text(random, densetest.Few(random, hard), 9)))
	}
}

// TestFormsOfARMIDsAreThoseOfEachAlone gives IDs of which many begin as the one before.
func TestFormsOfARMIDsAreThoseOfEachAlone(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"/", "/", "/Labs/", "s", "Labs", "L1", ".", "-", " ", "é", "%2f", "?", "\\", "&#47;", "\"", strings.Repeat("x", 1<<10)}
	ids := []string{"", "/", "/subscriptions/", "/subscriptions/s", "/Subscriptions/S/"}
	forms := identity.ARMForms()
	var buf []byte
	last, folder, repeated := "", "", 0
	for range 50_000 {
		before := ids[random.IntN(len(ids))]
		id := before[:random.IntN(len(before)+1)]
		switch random.IntN(4) {
		case 0:
			id = "/Subscriptions/S/Labs/"
		case 1, 2: // of the last folder
			id = last[:strings.LastIndexByte(last, '/')+1]
		}
		for range random.IntN(4) {
			id += pieces[random.IntN(len(pieces)-min(1, random.IntN(50)))] // seldom the last one
		}
		if random.IntN(20) == 0 {
			id = "/Subscriptions/S/labs/L/" + id
		}
		ids[random.IntN(len(ids))] = id[:min(len(id), 2<<10)]
		form, begin, repeats := forms(append(buf[:0], "x"...), []byte(id))
		last, buf = id, form
		require.Equal(t, "x"+string(identity.AppendARM(nil, []byte(id))), string(buf), id)
		require.Equal(t, max(1, bytes.LastIndexByte(buf, '/')+1), begin, id)
		if repeats {
			require.Equal(t, folder, string(buf[:begin]), id)
			repeated++
		}
		folder = string(buf[:begin])
	}
	assert.Greater(t, repeated, 300)
}
