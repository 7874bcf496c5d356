package identity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func anObjectID(text string) finding { return finding{text, identity.ObjectIDSpan} }
func aText(text string) finding      { return finding{text, identity.TextSpan} }

// occurrences are values, a cell and what is in the cell, without and with what
// Find finds there.
var occurrences = []struct {
	name, value, cell string
	want              []finding
}{
	{"NotThere", "zoe", "vm-alice-01", nil},
	{"EmptyCell", "zoe", "", nil},
	{"Text", "zoe", "vm-zoe-01", []finding{aText("zoe")}},
	{"TextTwice", "zoe", "zoe/zoe", []finding{aText("zoe"), aText("zoe")}},
	{"TextInOtherCase", "Zoe B", "ZOE b's vm", []finding{aText("ZOE b")}},
	{"TextInLongerWord", "zoe", "zoes xzoe zoe1 1zoe zoeé", nil},
	{"TextBesideUnderscore", "zoe", "_zoe_", []finding{aText("zoe")}},
	{"TextAfterPart", "zoe", "zozoe zoe", []finding{aText("zoe")}},
	{"TextThatEscapesWhatFollows", `users\`, `users\"a"@x.com`, []finding{anAddress(`users\"a"@x.com`)}},
	{"TextOverlappingItself", "a-b-a", "xa-b-a-b-a", []finding{aText("a-b-a")}},
	{"TextOfPath", "b/c", "a-b/c", []finding{aText("b/c")}},
	{"Escaped", "zoe b", "x%20Zoe%2520b%20", []finding{aText("Zoe%2520b")}},
	{"EscapedValue", "zoe%20b", "x zoe b", []finding{aText("zoe b")}},
	{"LetterAfterEscape", "zoe", "zoe%C3%A9 %7aoe", []finding{aText("zoe"), aText("%7aoe")}},
	{"EscapeAtTheEnd", "zoe", "-zo%65-", []finding{aText("zo%65")}},
	{"LongS", "smith", "vm-ſmith", []finding{aText("ſmith")}},
	{"SharpS", "strasse", "Zur Straße%21", []finding{aText("Straße")}},
	{"SharpSInValue", "Straße", "ZUR STRASSE", []finding{aText("STRASSE")}},
	{"FinalSigma", "νίκος", "ΝΊΚΟΣ", []finding{aText("ΝΊΚΟΣ")}},
	{"Decomposed", "josé", "(JOSE\u0301)", []finding{aText("JOSE\u0301")}},
	{"OtherAccent", "jose", "(JOSE\u0301)", nil},
	{"FullWidth", "zoe", "－ＺＯＥ－", []finding{aText("ＺＯＥ")}},
	{"Circled", "zoe", "Ⓩoe", []finding{aText("Ⓩoe")}},
	{"NotSeen", "zoe", "\u200Bz\u00ADo\u200Be\u200B", []finding{aText("z\u00ADo\u200Be")}},
	{"NotSeenInCharacter", "josé", "jose\u200B\u0301!", []finding{aText("jose\u200B\u0301")}},
	{"PartOfCharacter", "zoea", "zoe℀", []finding{aText("zoe℀")}},
	{"Hangul", "한국인", "\u1112\u1161\u11ABᄀ\u116E\u11A8\u110B\u1175\u11AB", []finding{aText("\u1112\u1161\u11ABᄀ\u116E\u11A8\u110B\u1175\u11AB")}},
	{"BlanksAroundValue", " zoe\u200B", "-zoe-", []finding{aText("zoe")}},
	{"InvalidUTF8", "z\xFFe", "\xFFz\xFFe\xFF", []finding{aText("z\xFFe")}},

	{"ShortInside", "zo", "vm-zo-01", nil},
	{"ShortInsideBeyondASCII", "éa", "(éa)", nil},
	{"ShortInsideHan", "李", "(李)", nil},
	{"ShortWhole", "zo", "ZO", []finding{aText("ZO")}},
	{"ShortWholeBetweenBlanks", "李", " 李\u3000", []finding{aText("李")}},
	{"ThreeCharactersAreNotShort", "李小龙", "(李小龙)", []finding{aText("李小龙")}},

	{"ObjectID", objectID, "vm " + objectID + ".", []finding{anObjectID(objectID)}},
	{"ObjectIDInOtherForms", "{D02677F7-9C06-5740-AFD8-0A213AD58E72}", "{D02677F79C065740AFD80A213AD58E72}/" + objectID, []finding{anObjectID("D02677F79C065740AFD80A213AD58E72"), anObjectID(objectID)}},
	{"ObjectIDWithHyphensAnywhere", objectID, "x-d0-2677f79c06--5740afd80a213ad58e-72-y", []finding{anObjectID("d0-2677f79c06--5740afd80a213ad58e-72")}},
	{"ObjectIDWithDashes", objectID, strings.ReplaceAll(objectID, "-", "–"), []finding{anObjectID(strings.ReplaceAll(objectID, "-", "–"))}},
	{"ObjectIDValueWithDashes", strings.ReplaceAll(objectID, "-", "\u2011"), objectID, []finding{anObjectID(objectID)}},
	{"ObjectIDInLongerOne", objectID, "vm" + objectID + " " + objectID + "0", []finding{anObjectID(objectID), anObjectID(objectID)}},
	{"ObjectIDAfterJSONEscape", objectID, `"\u0022` + objectID + `"`, []finding{anObjectID(objectID)}},
	{"ObjectIDInText", "Zoe (" + objectID + ")", "box-" + objectID, []finding{anObjectID(objectID)}},
	{"ObjectIDAfterPercent", objectID, "100%" + strings.ReplaceAll(objectID, "-", "%2D"), []finding{anObjectID("%" + strings.ReplaceAll(objectID, "-", "%2D"))}},
	{"ObjectIDAfterPercentThatMakesAnEscape", "41" + objectID[2:], "100%41" + strings.ReplaceAll(objectID[2:], "-", "%2D"), []finding{anObjectID("%41" + strings.ReplaceAll(objectID[2:], "-", "%2D"))}},
	{"ObjectIDAfterPercentThatMakesAnEscapeTwice", "41" + objectID[2:], "100%41" + strings.ReplaceAll(objectID[2:], "-", "%252D"), []finding{anObjectID("%41" + strings.ReplaceAll(objectID[2:], "-", "%252D"))}},
	{"TextAfterPercent", "dadams", "LIKE '%dadams%' 100%25dadams", []finding{aText("%dadams"), aText("%25dadams")}},
	{"TextAfterPercentOfTwoBytes", "abcd zoe", "100%abcd zoe", []finding{aText("%abcd zoe")}},
	{"DigitsAfterText", "zoe smith", "zoe smith%2541", []finding{aText("zoe smith")}},
	{"PlusForBlank", "Zoe Smith", "https://x/?u=Zoe+Smith", []finding{aText("Zoe+Smith")}},
	{"Cherokee", "ᎠᎡᎢ", "ꭰꭱꭲ", []finding{aText("ꭰꭱꭲ")}},
	{"CherokeeUpper", "ꭰꭱꭲ", "ᎠᎡᎢ", []finding{aText("ᎠᎡᎢ")}},
	{"DotlessI", "Yıldız", "(YILDIZ)", []finding{aText("YILDIZ")}},
	{"DottedI", "İpek", "ipek-IPEK", []finding{aText("ipek"), aText("IPEK")}},
	{"HanWithoutSpaces", "李小龙", "李小龙的机器", []finding{aText("李小龙")}},
	{"TwoHan", "李明", "李明-01", []finding{aText("李明")}},
	{"HanBesideLetters", "李小龙", "vm李小龙x", []finding{aText("李小龙")}},
	{"ObjectIDAfterHex", objectID, "dd-" + objectID, []finding{anObjectID(objectID)}},
	{"ObjectIDBroken", objectID, "d02677f7-9c06-5740-afd8-0a213ad58e7 d02677f7 9c06-5740-afd8-0a213ad58e72", nil},
	{"ObjectIDEscaped", objectID, "%7B" + strings.ReplaceAll(objectID, "-", "%2D") + "%7D", []finding{anObjectID(strings.ReplaceAll(objectID, "-", "%2D"))}},
	{"ObjectIDFullWidth", objectID, "ｄ０2677f7-9c06-5740-afd8-0a213ad58e72", []finding{anObjectID("ｄ０2677f7-9c06-5740-afd8-0a213ad58e72")}},
	{"OtherGUID", objectID, "45d48c25-cbb7-5bd2-a7f5-5faacad04520", nil},

	{"JSONText", "zoe b", `vm-Zoe\u0020b`, []finding{aText(`Zoe\u0020b`)}},
	{"JSONAddress", "alice+tag@contoso.com", `"alice\u002Btag\u0040ⓒontoso.com"`, []finding{anAddress(`alice\u002Btag\u0040ⓒontoso.com`)}},
	{"JSONValue", `alice\u002Btag@contoso.com`, "alice+tag@contoso.com", []finding{anAddress("alice+tag@contoso.com")}},
	{"JSONOpen", objectID, `\u00` + objectID, []finding{anObjectID(`\u00` + objectID)}},
	{"JSONObjectID", objectID, strings.ReplaceAll(objectID, "-", `\u002d`), []finding{anObjectID(strings.ReplaceAll(objectID, "-", `\u002d`))}},
	{"HTMLText", "o'neil", "vm o&#39;neil", []finding{aText("o&#39;neil")}},
	{"HTMLValue", "o&#x27;neil@contoso.com", "o'neil@contoso.com", []finding{anAddress("o'neil@contoso.com")}},
	{"SID", objectID, "S-1-12-1-3492182007-1463852038-554358959-1921963322", []finding{anObjectID("S-1-12-1-3492182007-1463852038-554358959-1921963322")}},
	{"SIDInText", objectID, `x\s-1-12-1-3492182007-1463852038-554358959-1921963322-x`, []finding{anObjectID("s-1-12-1-3492182007-1463852038-554358959-1921963322")}},
	{"SIDEscaped", objectID, "S%2D1-12-1-3492182007-1463852038-554358959-1921963322", []finding{anObjectID("S%2D1-12-1-3492182007-1463852038-554358959-1921963322")}},
	{"SIDOfFewDigits", "00000001-0002-0000-0300-000004000000", "S-1-12-1-1-2-3-4", []finding{anObjectID("S-1-12-1-1-2-3-4")}},
	{"SIDWithZeros", objectID, "S-1-12-1-03492182007-1463852038-554358959-1921963322.", []finding{anObjectID("S-1-12-1-03492182007-1463852038-554358959-1921963322")}},
	{"SIDAsValue", "S-1-12-1-3492182007-1463852038-554358959-1921963322", "x " + objectID, []finding{anObjectID(objectID)}},
	{"OtherSIDs", objectID, "S-1-12-1-3492182007-1463852038-554358959-1921963323 S-1-5-21-3492182007-1463852038-554358959-1921963322 xS-1-12-1-3492182007-1463852038-554358959-1921963322", nil},
	{"SIDThatIsLonger", objectID, "S-1-12-1-3492182007-1463852038-554358959-19219633220 S-1-12-1-3492182007-1463852038-554358959 S-1-12-1-99999999999-1463852038-554358959-1921963322", nil},
	{"Personal", "alice.b@contoso.com", "https://c-my.sharepoint.example/personal/Alice_b_contoso_com/Documents", []finding{aText("Alice_b_contoso_com")}},
	{"PersonalAtTheEnd", "alice.b@contoso-x.com", "/Personal/alice_b_contoso-x_com", []finding{aText("alice_b_contoso-x_com")}},
	{"PersonalEscaped", "alice@contoso.com", "%2Fpersonal%2Falice%5Fcontoso_com%2Fx", []finding{aText("alice%5Fcontoso_com")}},
	{"PersonalInQuery", "alice@contoso.com", "/x?id=/personal/alice_contoso_com&y=/personal/alice_contoso_com?z", []finding{aText("alice_contoso_com"), aText("alice_contoso_com")}},
	{"PersonalAfterItself", "personal@x.yz", "/personal/personal/personal_x_yz/", []finding{aText("personal_x_yz")}},
	{"PersonalWithMoreSlashes", "alice@contoso.com", "//personal//alice_contoso_com//x", []finding{aText("alice_contoso_com")}},
	{"PersonalOfWindows", "alice@contoso.com", `\\c\personal\alice_contoso_com\x \\c\\personal\\alice_contoso_com`, []finding{aText("alice_contoso_com"), aText("alice_contoso_com")}},
	{"PersonalAtTheBeginning", "alice@contoso.com", "Personal/alice_contoso_com/x", []finding{aText("alice_contoso_com")}},
	{"PersonalInASentence", "alice@contoso.com", "/personal/alice_contoso_com. /personal/alice_contoso_com: x", []finding{aText("alice_contoso_com"), aText("alice_contoso_com")}},
	{"PersonalOfOthers", "alice@contoso.com", "personal /personal/alice_contoso_com.au /personal/alice_contoso_com-x /personal/alice_contoso_com1 personalalice_contoso_com /personal/malice_contoso_com/ /personal/alice_contoso_com_au/ /personal/alicexcontoso_com/ /alice_contoso_com/ xpersonal/alice_contoso_com", nil},
	{"DeletedAccount", strings.ReplaceAll(objectID, "-", "") + "zoe@x.com", "vm " + objectID, []finding{anObjectID(objectID)}},
	{"DeletedAccountInBraces", "{" + objectID + "}zoe@x.com", "vm " + strings.ToUpper(objectID), []finding{anObjectID(strings.ToUpper(objectID))}},
	{"DeletedAccountAsPersonal", strings.ReplaceAll(objectID, "-", "") + "zoe@x.com", "/personal/zoe_x_com/", []finding{aText("zoe_x_com")}},
	{"PersonalWithUnderscoresForLetters", "alice@contoso.com", "/personal/al_ce_contoso_com/", nil},
	{"DeletedAccountBeyondASCII", strings.ReplaceAll(objectID, "-", "") + "ａnn@x.com", "vm " + objectID, []finding{anObjectID(objectID)}},
	{"DeletedAccountBeyondASCIIWithHyphens", objectID + "änn@x.com", "vm " + strings.ReplaceAll(objectID, "-", ""), []finding{anObjectID(strings.ReplaceAll(objectID, "-", ""))}},
	{"NoDeletedAccount", objectID[1:] + "zoe@x.com", "vm " + objectID, nil},
	{"Address", "alice@contoso.com", "x Alice@CONTOSO.com.", []finding{anAddress("Alice@CONTOSO.com")}},
	{"AddressEscaped", "alice@contoso.com", "x,alice%2540contoso%2Ecom", []finding{anAddress("alice%2540contoso%2Ecom")}},
	{"AddressEscapedInValue", "%61lice%2540contoso.com", "alice@contoso.com", []finding{anAddress("alice@contoso.com")}},
	{"AddressThatFindDoesNotSee", "alice@contoso.com", "alice@ⓒontoso.com!", []finding{anAddress("alice@ⓒontoso.com")}},
	{"AddressThatFindSeesInPart", "alice@contoso.com", "alice@contoⓢo.com!", []finding{anAddress("alice@contoⓢo.com")}},
	{"AddressAfterCharacterThatIsSeveral", "alice@contoso.com", "⑴alice@ⓒontoso.com", []finding{anAddress("⑴alice@ⓒontoso.com")}},
}

func TestOccurrencesAreFoundInAnySpelling(t *testing.T) {
	t.Parallel()
	var reused identity.Finder
	for _, tt := range occurrences {
		values := valuesOf(tt.value)
		require.Positive(t, values.Len(), tt.name)
		cell := []byte(tt.cell)
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var f identity.Finder
			assert.Equal(t, tt.want, textsOf(t, tt.cell, f.FindValues(nil, cell, values)))
			if strings.Contains(tt.name, "Personal") {
				return // Find finds personal folders by their form
			}
			assert.Equal(t, tt.want, textsOf(t, tt.cell, f.FindValues(f.Find(nil, cell), cell, values)), "with what Find found")
		})
		assert.Equal(t, tt.want, textsOf(t, tt.cell, reused.FindValues(nil, cell, values)), "%s with a Finder that was used before", tt.name)
	}
}

func TestOnlyOccurrencesAreFoundWithoutFind(t *testing.T) {
	t.Parallel()
	var f identity.Finder
	const cell = "bob@x.com zoe /users/" + objectID
	assert.Equal(t, []finding{aText("zoe")}, textsOf(t, cell, f.FindValues(nil, []byte(cell), valuesOf("zoe"))))
}

// A part of a longer address is no occurrence, though Find finds the address.
func TestOccurrenceOfAnAddressIsNotPartOfAnother(t *testing.T) {
	t.Parallel()
	var f identity.Finder
	for _, cell := range []string{
		"joann@contoso.com", "jo.ann@contoso.com", "@ann@contoso.com", "'ann@contoso.com", "ann@contoso.com.au", "ann@contoso.com-x", "ann@contoso.comx",
		"ann@contoso.comé", "jo%2Eann@contoso.com",
	} {
		assert.Empty(t, f.FindValues(nil, []byte(cell), valuesOf("ann@contoso.com")), cell)
	}
	for _, cell := range []string{"ann@contoso.com", "(ann@contoso.com)", "ann@contoso.com.", "ann@contoso.com-", "/ann@contoso.com/", "ann@contoso.com_"} {
		spans := f.FindValues(nil, []byte(cell), valuesOf("ann@contoso.com"))
		assert.Equal(t, []finding{anAddress("ann@contoso.com")}, textsOf(t, cell, spans), cell)
	}
}

func TestSearchingForOccurrencesDoesNotAllocate(t *testing.T) {
	var f identity.Finder
	var values identity.Values
	spans := make([]identity.Span, 0, 8)
	owner, id, name := []byte("alice@contoso.com"), []byte(objectID), []byte("Zoe")
	for _, text := range []string{
		"Standard_DS1", "vm-zoe-01", "/users/" + objectID + "/disks/alice@contoso.com", "Straße", "%7Aoe",
	} {
		cell := []byte(text)
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			values.Reset()
			values.Add(owner)
			values.Add(id)
			values.Add(name)
			spans = f.FindValues(f.Find(spans[:0], cell), cell, &values)
		}), text)
	}
}

func BenchmarkOccurrences(b *testing.B) {
	for _, bb := range []struct{ name, cell string }{
		{"Reject", "Standard_DS1_v2"},
		{"ResourceID", "/subscriptions/45d48c25-cbb7-5bd2-a7f5-5faacad04520/resourcegroups/contosodevlabrg/providers/microsoft.devtestlab/labs/contosodevlab/virtualmachines/vm042"},
		{"Found", "x/" + objectID},
		{"BeyondASCII", "straße 042"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var f identity.Finder
			var spans []identity.Span
			values := valuesOf("alice@contoso.com", objectID)
			cell := []byte(bb.cell)
			b.SetBytes(int64(len(cell)))
			b.ReportAllocs()
			for b.Loop() {
				spans = f.FindValues(spans[:0], cell, values)
			}
		})
	}
}
