package response_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/dsr/response"
)

func page(t testing.TB, exports []csvschema.Export, o *response.Options) string {
	t.Helper()
	_, entries := written(t, exports, subjectOf(t, "alice@example.com"), o)
	return entries["index.html"]
}

// The page says that these exports hold no row, and never that nothing is held.
func TestNoRowIsAPageToo(t *testing.T) {
	t.Parallel()
	exports := exportOf(map[csvschema.Column]string{csvschema.ResourceOwner: "bob@example.com"})
	text := page(t, exports, &response.Options{Controller: complete})
	assert.Contains(t, text, "These exports hold no row about you.")
	assert.Contains(t, text, "It says nothing about other places.")
	assert.Contains(t, text, "Shutdown notifications")
	assert.NotContains(t, text, "<svg")
	assert.NotContains(t, text, "bob")
	for _, tag := range response.Languages() {
		locale, err := response.ReadLocale(tag)
		require.NoError(t, err)
		other := page(t, exports, &response.Options{Controller: complete, Language: tag})
		assert.Contains(t, html.UnescapeString(other), locale["found.none"])
		assert.Contains(t, html.UnescapeString(other), locale["found.none.limits"])
	}
}

func TestWhatIsUndecidedIsToldInGeneralWords(t *testing.T) {
	t.Parallel()
	near := exportOf(map[csvschema.Column]string{csvschema.ResourceOwner: "alice_example.com#EXT#@fabrikam.onmicrosoft.com"})
	unsure := page(t, near, nil)
	assert.Contains(t, unsure, "No record could be attributed to you with certainty.")
	assert.Contains(t, unsure, "Some records could not be attributed")
	assert.NotContains(t, unsure, "hold no row about you", "a near match may be theirs")
	assert.NotContains(t, unsure, "EXT")
	set, alice := aliceSet(t, 1)
	_, entries := written(t, set.Exports(), alice, nil)
	assert.Contains(t, entries["index.html"], "Some records could not be attributed")
	assert.Contains(t, entries["data.json"], `"undecided": true`)
	text := page(t, exportOf(map[csvschema.Column]string{}), nil)
	assert.NotContains(t, text, "Some records could not be attributed")
}

func TestThePageSaysUntilWhenARecordIsKept(t *testing.T) {
	t.Parallel()
	for want, keeping := range map[string]fate.Keeping{
		"As long as the resource exists":                                   {Fate: fate.KeptExisting},
		"On 2 February 2026 your identifiers are removed from the record.": {Fate: fate.GoesLater, At: time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)},
		"Your identifiers are about to be removed":                         {Fate: fate.GoesNow},
		"Kept for now: claim &lt;7&gt;":                                    {Fate: fate.KeptHeld, Reason: "claim <7>"},
		"Kept until 2 February 2026: claim":                                {Fate: fate.KeptHeld, Reason: "claim", At: time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)},
		"Not decided yet":                                                  {Fate: fate.KeptUndecided},
		"<dd class=\"wide\">See “Why it is held”.</dd>":                    {},
	} {
		var asked []csvschema.Key
		text := page(t, exportOf(map[csvschema.Column]string{}), &response.Options{Keep: func(k csvschema.Key) fate.Keeping {
			asked = append(asked, k)
			return keeping
		}})
		assert.Contains(t, text, want)
		require.Len(t, asked, 1)
		assert.Equal(t, "00000000-0000-0000-0000-000000000001", asked[0].ResourceUId())
	}
	assert.NotContains(t, page(t, exportOf(map[csvschema.Column]string{}), nil), "How long it is kept</dt>")
}

// hostile lists cells that try to become more than text.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</style><script>alert(1)</script>`, `</bdi></dd></dl></main>`,
	`javascript:alert(1)`, `{{.}}{{template "x"}}`, `&lt;b&gt;&amp;`, `<!-- `, `]]>`, "' onmouseover='alert(1)", `\u003cscript\u003e`,
	`=HYPERLINK("http://evil.example/","x")`, `+1+cmd|' /C calc'!A0`, `@SUM(1)`, "-2+3", "\t=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)",
	"\u202egnp.exe\u2066", "\u200f\u05d0\u05d1", "👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿", "Z̸̧͓a̶l̷g̴o̵", strings.Repeat("x", 5000), strings.Repeat("W ", 2500),
	"line\r\nbreak\rand\nmore", "\x01\x1b[31m\x7f\u0085", "\ufeff\ufffe\U0010ffff", "<svg/onload=alert(1)>", "<base href=//evil.example>", "<meta http-equiv=refresh content=0>",
}

var tag = regexp.MustCompile(`<!?/?[a-zA-Z!-][^>]*>`)

// Whatever a cell holds, the page has the same elements with the same attribute names.
func TestHostileCellsAreText(t *testing.T) {
	t.Parallel()
	shape := func(cell string) string {
		m := map[csvschema.Column]string{}
		for _, c := range csvschema.VirtualMachines.Columns() {
			switch c { //nolint:exhaustive // these decide to whom the row belongs, or are dates
			case csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceOwner, csvschema.CreatedTime:
			default:
				m[c] = cell
			}
		}
		o := &response.Options{
			Controller: response.Controller{Name: cell, Purposes: strings.Join(strings.Fields(cell), " "), Elsewhere: []string{cell}, Authority: cell},
			Keep: func(csvschema.Key) fate.Keeping {
				return fate.Keeping{Fate: fate.KeptHeld, Reason: cell}
			},
		}
		text := page(t, exportOf(m, m), o)
		assert.NotContains(t, text, "ZgotmplZ")
		var tags []string
		for _, s := range tag.FindAllString(text, -1) {
			tags = append(tags, regexp.MustCompile(`="[^"]*"`).ReplaceAllString(s, ""))
		}
		return strings.Join(regexp.MustCompile(`<p>`).Split(strings.Join(tags, ""), -1), "<p>")
	}
	lines := func(cell string) string { // plain text with the same number of lines
		n := len(strings.FieldsFunc(cell, func(r rune) bool { return r == '\n' }))
		return strings.TrimSpace(strings.Repeat("plain\n", n))
	}
	for _, cell := range hostile {
		assert.Equal(t, shape(lines(cell)), shape(cell), "%.40q", cell)
	}
}

// The page loads nothing. It has no script, and links only to its own sections.
func TestThePageLoadsNothing(t *testing.T) {
	t.Parallel()
	set, alice := aliceSet(t, 2)
	_, entries := written(t, set.Exports(), alice, &response.Options{Controller: complete})
	text := entries["index.html"]
	assert.NotContains(t, text, "<script")
	assert.NotContains(t, text, "@import")
	assert.NotContains(t, text, "url(")
	assert.Contains(t, text, `default-src 'none'`)
	for _, match := range regexp.MustCompile(`(?:href|src|srcset|action|data|poster)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		assert.Regexp(t, `^(#[a-z-]+|data:,)$`, match[1])
	}
}

func TestThePageShowsSomeAndPointsToTheTable(t *testing.T) {
	t.Parallel()
	var machines []map[csvschema.Column]string
	for range 30 {
		machines = append(machines, map[csvschema.Column]string{})
	}
	machines = append(machines, map[csvschema.Column]string{csvschema.ResourceUId: "00000000-0000-0000-0000-000000000001", csvschema.ResourceId: "/labs/lab/virtualmachines/vm1", csvschema.Name: "vm1"})
	exports := exportOf(machines...)
	text := page(t, exports, &response.Options{MaxEntries: 10})
	assert.Equal(t, 10, strings.Count(text, `<div class="record">`))
	assert.Contains(t, text, "This page shows 10 of 30 records. All are in the file virtualmachines.csv.")
	assert.Contains(t, text, "The exports hold this record 2 times.")
	assert.Contains(t, text, "30 virtual machines and 0 disks")
	text = page(t, exports, nil)
	assert.Equal(t, 30, strings.Count(text, `<div class="record">`))
	assert.NotContains(t, text, "This page shows")
}
