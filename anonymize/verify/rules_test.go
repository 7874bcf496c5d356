package verify_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

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
	f.Fuzz(func(t *testing.T, text string) {
		normal := identity.Normal(text)
		assert.Equal(t, csvschema.Identifies(csvschema.ResourceUId, []byte(normal)), verify.IsUID(normal), "%q", normal)
		for _, c := range []csvschema.Column{csvschema.LabUId, csvschema.ResourceId, csvschema.LeasedByVmId} {
			assert.Equal(t, csvschema.Identifies(c, []byte(normal)), verify.IsText(normal), "%q", normal)
		}
	})
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
	f.Fuzz(func(t *testing.T, id string) {
		if !utf8.ValidString(id) {
			return // files with it are refused, and where NFC looks on after it depends on what follows
		}
		assert.Equal(t, string(identity.AppendARM(nil, []byte(id))), verify.PathOf(id), "%q", id)
	})
}
