package anonymize_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

const (
	sid      = "S-1-12-1-2090755705-1088320549-2145405844-3876256193" // of objectID
	shortSID = "S-1-12-1-1-2-3-4"
)

// requestCases are cells of another person's row, and what a request for the identifier
// makes of each: want is the cell without it, "" the same cell.
var requestCases = []struct {
	id, cell, want string
	near           bool
}{
	{id: "ann@example.com", cell: "mail=ann@example.com", want: "mail=A"},
	{id: "ann@example.com", cell: "https://x/?u=ann@example.com&y=1", want: "https://x/?u=A&y=1"},
	{id: "ann@example.com", cell: "a/ann@example.com", near: true},
	{id: "ann@example.com", cell: "/a/ann@example.com", want: "/a/A"},
	{id: "ann@example.com", cell: "r&ann@example.com", near: true},
	{id: "r&d@example.com", cell: "mail: r&d@example.com;", want: "mail: A;"},
	{id: "ann@example.com", cell: `say "ann@example.com"`, want: `say "A"`},
	{id: "ann@example.com", cell: "'ann@example.com'", want: "'A'"},
	{id: "ann@example.com", cell: "“ann@example.com”", want: "“A”"},
	{id: "ann@example.com", cell: "**ANN@Example.com**", want: "**A**"},
	{id: "ann@example.com", cell: "<ann@example.com>,", want: "<A>,"},
	{id: "ann@example.com", cell: "ann@example.com.", want: "A."},
	{id: "ann@example.com", cell: "SMTP:ann%40example.com", want: "SMTP:A"},
	{id: "ann@example.com", cell: "u%3Dann%2540example.com%26y", want: "u%3DA%26y"},
	{id: "ann@example.com", cell: "?m=ann=40example.com&y", want: "?m=A&y"},
	{id: "ann@example.com", cell: "ANN=40Example=2Ecom;u=40", want: "A;u=40"},
	{id: "ann@example.com", cell: "<ann_x0040_example_x002E_com/>", want: "<A/>"},
	{id: "ann+tag@example.com", cell: "ann_x002B_tag_x0040_example.com", want: "A"},
	{id: "ann@example.com", cell: "jo=2Eann=40example.com"},
	{id: "ann@example.com", cell: "?ann=40example.com"},
	{id: "ann@example.com", cell: "ann_x0040_example.com_x002E_au"},
	{id: "ann@example.com", cell: "mail＝ann@example.com", want: "mail＝A"},
	{id: "ann@example.com", cell: "ann@example.com and bob@example.com", want: "A and bob@example.com"},
	{id: "ann@example.com", cell: "ann@example.com;ann@example.com", want: "A;A"},
	{id: "ann@example.com", cell: "@ann@example.com", near: true},
	{id: "ann@example.com", cell: "live.com#ann@example.com", near: true},
	{id: "ann@example.com", cell: objectID + "ann@example.com", near: true},
	{id: "ann@example.com", cell: "ann＠example.com", near: true},
	{id: "ann@example.com", cell: "ａnn@example.com", near: true},
	{id: "ann@example.com", cell: "ann@example.com..au", want: "A..au"},
	{id: "ann@example.com", cell: "joann@example.com"},
	{id: "ann@example.com", cell: "max.ann@example.com"},
	{id: "ann@example.com", cell: "max+ann@example.com"},
	{id: "ann@example.com", cell: "ann@example.com.au"},
	{id: "ann@example.com", cell: "ann@example.com-pany.org"},
	{id: "ann@example.com", cell: "ann@sub.example.com"},
	{id: "ann@example.com", cell: "o'ann@example.com"},
	{id: "ann@example.com", cell: "ann@example.comé"},
	{id: "ann@example.com", cell: "users('ann@example.com')", want: "users('A')"},
	{id: "ann@example.com", cell: "y = ''ann@example.com'';", want: "y = ''A'';"},
	{id: "ann@example.com", cell: "用户‘ann@example.com’", want: "用户‘A’"},
	{id: "ann@example.com", cell: "ann@example.com%2E", want: "A%2E"},
	{id: "ann@example.com", cell: "users('o''ann@example.com')", near: true},
	{id: "ann@example.com", cell: "'o'ann@example.com'", near: true},
	{id: "ann@example.com", cell: "o’ann@example.com", near: true},
	{id: "ann@example.com", cell: "o&#39;ann@example.com", near: true},
	{id: "ann@example.com", cell: "ann@example.com%2Eau", near: true},
	{id: "a/ann@example.com", cell: "to a/ann@example.com.", want: "to A."},
	{id: "a/ann@example.com", cell: "A%2FANN@example.com", want: "A"},
	{id: "a/ann@example.com", cell: "/x/a/ann@example.com", near: true},
	{id: "a/ann@example.com", cell: "ann@example.com"},
	{id: "a/ann@example.com", cell: "ba/ann@example.com"},
	{id: `""@example.com`, cell: `of ""@example.com`, want: "of A"},
	{id: `""@example.com`, cell: `"x"@example.com`},
	{id: "josé@example.com", cell: "of josé@example.com", want: "of A"},
	{id: "josé@example.com", cell: "?u=JOSE\u0301@example.com&y", want: "?u=A&y"},
	{id: "josé@example.com", cell: "jos%C3%A9@example.com", want: "A"},
	{id: "josé@example.com", cell: "josé@example.com.au"},
	{id: "josé@example.com", cell: "max.josé@example.com"},
	{id: "josé@example.com", cell: "jose@example.com"},
	{id: "李@例え.jp", cell: "mail=李@例え.jp&", want: "mail=A&"},
	{id: "李@例え.jp", cell: "小李@例え.jp"},
	{id: "李@例え.jp", cell: "李@例え.jp.com"},
	{id: "straße@example.com", cell: "strasse@example.com", near: true},
	{id: "strasse@example.com", cell: "mail=straße@example.com", near: true},
	{id: "strasse@example.com", cell: "ſtrasse@example.com", near: true},
	{id: "ann@example.com", cell: "ann_example.com#EXT#@contoso.onmicrosoft.com", near: true},
	{id: "ann@example.com", cell: "ann@contoso.onmicrosoft.com", near: true},
	{id: `"a b"@example.com`, cell: `of "a b"@example.com, x`, want: "of A, x"},
	{id: "ann@[192.0.2.1]", cell: "to ann@[192.0.2.1]", want: "to A"},
	{id: "r&d@example.com", cell: "mail=r&d@example.com;", want: "mail=A;"},
	{id: "r&d@example.com", cell: "r&amp;d@example.com", want: "A"},
	{id: "a%b@example.com", cell: "<a%b@example.com>", want: "<A>"},
	{id: "josé@example.com", cell: "josé@example.com⑴, ⑴josé@example.com", want: "A⑴, ⑴A"},
	{id: "josé@example.com", cell: "josé@example.com①"},
	{id: "%2540@[192.0.2.1]", cell: "%2540@[192.0.2.1]", want: "A"},
	{id: "%0B@example.com", cell: "of %0B@example.com, and %0B@example.com.au", want: "of A, and %0B@example.com.au"},
	{id: "&#64/a/@example.com", cell: "&#64/a/@example.com", want: "A"},
	{id: objectID, cell: "box-" + objectID, want: "box-G"},
	{id: objectID, cell: strings.ToUpper(strings.ReplaceAll(objectID, "-", "")) + "x", want: "Gx"},
	{id: objectID, cell: objectID + "@contoso.com", want: "G@contoso.com"},
	{id: objectID, cell: "user:" + sid, want: "user:G"},
	{id: objectID, cell: strings.ToLower(sid) + "; " + objectID, want: "G; G"},
	{id: objectID, cell: strings.ReplaceAll(sid, "-", "%2D"), want: "G"},
	{id: sid, cell: "x" + objectID, want: "xG"},
	{id: shortSID, cell: shortSID, want: "G"},
	{id: objectID, cell: sid + "0"},
	{id: objectID, cell: "x" + sid},
	{id: objectID, cell: otherID},
	{id: objectID + "ann@example.com", cell: "of " + objectID + "ann@example.com", want: "of A"},
	{id: objectID + "ann@example.com", cell: objectID + " ann@example.com"},
}

// TestRequestsTakeWholeIdentifiers has each case in two columns of somebody else's row
// and as the owner, by identifier and by digest.
func TestRequestsTakeWholeIdentifiers(t *testing.T) {
	t.Parallel()
	key := secretKey(t, "d")
	stands := strings.NewReplacer("A", identity.ReplacementAddress, "G", identity.ReplacementObjectID)
	for _, test := range requestCases {
		t.Run(test.id+" in "+test.cell, func(t *testing.T) {
			t.Parallel()
			want := test.cell
			if test.want != "" {
				want = stands.Replace(test.want)
			}
			id := identifier(t, test.id)
			for _, q := range []anonymize.Request{{Identifier: id}, {Digest: anonymize.NewDigest(key, id)}} {
				q.Kind, q.At, q.Existing = anonymize.Erase, later, true
				policy := &anonymize.Policy{Key: key, Requests: []anonymize.Request{q}}
				file := []byte(vm("", "carol@example.org", map[csvschema.Column]string{csvschema.Name: test.cell, csvschema.CustomImageId: "of " + test.cell}))
				plan, after := planOf(t, policy, later, exportOf(csvschema.VirtualMachines, file))
				rows := parsed(t, textOf(t, after[0].VirtualMachines[0]))
				assert.Equal(t, want, rows[1][7])
				assert.Equal(t, "of "+want, rows[1][22])
				assert.Equal(t, "carol@example.org", rows[1][10])
				report := plan.Report()
				changed := int64(0)
				if want != test.cell {
					changed = 1
				}
				assert.Equal(t, changed, report.Total.Changed)
				assert.Len(t, report.Requests[0].Answers, int(changed), "an answer is about what is taken")
				if !q.Identifier.IsZero() {
					assert.Equal(t, test.near, report.Rows[anonymize.NearRequest] == 1)
				}
				copied, _ := copyOf(t, policy, later, csvschema.VirtualMachines, file)
				assert.Equal(t, string(textOf(t, after[0].VirtualMachines[0])), string(copied))
			}
		})
	}
}

// TestARequestTakesEscapedLocalParts has quotation marks in JSON and apostrophes in OData.
func TestARequestTakesEscapedLocalParts(t *testing.T) {
	t.Parallel()
	q := anonymize.Request{Kind: anonymize.Erase, Existing: true, At: later, Identifier: identifier(t, `"ann b"@example.com`)}
	o := anonymize.Request{Kind: anonymize.Erase, Existing: true, At: later, Identifier: identifier(t, "o'ann@example.com")}
	for cell, want := range map[string]string{
		"users('o''ann@example.com')":       "users('" + identity.ReplacementAddress + "')",
		"'o'ann@example.com'":               "'" + identity.ReplacementAddress + "'",
		"'jo''ann@example.com'":             "'jo''ann@example.com'",
		`of "ann b"@example.com`:            "of " + identity.ReplacementAddress,
		`{"by":"\"ann b\"@example.com"}`:    `{"by":"` + identity.ReplacementAddress + `"}`,
		`{"by":"\"joann b\"@example.com"}`:  `{"by":"\"joann b\"@example.com"}`,
		`{"by":"\"ann b\"@example.com.au"}`: `{"by":"\"ann b\"@example.com.au"}`,
	} {
		file := []byte(vm("", "carol@example.org", map[csvschema.Column]string{csvschema.Name: cell}))
		_, after := planOf(t, &anonymize.Policy{Requests: []anonymize.Request{q, o}}, later, exportOf(csvschema.VirtualMachines, file))
		assert.Equal(t, want, parsed(t, textOf(t, after[0].VirtualMachines[0]))[1][7])
	}
}

// TestRequestsLeaveOwnersThatAreOnlyNear has live owners that are others' by a letter.
func TestRequestsLeaveOwnersThatAreOnlyNear(t *testing.T) {
	t.Parallel()
	for id, owner := range map[string]string{
		"straße@example.com": "strasse@example.com", "strasse@example.com": "straße@example.com",
		"sam@example.com": "ſam@example.com", "ann@example.com": "ａｎｎ@example.com", "josé@example.com": "josé@example.com.au",
		"ida@example.com": "ıda@example.com",
	} {
		q := anonymize.Request{Kind: anonymize.Erase, Existing: true, At: later, Identifier: identifier(t, id)}
		file := []byte(vm("", owner, map[csvschema.Column]string{csvschema.Name: "box of max." + owner}))
		plan, after := planOf(t, &anonymize.Policy{Requests: []anonymize.Request{q}}, later, exportOf(csvschema.VirtualMachines, file))
		assert.Equal(t, string(file), string(textOf(t, after[0].VirtualMachines[0])), id)
		assert.Empty(t, plan.Report().Requests[0].Answers)
		assert.Equal(t, id != "josé@example.com", plan.Report().Rows[anonymize.NearRequest] == 1, id)
	}
}

// TestAnOwnerWhoContainsAnIdentifierIsNear has live owners and users of paths that contain
// the identifier beside other text. Where it is a part of one address, that is another's.
func TestAnOwnerWhoContainsAnIdentifierIsNear(t *testing.T) {
	t.Parallel()
	const address, user = identity.ReplacementAddress, identity.ReplacementObjectID
	for _, test := range []struct{ id, owner, want string }{
		{"d@contoso.com", "r&d@contoso.com", ""},
		{"d@contoso.com", "r=d@contoso.com", ""},
		{"d@contoso.com", "r$d@contoso.com", ""},
		{"d@contoso.com", "r{d@contoso.com", ""},
		{"d@contoso.com", " r|d@contoso.com ", ""},
		{"d@contoso.com", "r%26d@contoso.com", ""},
		{objectID, objectID + "@contoso.com", user + "@contoso.com"},
		{"r&d@contoso.com", "r&amp;d@contoso.com", address},
		{"d@contoso.com", "r%2fd@contoso.com", ""},
		{"alice@contoso.com", "'alice@contoso.com", ""},
		{"alice@contoso.com", ".alice@contoso.com", ""},
		{"alice@contoso.com", "_alice@contoso.com_", ""},
		{"alice@contoso.com", "-alice@contoso.com", ""},
		{"alice@contoso.com", "alice=40contoso.com", address},
		{"alice@contoso.com", "alice_x0040_contoso.com", address},
		{"alice@contoso.com", "=?utf-8?q?alice=40contoso=2Ecom?=", "=?utf-8?q?" + address + "?="},
		{"josé@contoso.com", "josÃ©@contoso.com", ""},
		{"josé@contoso.com", "jos%E9@contoso.com", ""},
		{"o'brien@contoso.com", "o''brien@contoso.com", ""},
		{"o'brien@contoso.com", "o`brien@contoso.com", ""},
		{"o'brien@contoso.com", "o´brien@contoso.com", ""},
		{"o'brien@contoso.com", "o’brien@contoso.com", ""},
		{"alice@contoso.com", "alice_contoso.com#EXT#", ""},
		{"alice@contoso.com", "alice_contoso_com", ""},
		{"alice@contoso.com", "Alice Archer <alice@contoso.com>", "Alice Archer <" + address + ">"},
		{"alice@contoso.com", "alice@contoso.com; bob@contoso.com", address + "; bob@contoso.com"},
		{objectID, "user " + objectID, "user " + user},
	} {
		want := test.want
		if want == "" {
			want = test.owner
		}
		q := anonymize.Request{Kind: anonymize.Erase, Existing: true, At: later, Identifier: identifier(t, test.id)}
		policy := &anonymize.Policy{Requests: []anonymize.Request{q}}
		file := vm("", test.owner, map[csvschema.Column]string{csvschema.EnvironmentId: "/users/" + otherID + "/environments/e"})
		plan, after := planOf(t, policy, later, exportOf(csvschema.VirtualMachines, []byte(file)))
		row := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1]
		assert.Equal(t, want, row[10], test.owner)
		assert.Equal(t, "/users/"+otherID+"/environments/e", row[15], test.owner)
		assert.Equal(t, int64(1), plan.Report().Rows[anonymize.NearRequest], test.owner)

		if strings.ContainsAny(test.owner, "{?;&<#") || strings.Contains(test.owner, "40") {
			continue // ends an x, or is another spelling there
		}
		path := func(x string) string { return "/labs/l/users/" + x + "/environments/e" }
		file = vm("", "", map[csvschema.Column]string{csvschema.EnvironmentId: path(test.owner)})
		plan, after = planOf(t, policy, later, exportOf(csvschema.VirtualMachines, []byte(file)))
		assert.Equal(t, path(want), parsed(t, textOf(t, after[0].VirtualMachines[0]))[1][15])
		assert.Equal(t, int64(1), plan.Report().Rows[anonymize.NearRequest], test.owner)
	}
}

// TestARequestDoesNotTakeTheGUIDOfAResource has an object ID that is also that of the
// resource.
func TestARequestDoesNotTakeTheGUIDOfAResource(t *testing.T) {
	t.Parallel()
	q := anonymize.Request{Kind: anonymize.Erase, Existing: true, At: later, Identifier: identifier(t, objectID)}
	file := []byte(vm("", "carol@example.org", map[csvschema.Column]string{csvschema.ResourceUId: objectID, csvschema.Name: "box of " + objectID}))
	_, after := planOf(t, &anonymize.Policy{Requests: []anonymize.Request{q}}, later, exportOf(csvschema.VirtualMachines, file))
	rows := parsed(t, textOf(t, after[0].VirtualMachines[0]))
	require.Equal(t, objectID, rows[1][6])
	require.Equal(t, "box of "+identity.ReplacementObjectID, rows[1][7])
}

// TestEveryRowThatIsNearIsCounted has the same cells in two rows, one after the other.
func TestEveryRowThatIsNearIsCounted(t *testing.T) {
	t.Parallel()
	q := anonymize.Request{Kind: anonymize.Erase, Existing: true, At: later, Identifier: identifier(t, "straße@example.com")}
	first := vm("", "strasse@example.com", nil)
	_, row, _ := strings.Cut(first, "\n")
	plan, _ := planOf(t, &anonymize.Policy{Requests: []anonymize.Request{q}}, later, exportOf(csvschema.VirtualMachines, []byte(first+row+row)))
	report := plan.Report()
	assert.Equal(t, int64(3), report.Rows[anonymize.NearRequest])
	require.Len(t, report.Findings, 1)
	assert.Equal(t, int64(3), report.Findings[0].Rows)
	assert.Equal(t, "0dd2f8ae-8267-47c5-8cda-484792e203ee", report.Findings[0].Key.ResourceUId())
}

// TestARequestGoesAlthoughAPredicateSaysOtherwise has an identifier that is anonymous for
// the caller, in a row of the person and in another.
func TestARequestGoesAlthoughAPredicateSaysOtherwise(t *testing.T) {
	t.Parallel()
	for _, owner := range []string{"ann@example.com", "carol@example.org"} {
		policy := &anonymize.Policy{
			Anonymous: func(value string) bool { return strings.HasPrefix(value, "ann@") },
			Requests:  []anonymize.Request{{Kind: anonymize.Erase, Existing: true, At: later, Identifier: identifier(t, "ann@example.com")}},
		}
		file := []byte(vm("", owner, map[csvschema.Column]string{csvschema.Name: "of ann@example.com"}))
		plan, after := planOf(t, policy, later, exportOf(csvschema.VirtualMachines, file))
		assert.NotContains(t, string(textOf(t, after[0].VirtualMachines[0])), "ann@")
		assert.Equal(t, int64(1), plan.Report().Total.Changed)
	}
}
