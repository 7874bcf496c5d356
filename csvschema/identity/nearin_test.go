package identity_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
)

// inTexts are texts, and whether they contain the identifier.
var inTexts = []struct {
	id, text string
	want     bool
}{
	{"alice@contoso.com", "alice@contoso.com", true},
	{"alice@contoso.com", "live.com#alice@contoso.com", true},
	{"alice@contoso.com", "SMTP:alice@contoso.com", true},
	{"alice@contoso.com", "mailto:Alice@Contoso.com", true},
	{"alice@contoso.com", "Alice Archer <alice@contoso.com>", true},
	{"alice@contoso.com", "bob@contoso.com; alice@contoso.com", true},
	{"alice@contoso.com", "bob@contoso.com,alice@contoso.com", true},
	{"alice@contoso.com", "bob@contoso.com/alice@contoso.com", true},
	{"alice@contoso.com", "alice@contoso.com|bob@contoso.com", true},
	{"alice@contoso.com", "a11ce000222242228222222222222201alice@contoso.com", true},
	{"alice@contoso.com", "a11ce000-2222-4222-8222-222222222201alice@contoso.com", true},
	{"alice@contoso.com", "{a11ce000-2222-4222-8222-222222222201}alice@contoso.com", true},
	{"alice@contoso.com", "a11ce000222242228222222222222201_alice@contoso.com", true},
	{"alice@contoso.com", `="alice@contoso.com"`, true},
	{"alice@contoso.com", "'alice@contoso.com", true},
	{"alice@contoso.com", "'alice@contoso.com'", true},
	{"alice@contoso.com", "‘alice@contoso.com’", true},
	{"alice@contoso.com", "user='alice@contoso.com'", true},
	{"alice@contoso.com", "=alice@contoso.com", true},
	{"alice@contoso.com", "+alice@contoso.com", true},
	{"alice@contoso.com", "-alice@contoso.com", true},
	{"alice@contoso.com", "@alice@contoso.com", true},
	{"alice@contoso.com", "i:0#.f|membership|alice@contoso.com", true},
	{"alice@contoso.com", `AzureAD\alice@contoso.com`, true},
	{"alice@contoso.com", `CONTOSO\\alice@contoso.com`, true},
	{"alice@contoso.com", "alice@contoso.com.", true},
	{"alice@contoso.com", ".alice@contoso.com", true},
	{"alice@contoso.com", "(alice@contoso.com", true},
	{"alice@contoso.com", "[alice@contoso.com]", true},
	{"alice@contoso.com", "alice@contoso.com)", true},
	{"alice@contoso.com", "alice@contoso.com (disabled)", true},
	{"alice@contoso.com", "\"alice@contoso.com", true},
	{"alice@contoso.com", "“alice@contoso.com”", true},
	{"alice@contoso.com", "*alice@contoso.com*", true},
	{"alice@contoso.com", "_alice@contoso.com_", true},
	{"alice@contoso.com", "alice@contoso.com@fabrikam.com", true},
	{"alice@contoso.com", "bob@alice@contoso.com", true},
	{"a11ce000-2222-4222-8222-222222222201", "xyza11ce000222242228222222222222201@contoso.com", true},
	{"a11ce000-2222-4222-8222-222222222201", "xa11ce000222242228222222222222201@contoso.com", true},
	{"alice@contoso.com", "alice%40contoso.com", true},
	{"alice@contoso.com", "alice%2540contoso.com", true},
	{"alice@contoso.com", "user%3Aalice%40contoso.com", true},
	{"alice@contoso.com", `alice\u0040contoso.com`, true},
	{"alice@contoso.com", `alice\x40contoso.com`, true},
	{"alice@contoso.com", "alice%u0040contoso.com", true},
	{"alice@contoso.com", "alice&#64;contoso.com", true},
	{"alice@contoso.com", "alice&#x40;contoso.com", true},
	{"alice@contoso.com", "alice&commat;contoso.com", true},
	{"alice@contoso.com", "alice&amp;#64;contoso.com", true},
	{"alice@contoso.com", "alice_x0040_contoso.com", true},
	{"alice@contoso.com", "alice=40contoso.com", true},
	{"alice@contoso.com", `\u0061lice\u0040contoso\u002ecom`, true},
	{"alice@contoso.com", `xyz \u0061lice@contoso.com`, true},
	{"alice@contoso.com", "xyz &lt;alice@contoso.com&gt;", true},
	{"alice@contoso.com", "ï»¿alice@contoso.com", true},
	{"alice@contoso.com", "xyz alice＠contoso.com bob@x.com", true},
	{"alice@contoso.com", "live.com#ａｌｉｃｅ@contoso.com", true},
	{"alice@contoso.com", "SMTP:alice@contoso.onmicrosoft.com", true},
	{"alice@contoso.com", "alice_contoso.com#EXT#@fabrikam.onmicrosoft.com", true},
	{"alice@contoso.com", "alice_contoso.com%23EXT%23@fabrikam.onmicrosoft.com", true},
	{"alice@contoso.com", "SMTP:alice_contoso.com%23EXT%23@fabrikam.onmicrosoft.com", true},
	{`"a b"@contoso.com`, `{"by":"\"a b\"@contoso.com"}`, true},
	{`"a b"@contoso.com`, `"{\"by\":\"\\\"a b\\\"@contoso.com\"}"`, true},
	{"jörg@contoso.com", "jÃ¶rg@contoso.com", true},
	{"jörg@contoso.com", "SMTP:jÃ¶rg@contoso.com", true},
	{"jörg@contoso.com", "jÃƒÂ¶rg@contoso.com", true},
	{"jörg@contoso.com", "j%C3%B6rg%40contoso.com", true},
	{"łukasz@contoso.com", "Å‚ukasz@contoso.com", true},
	{"łukasz@contoso.com", "Å\u0082ukasz@contoso.com", true},
	{"o'brien@contoso.com", "o’brien@contoso.com", true},
	{"o'brien@contoso.com", "o&#39;brien@contoso.com", true},
	{"o'brien@contoso.com", `o\u0027brien@contoso.com`, true},
	{"o'brien@contoso.com", "o''brien@contoso.com", true},
	{"o'brien@contoso.com", `o\'brien@contoso.com`, true},
	{"o'brien@contoso.com", `SMTP:o\\'brien@contoso.com`, true},
	{"o'brien@contoso.com", "o`brien@contoso.com", true},
	{"o'brien@contoso.com", "O´Brien@contoso.com", true},
	{"o'brien@contoso.com", "o%B4brien@contoso.com", true},
	{"o'brien@contoso.com", "'o''brien@contoso.com'", true},
	{"o''brien@contoso.com", "o'brien@contoso.com", true},
	{"o`brien@contoso.com", "o’brien@contoso.com", true},
	{"josé@contoso.com", "jos%E9@contoso.com", true},
	{"josé@contoso.com", "SMTP:JOS%c9%40contoso.com", true},
	{"josé@contoso.com", "jos=E9@contoso.com", true},
	{"josé@contoso.com", `jos\xe9@contoso.com`, true},
	{"josé@contoso.com", "jos?@contoso.com", true},
	{"josé@contoso.com", "jos??@contoso.com", true},
	{"josé@contoso.com", "SMTP:JOS\uFFFD@Contoso.com;bob@x.com", true},
	{"josé@contoso.com", "jos\uFFFD\uFFFD%40contoso.com", true},
	{"søren.ørsted@contoso.com", "s?ren.?rsted@contoso.com", true},
	{"groß@contoso.com", "gro?@contoso.com", true},
	{"李小龙@contoso.com", "???@contoso.com", true},
	{"李小龙@contoso.com", "live.com#\uFFFD\uFFFD\uFFFD\uFFFD@contoso.com", true},
	{"alice@bücher.example", "SMTP:Alice@XN--bcher-kva.example", true},
	{"alice@xn--bcher-kva.example", "live.com#alice@bücher.example.", true},
	{"alice@xn--bcher-kva.example", "alice=40b=C3=BCcher=2Eexample", true},
	{"alice_contoso.com#ext#@fabrikam.com", "/personal/alice_contoso_com/Documents", true},
	{"alice_contoso.com#ext#@fabrikam.com", "/personal/malice_contoso_com/Documents", false},
	{"alice@contoso.com", "SMTP:alice_contoso.com_EXT_@fabrikam.com", true},
	{"alice@contoso.com", "alice_contoso.com#ext#", true},
	{"alice@contoso.com", "live.com#Alice_contoso.com#EXT#", true},
	{"alice@contoso.com", "alice_contoso.com%23EXT%23", true},
	{"alice_contoso.com#ext#@x.com", "alice_contoso.com#ext#", true},
	{"alice@contoso.com", "/personal/alice_contoso_com", true},
	{"alice@contoso.com", "https://c-my.sharepoint.example/personal/Alice_contoso_com/Documents", true},
	{"alice@contoso.com", "alice_contoso_com", true},
	{"al.ice@con-toso.com", "personal/al_ice_con-toso_com", true},
	{"al.ice@con-toso.com", "%2Fpersonal%2Fal%5Fice_con_toso_com", true},
	{"o’brien@contoso.com", "o'brien@contoso.com", true},
	{"oʼbrien@contoso.com", "o＇brien@contoso.com", true},
	{"jean-luc@contoso.com", "jean‑luc@contoso.com", true},
	{"jean−luc@contoso.com", "jean-luc@contoso.com", true},
	{"jean-luc@contoso.com", "jean﹣luc@contoso.com", true},
	{"jean-luc@con-toso.com", "jean–luc@con—toso.com", true},
	{objectID, objectID, true},
	{objectID, objectID + "@contoso.com", true},
	{objectID, "{" + objectID + "}bob@contoso.com", true},
	{objectID, "c:0t.c|tenant|" + objectID, true},
	{objectID, strings.ReplaceAll(objectID, "-", "") + "bob@contoso.com", true},
	{objectID, strings.ReplaceAll(objectID, "-", "–"), true},
	{objectID, "xyz" + strings.ReplaceAll(objectID, "-", "") + "@x.com", true},
	{objectID, "xyz@" + strings.ReplaceAll(objectID, "-", "") + ".com", true},
	{"00000001-0002-0000-0300-000004000000", "bob.s-1-12-1-1-2-3-4@x.com", true},
	{"00000001-0002-0000-0300-000004000000", "bob@s-1-12-1-1-2-3-4.com", true},
	{sidOf73, "73d664e4-0886-4a73-b745-c694da45ddb4", true},
	{"73d664e4-0886-4a73-b745-c694da45ddb4", "AzureAD " + sidOf73, true},
	{"73d664e4-0886-4a73-b745-c694da45ddb4", "user:" + sidOf73 + "\n", true},

	{"alice#1@contoso.com", "SMTP:alice%231@contoso.com", true},
	{"alice#1#@contoso.com", "SMTP:alice%231%23@contoso.com", true},
	{"\u0301a@contoso.com", " \u0301a@contoso.com", true},
	{"\u0301a@contoso.com", "\u00A0\u0301a@contoso.com", true},

	{"ʼbrien@contoʼso.com", "x <ʼbrien@contoʼso.com>", true},
	{"ʼbrien@contoʼso.com", "x <'brien@contoʼso.com>", true},
	{"brien@contoso.com", "o''brien@contoso.com", false},
	{"brien@contoso.com", "o`brien@contoso.com", false},
	{"jose@contoso.com", "jos%E9@contoso.com", false},
	{"josé@contoso.com", "jos%E8@contoso.com", false},
	{"alice@contoso.com", "malice_contoso.com#ext#", false},
	{"alice@contoso.com", "alice_contoso.com.au#ext#", false},
	{"alice@contoso.com", "alice_contoso.com#ext", false},
	{"alice@contoso.com", "malice_contoso_com", false},
	{"alice@contoso.com", "/personal/malice_contoso_com", false},
	{"alice@contoso.com", "/personal/alice_contoso_com_au", false},
	{"alice@contoso.com", "/x/alice_contoso_com", false},
	{"alice@contoso.com", "", false},
	{"alice@contoso.com", "alice", false},
	{"alice@contoso.com", "@contoso.com", false},
	{"alice@contoso.com", "malice@contoso.com", false},
	{"alice@contoso.com", "xalice@contoso.com", false},
	{"alice@contoso.com", "j.alice@contoso.com", false},
	{"alice@contoso.com", "j-alice@contoso.com", false},
	{"alice@contoso.com", "j_alice@contoso.com", false},
	{"alice@contoso.com", "j+alice@contoso.com", false},
	{"alice@contoso.com", "d'alice@contoso.com", false},
	{"alice@contoso.com", "d’alice@contoso.com", false},
	{"alice@contoso.com", "élalice@contoso.com", false},
	{"alice@contoso.com", "éalice@contoso.com", false},
	{"alice@contoso.com", "x\u0323\u0361alice@contoso.com", false},
	{"alice@contoso.com", "alice@contoso.com.au", false},
	{"alice@contoso.com", "alice@contoso.company", false},
	{"alice@contoso.com", "alice@contoso.com-x", false},
	{"alice@contoso.com", "SMTP:alice@fabrikam.com", false},
	{"alice@contoso.com", "alice.b@contoso.com", false},
	{"alice@contoso.com", "alice+x@contoso.com", false},
	{"alice@contoso.com", "alice@mail.contoso.com", false},
	{"alice@contoso.com", "bob@contoso.com; malice@contoso.com", false},
	{"alice@contoso.com", "a11ce00022224222822222222222220alice@contoso.com", false},
	{"alice@contoso.com", "xa11ce000222242228222222222222201alice@contoso.com", false},
	{"alice@contoso.com", "malice_contoso.com#EXT#@fabrikam.onmicrosoft.com", false},
	{"josé@contoso.com", "jose@contoso.com", false},
	{"josé@contoso.com", "jo?@contoso.com", false},
	{"josé@contoso.com", "jos?a@contoso.com", false},
	{"josé@contoso.com", "xjos?@contoso.com", false},
	{"josé@contoso.com", "josè@contoso.com", false},
	{"josé@contoso.com", "josè?@contoso.com", false},
	{"josé@contoso.com", "jos@contoso.com", false},
	{"josé@contoso.com", "jos?@contoso.com.au", false},
	{"jose@contoso.com", "jos?@contoso.com", false},
	{"alice@bücher.example", "alice@xn--bcher-kva.example.com", false},
	{"alice@bücher.example", "alice@bucher.example", false},
	{objectID, "c02677f7-9c06-5740-afd8-0a213ad58e73x", false},
	{"73d664e4-0886-4a73-b745-c694da45ddb4", "S-1-12-1-1943430372-1249052806-2496021943-3034400219", false},
	{"removed@contoso.com", identity.ReplacementAddress, false},
	{objectID, "t-" + strings.ReplaceAll(objectID, "-", "") + "@anonymized.invalid", false},
}

const sidOf73 = "S-1-12-1-1943430372-1249052806-2496021943-3034400218"

func TestFindInFindsIdentifiersBesideOtherText(t *testing.T) {
	t.Parallel()
	for _, tt := range inTexts {
		var index identity.NearIndex
		index.Add(mustIdentifier(t, "somebody.else@example.com"), 1)
		index.Add(mustIdentifier(t, tt.id), 2)
		var want []int
		if tt.want {
			want = []int{2}
			assert.True(t, index.MayHold([]byte(tt.text)), "%s may hold %s", tt.text, tt.id)
		}
		assert.Equal(t, want, index.FindIn(nil, []byte(tt.text)), "%s in %s", tt.id, tt.text)
	}
	var empty identity.NearIndex
	assert.Equal(t, []int{7}, empty.FindIn([]int{7}, []byte("alice@contoso.com")))
}

func TestFindInFindsEachIdentifierOfAText(t *testing.T) {
	t.Parallel()
	var index identity.NearIndex
	var text strings.Builder
	want := []int{}
	for i := range 10_000 {
		address := fmt.Sprintf("person%d@contoso.com", i)
		index.Add(mustIdentifier(t, address), i)
		if i%1000 == 7 {
			text.WriteString("SMTP:" + address + ";")
			want = append(want, i)
		}
	}
	assert.Equal(t, want, index.FindIn([]int{}, []byte(text.String())))
}

// TestFindInFindsAllThatIsNear says that whatever Find finds for a whole identifier,
// FindIn finds for its text, alone and after a separator.
func TestFindInFindsAllThatIsNear(t *testing.T) {
	t.Parallel()
	for _, tt := range nearPairs {
		a, b := mustIdentifier(t, tt.a), mustIdentifier(t, tt.b)
		var index identity.NearIndex
		index.Add(a, 1)
		want := []int{}
		if tt.want || a == b || strings.Contains(tt.b, tt.a) && tt.name != "Part" {
			want = []int{1}
		}
		for _, text := range []string{tt.b, "live.com#" + tt.b, "zzz;" + tt.b + ";", tt.b + "."} {
			assert.Equal(t, want, index.FindIn([]int{}, []byte(text)), "%s: %s", tt.name, text)
			assert.True(t, len(want) == 0 || index.MayHold([]byte(text)), "%s: %s", tt.name, text)
		}
	}
}

// isCompared reports whether what is compared of an address is one: the domain "ŀ" becomes
// "l·", and nothing is left of a soft hyphen.
func isCompared(id identity.Identifier) bool {
	compared, _ := identity.Canonical(id.Reveal(), 0, 1)
	return id.IsObjectID() || mailbox.Is([]byte(compared))
}

// requireFoundIn checks all that is promised of an identifier in a text.
func requireFoundIn(t *testing.T, idText, text string) {
	t.Helper()
	id, err := identity.Parse(idText)
	if err != nil || !utf8.ValidString(idText) {
		return
	}
	if !isCompared(id) {
		return
	}
	var index identity.NearIndex
	index.Add(id, 1)
	whole, err := identity.Parse(text)
	found := index.FindIn(nil, []byte(text))
	if err == nil && isCompared(whole) && (whole == id || identity.Near(whole, id)) {
		require.Equal(t, []int{1}, found)
	}
	if len(found) > 0 {
		require.True(t, index.MayHold([]byte(text)), "%q in %q", idText, text)
	}
	if !id.IsObjectID() && !strings.HasPrefix(idText, `"`) {
		// Between separators everything is found that is an identifier, though not after a
		// character that is another one with the mark that the identifier begins with: <\u0338 is ≮.
		spellings := []string{id.Reveal(), percentEncode(id.Reveal()), jsonEncode(id.Reveal()), htmlEncode(id.Reveal())}
		if !strings.ContainsAny(id.Reveal(), `%\&=_`) {
			spellings = append(spellings, strings.ReplaceAll(id.Reveal(), "#", "%23"))
		}
		for _, spelling := range spellings {
			text := []byte("x ;" + spelling + ";")
			require.Equal(t, []int{1}, index.FindIn(nil, text), "%q", text)
			require.True(t, index.MayHold(text), "%q", text)
		}
	}
	if mojibake, err := charmap.Windows1252.NewDecoder().String(id.Reveal()); err == nil && !strings.Contains(mojibake, "\uFFFD") {
		require.Equal(t, []int{1}, index.FindIn(nil, []byte(mojibake)), "%q", mojibake)
	}
}

func FuzzFindIn(f *testing.F) {
	for _, tt := range inTexts {
		f.Add(tt.id, tt.text)
	}
	f.Fuzz(func(t *testing.T, idText, text string) { requireFoundIn(t, idText, text) })
}

func BenchmarkMayHold(b *testing.B) {
	var index identity.NearIndex
	index.Add(mustIdentifier(b, "alice@contoso.com"), 1)
	texts := [][]byte{[]byte("robert.baker@fabrikam.com"), []byte("d02677f7-9c06-5740-afd8-0a213ad58e73")}
	for b.Loop() {
		for _, text := range texts {
			if index.MayHold(text) {
				b.Fatal("may hold")
			}
		}
	}
}
