package verify_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/anonymize/verify/internal/quiet"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// oddParts are texts that identify somebody together with others.
var oddParts = []string{
	"zoe@contoso.com", "zoe", "@contoso.com", "Zoe Smith", "/users/", "users", "Users(", "('", "')", "/", "//", "\\", "/personal/", "zoe_contoso_com", "_", "_x0040_", "=40", "%40", "%2F", "&#64;", "＠", "é",
	"7c9e6679-7425-40de-944b-e07fc1f90ae7", "7C9E6679742540DE944BE07FC1F90AE7", "7c9e6679-7425-40de-944b", "-e07fc1f90ae7", "S-1-12-1-2090755705-1088321573-3762310036-3876264385", "-1-12-1-",
	"616e6f6e-796d-8200-8000-000000000001", "616E6F6E796D82008000000000000002", "616e6f6e-796d-8", identity.ReplacementObjectID, identity.ReplacementAddress, "@anonymized.invalid", "00000000-0000-0000-0000-000000000000",
	"/personal/zoe_contoso_com", "/a/personal/zoe_contoso_com/b", "zoe_x0040_contoso_x002e_com", "zoe=40contoso.com", "of zoe@contoso.com", "/labs/users/zoe/", "users/zoe", "/users('zoe')", "zoe&#64;contoso.com", "zoe%40contoso.com", "zoe＠contoso.com",
	"/a_b/7c9e6679742540de944be07fc1f90ae7", "/x/616e6f6e-796d-8200-8000-000000000001/y", "vm-S-1-12-1-2090755705-1088321573-3762310036-3876264385", "7-c9e6679742540de944be07fc1f90ae7",
	"/subscriptions/7c9e6679-7425-40de-944b-e07fc1f90ae7/resourceGroups/lab", "/environments/web", "web-6-1", " ", "me", "@me", "1/3/2017", "SMTP:", "%23EXT%23", "#", "?", "+",
	"@anonymized.invalid", "t-0123456789abcdef0123456789abcdef@anonymized.invalid", "NULL", "(none)", "%", "%25", "%2540", "a", "b.c", "\u200b", "\u0301", "⑴", "\r", "&", ";", "=", ".", "-", "}", "{", "[1.2.3.4]", "8000", "K", "ß", "1634627438", "S-1-12-1-1634627438-2182377837-128-16777216",
}

// oddCell returns a text of a few of the parts.
func oddCell(random *rand.Rand, parts []string) string {
	var text strings.Builder
	for range random.IntN(5) {
		text.WriteString(parts[random.IntN(len(parts))])
	}
	return text.String()
}

// oddOwner returns an owner, which mostly is an ordinary one.
func oddOwner(random *rand.Rand, parts []string) string {
	usual := []string{
		"zoe@contoso.com", "Zoe@Contoso.com", "SMTP:zoe@contoso.com", "zoe <zoe@contoso.com>", "zoe_contoso.com%23EXT%23@x.onmicrosoft.com", "7c9e6679742540de944be07fc1f90ae7zoe@contoso.com",
		"7c9e6679-7425-40de-944b-e07fc1f90ae7", "S-1-12-1-2090755705-1088321573-3762310036-3876264385", "", identity.ReplacementAddress, "t-0123456789abcdef0123456789abcdef@anonymized.invalid",
	}
	if i := random.IntN(len(usual) + 3); i < len(usual) {
		return usual[i]
	}
	return oddCell(random, parts)
}

// oddRows returns rows of odd cells, of all parts or of six.
func oddRows(random *rand.Rand) (rows []cells) {
	parts := oddParts
	if random.IntN(2) == 0 {
		parts = fewOf(random, oddParts)
	}
	for range 2 + random.IntN(4) {
		row := machine(oddOwner(random, parts), nil)
		if len(rows) > 0 && random.IntN(2) == 0 { // nearly the same as the row before
			row = with(cells{}, rows[len(rows)-1])
		}
		for range random.IntN(3) {
			c := []string{"LabName", "LabResourceId", "ResourceId", "Name", "ComputeResourceId", "EnvironmentId", "CustomImageId", "ResourceUId", "Note", "ExpirationDate", "ResourceOwner"}[random.IntN(11)]
			row[c] = oddCell(random, parts)
			if random.IntN(2) == 0 {
				row[c] = parts[random.IntN(len(parts))]
			}
			if random.IntN(3) == 0 {
				row[c] = "/labs/lab/users/7c9e6679-7425-40de-944b-e07fc1f90ae7/environments/" + row[c]
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// requireOrdinary compares what is found with and without a look at whole rows: in what is
// written for the rows, which is right, in the rows themselves, and with each cell that changed
// given back, which is wrong.
func requireOrdinary(t *testing.T, random *rand.Rand, kind identity.ReplacementKind, rows ...cells) (failed int64) {
	t.Helper()
	e := exportOf(csvschema.VirtualMachines, []byte(file(csvschema.VirtualMachines, rows...)))
	p := &anonymize.Policy{Replacement: kind, Key: secretKey(t, "k"), KeepUnreadableDates: true, Workers: 1}
	switch random.IntN(6) {
	case 0: // somebody's address is no longer hers
		prefix := []string{"zoe@", "7c9e6679"}[random.IntN(2)]
		p.Anonymous = func(value string) bool { return strings.HasPrefix(strings.ToLower(value), prefix) }
	case 1: // what is in no row of hers goes, too
		id := []string{"zoe@contoso.com", "7c9e6679-7425-40de-944b-e07fc1f90ae7"}[random.IntN(2)]
		p.Requests = []anonymize.Request{{Kind: anonymize.Erase, Identifier: identifier(t, id), At: later, Existing: true}}
	case 2: // the owner of these goes, whatever it says
		owner, err := identity.Verbatim("removed@example.com")
		require.NoError(t, err)
		p.Requests = []anonymize.Request{{Kind: anonymize.Erase, Identifier: owner, At: later, Existing: true}}
	}
	if _, err := p.Plan(t.Context(), later, []csvschema.Export{e}); err != nil {
		return 0
	}
	_, after := written(t, p, later, e)
	text, output := textOf(t, e.VirtualMachines[0]), textOf(t, after[0].VirtualMachines[0])
	outputs := []string{output, text, strings.Replace(text, "7c9e6679-7425-40de-944b-e07fc1f90ae7", identity.ReplacementObjectID, 1), strings.Replace(output, identity.ReplacementObjectID, "616e6f6e-796d-8100-8000-000000000001", 1), hostile(random, output, 1), hostile(random, output, 1)}
	restored := len(outputs) // from here on, each has something that had to go
	lines, originals := strings.SplitAfter(output, "\n"), strings.SplitAfter(text, "\n")
	for i := range lines[1:] {
		line := lines[i+1]
		cells, were := strings.Split(line, `","`), strings.Split(originals[i+1], `","`)
		for k, was := range were {
			if now := cells[k]; now != was {
				cells[k] = was
				lines[i+1] = strings.Join(cells, `","`)
				outputs = append(outputs, strings.Join(lines, ""))
				cells[k] = now
			}
		}
		lines[i+1] = line
	}
	for i, output := range outputs {
		a := []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(output))}
		want, wantErr := verify.ExportsIn(t.Context(), p, later, []csvschema.Export{e}, a, 0)
		got, err := verify.ExportsIn(t.Context(), p, later, []csvschema.Export{e}, a, 128<<10)
		require.Equal(t, wantErr, err)
		require.Equal(t, want, got, "%v", rows)
		if i == 0 || i >= restored {
			require.Equal(t, i == 0, want.OK(), "%v", rows)
		}
		if want != nil {
			failed += want.Failed
		}
	}
	return failed
}

// TestOrdinaryRowsNeedNoSearch compares rows that are taken as a whole with what the search
// of each cell finds.
func TestOrdinaryRowsNeedNoSearch(t *testing.T) {
	t.Parallel()
	const id, digits, sid = "7c9e6679-7425-40de-944b-e07fc1f90ae7", "7c9e6679742540de944be07fc1f90ae7", "S-1-12-1-2090755705-1088321573-3762310036-3876264385"
	const path, group = "/labs/lab/users/" + id + "/environments/web", "/subscriptions/" + id + "/resourceGroups/lab"
	seeds, runs, failed := uint64(12), uint64(1000), int64(0)
	switch {
	case isRace:
		seeds, runs = 1, 50
	case testing.Short():
		runs = 100
	}
	for _, row := range []cells{
		machine("zoe@contoso.com", cells{"EnvironmentId": path, "ComputeResourceId": group}),
		machine("zoe@contoso.com", cells{"EnvironmentId": path, "Note": "of " + digits}),
		machine("", cells{"EnvironmentId": "/labs/lab/users('" + id + "')/environments/web", "CustomImageId": group}),
		machine("zoe@contoso.com", cells{"EnvironmentId": path + "/" + id}),
		machine("zoe@contoso.com", cells{"EnvironmentId": path, "LabResourceId": path}),
		machine(digits+"zoe@contoso.com", cells{"ComputeResourceId": group}),
		machine(sid, cells{"ComputeResourceId": group}),
		machine(id, cells{"ComputeResourceId": group, "EnvironmentId": path}),
		machine("zoe smith", cells{"Name": "of zoe smith"}),
		machine("zoe/smith@contoso.com", cells{"Name": "smith@contoso.com"}),
		machine("/users/zoe", cells{"Name": "zoe"}),
		machine("zoe@contoso.com", cells{"Name": "a/personal/zoe_contoso_com"}),
		machine("zoe@contoso.com", cells{"Name": "zoe_x0040_contoso_x002e_com", "LabName": "zoe=40contoso.com"}),
		machine("zoe@contoso.com", cells{"EnvironmentId": "/labs/lab/users/" + identity.ReplacementObjectID + "/environments/web"}),
		machine("zoe@contoso.com", cells{"EnvironmentId": "/labs/lab/users/616e6f6e-796d-8200-8000-000000000001/environments/web"}),
		machine("zoe@contoso.com", cells{"Note": "616e6f6e-796d-8200-8000-000000000001"}),
		machine(identity.ReplacementAddress, cells{"EnvironmentId": path, "Note": digits}),
		machine("a@anonymized.invalid", nil),
		machine("bob@contoso.com", cells{"Note": "of zoe@contoso.com", "EnvironmentId": "/labs/lab/users/zoe@contoso.com/environments/e"}),
		machine("bob@contoso.com", cells{"ComputeResourceId": group}),
		machine("removed@example.com", cells{"Note": "removed@example.com"}),
	} {
		for kind := identity.ConstantReplacement; kind <= identity.PseudonymReplacement; kind++ {
			for seed := range seeds {
				requireOrdinary(t, rand.New(rand.NewPCG(seed, 2)), kind, row)
			}
		}
	}
	for seed := range runs {
		random := rand.New(rand.NewPCG(seed, 5))
		failed += requireOrdinary(t, random, identity.ReplacementKind(seed%3+1), oddRows(random)...)
	}
	assert.Greater(t, failed, int64(runs))
}

// TestMostOwnersNeedNoGrammar asks it nevertheless.
func TestMostOwnersNeedNoGrammar(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	parts := []string{
		"zoe", "me", "null", "users", "personal", "mailto", "x0040", "7c9e6679", "7425", "12", "1", "7c9e6679742540de944be07fc1f90ae7", "s-1-12-1-2090755705-1088321573-3762310036-3876264385", "%37c9e6679-7425-40de-944b-e07fc1f90ae7", "S-1%2D12-1-2090755705-1088321573-3762310036-3876264385",
		"anonymized", "removed", "%61nonymized", "ANONYMIZED", "ext", "contoso", "com", "xn", "amp", "t-", "00000000-0000-0000-0000-000000000000", ".", ".", "-", "@", "%23EXT%23", "SMTP:", " <", ">", "#", "%40", "Zoe", "+", "_", "!", "%2E",
	}
	met, plain, owners := 0, 0, 50_000
	if isRace {
		owners = 5000
	}
	for range owners {
		var text strings.Builder
		for i := range 2 + random.IntN(8) {
			if i == 2 {
				text.WriteString("@")
			}
			part := parts[random.IntN(len(parts))]
			if random.IntN(2) == 0 {
				part = parts[random.IntN(11)]
			}
			text.WriteString(part)
		}
		owner := text.String() + []string{".com", ".in", ".invalid", "", ">"}[random.IntN(5)]
		if random.IntN(20) == 0 {
			owner = []string{"", "%20", "{"}[random.IntN(3)] + oddParts[random.IntN(len(oddParts))] + []string{"", " ", "}"}[random.IntN(3)]
		}
		p := &anonymize.Policy{Replacement: identity.ReplacementKind(1 + random.IntN(3)), Key: secretKey(t, "k")}
		glance, grammar, isOrdinary := verify.OwnersOf(p, later, owner)
		require.Equal(t, grammar, glance, owner)
		if isOrdinary {
			met++
		}
		if quiet.Address([]byte(owner)) {
			plain++
		}
	}
	assert.Greater(t, met, owners/25)
	assert.Greater(t, plain, owners/500)
	p := &anonymize.Policy{Replacement: identity.ConstantReplacement, Key: secretKey(t, "k")}
	glance, grammar, _ := verify.OwnersOf(p, later, "removed@")
	assert.Equal(t, grammar, glance, "a part of the replacement")
}

// TestARowThatGrewBeyondTheLimitIsUnreadable has a replacement that is longer than the owner.
func TestARowThatGrewBeyondTheLimitIsUnreadable(t *testing.T) {
	t.Parallel()
	text := strings.Replace(vm("2/4/2017", "a@x.io"), `"box"`, `"`+strings.Repeat("x", 400)+`"`, 1)
	output := strings.Replace(text, "a@x.io", identity.ReplacementAddress, 1)
	row := strings.SplitAfter(output, "\n")[1]
	for less, kinds := range []int{0, 1} {
		p := &anonymize.Policy{MaxRecordBytes: len(row) - less}
		v := requireSame(t, p, later, []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(text))}, []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(output))})
		assert.Len(t, v.Failures, kinds)
	}
}

// TestTheLineFeedOfAnOwnerIsCounted has an owner of two lines, and an output in which another
// row has a line more.
func TestTheLineFeedOfAnOwnerIsCounted(t *testing.T) {
	t.Parallel()
	exists := machine("bob@contoso.com", cells{"DeletedDate": "", "ResourceUId": "00000000-0000-4000-8000-000000000002"})
	e := exportOf(csvschema.VirtualMachines, []byte(file(csvschema.VirtualMachines, machine("zoe@contoso.com\n", nil), exists)))
	_, after := written(t, &anonymize.Policy{}, later, e)
	output := strings.Replace(textOf(t, after[0].VirtualMachines[0]), "bob@contoso.com", "bob\n@contoso.com", 1)
	v := requireSame(t, &anonymize.Policy{}, later, []csvschema.Export{e}, []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(output))})
	require.Len(t, v.Failures, 1)
	assert.Equal(t, int64(3), v.Failures[0].Line)
}

// TestAMarkInALaterRowIsAPartOfItsCell has a byte-order mark at the beginning of each of the rows in
// turn. Only before the first record, and the one after it, is it none of a cell.
func TestAMarkInALaterRowIsAPartOfItsCell(t *testing.T) {
	t.Parallel()
	exists, due := machine("bob@contoso.com", cells{"DeletedDate": "", "ResourceUId": "00000000-0000-4000-8000-000000000002"}), machine("zoe@contoso.com", cells{"Note": "by zoe@contoso.com"})
	for _, rows := range [][]cells{{exists, due}, {due, due}, {exists, due, exists, due}} {
		text := file(csvschema.VirtualMachines, rows...)
		for i := range rows {
			lines := strings.SplitAfter(text, "\n")
			lines[i+1] = "\uFEFF" + strings.TrimPrefix(lines[i+1], `""`)
			e := exportOf(csvschema.VirtualMachines, []byte(strings.Join(lines, "")))
			_, after := written(t, &anonymize.Policy{}, later, e)
			assert.True(t, requireSame(t, &anonymize.Policy{}, later, []csvschema.Export{e}, after).OK())
		}
	}
}

// TestPseudonymsInNamesOfXMLGo has a pseudonym in a name of XML with an address before it.
func TestPseudonymsInNamesOfXMLGo(t *testing.T) {
	t.Parallel()
	name := "zoe_x0040_contoso.com_x002F_616e_x002D_6f6e-796d-8200-8000-000000000001"
	e := exportOf(csvschema.VirtualMachines, []byte(file(csvschema.VirtualMachines, machine("zoe@contoso.com", cells{"Note": name}))))
	_, after := written(t, &anonymize.Policy{}, later, e)
	assert.True(t, requireSame(t, &anonymize.Policy{}, later, []csvschema.Export{e}, after).OK())
	output := strings.Replace(textOf(t, e.VirtualMachines[0]), "zoe@contoso.com", identity.ReplacementAddress, 1)
	output = strings.Replace(output, "zoe_x0040_contoso.com", identity.ReplacementAddress, 1)
	v := requireSame(t, &anonymize.Policy{}, later, []csvschema.Export{e}, []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(output))})
	require.Len(t, v.Failures, 1)
	assert.Equal(t, csvschema.Column(0), v.Failures[0].Column)
}

// FuzzOrdinaryRows is TestOrdinaryRowsNeedNoSearch for any seed.
func FuzzOrdinaryRows(f *testing.F) {
	f.Add(uint64(1), uint8(1))
	f.Fuzz(func(t *testing.T, seed uint64, kind uint8) {
		random := rand.New(rand.NewPCG(seed, 5))
		requireOrdinary(t, random, identity.ReplacementKind(kind%3+1), oddRows(random)...)
	})
}
