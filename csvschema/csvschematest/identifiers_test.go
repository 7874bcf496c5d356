package csvschematest_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// percent percent-encodes every byte.
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}

// wide changes ASCII to full-width characters.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xFEE0
		}
		return r
	}, s)
}

const oid = "3f0cab51-4d1e-4a77-9b6e-0c8f1f5a2be0"

func TestNoIdentifiersFindsEverySpelling(t *testing.T) {
	t.Parallel()
	noHyphens := strings.ReplaceAll(oid, "-", "")
	cases := []struct{ name, identifier, cell string }{
		{"as it is", "ann@example.com", "ann@example.com"},
		{"upper case", "ann@example.com", "ANN@Example.COM"},
		{"identifier in upper case", "ANN@EXAMPLE.COM", "ann@example.com"},
		{"in text", "ann@example.com", "made by ann@example.com."},
		{"in a path", "ann@example.com", "/users/ann@example.com/disks"},
		{"in quotation marks", "ann@example.com", "'ann@example.com'"},
		{"in brackets", "ann@example.com", "<ann@example.com>"},
		{"after a scheme", "ann@example.com", "mailto:ann@example.com"},
		{"after a longer one", "ann@example.com", "joann@example.com ann@example.com"},
		{"before a longer one", "ann@example.com", "ann@example.com joann@example.com"},
		{"percent", "ann@example.com", "x%20" + url.QueryEscape("ann@example.com")},
		{"every byte", "ann@example.com", percent("ann@example.com")},
		{"every byte, upper case", "ann@example.com", strings.ToUpper(percent("ann@example.com"))},
		{"twice", "ann@example.com", url.QueryEscape(url.QueryEscape("ann@example.com"))},
		{"three times", "ann@example.com", percent(percent(percent("ann@example.com")))},
		{"percent in full width", "ann@example.com", wide(percent("ann@example.com"))},
		{"full width", "ann@example.com", wide("ann@example.com")},
		{"zero width", "ann@example.com", "a\u200bn\u2060n@exam\u00adple.com"},
		{"decomposed", "žofie@example.com", norm.NFD.String("žofie@example.com")},
		{"composed", norm.NFD.String("žofie@example.com"), "žofie@example.com"},
		{"upper case decomposed", "žofie@example.com", norm.NFD.String("ŽOFIE@EXAMPLE.COM")},
		{"percent decomposed", "žofie@example.com", percent(norm.NFD.String("Žofie@example.com"))},
		{"upper case of sharp s", "strauß@example.com", "STRAUSS@EXAMPLE.COM"},
		{"apostrophe", "pat.o'neil@example.com", "from pat.o'neil@example.com"},
		{"guest", "bob_contoso.com#EXT#@fabrikam.onmicrosoft.com", "bob_contoso.com%23ext%23@fabrikam.onmicrosoft.com"},
		{"object ID", oid, "/users/" + oid + "/environments"},
		{"object ID, upper case", oid, strings.ToUpper(oid)},
		{"object ID without hyphens", oid, noHyphens},
		{"object ID in braces", oid, "{" + oid + "}"},
		{"identifier in braces", "{" + strings.ToUpper(oid) + "}", noHyphens},
		{"identifier without hyphens", noHyphens, oid},
		{"object ID, other hyphens", oid, noHyphens[:16] + "-" + noHyphens[16:]},
		{"object ID after a hyphen", oid, "disk-" + oid + "-0"},
		{"object ID, percent", oid, percent(oid)},
		{"object ID, full width", oid, wide(oid)},
		{"object ID after its beginning", oid, oid[:8] + " " + oid},
		{"other text", "svc build agent", "made by SVC Build Agent, v2"},
		{"other text in quotes", `the "second"`, `the "second"`},
		{"line end", "two\nlines", "two\nlines"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			quoted := `"` + strings.ReplaceAll(tc.cell, `"`, `""`) + `"`
			output := "a,b,c\n1,2,3\n\n4," + quoted + ",6\n7,8,9\n"
			check := func(tb testing.TB) {
				csvschematest.AssertNoIdentifiers(tb, []byte(output), "nobody@example.test", tc.identifier)
			}
			fails(t, check, []string{"identifier 2", "row 2 (line 4), column 2"}, tc.identifier, tc.cell)
			passes(t, func(tb testing.TB) {
				csvschematest.AssertNoIdentifiers(tb, []byte(output), "nobody@example.test")
			})
		})
	}
}

func TestNoIdentifiersLeavesOthers(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, identifier, cell string }{
		{"longer local part", "ann@example.com", "joann@example.com"},
		{"longer by a dot", "ann@example.com", "jo.ann@example.com"},
		{"longer by an apostrophe", "neil@example.com", "pat.o'neil@example.com"},
		{"longer by non-ASCII", "ann@example.com", "žann@example.com"},
		{"longer domain", "ann@example.com", "ann@example.com.example.test"},
		{"longer domain by a hyphen", "ann@example.com", "ann@example.com-x.example.test"},
		{"longer last label", "ann@example.co", "ann@example.com"},
		{"other domain", "ann@example.com", "ann@example.test"},
		{"derived name", "ann@example.com", "ann042"},
		{"other object ID", oid, oid[:35] + "1"},
		{"longer word", "svc", "svc2"},
		{"empty", "ann@example.com", ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			passes(t, func(tb testing.TB) {
				csvschematest.AssertNoIdentifiers(tb, []byte("a,b\n\""+tc.cell+"\",2\n"), tc.identifier)
			})
		})
	}
}

func TestNoIdentifiersLooksAtWhatIsNoCSV(t *testing.T) {
	t.Parallel()
	for _, output := range []string{
		"ann@example.com", `"ann@example.com`, "<p title=\"x\">\"ann@example.com\"</p>", "\xff\xfe,ann@example.com\x00",
		"{\"a\":\"ann@example.com\"}", "\uFEFFann@example.com", "a\r\"b\",ann@example.com",
	} {
		fails(t, func(tb testing.TB) {
			csvschematest.AssertNoIdentifiers(tb, []byte(output), "ann@example.com")
		}, []string{"identifier 1"}, "ann@")
	}
	fails(t, func(tb testing.TB) {
		csvschematest.AssertNoIdentifiers(tb, []byte("owner: Jones, Ann\n"), "jones, ann")
	}, []string{"across cells"}, "jones")
	passes(t, func(tb testing.TB) { csvschematest.AssertNoIdentifiers(tb, nil, "ann@example.com") })
}

func TestNoIdentifiersRefusesAnEmptyOne(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", " ", "\u200b"} {
		fails(t, func(tb testing.TB) { csvschematest.AssertNoIdentifiers(tb, []byte("a"), id) }, []string{"identifier 1 is empty"})
	}
}

func TestNoIdentifiersCountsManyPlaces(t *testing.T) {
	t.Parallel()
	var r recorder
	csvschematest.AssertNoIdentifiers(&r, bytes.Repeat([]byte("ann@example.com\n"), 100), "ann@example.com")
	assert.Len(t, r.reports, 11)
	assert.Equal(t, "and 90 more places", r.reports[10])
}
