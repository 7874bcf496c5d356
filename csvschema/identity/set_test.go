package identity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func setOf(t testing.TB, texts ...string) *identity.Set {
	t.Helper()
	var set identity.Set
	for _, text := range texts {
		id, err := identity.Parse(text)
		require.NoError(t, err)
		set.Add(id)
	}
	return &set
}

// textsIn returns the texts of the spans.
func textsIn(cell string, spans []identity.Span) (texts []string) {
	for _, s := range spans {
		texts = append(texts, cell[s.Start:s.End])
	}
	return texts
}

func TestMembersAreFoundInEverySpellingOfTheirNormalForm(t *testing.T) {
	t.Parallel()
	const (
		ann   = "ann@example.com"
		zofie = "žofie@example.com"
		guid  = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
		sidID = "73d664e4-0886-4a73-b745-c694da45ddb4"
	)
	for _, test := range []struct {
		name, id, cell string
		want           []string
	}{
		{"nothing", ann, "", nil},
		{"somebody else", ann, "bob@example.com", nil},
		{"whole", ann, ann, []string{ann}},
		{"twice", ann, "ann@example.com, ANN@EXAMPLE.COM", []string{ann, "ANN@EXAMPLE.COM"}},
		{"blanks around it", ann, "  ann@example.com\u200b", []string{ann}},
		{"in text", ann, "box of <Ann@Example.com>.", []string{"Ann@Example.com"}},
		{"percent-encoded", ann, "/x/ann%40example.com/y", []string{"ann%40example.com"}},
		{"percent-encoded thrice", ann, "ann%252540example.com", []string{"ann%252540example.com"}},
		{"slash in a local part", "a/ann@example.com", "a/ann@example.com, <A%2FAnn@example.com>", []string{"a/ann@example.com", "A%2FAnn@example.com"}},
		{"slash in a path", "a/ann@example.com", "/x/a/ann@example.com b/a/ann@example.com /a/ann@example.com xa/ann@example.com ann@example.com", nil},
		{"empty quoted string", `""@example.com`, `<""@example.com> \"\"@example.com "x"@example.com x""@example.com`, []string{`""@example.com`, `\"\"@example.com`}},
		{"MIME", ann, "?m=ann=40example.com; ANN=40example=2Ecom", []string{"ann=40example.com", "ANN=40example=2Ecom"}},
		{"MIME of a longer one", ann, "ann=40example.com=2Eau jo=2Eann=40example.com ann=2B=40example.com ?ann=40example.com", nil},
		{"name of XML", ann, "<ann_x0040_example.com/> ann_x0040_example_x002E_com", []string{"ann_x0040_example.com", "ann_x0040_example_x002E_com"}},
		{"name of XML of a longer one", ann, "ann_x0040_example_x002E_com_x002E_au jo_x002D_ann_x0040_example.com", nil},
		{"percent-encoded letters", ann, "%61%6En@example.com", []string{"%61%6En@example.com"}},
		{"end of a longer one", ann, "joann@example.com jo.ann@example.com jo-ann@example.com", nil},
		{"beginning of a longer one", ann, "ann@example.com.example.test ann@example.com-x ann@example.community", nil},
		{"end of a sentence", ann, "write to ann@example.com.", []string{ann}},
		{"chain", ann, "x@ann@example.com", nil},
		{"first of a chain", ann, "ann@example.com@x.com", []string{ann}},
		{"parameter of a URL", ann, "?user=ann@example.com&x=1", []string{ann}},
		{"quotation marks", ann, "'ann@example.com'", []string{ann}},
		{"one quotation mark", ann, "'ann@example.com", nil},
		{"typographic quotation marks", ann, "“ann@example.com”, „ann@example.com“", []string{ann, ann}},
		{"composed", zofie, "ŽOFIE@example.com", []string{"ŽOFIE@example.com"}},
		{"decomposed", zofie, "z\u030cofie@example.com", []string{"z\u030cofie@example.com"}},
		{"sharp s is another account", "strauss@example.com", "strauß@example.com STRAUSS@example.com", []string{"STRAUSS@example.com"}},
		{"full width is another account", "frank@example.com", "\uff46rank@example.com", nil},
		{"a character that is not seen is another account", ann, "a\u200bnn@example.com", nil},
		{"escape in the identifier", "a%41@example.com", "a%41@example.com aA@example.com", []string{"a%41@example.com"}},
		{"object ID", guid, "/users/" + guid + "/x", []string{guid}},
		{"object ID in capitals and braces", guid, "{7C9E6679-7425-40DE-944B-E07FC1F90AE7}", []string{"7C9E6679-7425-40DE-944B-E07FC1F90AE7"}},
		{"object ID without hyphens", guid, "x7c9e6679742540de944be07fc1f90ae7x", []string{"7c9e6679742540de944be07fc1f90ae7"}},
		{"object ID percent-encoded", guid, "%2F7c9e6679%2D7425%2D40de-944b-e07fc1f90ae7", []string{"7c9e6679%2D7425%2D40de-944b-e07fc1f90ae7"}},
		{"object IDs that touch", guid, guid + "7c9e6679742540de944be07fc1f90ae7", []string{guid, "7c9e6679742540de944be07fc1f90ae7"}},
		{"quotation marks after a letter", ann, "'o'ann@example.com' 'd’ann@example.com’ 'é\u0323'ann@example.com'", nil},
		{"apostrophe of OData", ann, "users('o''ann@example.com') users('''ann@example.com')", nil},
		{"apostrophe of OData, escaped", ann, `users(%27o%27%27ann@example.com%27) ('o\u0027\u0027ann@example.com')`, nil},
		{"apostrophe of HTML", ann, "'o&#39;ann@example.com' o&apos;ann@example.com o&amp;#x27;ann@example.com", nil},
		{"apostrophe of typography", ann, "o’ann@example.com o‘ann@example.com’ o‛ann@example.com", nil},
		{"quotation marks beside more", ann, "mail: 'ann@example.com' ('ann@example.com') 'x'; 'ann@example.com'", []string{ann, ann, ann}},
		{"quotation marks that are doubled", ann, "'x where y = ''ann@example.com'''", []string{ann}},
		{"quotation marks that are doubled before", ann, "''ann@example.com' 'x''ann@example.com''", nil},
		{"quotation marks of OData", ann, "/users('ann@example.com')/x users(%27ann%40example.com%27)", []string{ann, "ann%40example.com"}},
		{"quotation marks after Han", ann, "用户‘ann@example.com’", []string{ann}},
		{"local part that goes on in an escape", ann, "jo&period;ann@example.com jo&#46;ann@example.com jo&plus;ann@example.com jo&amp;#45;ann@example.com", nil},
		{"domain that goes on in an escape", ann, `ann@example.com%2Eau ann@example.com%252Eau ann@example.com&period;au ann@example.com&#46;au ann@example.com\u002eau ann@example.com%2Dx`, nil},
		{"end of a sentence in an escape", ann, `ann@example.com%2E ann@example.com&period; ann@example.com\u002e`, []string{ann, ann, ann}},
		{
			"separators", ann, "x|ann@example.com {ann@example.com} }ann@example.com *ann@example.com* x=ann@example.com ?ann@example.com",
			[]string{ann, ann, ann, ann, ann, ann},
		},
		{
			"characters of a local part", ann, "$ann@example.com `ann@example.com` r&ann@example.com !ann@example.com #ann@example.com ^ann@example.com %ann@example.com ~ann@example.com",
			nil,
		},
		{"local part before a named entity", ann, "m&uuml;ann@example.com o&rsquo;ann@example.com &Eacute;ann@example.com &EACUTE;ann@example.com r&dollar;ann@example.com o\\'ann@example.com", nil},
		{"named entity that ends a local part", ann, `&laquo;ann@example.com&raquo; x&comma;ann@example.com \'ann@example.com\'`, []string{ann, ann, ann}},
		{"slash of a local part", ann, "a/ann@example.com, b.c/ann@example.com x=a/ann@example.com a%2Fann@example.com", nil},
		{"slash of a path", ann, "/x/ann@example.com https://h/ann@example.com/x users/ann@example.com (/ann@example.com) x/users//ann@example.com", []string{ann, ann, ann, ann, ann}},
		{"brackets after a letter", ann, "Å‚ann@example.com x“ann@example.com” 说“ann@example.com”", []string{ann}},
		{"UTF-8 read as Latin-1", ann, "Å\u0082ann@example.com", nil},
		{"doubled apostrophe of OData", "o'ann@example.com", "users('o''ann@example.com') o'ann@example.com 'jo''ann@example.com'", []string{"o''ann@example.com", "o'ann@example.com"}},
		{"quoted local part", `"Ann B"@example.com`, `"ann b"@example.com, x "ann%20b"@example.com`, []string{`"ann b"@example.com`, `"ann%20b"@example.com`}},
		{"quoted local part in JSON", `"ann b"@example.com`, `{"by":"\"Ann b\"@example.com","of":"\"joann b\"@example.com"}`, []string{`\"Ann b\"@example.com`}},
		{"quoted mark in JSON", `"a\"b"@example.com`, `"\"a\\\"b\"@example.com" "a\"b"@example.com`, []string{`\"a\\\"b\"@example.com`, `"a\"b"@example.com`}},
		{"SID of an object ID", sidID, `AzureAD\` + sidOf73 + "; " + strings.ToLower(sidOf73) + "-", []string{sidOf73, strings.ToLower(sidOf73)}},
		{"SID, escaped", sidID, strings.ReplaceAll(sidOf73, "-", "%2D"), []string{strings.ReplaceAll(sidOf73, "-", "%2D")}},
		{"SID by a SID", sidOf73, "x " + sidOf73, []string{sidOf73}},
		{"SID of few digits", "00000001-0002-0000-0300-000004000000", "S-1-12-1-1-2-3-4", []string{"S-1-12-1-1-2-3-4"}},
		{"SID of another", sidID, "S-1-12-1-1943430372-1249052806-2496021943-3034400219 x" + sidOf73 + " " + sidOf73 + "0", nil},
		{"object ID in the address of a deleted account", strings.ReplaceAll(guid, "-", "") + "ann@example.com", guid + " ann@example.com x", nil},
		{"address of a deleted account", strings.ReplaceAll(guid, "-", "") + "ann@example.com", "x " + strings.ReplaceAll(guid, "-", "") + "ann@example.com", []string{strings.ReplaceAll(guid, "-", "") + "ann@example.com"}},
		{"another object ID", guid, "7c9e6679-7425-40de-944b-e07fc1f90ae8", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var f identity.Finder
			assert.Equal(t, test.want, textsIn(test.cell, f.FindMembers(nil, []byte(test.cell), setOf(t, test.id))))
			assert.Empty(t, f.FindMembers(nil, []byte(test.cell), &identity.Set{}))
		})
	}
}

func TestMembersAreFoundInOrder(t *testing.T) {
	t.Parallel()
	cell := "bob@x.com, ann@example.com, bob@x.com"
	var f identity.Finder
	before := identity.Span{Start: 99, End: 100}
	set := setOf(t, "ann@example.com", "bob@x.com")
	set.Add(identity.Identifier{})
	spans := f.FindMembers([]identity.Span{before}, []byte(cell), set)
	assert.Equal(t, before, spans[0])
	assert.Equal(t, []string{"bob@x.com", "ann@example.com", "bob@x.com"}, textsIn(cell, spans[1:]))
}
