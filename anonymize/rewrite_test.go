package anonymize_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestTextAroundAnIdentifierDoesNotHideIt has rows in which an identifier is
// in text that could be taken to go on with it, or to be a part of it.
func TestTextAroundAnIdentifierDoesNotHideIt(t *testing.T) {
	t.Parallel()
	plain := strings.ReplaceAll(objectID, "-", "")
	for _, test := range []struct {
		name, owner string
		cells       map[csvschema.Column]string
		gone        []string // what must be nowhere
	}{
		{"letters before an object ID", "", map[csvschema.Column]string{csvschema.EnvironmentId: "/labs/l/users/" + objectID + "/e", csvschema.Name: "vm" + objectID, csvschema.LabName: "u" + plain}, []string{objectID}},
		{"an escape of JSON before it", objectID, map[csvschema.Column]string{csvschema.Name: `{"a":"x\n` + objectID + `"}`, csvschema.LabName: `\u0022` + objectID}, []string{objectID}},
		{"a query after a user", "", map[csvschema.Column]string{csvschema.EnvironmentId: "/labs/l/users/" + objectID + "?api-version=1", csvschema.Name: "box-" + objectID}, []string{objectID}},
		{"a query with an address", "", map[csvschema.Column]string{csvschema.EnvironmentId: "/labs/l/users/" + objectID + "?m=bob@x.com", csvschema.Name: "box-" + objectID}, []string{objectID, "bob@x.com"}},
		{"a user in JSON", "", map[csvschema.Column]string{csvschema.EnvironmentId: `{"id":"/labs/l/users/zoesmith","x":1}`, csvschema.Name: "zoesmith"}, []string{"zoesmith"}},
		{"a user in text", "", map[csvschema.Column]string{csvschema.EnvironmentId: "see /labs/l/users/" + objectID + " for more", csvschema.Name: "box-" + objectID}, []string{objectID}},
		{"an owner with its object ID", "Zoe (" + objectID + ")", map[csvschema.Column]string{csvschema.Name: "box-" + objectID}, []string{objectID}},
		{"a slash in a user", "", map[csvschema.Column]string{csvschema.EnvironmentId: "/labs/l/users/CONTOSO%2Fzsmith/environments/e", csvschema.Name: "zsmith"}, []string{"CONTOSO%2Fzsmith"}},
		{"a percent sign before an address", "ada@contoso.com", map[csvschema.Column]string{csvschema.Name: "100%ada@contoso.com", csvschema.LabName: "100%25ada@contoso.com", csvschema.CustomImageId: "LIKE '%ada@contoso.com%'"}, []string{"ada@contoso.com"}},
		{"a percent sign before a name", "dadams", map[csvschema.Column]string{csvschema.Name: "LIKE '%dadams%'", csvschema.LabName: "100%25dadams"}, []string{"dadams"}},
		{"a percent sign before an encoded object ID", objectID, map[csvschema.Column]string{csvschema.Name: "100%" + strings.ReplaceAll(objectID, "-", "%2D")}, []string{objectID}},
		{"plus signs for blanks", "Zoe Smith", map[csvschema.Column]string{csvschema.Name: "https://x/?u=Zoe+Smith"}, []string{"Zoe Smith", "Zoe+Smith"}},
		{"MIME", "Ada@contoso.com", map[csvschema.Column]string{csvschema.Name: "ada=40contoso.com-box", csvschema.LabName: "?u=ADA=40contoso=2Ecom"}, []string{"ada=40contoso", "contoso=2ecom"}},
		{"a name of XML", "", map[csvschema.Column]string{csvschema.Name: "<ada_x002B_tag_x0040_contoso_x002E_com/>", csvschema.LabName: "ada_x0040_contoso.com"}, []string{"ada_x", "contoso"}},
		{"a user of OData with a key", "", map[csvschema.Column]string{csvschema.EnvironmentId: "/users(id='" + objectID + "')/e", csvschema.Name: "box-" + plain}, []string{objectID}},
		{"a user of OData in quotation marks", "", map[csvschema.Column]string{csvschema.EnvironmentId: `/users("zoe smith")/e`, csvschema.Name: "box of Zoe%20Smith"}, []string{"zoe smith", "zoe%20smith"}},
		{"a personal folder", "", map[csvschema.Column]string{csvschema.EnvironmentId: "/personal/zoe_smith_contoso_com/e", csvschema.Name: "x-zoe_smith_contoso_com"}, []string{"zoe_smith"}},
		{"a personal folder as an owner", "https://c-my.sharepoint.example/personal/zoe_smith_contoso_com", map[csvschema.Column]string{csvschema.Name: "ZOE_SMITH_contoso_com box"}, []string{"zoe_smith"}},
		{"a slash in a local part", "Sales/EMEA@contoso.com", map[csvschema.Column]string{csvschema.Name: "to sales%2Femea@contoso.com", csvschema.LabName: "SALES/EMEA@contoso.com"}, []string{"sales/", "sales%2f"}},
		{"a script without spaces", "李小龙", map[csvschema.Column]string{csvschema.Name: "李小龙的机器"}, []string{"李小龙"}},
		{"only what is not seen", "", map[csvschema.Column]string{csvschema.EnvironmentId: "/users/\u00ad/e"}, []string{"/users/\u00ad"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, stats := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(vm("2/4/2017", test.owner, test.cells)))
			assert.Equal(t, int64(1), stats.Changed)
			if test.owner != "" || !strings.Contains(test.gone[0], "\u00ad") {
				csvschematest.AssertNoIdentifiers(t, out, test.gone...)
			}
			for _, gone := range test.gone {
				assert.NotContains(t, strings.ToLower(string(out)), strings.ToLower(gone))
			}
			again, stats := copyOf(t, nil, later, csvschema.VirtualMachines, out)
			assert.Equal(t, string(out), string(again))
			assert.Zero(t, stats.Changed)
		})
	}
}

func TestTextAfterAUserStays(t *testing.T) {
	t.Parallel()
	file := vm("2/4/2017", "", map[csvschema.Column]string{csvschema.Name: `{""id"":""/labs/l/users/zoe"",""lab"":""Bob's lab"",""cost"":12}`})
	out, _ := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
	assert.Contains(t, string(out), `/users/`+identity.ReplacementObjectID)
	assert.Contains(t, string(out), `Bob's lab`)
}

// TestNothingHidesNextToWhatIsAnonymous has a predicate that looks at a part of the
// value, and rows in which the rest names somebody.
func TestNothingHidesNextToWhatIsAnonymous(t *testing.T) {
	t.Parallel()
	prefix := func(value string) bool { return strings.HasPrefix(value, "deleted-user") }
	suffix := func(value string) bool { return strings.HasSuffix(value, "@deleted.contoso.com") }
	for _, test := range []struct {
		anonymous   func(string) bool
		owner, cell string
		gone        []string
	}{
		{prefix, objectID, "/users/deleted-user-17?for=" + objectID, []string{objectID}},
		{prefix, "zoe@contoso.com", "deleted-user@x'zoe@contoso.com", []string{"zoe@contoso.com"}},
		{prefix, "zoe@contoso.com", "deleted-user@-zoe@contoso.com", []string{"zoe@contoso.com"}},
		{prefix, "zoe@contoso.com", "/users/deleted-user-17?for=zoe@contoso.com", []string{"for=zoe@contoso.com"}},
		{prefix, "zoe@contoso.com", "/users/zoe@contoso.com/deleted-user=zoe@contoso.com", []string{"deleted-user=zoe@contoso.com"}},
		{prefix, "b/c", "deleted-user@x.b/c@y", []string{"b/c"}},
		{prefix, "", "/users/deleted-user zoe@contoso.com/e", []string{"zoe@contoso.com"}},
		{suffix, "zoe smith", "zoe smith-gone@deleted.contoso.com", []string{"zoe smith"}},
		{suffix, "zoe", "zoe=gone@deleted.contoso.com", []string{"zoe"}},
	} {
		t.Run(test.cell, func(t *testing.T) {
			t.Parallel()
			p := &anonymize.Policy{Anonymous: test.anonymous}
			file := vm("2/4/2017", test.owner, map[csvschema.Column]string{csvschema.Name: test.cell})
			out, _ := copyOf(t, p, later, csvschema.VirtualMachines, []byte(file))
			csvschematest.AssertNoIdentifiers(t, out, test.gone...)
			again, stats := copyOf(t, p, later, csvschema.VirtualMachines, out)
			assert.Equal(t, string(out), string(again))
			assert.Zero(t, stats.Changed)
		})
	}
}

// TestManyIdentifiersInARowAreRefused has the row that would take hours.
func TestManyIdentifiersInARowAreRefused(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&many, "/users/%06x", i)
	}
	file := vm("2/4/2017", "zoe@contoso.com", map[csvschema.Column]string{csvschema.Name: many.String()})
	_, err := (*anonymize.Policy)(nil).Copy(t.Context(), later, csvschema.VirtualMachines, new(strings.Builder), strings.NewReader(file))
	var place *csvschema.Error
	require.ErrorAs(t, err, &place)
	assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Role: csvschema.VirtualMachines}, Line: 2, Err: anonymize.ErrTooManyIdentifiers}, *place)
}

func TestARowThatWouldGrowOverTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	file := vm("2/4/2017", "zoe@contoso.com", map[csvschema.Column]string{csvschema.Name: strings.Repeat("a@b ", 100)})
	out, _ := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
	size := len(out) - bytes.IndexByte(out, '\n') - 1 // of the row that is written
	for limit, want := range map[int]error{0: nil, size: nil, size - 1: csvschema.ErrRecordTooLarge, 2000: csvschema.ErrRecordTooLarge} {
		p := &anonymize.Policy{MaxRecordBytes: limit}
		_, err := p.Copy(t.Context(), later, csvschema.VirtualMachines, new(strings.Builder), strings.NewReader(file))
		require.ErrorIs(t, err, want)
	}
}

// TestMarksAreConserved anonymizes a file with a byte-order mark too many.
func TestMarksAreConserved(t *testing.T) {
	t.Parallel()
	file := vm("2/4/2017", "zoe@contoso.com", nil)
	want, _ := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
	for _, marked := range []func(string) string{
		func(s string) string { return "\uFEFF\uFEFF" + s },
		func(s string) string { return "\uFEFF" + strings.Replace(s, "\n", "\n\uFEFF", 1) },
	} {
		got, stats := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(marked(file)))
		assert.Equal(t, marked(string(want)), string(got))
		assert.Equal(t, int64(1), stats.Changed)
	}
}

// TestTheFirstInstantIsNoDeletion has the .NET null in a zone of its own.
func TestTheFirstInstantIsNoDeletion(t *testing.T) {
	t.Parallel()
	for _, date := range []string{"0001-01-01T01:00:00+01:00", "1/1/0001 12:00:00 AM"} {
		_, stats := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(vm(date, "zoe@contoso.com", nil)))
		assert.Equal(t, int64(1), stats.NotDeleted, date)
	}
}

// TestAnAnonymousOwnerLosesWhatOtherCellsGaveAway has a predicate that takes the whole
// owner for anonymous, and the columns in both orders.
func TestAnAnonymousOwnerLosesWhatOtherCellsGaveAway(t *testing.T) {
	t.Parallel()
	p := &anonymize.Policy{Anonymous: func(value string) bool {
		return strings.HasPrefix(value, "deleted-user") || value == "service" || value == "svc zoe"
	}}
	const ours = identity.ReplacementObjectID
	for _, test := range []struct{ owner, name, image, wantOwner, wantName, wantImage string }{
		{"deleted-user zoe smith", "x", "/users/zoe smith/e", "deleted-user " + ours, "x", "/users/" + ours + "/e"},
		{"deleted-user zoe smith", "/users/zoe smith/e", "x", "deleted-user " + ours, "/users/" + ours + "/e", "x"},
		{"service", "/users/service/e", "x", "service", "/users/service/e", "x"},
		{"service", "/users/ice/e", "x", "service", "/users/" + ours + "/e", "x"},
		{"deleted-user " + objectID, "/users/" + objectID, "x", "deleted-user " + ours, "/users/" + ours, "x"},
		{"bob", "/users/svc zoe/e", "of svc zoe, /users/zoe", identity.ReplacementAddress, "/users/" + ours + "/e", "of svc " + ours + ", /users/" + ours},
		{"bob", "of svc zoe, /users/zoe", "/users/svc zoe/e", identity.ReplacementAddress, "of svc " + ours + ", /users/" + ours, "/users/" + ours + "/e"},
	} {
		file := []byte(vm("2/4/2017", test.owner, map[csvschema.Column]string{csvschema.Name: test.name, csvschema.CustomImageId: test.image}))
		for _, text := range [][]byte{file, reversed(t, file)} {
			_, after := planOf(t, p, later, exportOf(csvschema.VirtualMachines, text))
			out := textOf(t, after[0].VirtualMachines[0])
			cell := func(c csvschema.Column) string { return cellOf(t, csvschema.VirtualMachines, out, c) }
			assert.Equal(t, []string{test.wantOwner, test.wantName, test.wantImage},
				[]string{cell(csvschema.ResourceOwner), cell(csvschema.Name), cell(csvschema.CustomImageId)})
			again, stats := copyOf(t, p, later, csvschema.VirtualMachines, out)
			assert.Equal(t, string(out), string(again))
			assert.Zero(t, stats.Changed)
		}
	}
}

// reversed returns a file with its columns in the reverse order.
func reversed(t testing.TB, file []byte) []byte {
	t.Helper()
	rows := parsed(t, file)
	for _, row := range rows {
		slices.Reverse(row)
	}
	return quoted(rows)
}

// quoted returns a file of rows in which every cell is quoted, as in real exports, but
// not the header.
func quoted(rows [][]string) []byte {
	var text strings.Builder
	text.WriteString(strings.Join(rows[0], ",") + "\n")
	for _, row := range rows[1:] {
		for i, cell := range row {
			if i > 0 {
				text.WriteByte(',')
			}
			text.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		text.WriteByte('\n')
	}
	return []byte(text.String())
}
