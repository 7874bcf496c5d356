package identity_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// nearPairs are two identifiers each, and whether they are near.
var nearPairs = []struct {
	name, a, b string
	want       bool
}{
	{"Equal", "alice@contoso.com", "Alice@Contoso.com", false},
	{"Others", "alice@contoso.com", "bob@contoso.com", false},
	{"Part", "ann@contoso.com", "joann@contoso.com", false},
	{"LongS", "alice.ſmith@contoso.com", "alice.smith@contoso.com", true},
	{"SharpS", "strauß@contoso.com", "strauss@contoso.com", true},
	{"CapitalSharpS", "STRAUẞ@contoso.com", "strauss@contoso.com", true},
	{"FinalSigma", "νικος@contoso.com", "νικοσ@contoso.com", true},
	{"FullWidth", "ａｌｉｃｅ@contoso.com", "alice@contoso.com", true},
	{"FullWidthWhole", "ａｌｉｃｅ＠ｃｏｎｔｏｓｏ．ｃｏｍ", "alice@contoso.com", true},
	{"Ligature", "ﬁona@contoso.com", "fiona@contoso.com", true},
	{"Domain", "alice@straße.example.test", "alice@strasse.example.test", true},
	{"DomainInASCII", "alice@bücher.example", "alice@xn--bcher-kva.example", true},
	{"DomainInASCIIFolded", "alice@xn--strae-oqa.example", "alice@strasse.example", true},
	{"DomainInASCIIOfTenant", "alice@contoso.com", "alice@xn--bcher-kva.onmicrosoft.com", true},
	{"OtherDomainInASCII", "alice@bücher.example", "alice@xn--bcher-kvb.example", false},
	{"DottedI", "al\u0130ce@contoso.com", "alice@contoso.com", true},
	{"DotlessI", "alıce@contoso.com", "alice@contoso.com", true},
	{"DottedAndDotlessI", "alıce@contoso.com", "al\u0130ce@contoso.com", true},
	{"NotSeen", "ali\u200Bce@contoso.com", "alice@contoso.com", true},
	{"DoubledApostrophe", "o''brien@contoso.com", "o'brien@contoso.com", true},
	{"GraveAccent", "o`brien@contoso.com", "o'brien@contoso.com", true},
	{"AcuteAccent", "o´brien@contoso.com", "o`brien@contoso.com", true},
	{"NoApostrophe", "obrien@contoso.com", "o''brien@contoso.com", false},
	{"AccentIsAnotherLetter", "jose@contoso.com", "josé@contoso.com", false},

	{"Guest", "alice@contoso.com", "alice_contoso.com#EXT#@fabrikam.onmicrosoft.com", true},
	{"GuestAtOtherDomain", "alice@contoso.com", "alice_contoso.com#EXT#@fabrikam.com", true},
	{"GuestWithUnderscore", "alice_b@contoso.com", "alice_b_contoso.com#EXT#@fabrikam.com", true},
	{"GuestFolded", "ſam@contoso.com", "sam_contoso.com#EXT#@fabrikam.com", true},
	{"GuestEncoded", "alice@contoso.com", "alice_contoso.com%23EXT%23@fabrikam.com", true},
	{"GuestEncodedOrNot", "alice_contoso.com#EXT#@fabrikam.com", "alice_contoso.com%23ext%23@fabrikam.com", true},
	{"GuestWithUnderscores", "alice@contoso.com", "alice_contoso.com_EXT_@fabrikam.com", true},
	{"GuestWithUnderscoresOrNot", "alice_contoso.com#EXT#@fabrikam.com", "alice_contoso.com_EXT_@fabrikam.com", true},
	{"GuestWithUnderscoresOfOther", "alice@contoso.com", "malice_contoso.com_EXT_@fabrikam.com", false},
	{"NoGuestWithUnderscores", "alice@contoso.com", "alice_contoso.com_text_@fabrikam.com", false},
	{"GuestEncodedOfOther", "alice@contoso.com", "malice_contoso.com%23EXT%23@fabrikam.com", false},
	{"GuestOfOther", "alice@contoso.com", "malice_contoso.com#EXT#@fabrikam.com", false},
	{"GuestFromOtherDomain", "alice@contoso.com", "alice_fabrikam.com#EXT#@contoso.com", false},
	{"GuestOfOneInTwoTenants", "alice_contoso.com#EXT#@fabrikam.com", "alice_contoso.com#EXT#@example.com", true},
	{"LooksLikeGuestWithoutMark", "alice@contoso.com", "alice_contoso.com@fabrikam.com", false},

	{"Tenant", "alice@contoso.com", "alice@contoso.onmicrosoft.com", true},
	{"TenantOfOtherName", "alice@contoso.com", "alice@fabrikam.onmicrosoft.com", true},
	{"TenantFolded", "ſam@contoso.com", "sam@fabrikam.onmicrosoft.com", true},
	{"TwoTenants", "alice@contoso.onmicrosoft.com", "alice@fabrikam.onmicrosoft.com", true},
	{"TenantOfAnotherCloud", "alice@contoso.com", "alice@fabrikam.onmicrosoft.us", true},
	{"TenantOfChina", "alice@contoso.com", "alice@fabrikam.partner.onmschina.cn", true},
	{"DomainOfAllTenantsOfChina", "alice@contoso.com", "alice@onmschina.cn", false},
	{"NameThatBeginsLikeATenantOfChina", "alice@contoso.com", "alice@fabrikam.onmschina.cn.example.test", false},
	{"NoTenant", "alice@contoso.com", "alice@fabrikam.com", false},
	{"DomainOfAllTenants", "alice@contoso.com", "alice@onmicrosoft.com", false},
	{"TenantInTheLocalPart", "alice.onmicrosoft.b@contoso.com", "alice.onmicrosoft.b@fabrikam.com", false},
	{"NameLikeTenant", "alice@contoso.com", "alice@xonmicrosoft.com", false},
	{"TenantOfOtherPerson", "alice@contoso.com", "bob@contoso.onmicrosoft.com", false},

	{"ObjectIDs", objectID, "d02677f7-9c06-5740-afd8-0a213ad58e73", false},
	{"ObjectIDAndAddress", objectID, objectID + "@contoso.onmicrosoft.com", false},
}

func TestNear(t *testing.T) {
	t.Parallel()
	for _, tt := range nearPairs {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, b := mustIdentifier(t, tt.a), mustIdentifier(t, tt.b)
			assert.Equal(t, tt.want, identity.Near(a, b))
			assert.Equal(t, tt.want, identity.Near(b, a), "the other way round")
			assert.False(t, identity.Near(a, a), "near itself")
		})
	}
	assert.False(t, identity.Near(identity.Identifier{}, identity.Identifier{}))
	assert.False(t, identity.Near(identity.Identifier{}, mustIdentifier(t, "alice@contoso.com")))
}

func TestNearIndexFindsWhatIsNear(t *testing.T) {
	t.Parallel()
	var ids []identity.Identifier
	for _, tt := range nearPairs {
		ids = append(ids, mustIdentifier(t, tt.a), mustIdentifier(t, tt.b))
	}
	var index identity.NearIndex
	for i, id := range ids {
		index.Add(id, i)
	}
	near := 0
	for _, id := range ids {
		want := []int{-1}
		for i, other := range ids {
			if identity.Near(id, other) {
				want = append(want, i)
				near++
			}
		}
		assert.Equal(t, want, index.Find([]int{-1}, id), id.Reveal())
	}
	require.Greater(t, near, len(nearPairs))
}

func TestNearIndexGivesEachNumberOnce(t *testing.T) {
	t.Parallel()
	var index identity.NearIndex
	assert.Empty(t, index.Find(nil, mustIdentifier(t, "alice@contoso.com")), "an empty index")
	index.Add(identity.Identifier{}, 3)
	index.Add(mustIdentifier(t, objectID), 4)
	index.Add(mustIdentifier(t, "alice@a.onmicrosoft.com"), 7)
	index.Add(mustIdentifier(t, "alice@b.onmicrosoft.com"), 7)
	index.Add(mustIdentifier(t, "alice_contoso.com#EXT#@a.onmicrosoft.com"), 2)
	index.Add(mustIdentifier(t, "alice@contoso.com"), 5)
	assert.Equal(t, []int{2, 7}, index.Find(nil, mustIdentifier(t, "alice@contoso.com")))
	assert.Empty(t, index.Find(nil, identity.Identifier{}))
	assert.Empty(t, index.Find(nil, mustIdentifier(t, objectID)))
}

func BenchmarkNearIndex(b *testing.B) {
	var index identity.NearIndex
	for i := range 10_000 {
		index.Add(mustIdentifier(b, fmt.Sprintf("person%d@contoso.com", i)), i)
	}
	id := mustIdentifier(b, "person5000@fabrikam.onmicrosoft.com")
	var near []int
	b.ReportAllocs()
	for b.Loop() {
		near = index.Find(near[:0], id)
	}
	require.Equal(b, []int{5000}, near)
}
