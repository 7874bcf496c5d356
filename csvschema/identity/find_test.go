package identity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// A finding is a span by its text.
type finding struct {
	text string
	kind identity.SpanKind
}

func anAddress(text string) finding { return finding{text, identity.AddressSpan} }
func aUser(text string) finding     { return finding{text, identity.UserSpan} }

// textsOf returns the spans by their texts, after a look at their offsets.
func textsOf(t testing.TB, cell string, spans []identity.Span) []finding {
	t.Helper()
	var texts []finding
	end := -1
	for _, span := range spans {
		require.Greater(t, span.Start, end, "spans are in order and do not touch: %v", spans)
		require.Greater(t, span.End, span.Start)
		require.LessOrEqual(t, span.End, len(cell))
		end = span.End
		texts = append(texts, finding{cell[span.Start:span.End], span.Kind})
	}
	return texts
}

// replaceSpans puts replacements in the place of all spans that are none.
func replaceSpans(cell []byte, spans []identity.Span) []byte {
	var replaced []byte
	end := 0
	for _, span := range spans {
		replaced = append(replaced, cell[end:span.Start]...)
		text := cell[span.Start:span.End]
		switch {
		case identity.IsReplacement(text):
			replaced = append(replaced, text...)
		case span.Kind == identity.AddressSpan:
			replaced = append(replaced, identity.ReplacementAddress...)
		default:
			replaced = append(replaced, identity.ReplacementObjectID...)
		}
		end = span.End
	}
	return append(replaced, cell[end:]...)
}

// findings are cells and what is found in them.
var findings = []struct {
	name, cell string
	want       []finding
}{
	{"Empty", "", nil},
	{"Plain", "Standard_DS1", nil},
	{"Owner", "alice@contoso.com", []finding{anAddress("alice@contoso.com")}},
	{"InText", "lab of <alice@contoso.com>, bob@fabrikam.com; x", []finding{anAddress("alice@contoso.com"), anAddress("bob@fabrikam.com")}},
	{"EndOfSentence", "write to alice@contoso.com.", []finding{anAddress("alice@contoso.com")}},
	{"AllLegalCharacters", "(a'.-_!#^~$%&*+=?`{|}b@contoso.com)", []finding{anAddress("a'.-_!#^~$%&*+=?`{|}b@contoso.com")}},
	{"Apostrophe", "o'brien@contoso.com", []finding{anAddress("o'brien@contoso.com")}},
	{"Guest", "x/alice_contoso.com#EXT#@fabrikam.onmicrosoft.com/y", []finding{anAddress("alice_contoso.com#EXT#@fabrikam.onmicrosoft.com")}},
	{"NoDot", "alice@localhost:80", []finding{anAddress("alice@localhost")}},
	{"BeyondASCII", "；李小龙@例え.test。", []finding{anAddress("；李小龙@例え.test")}},
	{"BlankBeyondASCII", "x\u3000josé@contoso.com\u00A0y", []finding{anAddress("josé@contoso.com")}},
	{"DecomposedDomain", "a@cafe\u0301.example.test", []finding{anAddress("a@cafe\u0301.example.test")}},
	{"FullWidth", "x ａlice＠ｃｏｎｔｏｓｏ．ｃｏｍ y@z", []finding{anAddress("ａlice＠ｃｏｎｔｏｓｏ．ｃｏｍ"), anAddress("y@z")}},
	{"NotSeen", "alice\u200B@\u200Bcon\u00ADtoso.com\u200B;", []finding{anAddress("alice\u200B@\u200Bcon\u00ADtoso.com")}},
	{"NoLocalPart", "@contoso.com and @me", nil},
	{"NoDomain", "alice@ and bob@-x and carol@.com", nil},
	{"RunOfAtSigns", "a@@b@@@c@d@@", []finding{anAddress("c@d")}},
	{"TwoAtSigns", "alice@bob@contoso.com", []finding{anAddress("alice@bob@contoso.com")}},
	{"TwoKindsOfAtSigns", "alice@bob＠contoso.com", []finding{anAddress("alice@bob＠contoso.com")}},
	{"PieceThatIsNoDomain", "a@-b@x", []finding{anAddress("a@-b@x")}},
	{"TrailingDotsAndHyphens", "a@x.com..-- b@y-.z c@z.-", []finding{anAddress("a@x.com"), anAddress("b@y"), anAddress("c@z")}},
	{"Touching", "a@x,b@y;c@z d@w", []finding{anAddress("a@x"), anAddress("b@y"), anAddress("c@z"), anAddress("d@w")}},
	{"RestOfRun", "a@x_b@", []finding{anAddress("a@x")}},
	{"Slash", "a/b@x/c", []finding{anAddress("b@x")}},
	{"InvalidUTF8", "a\xFFb@x\xFFy", []finding{anAddress("b@x")}},
	{"Replacement", identity.ReplacementAddress, []finding{anAddress(identity.ReplacementAddress)}},

	{"MIME", "x,alice=40contoso.com;y", []finding{anAddress("alice=40contoso.com")}},
	{"MIMEInPath", "/users/alice=2Btag=40contoso=2Ecom/x j=C3=B6rg=40contoso.com.", []finding{aUser("alice=2Btag=40contoso=2Ecom"), anAddress("j=C3=B6rg=40contoso.com")}},
	{"MIMEInQuery", "?user=alice=40contoso.com&u=40", []finding{anAddress("?user=alice=40contoso.com")}},
	{"NoMIME", "?u=40 ?u=40contoso.com width=40px x=405.5 =40contoso.com a=40", nil},
	{"XMLName", "x alice_x002B_tag_x0040_contoso_x002E_com-y", []finding{anAddress("alice_x002B_tag_x0040_contoso_x002E_com-y")}},
	{"XMLNameAndMore", "alice_x0040_contoso.com_x0040_fabrikam.com", []finding{anAddress("alice_x0040_contoso.com_x0040_fabrikam.com")}},
	{"NoXMLName", "a_x0040_ _x0040_x a_x0041_x a_x", nil},
	{"UnderscoreAndX", "a_x@contoso.com", []finding{anAddress("a_x@contoso.com")}},

	{"Quoted", `"first,last"@example.com`, []finding{anAddress(`"first,last"@example.com`)}},
	{"QuotedInText", `x <"first last"@example.com>, "a"@y;`, []finding{anAddress(`"first last"@example.com`), anAddress(`"a"@y`)}},
	{"QuotedQuote", `("a\"b\\"@example.com)`, []finding{anAddress(`"a\"b\\"@example.com`)}},
	{"QuotedAt", `"a@b"@example.com`, []finding{anAddress(`"a@b"@example.com`)}},
	{"QuotedInJSON", `{"by":"\"first,last\"@example.com"}`, []finding{anAddress(`\"first,last\"@example.com`)}},
	{"QuotedInJSONString", `{"by":"\u0022a,b\u0022@x"}`, []finding{anAddress(`\u0022a,b\u0022@x`)}},
	{"QuotedAfterLocalPart", `mail="a b"@x`, []finding{anAddress(`mail="a b"@x`)}},
	{"QuotedNothing", `to ""@x, "a",""@y`, []finding{anAddress(`""@x`), anAddress(`""@y`)}},
	{"QuotedNothingInJSON", `{"by":"\"\"@example.com"}`, []finding{anAddress(`\"\"@example.com`)}},
	{"QuotedOpen", `a b"@x`, nil},
	{"QuotedTwoLines", "\"a\nb\"@x", nil},
	{"QuotedNoDomain", `"a b"@ "a"@-`, nil},
	{"QuotedHalfEscaped", `"a b\"@x`, nil},
	{"QuotedTooLong", `"` + strings.Repeat("a ", 70) + `"@x`, nil},
	{"Literal", "to test@[192.0.2.1], x@[IPv6:2001:db8::1]", []finding{anAddress("test@[192.0.2.1]"), anAddress("x@[IPv6:2001:db8::1]")}},
	{"LiteralEscaped", "test%40%5B192.0.2.1%5D%20", []finding{anAddress("test%40%5B192.0.2.1%5D")}},
	{"LiteralAndMore", "a@[192.0.2.1].com b@[192.0.2.1]c@x", []finding{anAddress("a@[192.0.2.1].com"), anAddress("b@[192.0.2.1]c@x")}},
	{"QuotedAndLiteral", `"a b"@[192.0.2.1]`, []finding{anAddress(`"a b"@[192.0.2.1]`)}},
	{"NoLiteral", "a@[192.0.2] a@[] a@[x] a@[1.2.3.4 a@[2001:db8::1] a@[IPv6:192.0.2.1] a@[IPv6:fe80::1%x] @[1.2.3.4]", nil},
	{"User", "/labs/x/users/" + objectID + "/environments/y", []finding{aUser(objectID)}},
	{"UserAtTheEnd", "/labs/x/UsErS/" + objectID, []finding{aUser(objectID)}},
	{"UserByText", "/users/Alice B/disks/z", []finding{aUser("Alice B")}},
	{"UserByAddress", "/users/ alice@contoso.com /disks/z", []finding{aUser(" alice@contoso.com ")}},
	{"UserAndAddress", "/users/u/disks/alice@x", []finding{aUser("u"), anAddress("alice@x")}},
	{"Me", "/users/@me/disks/@ME/users/ @Me /x", nil},
	{"LikeMe", "/users/@me2/x/users/me/", []finding{aUser("@me2"), aUser("me")}},
	{"EmptyUser", "/users/?x/users/ \u200B/y/users/", nil},
	{"UsersAfterUsers", "/users/users/x/users/?/users/y", []finding{aUser("users"), aUser("y")}},
	{"NotUsers", "x users/a /user/b/ /usersx/c /xusers/d \\users\\e", nil},
	{"ReplacedUser", "/users/" + identity.ReplacementObjectID + "/x", []finding{aUser(identity.ReplacementObjectID)}},

	{"EscapedAt", "alice%40contoso.com", []finding{anAddress("alice%40contoso.com")}},
	{"EscapedLetters", "x:%61lice%40contoso%2Ecom%3A", []finding{anAddress("%61lice%40contoso%2Ecom")}},
	{"EscapedTwice", "%61lice%2540contoso.com", []finding{anAddress("%61lice%2540contoso.com")}},
	{"EscapedThreeTimes", ";a%252540x;", []finding{anAddress("a%252540x")}},
	{"EscapedFourTimes", "a%25252540x", nil},
	{"EscapeOfEscape", "a%%34%30x b%%340y", []finding{anAddress("a%%34%30x"), anAddress("b%%340y")}},
	{"EscapedApostrophe", "o%27brien%40x.com y", []finding{anAddress("o%27brien%40x.com")}},
	{"EscapedUTF8", "(jos%C3%A9@contoso.com)", []finding{anAddress("jos%C3%A9@contoso.com")}},
	{"EscapedBlank", "x%20a@b%20c", []finding{anAddress("a@b")}},
	{"EscapedBlankBeyondASCII", "x%E3%80%80a@b%C2%A0c", []finding{anAddress("a@b")}},
	{"EscapedInvalidUTF8", "%FFalice%40x%FF", []finding{anAddress("%FFalice%40x")}},
	{"LooksEscaped", "LIKE '%ed@contoso.com%' 100%ad@x", []finding{anAddress("'%ed@contoso.com"), anAddress("100%ad@x")}},
	{"PercentEscaped", "100%25ada@contoso.com", []finding{anAddress("100%25ada@contoso.com")}},
	{"QueryAfterUser", "/labs/l/users/" + objectID + "?api-version=1", []finding{aUser(objectID)}},
	{"UserInJSON", `{"id":"/users/` + objectID + `","x":1}`, []finding{aUser(objectID)}},
	{"GuestUser", "/users/a_b.com#EXT#@x.com/e", []finding{aUser("a_b.com#EXT#@x.com")}},
	{"GuestUserEscaped", "/users/a_b.com%23EXT%23@x.com/e", []finding{aUser("a_b.com%23EXT%23@x.com")}},
	{"SlashEscapedInUser", "/labs/l/users/CONTOSO%2Fzsmith/environments/e", []finding{aUser("CONTOSO%2Fzsmith")}},
	{"SlashEscapedDeeperInUser", "?r=%2Fusers%2Fzoe%252Fsmith%2Fe", []finding{aUser("zoe%252Fsmith")}},
	{"QueryAlone", "/users/?x=1/b", nil},
	{"FragmentAlone", "/users/#x/b", nil},
	{"WhatEndsAUser", "/users/a<b/users/c>d/users/e\"f/users/g\\h/users/i\x01j/users/k?l/users/m#n", []finding{aUser("a"), aUser("c"), aUser("e"), aUser("g"), aUser("i"), aUser("k"), aUser("m")}},
	{"FragmentThatIsAnAddress", "/users/#a@b.c x/y", []finding{aUser("#a@b.c x")}},
	{"AddressAfterAFragment", "/users/a# ?xe@m/b", []finding{aUser("a# ?xe@m")}},
	{"AddressAfterTwoFragments", "/users/a# ?b# ?xe@m/b", []finding{aUser("a"), anAddress("?xe@m")}},
	{"AddressAfterAFragmentThatIsNotUTF8", "users/a#\xa4\xfe?xe@m", []finding{aUser("a#\xa4\xfe?xe@m")}},
	{"AddressAfterAFragmentEscaped", "%2Fusers%2Fa%23%20%3Fxe%40m", []finding{aUser("a%23%20%3Fxe%40m")}},
	{"FragmentOfAQueryThatIsAnAddress", "/users/?#a@b.c x/y", []finding{aUser("?#a@b.c x")}},
	{"QueryThatIsAnAddress", "/users/?xe@m=", []finding{aUser("?xe@m=")}},
	{"UserWithAnAddressAfter", "/users/a?xe@m=/b", []finding{aUser("a?xe@m=")}},
	{"MeWithAnAddressAfter", "/users/@me?x@1", []finding{aUser("@me?x@1")}},
	{"BlankWithAnAddressAfter", "/users/ ?x@1=/b", []finding{aUser(" ?x@1=")}},
	{"MeWithQuery", "/users/@me?x=1", nil},
	{"Slashes", "//users//" + objectID + "//environments", []finding{aUser(objectID)}},
	{"SlashesAfterUsers", "/labs/l/users////" + objectID, []finding{aUser(objectID)}},
	{"SlashesAlone", "/users///", nil},
	{"SlashesBeforeQuery", "/users//?x=1", nil},
	{"SlashesBeforeMe", "/users//@me/x", nil},
	{"SlashesEscaped", "%2F%2Fusers%2F%2Fa%2Fb", []finding{aUser("a")}},
	{"SlashEscapedBeforeUser", "/users/%2Fa%2Fb/c", []finding{aUser("%2Fa%2Fb")}},
	{"SlashEscapedAlone", "/users/%2F/c", nil},
	{"NoFirstSlash", "users/" + objectID + "/disks/d", []finding{aUser(objectID)}},
	{"NoFirstSlashEscaped", "Users%2F%2Fa%2Fb", []finding{aUser("a")}},
	{"NoFirstSlashInTheMiddle", "x:users/a superusers/b", nil},
	{"OData", "https://graph.example/v1.0/users('" + objectID + "')/manager", []finding{aUser(objectID)}},
	{"ODataAlone", "Users('" + objectID + "')", []finding{aUser(objectID)}},
	{"ODataAddress", "/users('alice@contoso.com')", []finding{aUser("alice@contoso.com")}},
	{"ODataApostrophe", "/users('o''neil@contoso.com')", []finding{aUser("o''neil@contoso.com")}},
	{"ODataSlash", "/users('CONTOSO/zoe')/x", []finding{aUser("CONTOSO/zoe")}},
	{"ODataEscaped", "%2Fusers(%27zoe%20b%27)", []finding{aUser("zoe%20b")}},
	{"ODataInJSON", `{"@id":"users('a')/b","x":"('c')"}`, []finding{aUser("a")}},
	{"ODataMe", "/users('@me') users('') users(' ')", nil},
	{"ODataMeAndAddress", "users('@me'),a@x", []finding{anAddress("a@x")}},
	{"ODataMeAndMore", "users('@me')/x users('@ME')bob@x users('@me') users('b')", []finding{anAddress("bob@x"), aUser("b")}},
	{"ODataMeAfterAnAddress", "0@users('@me')", []finding{anAddress("0@users"), anAddress("'@me")}},
	{"ODataNotMe", "users('@me.example') users('@me2')", []finding{aUser("@me.example"), aUser("@me2")}},
	{"ODataUser", "/users/a/users('b')", []finding{aUser("a"), aUser("b")}},
	{"ODataKey", "/users(id='" + objectID + "') users( userPrincipalName = 'alice@contoso.com' )", []finding{aUser(objectID), aUser("alice@contoso.com")}},
	{"ODataKeyEscaped", "%2Fusers%28id%3D%27zoe%20b%27%29 users(id=&#39;o''neil@x.com&#39;)", []finding{aUser("zoe%20b"), aUser("o''neil@x.com")}},
	{"ODataKeyMe", "users(id='@me')/x users(id='')", nil},
	{"ODataQuotes", `/Users("alice@contoso.com")/x users("a ""b"" c") users(id="zoe",x='y')`, []finding{aUser("alice@contoso.com"), aUser(`a ""b"" c`), aUser("zoe")}},
	{"ODataQuotesInJSON", `{"@id":"users(\"zoe b\")","b":"users(id=\"a\")/x"}`, []finding{aUser("zoe b"), aUser("a")}},
	{"Backslashes", `\labs\l\users\` + objectID + `\disks\d C:\\Users\\{` + objectID + `}`, []finding{aUser(objectID), aUser("{" + objectID + "}")}},
	{"BackslashesBesideSlashes", "/labs/l\\users\\" + objectID + "/disks/d", []finding{aUser(objectID)}},
	{"NoBackslashes", `C:\Users\zoe\` + objectID + ` \superusers\` + objectID + ` \users\x` + objectID + ` users\` + objectID, nil},
	{"GuestWithoutTenant", "/users/zoe_contoso.com#EXT#/disks/d /users/zoe_contoso.com%23ext%23", []finding{aUser("zoe_contoso.com#EXT#"), aUser("zoe_contoso.com%23ext%23")}},
	{"NoGuest", "/users/#EXT#/disks/d /users/zoe#EXT/disks/d", []finding{aUser("zoe")}},
	{"ODataGUID", "/users(" + objectID + ")/x users(id={" + objectID + "},x='y') users( " + objectID + " )", []finding{aUser(objectID), aUser("{" + objectID + "}"), aUser(objectID)}},
	{"ODataGUIDEscaped", "%2Fusers%28" + objectID + "%29", []finding{aUser(objectID)}},
	{"ODataGUIDOfVersion2", "/users(guid'" + objectID + "')/x Users(ObjectId=guid'" + objectID + "')", []finding{aUser(objectID), aUser(objectID)}},
	{"NoODataGUID", "users(" + objectID + " users(" + objectID + "x) users(xguid'" + objectID + "') superusers(" + objectID + ") users(00000000-0000-0000-0000-00000000000)", nil},
	{"NoODataKey", "users(id=zoe) users(id= zoe') users(1) superusers(id='a') users(id='a'x users(\"a') groups(id='a')", nil},
	{"Personal", "https://c-my.sharepoint.example/Personal/alice_b_contoso_com/Documents", []finding{aUser("alice_b_contoso_com")}},
	{"PersonalEscaped", `%2Fpersonal%2Falice%5Fcontoso_com%2Fx \\c\personal\bob_my-shop_example\y`, []finding{aUser("alice%5Fcontoso_com"), aUser("bob_my-shop_example")}},
	{"PersonalInText", "see personal /personal/alice_contoso_com. (/personal/jörg_contoso_com)", []finding{aUser("alice_contoso_com"), aUser("jörg_contoso_com")}},
	{"PersonalMixedSlashes", `\personal/zoe_contoso_com C:\personal/bob_contoso_com; https://x/personal\ann_contoso_com\y`, []finding{aUser("zoe_contoso_com"), aUser("bob_contoso_com"), aUser("ann_contoso_com")}},
	{"NotPersonal", "/personal/photos/x /personal/my_notes/ /personal/a_b_1/ /personal/a_b_c1 /personal/_b_com /xpersonal/a_b_com /personal/a_b_com.vhd /personals/a_b_com personal_a_b_com", nil},
	{"ODataOpen", "users('a' users('a users(a) users(''a) users(", nil},
	{"NotOData", "superusers('a') user('b') usersx('c') (users) ('d') _users('e')", []finding{aUser("e")}},
	{"ODataMadeByAnAddress", "users('a (b'@y')", []finding{aUser("a (b'@y")}},
	{"JSON", `{"createdBy":"alice\u002Btag@contoso.com"}`, []finding{anAddress(`alice\u002Btag@contoso.com`)}},
	{"JSONAt", `"alice\u0040contoso\u002Ecom"`, []finding{anAddress(`alice\u0040contoso\u002Ecom`)}},
	{"JSONApostrophe", `o\u0027neil@contoso.com`, []finding{anAddress(`o\u0027neil@contoso.com`)}},
	{"JSONSurrogates", `"\ud840\uDC00a@contoso.com"`, []finding{anAddress(`\ud840\uDC00a@contoso.com`)}},
	{"JSONHalfSurrogate", `\ud840a@x`, []finding{anAddress("ud840a@x")}},
	{"JSONInJSON", `"{\"by\":\"alice\\u002Btag@contoso.com\"}"`, []finding{anAddress(`alice\\u002Btag@contoso.com`)}},
	{"JSONInURL", `?q=alice%5Cu002Btag@x`, []finding{anAddress(`?q=alice%5Cu002Btag@x`)}},
	{"JSONLineFeed", `\u000aalice@x\u000A`, []finding{anAddress("alice@x")}},
	{"JSONPath", `"\/labs\/l\/users\/` + objectID + `\/e"`, []finding{aUser(objectID)}},
	{"JSONPathInJSON", `\\/users\\/a\\/e`, []finding{aUser("a")}},
	{"JSONQuotes", `\u0022alice@x\u0022`, []finding{anAddress("alice@x")}},
	{"JSONMe", `\/users\/\u0040me\/x`, nil},
	{"NotJSON", `CONTOSO\nancy@x \u00 \ \u00zz \`, []finding{anAddress("nancy@x")}},
	{"HTMLApostrophe", "zoe.o&#39;neil@x, o&#039;a@x o&#x27;b@x o&apos;c@x", []finding{anAddress("zoe.o&#39;neil@x"), anAddress("o&#039;a@x"), anAddress("o&#x27;b@x"), anAddress("o&apos;c@x")}},
	{"HTMLAt", "a&#64;x b&#x0000040;x c&commat;x&period;com d&#X40;x", []finding{anAddress("a&#64;x"), anAddress("b&#x0000040;x"), anAddress("c&commat;x&period;com"), anAddress("d&#X40;x")}},
	{"OtherLanguages", `a\x40x.y b\U00000040x.y c%u0040x.y d&#64x.y jos%u00e9@x`, []finding{anAddress(`a\x40x.y`), anAddress(`b\U00000040x.y`), anAddress("c%u0040x.y"), anAddress("d&#64x.y"), anAddress("jos%u00e9@x")}},
	{"HTMLNames", "zo&eacute;@x zoe.o&rsquo;neil@x; &Ouml;@x M&UUML;LLER@x", []finding{anAddress("zo&eacute;@x"), anAddress("zoe.o&rsquo;neil@x"), anAddress("&Ouml;@x"), anAddress("M&UUML;LLER@x")}},
	{"JSEscapedApostrophe", `zoe.o\'neil@x o\\'neil@x /users/o\'neil/x`, []finding{anAddress(`zoe.o\'neil@x`), anAddress(`o\\'neil@x`), aUser(`o\'neil`)}},
	{"HTMLZeros", "a&#0000000000000000064;x b&#x00000000000000040;x", []finding{anAddress("a&#0000000000000000064;x"), anAddress("b&#x00000000000000040;x")}},
	{"HTMLBrackets", "Alice &lt;alice@x&gt; &LT;b@y&GT;&quot;c@z&quot;", []finding{anAddress("alice@x"), anAddress("b@y"), anAddress("c@z")}},
	{"HTMLAmpersand", "a&amp;b@x", []finding{anAddress("a&amp;b@x")}},
	{"HTMLTwice", "o&amp;#39;neil@x", []finding{anAddress("o&amp;#39;neil@x")}},
	{"HTMLBeyondASCII", "jos&#233;@x &#x20000;@x", []finding{anAddress("jos&#233;@x"), anAddress("&#x20000;@x")}},
	{"HTMLPath", "&sol;users&#47;a&#x2F;b", []finding{aUser("a")}},
	{"HTMLPathInQuotes", "href=&quot;/users/a&quot;&gt; &#34;/users/&#47;b&#34;", []finding{aUser("a"), aUser("b")}},
	{"JSONPathInQuotes", `{\u0022id\u0022:\u0022/users/a\u0022} /users/\/b\/c`, []finding{aUser("a"), aUser("b")}},
	{"NotHTML", "a&foo;b@x c&d@x &; &#; &#x; &#xg; &#0; &#1114112; &#xD800;", []finding{anAddress("b@x"), anAddress("c&d@x")}},
	{"EscapedPath", "%2Fusers%2F" + objectID + "%2Fdisks", []finding{aUser(objectID)}},
	{"EscapedPathTwice", "%252FUsers%252fa%2520b%252Fdisks", []finding{aUser("a%2520b")}},
	{"EscapedMe", "/users/%40me/x", nil},
	{"EscapedEmptyUser", "/users/%20/x", nil},
	{"NoEscapes", "100%, %zz, %4", nil},
	{"EscapeAndPercent", "100%25 %", nil},
	{"PercentInLocalPart", "a%zz@x", []finding{anAddress("a%zz@x")}},
}

func TestFinderFindsAddressesAndUserSegments(t *testing.T) {
	t.Parallel()
	var reused identity.Finder
	for _, tt := range findings {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var f identity.Finder
			assert.Equal(t, tt.want, textsOf(t, tt.cell, f.Find(nil, []byte(tt.cell))))
		})
		assert.Equal(t, tt.want, textsOf(t, tt.cell, reused.Find(nil, []byte(tt.cell))), "%s with a Finder that was used before", tt.name)
	}
}

func TestFindAppends(t *testing.T) {
	t.Parallel()
	var f identity.Finder
	before := identity.Span{Start: 0, End: 100, Kind: identity.UserSpan}
	for cell, want := range map[string]identity.Span{
		"a@x":       {Start: 0, End: 3, Kind: identity.AddressSpan},
		"/users/ab": {Start: 7, End: 9, Kind: identity.UserSpan},
		"%61%40x":   {Start: 0, End: 7, Kind: identity.AddressSpan},
	} {
		assert.Equal(t, []identity.Span{before, want}, f.Find([]identity.Span{before}, []byte(cell)), cell)
	}
}

func TestReplacingWhatIsFoundLeavesOnlyReplacements(t *testing.T) {
	t.Parallel()
	for _, tt := range findings {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var f identity.Finder
			requireSettled(t, &f, []byte(tt.cell), f.Find(nil, []byte(tt.cell)))
		})
	}
}

// requireSettled checks that replacing the spans leaves only replacements.
func requireSettled(t testing.TB, f *identity.Finder, cell []byte, spans []identity.Span) {
	t.Helper()
	once := replaceSpans(cell, spans)
	again := f.Find(nil, once)
	for _, span := range again {
		text := once[span.Start:span.End]
		require.True(t, identity.IsReplacement(text), "%q, found in %q, made of %q", text, once, cell)
	}
	require.Equal(t, string(once), string(replaceSpans(once, again)))
}

func TestFindingDoesNotAllocate(t *testing.T) {
	var f identity.Finder
	spans := make([]identity.Span, 0, 8)
	segments := make([][]byte, 0, 8)
	for _, text := range []string{
		"Standard_DS1", "alice@contoso.com", "josé@contoso.com",
		"/subscriptions/x/labs/y/users/" + objectID + "/environments/alice@contoso.com",
		"%2Fusers%2Fx%2F", // after the first time
	} {
		cell := []byte(text)
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			spans = f.Find(spans[:0], cell)
			segments = f.UserSegments(segments[:0], cell)
		}), text)
	}
	assert.NotEmpty(t, spans)
	assert.NotEmpty(t, segments)
}

func BenchmarkFind(b *testing.B) {
	for _, bb := range []struct{ name, cell string }{
		{"Reject", "Standard_DS1_v2"},
		{"RejectResourceID", "/subscriptions/45d48c25-cbb7-5bd2-a7f5-5faacad04520/resourcegroups/contosodevlabrg/providers/microsoft.devtestlab/labs/contosodevlab/virtualmachines/vm042"},
		{"Address", "alice@contoso.com"},
		{"Segment", "/subscriptions/45d48c25-cbb7-5bd2-a7f5-5faacad04520/resourcegroups/contosodevlabrg/providers/microsoft.devtestlab/labs/contosodevlab/users/" + objectID + "/disks/d"},
		{"Escaped", "alice%40contoso.com"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var f identity.Finder
			var spans []identity.Span
			cell := []byte(bb.cell)
			b.SetBytes(int64(len(cell)))
			b.ReportAllocs()
			for b.Loop() {
				spans = f.Find(spans[:0], cell)
			}
		})
	}
}
