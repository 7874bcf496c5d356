package verify_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// FuzzTwoOpinionsOnIDsAgree compares what this package takes for an ID with what the
// package that it checks takes for one.
func FuzzTwoOpinionsOnIDsAgree(f *testing.F) {
	for _, text := range []string{
		"", "-", "0", "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001", "{00000000000000000000000000000000}",
		"0dd2f8ae-8267-47c5-8cda-484792e203ee", "0dd2f8ae_8267-47c5-8cda-484792e203ee", "0dd2f8ae-826747c5-8cda-4847-92e203ee", "NULL", "(null)", "nullable",
		"####", "System.Object[]", "System.Guid", "Microsoft.Azure.Vm", "system.x/y", "/System.Guid", "systems", "#N/A", "1.23E+31", "e", "ee", "1e", "é", "lab-1", "/NULL", "null/", "\\N", "n/a ", "'none'", "-null", "#\nx",
	} {
		f.Add(text)
	}
	f.Fuzz(requireOneOpinionOnID)
}

// requireOneOpinionOnID holds that both packages take a text for an ID, or none.
func requireOneOpinionOnID(t *testing.T, text string) {
	t.Helper()
	normal := identity.Normal(text)
	require.Equal(t, csvschema.Identifies(csvschema.ResourceUId, []byte(normal)), verify.IsUID(normal), "%q", normal)
	for _, c := range []csvschema.Column{csvschema.LabUId, csvschema.ResourceId, csvschema.LeasedByVmId} {
		require.Equal(t, csvschema.Identifies(c, []byte(normal)), verify.IsText(normal), "%q", normal)
	}
}

// idParts are what texts are made of that are nearly IDs.
var idParts = []string{
	"null", "DBNull", "nil", "none", "n", "n/a", "na", "nan", "undefined", "unknown", "empty", "true", "false", "(", ")", "<", ">", "[", "]", "{", "}", `"`, "'", `\`, " ", "#",
	"system", "Microsoft", ".", "/", "e", "E", "1", "23", "+", "-", "–", "_", "\n", "\u200b", "\u0301", "é", "ｅ", "\u212a", "İ", "\u00a0", "١", "ª", "ₑ", "²", "lab", "s", "\xff",
	"0dd2f8ae-8267-47c5-8cda-484792e203ee", "00000000-0000-0000-0000-000000000000", "00000000", "-0000", "0000", "000000000000", "0dd2f8ae826747c58cda484792e203ee",
}

func TestTwoOpinionsOnIDsAgree(t *testing.T) {
	t.Parallel()
	eachDense(20_000, idParts, 6, func(text string) { requireOneOpinionOnID(t, text) })
}

// FuzzTwoOpinionsOnARMIDsAgree compares the normal form of ARM IDs that this package
// joins by with that of the package that it checks.
func FuzzTwoOpinionsOnARMIDsAgree(f *testing.F) {
	for _, id := range []string{
		"", "/", "//", "/a/b", "a/b/", "//A//b//", "https://management.azure.com/a/b", "HTTPS%3A%2F%2Fh%2fa%252Fb", "http://h", "ftp://h/a", "/a/%c3%a9", "/a/%C3/x", "/%%34%31/100%/",
		" /a/ \u200b", "/a%20/", "/caf\u00e9/cafe%CC%81", "/%e4%BD%a0%ff", "/{D02677F79C065740AFD80A213AD58E72}/", "https:/a", "%2F%2F", "a%00b", "%25%32%35", "/%c3%25a9", "%f0%9f%98%80/%ed%a0%80",
		`//\/`, `/a\\/b&#47;&SOL;c&#X2F;`, `\&#47;a`, `"/a/b"`, `'"/a/"'/`, "a?api-version=1/b", "/a/?API-Version=2\nx", "a?b", "management.azure.com/Subscriptions/s", ".a/subscriptions/s",
		"a.\u212a/subscriptions/x", "h/subscriptions/s", "a.b/subscriptions", "https://https://a/b", "https:///a/b", "https://h//a", "/https://h/a", " / https://h/a / ",
	} {
		f.Add(id)
	}
	f.Fuzz(requireOneOpinionOnARMID)
}

// requireOneOpinionOnARMID holds that an ARM ID has the same normal form in both packages.
func requireOneOpinionOnARMID(t *testing.T, id string) {
	t.Helper()
	if utf8.ValidString(id) { // or the file is refused, and where NFC looks on after it depends on what follows
		require.Equal(t, string(identity.AppendARM(nil, []byte(id))), verify.PathOf(id), "%q", id)
	}
}

// armParts are what ARM IDs are made of that have several spellings.
var armParts = []string{
	"/", "//", "a", "B", "é", "e\u0301", "\u0301", "%", "%2F", "%2f", "%25", "%41", "%c3", "%a9", "%C3%A9", "%20", "%5c", "%00", "%ff", "25", "2", "F", " ", "\u00a0", "\u200b", "\n", `\`, `\\/`, `\/`,
	"&#47;", "&#x2F;", "&SOL;", "&", "#47;", ";", `"`, "'", "?", "?api-version=", "API-Version=", "https:", "http://", "HTTPS://", "ftp://", "h", ".", "management.azure.com", "a.b", "subscriptions", "/Subscriptions/", "s",
	":", "-", "_", "(", ")", "\u212a", "İ", "ſ", "ß", "＃", "／", "{", "}", "0dd2f8ae-8267-47c5-8cda-484792e203ee", "0DD2F8AE826747C58CDA484792E203EE", "\u1112\u1161\u11ab",
}

func TestTwoOpinionsOnARMIDsAgree(t *testing.T) {
	t.Parallel()
	eachDense(20_000, armParts, 9, func(id string) { requireOneOpinionOnARMID(t, id) })
}
